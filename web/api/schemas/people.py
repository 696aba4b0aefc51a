"""Who may log in, programs' tokens, who did what, and who is told."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictInt, StringConstraints

from mcu.core.roles import Role, Scope

from .common import In, Moment, Out, PageQuery, RoomName, RoomNumber, WholeId

Password = Annotated[str, StringConstraints(min_length=8, max_length=256)]
EventName = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z0-9_]{1,24}\.\*|[a-z0-9_.]{1,48})$")]
_BRANCH = "a site: only what belongs to its branch of the tree; null: everything. For operators and viewers"


class UserIn(In):
    login: RoomName
    password: Password
    role: Role = "operator"
    branch: WholeId | None = Field(None, description=_BRANCH)
    room: RoomNumber | None = Field(None, description="of a chair")


class UserPatch(In):
    role: Role | None = None
    branch: WholeId | None = Field(None, description=_BRANCH)
    room: RoomNumber | None = Field(None, description="of a chair")


class PasswordIn(In):
    password: Password


class User(Out):
    login: str
    role: Role
    branch: int | None = None
    room: str | None = None
    since: float


class TokenIn(In):
    name: RoomName = Field(description="what it is for")
    scopes: list[Scope] = Field(min_length=1, max_length=5)
    days: StrictInt = Field(0, ge=0, le=3650, description="until it expires; 0: never")
    login: RoomName | None = Field(None, description="whose rights bound it; without it one's own")


class Token(Out):
    id: int
    name: str
    login: str
    scopes: list[Scope]
    created_at: float
    expires_at: float | None = None
    used_at: float | None = Field(None, description="to the minute")


class TokenMade(Token):
    token: str | None = Field(description="told this once; null in the answer to a repeated request")


class AuditQuery(PageQuery):
    room: RoomNumber | None = None
    login: str | None = Field(None, max_length=64)
    act: str | None = Field(None, max_length=48)
    since: Moment | None = None


class AuditEntry(Out):
    id: int
    at: float
    login: str
    role: str
    via: str
    act: str
    room: str
    target: str
    detail: dict[str, Any]
    result: str = Field(description="ok, or an error_id")


class WebhookIn(In):
    url: str = Field(min_length=8, max_length=512, description="https://… (http://… too, if it must be)")
    events: list[EventName] = Field(["*"], min_length=1, max_length=50, description='names, "participant.*", or "*"')


class WebhookPatch(In):
    url: str | None = Field(None, min_length=8, max_length=512)
    events: list[EventName] | None = Field(None, min_length=1, max_length=50)
    enabled: StrictBool | None = None


class Webhook(Out):
    id: int
    url: str
    events: list[str]
    enabled: bool
    created_at: float
    waiting: int = Field(0, description="events that it is still to be told")


class WebhookMade(Webhook):
    secret: str | None = Field(
        description="of the signatures; told this once; null in the answer to a repeated request"
    )


class Delivery(Out):
    id: int
    event: str
    at: float
    next_at: float | None = Field(None, description="of the next attempt; null: there, or given up")
    tries: int
    result: str


class DeliveryMade(Out):
    delivery: int

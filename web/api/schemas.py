"""What goes in and out under /api/v1. Answers may carry more keys than are named here."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, WithJsonSchema

from mcu.core.names import MAX_NAME, PARTICIPANT_ID, ROOM_NUMBER, clean_name


def _fit_to_show(text: str) -> str:
    """As core shows it; what core would have to leave out is refused here, where somebody can mend it."""
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        raise ValueError("must not be empty")
    if not text.isprintable():
        raise ValueError("must be one line of visible characters")
    if len(text) > MAX_NAME:
        raise ValueError(f"must be at most {MAX_NAME} characters")
    return clean_name(text)


RoomNumber = Annotated[str, StringConstraints(pattern=f"^{ROOM_NUMBER}$")]
RoomName = Annotated[
    str, AfterValidator(_fit_to_show), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_NAME})
]
ParticipantId = Annotated[str, StringConstraints(pattern=f"^{PARTICIPANT_ID}$")]
LayoutName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.+-]{1,32}$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Out(BaseModel):
    model_config = ConfigDict(extra="allow")


class RoomIn(_In):
    number: RoomNumber = Field(description="what terminals dial")
    name: RoomName
    layout: LayoutName | None = None
    guests: StrictBool = Field(True, description="whether strangers may dial in")


class RoomPatch(_In):
    name: RoomName | None = None
    layout: LayoutName | None = None
    locked: StrictBool | None = Field(None, description="locked: nobody else can join")
    guests: StrictBool | None = Field(None, description="whether strangers may dial in")


class ParticipantPatch(_In):
    muted: StrictBool


class ParticipantsPatch(_In):
    muted: StrictBool
    only: list[ParticipantId] | None = Field(None, max_length=2000, description="ids; without it everybody")


class Changed(BaseModel):
    changed: list[str] = Field(description="ids of those who were not so before")


class StillQuery(BaseModel):
    width: int = Field(640, ge=64, le=1280, description="pixels")


class Room(_Out):
    number: str
    name: str
    layout: str
    locked: bool
    guests: bool
    participants: int = Field(description="how many are in")
    since: float | str | None = Field(None, description="start of the running conference, seconds since the epoch")


class Participant(_Out):
    id: str
    room: str
    name: str
    number: str
    muted: bool
    talking: bool
    picture: Literal["none", "waiting", "live", "stalled"]
    video: bool
    joined_at: float | str | None = None


class RoomDetail(_Out):
    number: str
    name: str
    layout: str
    locked: bool
    guests: bool
    since: float | str | None = None
    participants: int | list[Participant]


class Layout(_Out):
    name: str
    tiles: list[tuple[float, float, float, float]] = Field(description="x, y, width, height, each 0 to 1")


class Notice(_Out):
    at: float | str
    level: str
    text: str


class Part(_Out):
    connected: bool


class Status(_Out):
    version: str
    asterisk: Part
    mixer: Part
    rooms: int
    participants: int
    notices: list[Notice] = []

"""Who may do what. Pure: an actor and a call of the bus in, a refusal or nothing out.

A role bounds what somebody may do, a token's scopes bound it further, a branch of the tree of sites or a room bounds
where. Whatever lies outside is answered as if it were not there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from mcu.core.names import clean_name, is_room_number
from mcu.errors import BadRequest, NotPermitted

Role = Literal["admin", "operator", "chair", "viewer"]
Scope = Literal["read", "act", "dial", "manage", "admin"]
Via = Literal["web", "api", "cli", "keypad", "schedule"]
ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)
VIAS: tuple[Via, ...] = get_args(Via)

RIGHTS: dict[Role, frozenset[Scope]] = {
    "admin": frozenset(SCOPES),
    "operator": frozenset({"read", "act", "dial", "manage"}),
    "chair": frozenset({"read", "act", "dial"}),
    "viewer": frozenset({"read"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks. ``scopes`` are those of a token, None without one; ``branch`` a site's id, None for the whole tree."""

    login: str
    role: Role
    branch: int | None = None
    room: str = ""
    via: Via = "cli"
    scopes: frozenset[Scope] | None = None

    @property
    def rights(self) -> frozenset[Scope]:
        own = RIGHTS[self.role]
        return own if self.scopes is None else own & self.scopes

    @property
    def bounded(self) -> bool:
        """Whether there are rooms that this one must not see."""
        return self.role == "chair" or (self.branch is not None and self.role != "admin")

    def sees_room(self, number: str, branches: Collection[int]) -> bool:
        """``branches``: the site whose room it is and all above it; empty for a room of everybody's."""
        if not self.bounded:
            return True
        if self.role == "chair":
            return number == self.room
        return not branches or self.branch in branches

    def runs_room(self, number: str, branches: Collection[int]) -> bool:
        """Whether it is this one's to change and delete; a room of everybody's is nobody's with a branch."""
        return self.sees_room(number, branches) and (not self.bounded or self.branch in branches)

    def sees_site(self, branches: Collection[int], of_room: Collection[int] = ()) -> bool:
        """``branches``: the site and all above it; ``of_room``: those of them by which it belongs to a chair's room."""
        if self.role == "chair":
            return bool(of_room)
        return self.role == "admin" or self.branch is None or self.branch in branches

    def describe(self) -> dict[str, Any]:
        """As calls on the bus carry it, in ``by``."""
        told: dict[str, Any] = {
            "login": self.login, "role": self.role, "branch": self.branch, "room": self.room or None, "via": self.via,
        }  # fmt: skip
        return told if self.scopes is None else {**told, "scopes": sorted(self.scopes)}

    @classmethod
    def parse(cls, by: object) -> Actor:
        """The actor that a call names. Raises BadRequest for what is none: a slip here must not become somebody with
        more rights."""
        if not isinstance(by, Mapping):
            raise BadRequest("by must be an object")
        login, role, branch, room = by.get("login"), by.get("role"), by.get("branch"), by.get("room") or ""
        via, scopes = by.get("via", "cli"), by.get("scopes")
        if not isinstance(login, str) or role not in ROLES or via not in VIAS:
            raise BadRequest("by names no login, role or way that there is")
        if branch is not None and (not isinstance(branch, int) or isinstance(branch, bool)):
            raise BadRequest("by.branch must be a site's id or null")
        if room != "" and not (isinstance(room, str) and is_room_number(room)):
            raise BadRequest("by.room must be a room's number or null")
        if scopes is not None and not (isinstance(scopes, list) and all(scope in SCOPES for scope in scopes)):
            raise BadRequest("by.scopes must be a list of scopes")
        return cls(
            login=clean_name(login),
            role=cast("Role", role),
            branch=branch,
            room=room,
            via=cast("Via", via),
            scopes=None if scopes is None else frozenset(cast("list[Scope]", scopes)),
        )


LOCAL = Actor(login="local", role="admin", via="cli")  # the socket is its owner's alone


def check(actor: Actor, scope: Scope | Literal["own", "internal"]) -> None:
    """Raises NotPermitted. ``own``: what everybody may do with what is their own, but no token for another token;
    ``internal``: calls of our own processes, which come without an actor."""
    if scope == "internal":
        raise NotPermitted("this is for the parts of the MCU alone")
    if scope == "own":
        if actor.scopes is not None and "admin" not in actor.scopes:
            raise NotPermitted("a token needs the scope admin for this")
        return
    if scope in actor.rights:
        return
    if scope in RIGHTS[actor.role]:
        raise NotPermitted(f"this token lacks the scope {scope}")
    raise NotPermitted("this account may only look on" if actor.role == "viewer" else f"a {actor.role} may not do this")

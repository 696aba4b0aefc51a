"""Accounts of those who log in to the panel. Passwords are in no log and in no answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.controller import Controller
from mcu.errors import BadRequest, NotFound
from mcu.models import UserRow, users

log = structlog.get_logger("mcu.control")

CHAIR = "chair"
_BRANCHED = ("operator", "viewer")
SHORTEST_PASSWORD = 8  # characters (NIST SP 800-63B 5.1.1.2)


class Users:
    def __init__(self, controller: Controller) -> None:
        self._control = controller

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "user.list": self.list,
            "user.create": self.create,
            "user.change": self.change,
            "user.password": self.password,
            "user.delete": self.delete,
        }

    async def list(self, peer: Peer, args: dict[str, Any]) -> list[dict[str, Any]]:
        return [_describe(row) for row in await self._control.record.write(users.users)]

    async def create(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """``branch`` bounds an operator or viewer to a branch of the tree of sites; a chair has one ``room``."""
        login, password, role = arg.shown(args, "login"), _password(args), _role(args, "operator")
        bounds = _bounds(role, args)
        row = await self._control.record.write(
            users.add_user, login, password, role, bounds["branch_id"], bounds["room"]
        )
        log.info("control.user_created", login=login, role=role)
        return _describe(row)

    async def change(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """What is given of role, branch and room; in force from that one's next request on."""
        login = arg.shown(args, "login")
        if not args.keys() & {"role", "branch", "room"}:
            raise BadRequest("nothing to change: give role, branch or room")
        before = next((row for row in await self._control.record.write(users.users) if row.login == login), None)
        if before is None:
            raise NotFound(f"there is no user {login}")
        role = _role(args, before.role)
        # What the new role has no use for goes, so that it does not come back with the old one.
        kept = {
            "branch": before.branch_id if role in _BRANCHED else None,
            "room": before.room if role == CHAIR else None,
        }
        columns = {"role": role, **_bounds(role, {**kept, **args})}
        row: UserRow = await self._write(users.change_user, login, **columns)
        log.info("control.user_changed", login=login, role=role)
        return _describe(row)

    async def password(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """Another password; who is logged in with the old one is logged out."""
        login, password = arg.shown(args, "login"), _password(args)
        row: UserRow = await self._write(users.set_password, login, password)
        log.info("control.user_password_changed", login=login)
        return _describe(row)

    async def delete(self, peer: Peer, args: dict[str, Any]) -> None:
        login = arg.shown(args, "login")
        await self._write(users.delete_user, login)
        log.info("control.user_deleted", login=login)

    async def _write(self, work: Callable[..., Any], login: str, *args: Any, **columns: Any) -> Any:
        """What ``work`` makes of an account; whoever keeps its rights hears of it."""
        made = await self._control.record.write(work, login, *args, **columns)
        self._control.tell("users.changed", {"login": login})
        return made


def _role(args: Mapping[str, Any], default: str) -> str:
    role = arg.text(args, "role", default)
    if role not in users.ROLES:
        raise BadRequest(f"role must be one of {', '.join(users.ROLES)}")
    return role


def _bounds(role: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that bound a role; BadRequest for bounds that it has not."""
    branch, room = args.get("branch"), args.get("room") or None
    if branch is not None and (role not in _BRANCHED or not isinstance(branch, int) or isinstance(branch, bool)):
        raise BadRequest("branch is a site's id, and for operators and viewers")
    if (room is not None) != (role == CHAIR):
        raise BadRequest("a chair has a room, and nobody else has")
    return {"branch_id": branch, "room": None if room is None else arg.number(args, "room")}


def _password(args: Mapping[str, Any]) -> str:
    password = arg.text(args, "password")
    if len(password) < SHORTEST_PASSWORD:
        raise BadRequest(f"a password has at least {SHORTEST_PASSWORD} characters")
    return password


def _describe(row: UserRow) -> dict[str, Any]:
    return {
        "login": row.login,
        "role": row.role,
        "branch": row.branch_id,
        "room": row.room,
        "since": round(row.created_at.timestamp(), 3),
    }

"""Accounts of those who log in to the panel. Passwords are in no log and in no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.controller import Controller
from mcu.errors import BadRequest
from mcu.models import UserRow, users

log = structlog.get_logger("mcu.control")

SHORTEST_PASSWORD = 8  # characters (NIST SP 800-63B 5.1.1.2)


class Users:
    def __init__(self, controller: Controller) -> None:
        self._control = controller

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "user.list": self.list,
            "user.create": self.create,
            "user.password": self.password,
            "user.delete": self.delete,
        }

    async def list(self, peer: Peer, args: dict[str, Any]) -> list[dict[str, Any]]:
        return [_describe(row) for row in await self._control.record.write(users.users)]

    async def create(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        login, password, role = arg.shown(args, "login"), _password(args), arg.text(args, "role", "operator")
        if role not in users.ROLES:
            raise BadRequest(f"role must be one of {', '.join(users.ROLES)}")
        row = await self._control.finish(self._control.record.write(users.add_user, login, password, role))
        log.info("control.user_created", login=login, role=role)
        return _describe(row)

    async def password(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """Another password; who is logged in with the old one is logged out."""
        login, password = arg.shown(args, "login"), _password(args)
        row = await self._control.finish(self._control.record.write(users.set_password, login, password))
        log.info("control.user_password_changed", login=login)
        return _describe(row)

    async def delete(self, peer: Peer, args: dict[str, Any]) -> None:
        login = arg.shown(args, "login")
        await self._control.finish(self._control.record.write(users.delete_user, login))
        log.info("control.user_deleted", login=login)


def _password(args: Mapping[str, Any]) -> str:
    password = arg.text(args, "password")
    if len(password) < SHORTEST_PASSWORD:
        raise BadRequest(f"a password has at least {SHORTEST_PASSWORD} characters")
    return password


def _describe(row: UserRow) -> dict[str, Any]:
    return {"login": row.login, "role": row.role, "since": round(row.created_at.timestamp(), 3)}

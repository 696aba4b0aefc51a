"""Tokens of programs, over the bus. A token is told once, in the answer that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.access.gate import actor
from mcu.control.controller import Controller
from mcu.core.roles import LOCAL, RIGHTS, SCOPES, Actor
from mcu.errors import BadRequest, NotFound, NotPermitted
from mcu.models import tokens, users
from mcu.models.tokens import Token

log = structlog.get_logger("mcu.control")

Args = dict[str, Any]
MOST_DAYS = 3650


class Tokens:
    def __init__(self, controller: Controller) -> None:
        self._control = controller

    def handlers(self) -> Mapping[str, Handler]:
        return {"token.list": self.list, "token.create": self.create, "token.delete": self.delete}

    async def list(self, peer: Peer, args: Args) -> list[dict[str, Any]]:
        """One's own; an administrator's are everybody's, or those of ``login``."""
        login = arg.text(args, "login", "") if _all(actor()) else actor().login
        return [_describe(token) for token in await self._control.record.write(tokens.tokens, login)]

    async def create(self, peer: Peer, args: Args) -> dict[str, Any]:
        """``name``, ``scopes``, ``days`` until it expires (0: never); administrators may name another's ``login``."""
        who = actor()
        login = arg.text(args, "login", "" if who == LOCAL else who.login)
        if not login:
            raise BadRequest("login is missing: a token is some user's")
        if login != who.login and not _all(who):
            raise NotPermitted("a token for somebody else takes an administrator")
        name, scopes = arg.shown(args, "name"), _scopes(args)
        days = arg.whole(args, "days", 0, MOST_DAYS, 0)
        role = await self._role(login)
        if beyond := [scope for scope in scopes if scope not in RIGHTS[role]]:  # type: ignore[index]
            raise BadRequest(f"{login} is {role} and has not the right to {', '.join(beyond)}")
        expires = datetime.now(UTC) + timedelta(days=days) if days else None
        token = tokens.fresh()
        made = await self._control.record.write(tokens.add_token, login, name, token, scopes, expires)
        log.info("control.token_created", login=login, token=made.row.id)
        return {**_describe(made), "token": token}

    async def delete(self, peer: Peer, args: Args) -> None:
        """It is of no use from the next request on; event streams opened with it end."""
        who = actor()
        ident = arg.ident(args)
        await self._control.record.write(tokens.delete_token, ident, "" if _all(who) else who.login)
        self._control.tell("tokens.changed", {"token": ident})
        log.info("control.token_deleted", token=ident)

    async def _role(self, login: str) -> str:
        for user in await self._control.record.write(users.users):
            if user.login == login:
                return user.role
        raise NotFound(f"there is no user {login}")


def _all(who: Actor) -> bool:
    return "admin" in who.rights


def _scopes(args: Args) -> list[str]:
    value = args.get("scopes")
    if not isinstance(value, list) or not value or not all(scope in SCOPES for scope in value):
        raise BadRequest(f"scopes must be some of {', '.join(SCOPES)}")
    return [scope for scope in SCOPES if scope in value]


def _describe(token: Token) -> dict[str, Any]:
    row = token.row
    return {
        "id": row.id,
        "name": row.name,
        "login": token.login,
        "scopes": row.scopes,
        "created_at": _at(row.created_at),
        "expires_at": _at(row.expires_at),
        "used_at": _at(row.used_at),
    }


def _at(moment: datetime | None) -> float | None:
    return None if moment is None else round(moment.timestamp(), 3)

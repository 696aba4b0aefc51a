"""Reading the audit over the bus. It is written by the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control import pages
from mcu.control.controller import Controller
from mcu.models import AuditRow, audit

Args = dict[str, Any]


class Audit:
    def __init__(self, controller: Controller) -> None:
        self._control = controller

    def handlers(self) -> Mapping[str, Handler]:
        return {"audit.list": self.list}

    async def list(self, peer: Peer, args: Args) -> dict[str, Any]:
        """The newest first, ``limit`` of them; ``after`` is the ``next`` of the page before."""
        limit = pages.limit_in(args)
        found = await self._control.record.write(
            audit.acts,
            room=arg.text(args, "room", ""),
            login=arg.text(args, "login", ""),
            act=arg.text(args, "act", ""),
            since=arg.moment(args, "since"),
            before=pages.after_row(args),
            limit=limit + 1,
        )
        page, more = pages.cut(found, limit, lambda row: str(row.id))
        return {"items": [_describe(row) for row in page], "next": more}


def _describe(row: AuditRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": round(row.at.timestamp(), 3),
        "login": row.login,
        "role": row.role,
        "via": row.via,
        "act": row.act,
        "room": row.room,
        "target": row.target,
        "detail": row.detail,
        "result": row.result,
    }

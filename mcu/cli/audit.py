"""``mcu audit``: who did what, when, and what came of it."""

from __future__ import annotations

import json
from typing import Any

import click

from mcu.cli import choose
from mcu.cli.output import date, rows
from mcu.cli.session import Session, json_option, pass_session

_WHEN = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


@click.command()
@click.option("--room", type=choose.ROOM, help="Only about this room.")
@click.option("--login", help="Only what this user did.")
@click.option("--act", help="Only this act or call, e.g. mute_all or room.change.")
@click.option("--since", type=_WHEN, help="Only from then on.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many, the latest.")
@json_option
@pass_session
def audit(session: Session, room: str | None, login: str | None, act: str | None, since: Any, limit: int) -> None:
    """Who did what, the latest first."""
    given = {"room": room, "login": login, "act": act, "since": since.timestamp() if since else None}
    narrowed = {key: value for key, value in given.items() if value is not None}
    found = list(session.each("audit.list", most=limit, **narrowed))
    session.show(
        found,
        lambda: rows(
            ["When", "Who", "Role", "Via", "What", "Room", "Target", "Result", "Detail"],
            [
                (
                    date(a["at"]),
                    a["login"],
                    a["role"],
                    a["via"],
                    a["act"],
                    a["room"],
                    a["target"],
                    a["result"],
                    json.dumps(a["detail"], ensure_ascii=False) if a.get("detail") else "",
                )
                for a in found
            ],
        ),
    )

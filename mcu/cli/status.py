"""``mcu status``: how the bridge is."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from mcu.cli.output import clock, rows
from mcu.cli.session import Session, json_option, pass_session


def _table(state: dict[str, Any]) -> Table:
    def line(name: str) -> tuple[str, str, str, str]:
        part = state[name]
        return (
            name,
            "up" if part.get("connected", True) else "DOWN",
            clock(part.get("since")),
            str(part.get("version", state["version"] if name == "control" else "")),
        )

    parts = ["control", "asterisk", "mixer", *(["h323"] if state.get("h323", {}).get("enabled") else [])]
    lines = [line(part) for part in parts]
    trunk = state.get("trunk") or {}
    if trunk.get("address"):
        registered = {True: "registered", False: "NOT REGISTERED", None: "set up"}[trunk.get("registered")]
        lines.append(("trunk", registered, "", trunk["address"]))
    table = rows(["Part", "State", "Since", "Version"], lines)
    table.caption = f"{state['rooms']} rooms, {state['participants']} participants"
    return table


@click.command()
@json_option
@pass_session
def status(session: Session) -> None:
    """The processes, and what happened lately. Exit code 1 when a part is down."""
    state = session.call("status")
    session.show(state, lambda: _table(state))
    for notice in state["notices"]:
        session.say(f"{clock(notice['at'])}  {notice['level']:7}  {notice['text']}")
    if not (state["asterisk"]["connected"] and state["mixer"]["connected"]):
        raise SystemExit(1)

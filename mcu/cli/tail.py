"""``mcu tail``: what happens, line by line, until it is stopped."""

from __future__ import annotations

import json
import time
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import click

from mcu.cli import choose
from mcu.cli.output import one_line
from mcu.cli.session import Session, json_option, pass_session
from mcu.errors import Unavailable

_BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0)  # s between two attempts
# What a line tells first, of events that have it; the rest follows by name.
_FIRST = ("room", "number", "id", "participant", "name", "text", "mode", "state")


@click.command()
@click.option("--room", "rooms", multiple=True, type=choose.ROOM, help="Only what is about this room.")
@click.option("--event", "events", multiple=True, help='Only this event, or "participant.*"; give it once for each.')
@click.option("--count", type=click.IntRange(1), help="Stop after so many.")
@click.option("--once", is_flag=True, help="Stop when the link ends, instead of coming again.")
@json_option
@pass_session
def tail(session: Session, rooms: tuple[str, ...], events: tuple[str, ...], count: int | None, once: bool) -> None:
    """Show what happens as it happens; Ctrl-C stops it.

    The line `resync` says that something may have been missed: read anew what you keep.
    """
    left, tries, connected = count, 0, False
    gap_told = True  # at the begin nothing has been missed
    while True:
        try:
            for event, data in session.link.events():
                if tries and not gap_told and not session.link.resumes:
                    _print(session, "resync", {})
                    gap_told = True
                tries, connected = 0, True
                if event == "resync":
                    if not gap_told:
                        _print(session, "resync", {})
                    gap_told = True
                    continue
                gap_told = gap_told and event == "control"
                if _wanted(event, data, rooms, events):
                    _print(session, event, data)
                    if left is not None and (left := left - 1) == 0:
                        return
            return
        except KeyboardInterrupt:
            return  # that is how it ends
        except Unavailable as fault:
            if once or not connected:
                raise  # it never was there: wrong address, or nothing runs
            if tries == 0:
                click.echo(f"mcu: {one_line(fault.detail)}; trying again", err=True)
            time.sleep(_BACK_OFF[min(tries, len(_BACK_OFF) - 1)])
            tries += 1


def _wanted(event: str, data: dict[str, Any], rooms: tuple[str, ...], events: tuple[str, ...]) -> bool:
    if event in ("", "control"):  # silence, and the panel's own link
        return False
    if events and not any(fnmatchcase(event, one) for one in events):
        return False
    room = data.get("room") or (data.get("number") if event.startswith("room.") else None)
    return not rooms or str(room) in rooms


def _print(session: Session, event: str, data: dict[str, Any]) -> None:
    at = time.time()
    if session.as_json:
        line = json.dumps({"at": round(at, 3), "event": event, "data": data}, ensure_ascii=False)
    else:
        line = one_line(f"{datetime.fromtimestamp(at):%H:%M:%S}  {event:22}  {_short(data)}").rstrip()
    click.echo(line)  # flushes, so that who reads from a pipe has it at once


def _short(data: dict[str, Any]) -> str:
    plain = {k: v for k, v in data.items() if k != "seq" and v not in ("", None, [], {}) and not isinstance(v, dict)}
    first = [str(plain.pop(key)) for key in _FIRST if key in plain]
    return " ".join([*first, *(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in plain.items())])

"""``mcu meeting …``: planned meetings, once or repeated."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from mcu.cli import choose, files
from mcu.cli.output import date, facts, one_line, rows
from mcu.cli.session import Session, confirmation, json_option, pass_session
from mcu.errors import NotFound


class _Begin(click.ParamType[str]):
    """Wall clock in the meeting's zone, as the bus takes it: ``2026-11-30T08:00:00``."""

    name = "YYYY-MM-DD HH:MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?", str(value).strip())
        if found is None:
            self.fail(f"{value} is no time; say it as 2026-11-30T08:00, by the clock on the wall there", param, ctx)
        return f"{found[1]}T{found[2]}{found[3] or ':00'}"


def _plan(command: Any) -> Any:
    for option in (
        click.option("--ends/--goes-on", default=None, help="Disconnect everybody at the end, or let them talk on."),
        click.option("--warn-before", type=click.IntRange(0, 240), help="Minutes before the end to say so."),
        click.option("--call-before", type=click.IntRange(0, 1440), help="Call the sites that many minutes before."),
        click.option("--rrule", help='How it is repeated, RFC 5545: "FREQ=WEEKLY;BYDAY=MO"; "" for once.'),
        click.option("--zone", help="Whose clock: Asia/Ho_Chi_Minh, or another of the IANA's (default: the bridge's)."),
        click.option("--minutes", type=click.IntRange(1, 24 * 60), help="How long (default 60)."),
    ):
        command = option(command)
    return command


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


@click.group()
def meeting() -> None:
    """Planned meetings: list, show, add, change, delete, cancel, restore, move, calendar."""


@meeting.command("list")
@click.argument("room", required=False, type=choose.ROOM)
@json_option
@pass_session
def list_(session: Session, room: str | None) -> None:
    """What is planned, in ROOM or everywhere."""
    narrowed: dict[str, Any] = {"room": room} if room else {}
    found = list(session.each("meeting.list", **narrowed))
    session.show(
        found,
        lambda: rows(
            ["Id", "Room", "Title", "Begins", "Zone", "Minutes", "Repeated", "Next"],
            [
                (
                    m["id"],
                    m["room"],
                    m["title"],
                    m["begins"].replace("T", " ")[:16],
                    m["zone"],
                    m["minutes"],
                    m["rrule"],
                    _next(m),
                )
                for m in found
            ],
        ),
    )


def _next(one: dict[str, Any]) -> str:
    coming = one.get("next")
    return date(coming["begins_at"], one["zone"]) if coming else "-"


@meeting.command()
@click.argument("meeting", type=int)
@json_option
@pass_session
def show(session: Session, meeting: int) -> None:
    """One meeting, and the next times that it takes place."""
    found = session.call("meeting.show", id=meeting)
    times = found.get("occurrences", [])
    plain = [(key, value) for key, value in found.items() if not isinstance(value, dict | list)]
    session.show(found, lambda: facts([(key, date(v) if key.endswith("_at") else v) for key, v in plain]))
    if times and not session.as_json:
        zone = found["zone"]
        lines = [(date(t["begins_at"], zone), date(t["ends_at"], zone), t["state"]) for t in times]
        session.show(times, lambda: rows(["Begins", "Ends", "State"], lines))


@meeting.command()
@click.argument("room", type=choose.ROOM)
@click.argument("begins", type=_Begin())
@click.argument("title")
@_plan
@json_option
@pass_session
def add(session: Session, /, room: str, begins: str, title: str, **plan: Any) -> None:
    """Plan a meeting: mcu meeting add 1001 2026-11-30T08:00 "Giao ban" --rrule "FREQ=WEEKLY"."""
    made = session.call("meeting.create", room=room, begins=begins, title=title, **_given(plan))
    session.done(made, f"Meeting {made['id']} is planned.")
    _warn(made)


@meeting.command()
@click.argument("meeting", type=int)
@click.option("--title")
@click.option("--room", type=choose.ROOM)
@click.option("--begins", type=_Begin(), help="By the clock of its zone, 2026-11-30T08:00.")
@_plan
@click.option("--no-calls", is_flag=True, help="Call nobody any more.")
@json_option
@pass_session
def change(session: Session, /, meeting: int, no_calls: bool, **plan: Any) -> None:
    """Change what is given; the rest stays."""
    given = _given(plan)
    if no_calls and "call_before" in given:
        raise click.UsageError("--call-before or --no-calls, not both")
    if no_calls:
        given["call_before"] = None
    if not given:
        raise click.UsageError("nothing to change")
    changed = session.call("meeting.change", id=meeting, **given)
    session.done(changed, f"Meeting {meeting} is changed.")
    _warn(changed)


def _warn(shown: dict[str, Any]) -> None:
    for warning in shown.get("warnings", []):
        click.echo(f"mcu: {one_line(warning['text'])}", err=True)


@meeting.command()
@click.argument("meeting", type=int)
@confirmation("Delete the meeting, with every time that is still to come?")
@json_option
@pass_session
def delete(session: Session, meeting: int) -> None:
    """Take a meeting off the plan."""
    session.call("meeting.delete", id=meeting)
    session.done({"deleted": meeting}, f"Meeting {meeting} is off the plan.")


@meeting.command()
@click.argument("meeting", type=int)
@click.argument("begins", type=_Begin())
@json_option
@pass_session
def cancel(session: Session, meeting: int, begins: str) -> None:
    """Cancel one time of a repeated meeting: the one that was to begin then."""
    cancelled = session.call("meeting.cancel_occurrence", id=meeting, begins=begins)
    session.done(cancelled or {"cancelled": begins}, f"Meeting {meeting} does not take place then.")


@meeting.command()
@click.argument("meeting", type=int)
@click.argument("begins", type=_Begin())
@json_option
@pass_session
def restore(session: Session, meeting: int, begins: str) -> None:
    """Have one time that was cancelled take place after all."""
    cancelled = session.call("meeting.show", id=meeting)["exdates"]
    if begins not in cancelled:
        told = ", ".join(one[:16].replace("T", " ") for one in cancelled) or "none is"
        raise NotFound(f"meeting {meeting} is not cancelled at {begins[:16].replace('T', ' ')}; cancelled: {told}")
    restored = session.call("meeting.change", id=meeting, exdates=[one for one in cancelled if one != begins])
    session.done(restored, f"Meeting {meeting} takes place then after all.")
    _warn(restored)


@meeting.command()
@click.argument("meeting", type=int)
@click.argument("begins", type=_Begin())
@click.argument("to", type=_Begin())
@click.option("--minutes", type=click.IntRange(1, 24 * 60), help="How long that time.")
@json_option
@pass_session
def move(session: Session, meeting: int, begins: str, to: str, minutes: int | None) -> None:
    """Move one time of a repeated meeting: the one that was to begin at BEGINS begins at TO."""
    more = {} if minutes is None else {"minutes": minutes}
    moved = session.call("meeting.move_occurrence", id=meeting, begins=begins, to=to, **more)
    session.done(moved, f"Meeting {meeting} begins at {to.replace('T', ' ')} that time.")
    _warn(moved)


@meeting.command()
@click.argument("meeting", type=int)
@click.option("--out", type=files.FilePath(path_type=Path), help="File; without it standard output.")
@json_option
@pass_session
def calendar(session: Session, meeting: int, out: Path | None) -> None:
    """The calendar file (.ics) that is sent to those who are invited."""
    found = session.call("meeting.calendar", id=meeting)
    if session.as_json and out is None:
        session.show(found, str)
    elif (path := files.deliver({"text": found["ics"], "name": f"meeting-{meeting}.ics"}, out)) is not None:
        session.done({"written": str(path)}, f"Written: {path}")

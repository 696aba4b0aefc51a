"""``mcu test …``: the test session before a meeting, in which every site's picture, sound and line are checked."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from mcu.cli import choose
from mcu.cli.output import rows
from mcu.cli.session import Session, json_option, pass_session
from mcu.cli.waiting import until_done
from mcu.core.languages import LANGUAGES

_COLUMNS = (
    "Code", "Site", "State", "Verdict", "Found", "Picture", "Heard", "Loss %", "Delay ms", "Signed by", "Note",
)  # fmt: skip
_language = click.option("--language", type=click.Choice(LANGUAGES), help="Of what was found; English without it.")


@click.group()
def test() -> None:
    """Test sessions before a meeting: start, report, sign, stop."""


@test.command()
@click.argument("room", type=choose.ROOM)
@click.argument("sites", nargs=-1, type=choose.SITE)
@click.option("--wait", is_flag=True, help="Show how far it is, and the report when all are done.")
@click.option("--limit", type=click.IntRange(1), default=900, show_default=True, help="Seconds to --wait at most.")
@_language
@json_option
@pass_session
def start(session: Session, room: str, sites: tuple[str, ...], wait: bool, limit: int, language: str | None) -> None:
    """Call the SITES (default: all that are invited to ROOM) and check each: picture, sound both ways, line."""
    named = {"sites": choose.sites(session, sites)} if sites else {}
    begun = session.call("test.start", room=room, **named)
    conference = str(begun["conference"])
    if not wait:
        session.done(begun, f"The test session has begun; `mcu test report {conference}` shows what it found.")
        return
    found = _follow(session, conference, room, limit, language)
    session.show(found, lambda: _table(found))


def _follow(session: Session, conference: str, room: str, limit: float, language: str | None) -> dict[str, Any]:
    """The report once every site has a verdict. Raises TimedOut."""

    def look() -> tuple[dict[str, Any], int, int]:
        found: dict[str, Any] = session.call("test.report", conference=conference, **_in(language))
        done, total = sum(bool(one["verdict"]) for one in found["sites"]), len(found["sites"])
        return found, min(done, total - 1) if found["running"] else total, total

    return until_done(
        session,
        f"Testing room {room}",
        look,
        events={"test.changed"},
        limit=limit,
        late=lambda left: f"not all sites are checked after {limit:g} s; `mcu test report {conference}` goes on",
    )


@test.command()
@click.argument("conference")
@_language
@json_option
@pass_session
def report(session: Session, conference: str, language: str | None) -> None:
    """What the test session CONFERENCE (of `mcu conference list`) found at each site, and who signed it off."""
    found = session.call("test.report", conference=conference, **_in(language))
    session.show(found, lambda: _table(found))


def _in(language: str | None) -> dict[str, str]:
    return {} if language is None else {"language": language}


def _table(found: dict[str, Any]) -> Table:
    return rows(_COLUMNS, [_line(one) for one in found["sites"]])


def _line(one: dict[str, Any]) -> tuple[object, ...]:
    line = one.get("measured") or {}
    picture = f"{line['width']}x{line['height']} {line['codec']}" if line.get("width") else ""
    loss = f"{line['loss_in']:g} in, {line['loss_out']:g} out" if "loss_in" in line else ""
    return (
        one.get("code") or f"id:{one['site']}",
        one["name"],
        one["state"],
        one["verdict"],
        one["summary"],
        picture,
        line.get("heard", ""),
        loss,
        f"{line['rtt_ms']:g}" if "rtt_ms" in line else "",
        one.get("signed_by", ""),
        one.get("note", ""),
    )


@test.command()
@click.argument("conference")
@click.argument("site", type=choose.SITE)
@click.option("--note", default="", help="What was agreed, or is still to be mended.")
@json_option
@pass_session
def sign(session: Session, conference: str, site: str, note: str) -> None:
    """Sign a site off: it has been seen and heard."""
    ident = choose.site(session, site)
    signed = session.call("test.sign", conference=conference, site=ident, note=note)
    session.done(signed or {"signed": ident}, f"Site {site} is signed off.")


@test.command()
@click.argument("room", type=choose.ROOM)
@json_option
@pass_session
def stop(session: Session, room: str) -> None:
    """End the test session; what it found is kept."""
    stopped = session.call("test.stop", room=room)
    session.done(stopped or {"stopped": room}, f"The test session in room {room} is over.")

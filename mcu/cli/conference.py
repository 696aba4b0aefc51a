"""``mcu conference …``: runs of rooms, those under way and those that are over, and their minutes; ``mcu savings``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mcu.cli import choose, files
from mcu.cli.output import clock, date, facts, rows
from mcu.cli.session import Session, json_option, pass_session

_WHEN = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
_OUT = click.Path(path_type=Path)
_FORMS = ("json", "csv", "xlsx", "pdf")


@click.group()
def conference() -> None:
    """Conferences, past and present: list, show, people, minutes."""


def _span(since: Any, before: Any) -> dict[str, float]:
    """Seconds since the epoch of local times."""
    given = {"since": since, "before": before}
    return {key: value.timestamp() for key, value in given.items() if value is not None}


@conference.command("list")
@click.argument("room", required=False, type=choose.ROOM)
@click.option("--since", type=_WHEN, help="That began then or later.")
@click.option("--before", type=_WHEN, help="That began before then.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@json_option
@pass_session
def list_(session: Session, room: str | None, since: Any, before: Any, limit: int) -> None:
    """Conferences, the latest first."""
    narrowed = {"room": room} if room else {}
    found = list(session.each("conference.list", most=limit, **narrowed, **_span(since, before)))
    session.show(
        found,
        lambda: rows(
            ["Id", "Room", "Name", "Began", "Ended", "Test", "Sites"],
            [
                (
                    c["id"],
                    c["room"],
                    c["name"],
                    date(c["began_at"]),
                    date(c["ended_at"]),
                    c.get("test", False),
                    c.get("sites", ""),
                )
                for c in found
            ],
        ),
    )


@conference.command()
@click.argument("conference")
@json_option
@pass_session
def show(session: Session, conference: str) -> None:
    """One conference: who was there when, and what happened."""
    found = session.call("conference.show", id=conference)
    if session.as_json:
        session.show(found, str)
        return
    session.show(found, lambda: facts([(k, _told(k, v)) for k, v in found.items() if not isinstance(v, list | dict)]))
    for key in ("attendance", "sites", "tests", "events"):
        if lines := [one for one in found.get(key, []) if isinstance(one, dict)]:
            session.say(f"\n{key.capitalize()}:")
            session.show(lines, lambda lines=lines: _any_table(lines))  # type: ignore[misc]


def _told(key: str, value: object) -> object:
    return date(value) if key.endswith("_at") and isinstance(value, int | float) else value


def _any_table(lines: list[dict[str, Any]]) -> Any:
    columns = [key for key in lines[0] if not isinstance(lines[0][key], dict)]
    return rows(
        [column.replace("_", " ").capitalize() for column in columns],
        [[clock(one[c]) if _is_time(c, one.get(c)) else one.get(c) for c in columns] for one in lines],
    )


def _is_time(key: str, value: object) -> bool:
    return (key.endswith("_at") or key == "at") and isinstance(value, int | float)


@conference.command()
@click.argument("conference")
@click.argument("site", type=choose.SITE)
@click.argument("people", type=click.IntRange(0, 100_000))
@json_option
@pass_session
def people(session: Session, conference: str, site: str, people: int) -> None:
    """Enter how many sat at a site."""
    ident = choose.site(session, site)
    entered = session.call("conference.people", id=conference, site=ident, people=people)
    session.done(entered or {"site": ident, "people": people}, f"{people} people at {site}.")


@conference.command()
@click.argument("conference")
@click.option(
    "--format", "form", type=click.Choice(["json", "csv", "xlsx", "pdf"]), help="Default: by --out, else csv."
)
@click.option("--out", type=_OUT, help="File or folder; without it standard output.")
@json_option
@pass_session
def minutes(session: Session, conference: str, form: str | None, out: Path | None) -> None:
    """The minutes: attendance, people, roll call, quality and events of each site."""
    chosen = _form(form, out, "json" if session.as_json and out is None else "csv")
    _deliver(session, session.call("conference.minutes", id=conference, format=chosen), out)


@click.command()
@click.option("--since", type=_WHEN, required=True, help="First day.")
@click.option("--until", type=_WHEN, required=True, help="Day after the last.")
@click.option(
    "--format", "form", type=click.Choice(["json", "csv", "xlsx", "pdf"]), help="Default: by --out, else csv."
)
@click.option("--out", type=_OUT, help="File or folder; without it standard output.")
@json_option
@pass_session
def savings(session: Session, since: Any, until: Any, form: str | None, out: Path | None) -> None:
    """What meetings over the bridge saved: journeys, kilometres and hours, by the sites' distances and people."""
    chosen = _form(form, out, "json" if session.as_json and out is None else "csv")
    found = session.call("savings.report", since=since.timestamp(), until=until.timestamp(), format=chosen)
    _deliver(session, found, out)


def _form(form: str | None, out: Path | None, default: str) -> str:
    by_name = out.suffix.lower().removeprefix(".") if out is not None else ""
    return form or (by_name if by_name in _FORMS else default)


def _deliver(session: Session, found: dict[str, Any], out: Path | None) -> None:
    if out is None and session.as_json and "content" not in found and "text" not in found:
        session.show(found, str)  # JSON itself
    elif (path := files.deliver(found, out)) is not None:
        session.done({"written": str(path)}, f"Written: {path}")

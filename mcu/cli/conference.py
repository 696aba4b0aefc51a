"""``mcu conference …``: runs of rooms, those under way and those that are over, and their minutes; ``mcu savings``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from mcu.cli import choose, files, output
from mcu.cli.output import clock, date, facts, rows
from mcu.cli.session import Session, json_option, pass_session
from mcu.core.languages import LANGUAGES

_WHEN = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
_OUT = files.FilePath(path_type=Path)
_FORMS = ("json", "csv", "xlsx", "pdf")
_format = click.option("--format", "form", type=click.Choice(_FORMS), help="Default: by --out, else csv.")
_language = click.option("--language", type=click.Choice(LANGUAGES), help="Default: the bridge's.")


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
            ["Id", "Room", "Name", "Meeting", "Began", "Ended", "Test", "Sites", "People"],
            [
                (
                    c["id"],
                    c["room"],
                    c["name"],
                    c.get("title", ""),
                    date(c["began_at"]),
                    date(c["ended_at"]),
                    c["test"],
                    c["sites"],
                    c["people"],
                )
                for c in found
            ],
        ),
    )


@conference.command()
@click.argument("conference")
@_language
@json_option
@pass_session
def show(session: Session, conference: str, language: str | None) -> None:
    """One conference: who was there when, test results, and what happened."""
    more = {} if language is None else {"language": language}
    found = session.call("conference.show", id=conference, **more)
    if session.as_json:
        session.show(found, str)
        return
    plain = [(key, value) for key, value in found.items() if not isinstance(value, list | dict)]
    output.show(facts((key, date(value) if key.endswith("_at") else value) for key, value in plain))
    if sites := found.get("sites"):
        lines = [(*(one[k] for k in ("site", "name", "mark", "people")), *_stay(one), one["grade"]) for one in sites]
        output.show(rows(["Site", "Name", "Mark", "People", "Joined", "Left", "Minutes", "Line"], lines))
    if tests := found.get("tests"):
        lines = [(*(one[k] for k in ("site", "name", "verdict", "signed_by", "note")),) for one in tests]
        output.show(rows(["Site", "Name", "Verdict", "Signed by", "Note"], lines))
    if events := found.get("events"):
        output.show(rows(["At", "What"], [(clock(one["at"]), one["text"]) for one in events]))


def _stay(one: dict[str, Any]) -> tuple[object, ...]:
    return clock(one["joined_at"]), clock(one["left_at"]), round(one["seconds"] / 60)


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
    session.done(entered or {"site": ident, "people": people}, f"Entered for {site}: {people} people.")


@conference.command()
@click.argument("conference")
@_format
@_language
@click.option("--out", type=_OUT, help="File or folder; without it standard output.")
@json_option
@pass_session
def minutes(session: Session, conference: str, form: str | None, language: str | None, out: Path | None) -> None:
    """The minutes: attendance, people, roll call, quality and events of each site."""
    chosen = _form(form, out, "json" if session.as_json and out is None else "csv")
    more = {} if language is None else {"language": language}
    _deliver(session, session.call("conference.minutes", id=conference, format=chosen, **more), out)


@click.command()
@click.option("--since", type=_WHEN, required=True, help="First day.")
@click.option("--until", type=_WHEN, required=True, help="Day after the last.")
@click.option("--branch", help="A site's name, code or number: it and all under it alone.")
@_format
@_language
@click.option("--out", type=_OUT, help="File or folder; without it standard output.")
@json_option
@pass_session
def savings(
    session: Session,
    since: Any,
    until: Any,
    branch: str | None,
    form: str | None,
    language: str | None,
    out: Path | None,
) -> None:
    """What meetings over the bridge saved: journeys, kilometres and hours, by the sites' distances and people."""
    chosen = _form(form, out, "json" if session.as_json and out is None else "csv")
    more: dict[str, Any] = {} if language is None else {"language": language}
    if branch is not None:
        more["branch"] = choose.site(session, branch)
    found = session.call("savings.report", since=since.timestamp(), until=until.timestamp(), format=chosen, **more)
    _deliver(session, found, out)


def _form(form: str | None, out: Path | None, default: str) -> str:
    by_name = out.suffix.lower().removeprefix(".") if out is not None else ""
    return form or (by_name if by_name in _FORMS else default)


def _deliver(session: Session, found: dict[str, Any], out: Path | None) -> None:
    if "content" not in found:  # it is JSON itself
        found = {
            "text": json.dumps(found, ensure_ascii=False, indent=2) + "\n",
            "name": f"{found.get('id', 'report')}.json",
        }
    if (path := files.deliver(found, out)) is not None:
        session.done({"written": str(path)}, f"Written: {path}")

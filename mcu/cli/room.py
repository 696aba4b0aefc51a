"""``mcu room …``: the standing meeting numbers, their settings and the sites that are invited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mcu.cli import choose, files, output
from mcu.cli.output import clock, facts, many, rows
from mcu.cli.participant import roster
from mcu.cli.session import Session, confirmation, json_option, pass_session
from mcu.core.languages import LANGUAGES
from mcu.core.picture.view import STILL_WIDTHS

# In this order in `room show`; the picture of the meeting itself is `mcu direction`.
_SHOWN = (
    "number", "name", "layout", "locked", "guests", "asks_pin", "entry", "lobby", "capacity", "language",
    "mute_joiners", "branch_id", "presiding_site_id", "conference",
)  # fmt: skip
_SITES = ("branch_id", "presiding_site_id")
_NAMED = 10  # invited sites that `room show` names


@click.group()
def room() -> None:
    """Meeting rooms: list, show, create, change, delete, layout, lock, pin, sites, picture."""


@room.command("list")
@json_option
@pass_session
def list_(session: Session) -> None:
    """All rooms and how many take part."""
    rooms = session.call("room.list")
    session.show(
        rooms,
        lambda: rows(
            ["Number", "Name", "Participants", "Layout", "Locked", "Guests", "Since"],
            [
                (r["number"], r["name"], r["participants"], r["layout"], r["locked"], r["guests"], clock(r["since"]))
                for r in rooms
            ],
        ),
    )


@room.command()
@click.argument("number", type=choose.ROOM)
@json_option
@pass_session
def show(session: Session, number: str) -> None:
    """One room: its settings, and who is in it."""
    found = session.call("room.show", number=number)
    if not session.as_json:
        output.show(facts(_facts(session, found)))
    session.show(found, lambda: roster(found["participants"]))


def _facts(session: Session, found: dict[str, Any]) -> list[tuple[str, object]]:
    """Settings, sites by their names, and how many are invited."""
    names = choose.site_names(session, [found.get(key) for key in _SITES])
    shown = {key: names.get(found[key]) if key in _SITES else found[key] for key in _SHOWN if key in found}
    invited = [one["name"] for one in (session.call("room.sites", number=found["number"]) or {}).get("sites", [])]
    more = f" and {len(invited) - _NAMED} more: mcu room sites {found['number']}" if len(invited) > _NAMED else ""
    lines = [(key.removesuffix("_id").replace("_", " "), value) for key, value in shown.items()]
    return [*lines, ("invited", ", ".join(invited[:_NAMED]) + more if invited else None)]


def _settings(command: Any) -> Any:
    for option in (
        click.option("--branch", type=choose.SITE, help="Whose operators run it: a site, `-` for everybody's."),
        click.option("--presiding-site", type=choose.SITE, help="Where its chair sits (điểm cầu chủ trì); `-`: none."),
        click.option("--mute-joiners/--no-mute-joiners", default=None, help="Who joins comes in with a closed mike."),
        click.option("--language", type=click.Choice([*LANGUAGES, "-"]), help="Of prompts and cards; `-`: as usual."),
        click.option("--capacity", type=click.IntRange(0, 10_000), help="Most who take part; 0: no bound of its own."),
        click.option(
            "--lobby",
            type=click.Choice(["off", "host", "all"]),
            help="Who waits (phòng chờ): nobody, all until a host is in, all until they are let in.",
        ),
        click.option(
            "--entry",
            type=click.Choice(["anyone", "pin", "known", "list"]),
            help="Who may enter: anyone, all with a PIN, known terminals, or invited sites.",
        ),
        click.option("--host-pin", help='4 to 12 digits that make the caller the chair; "" takes it away.'),
        click.option("--guests/--no-guests", default=None, help="May strangers dial it?"),
        click.option("--layout", type=choose.LAYOUT, help="Layout at the start of a meeting (default: auto)."),
        click.option("--name", help="Name shown to people (default: the number)."),
    ):
        command = option(command)
    return command


def _read(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """The settings that were given, as the bus takes them."""
    args = {key: value for key, value in given.items() if value is not None}
    for option, argument in (("branch", "branch_id"), ("presiding_site", "presiding_site_id")):
        if (named := args.pop(option, None)) is not None:
            args[argument] = None if named == "-" else choose.site(session, named)
    if args.get("language") == "-":
        args["language"] = ""
    return args


@room.command()
@click.argument("number")
@click.option("--pin", help="4 to 12 digits that strangers are asked for.")
@_settings
@json_option
@pass_session
def create(session: Session, /, number: str, **settings: Any) -> None:
    """Make a room that can be dialled at once."""
    args = {"name": number} | _read(session, settings)
    session.done(session.call("room.create", number=number, **args), f"Room {number} is there.")


@room.command()
@click.argument("number", type=choose.ROOM)
@_settings
@json_option
@pass_session
def change(session: Session, /, number: str, **settings: Any) -> None:
    """Change what is given, all of it or nothing; the rest stays. The PIN: `mcu room pin`."""
    args = _read(session, settings)
    if not args:
        raise click.UsageError("nothing to change")
    session.done(session.call("room.change", number=number, **args), f"Room {number} is changed.")


@room.command()
@click.argument("number", type=choose.ROOM)
@confirmation("Delete the room for good?")
@json_option
@pass_session
def delete(session: Session, number: str) -> None:
    """Take a room away; a room with people in it is refused."""
    session.call("room.delete", number=number)
    session.done({"deleted": number}, f"Room {number} is gone.")


@room.command()
@click.argument("number", type=choose.ROOM)
@click.argument("layout", required=False, type=choose.LAYOUT)
@json_option
@pass_session
def layout(session: Session, number: str, layout: str | None) -> None:
    """Set the LAYOUT of a room; without one, list what there is."""
    if layout is None:
        layouts = session.call("layout.list")
        session.show(
            layouts, lambda: rows(["Layout", "Tiles"], [(one["name"], len(one["tiles"]) or "grows") for one in layouts])
        )
        return
    done = session.call("room.act", room=number, act="layout", layout=layout)
    session.done(done, f"Room {number} shows {layout}.")


@room.command()
@click.argument("number", type=choose.ROOM)
@click.option("--off", is_flag=True, help="Open it again.")
@json_option
@pass_session
def lock(session: Session, number: str, off: bool) -> None:
    """Let nobody else in."""
    done = session.call("room.act", room=number, act="lock", on=not off)
    session.done(done, f"Room {number} is {'open' if off else 'locked'}.")


@room.command()
@click.argument("number", type=choose.ROOM)
@click.argument("pin", required=False)
@click.option("--off", is_flag=True, help="Ask for none any more.")
@json_option
@pass_session
def pin(session: Session, number: str, pin: str | None, off: bool) -> None:
    """Set the PIN (4 to 12 digits) that strangers are asked for; without one, show it."""
    if off and pin is not None:
        raise click.UsageError("a PIN or --off, not both")
    if pin is None and not off:
        found = session.call("room.pin", number=number)
        session.show(found, lambda: found["pin"] or f"Room {number} asks for no PIN.")
        return
    changed = session.call("room.change", number=number, pin=pin or "")
    session.done(changed, f"Room {number} asks for {'a' if pin else 'no'} PIN.")


@room.command()
@click.argument("number", type=choose.ROOM)
@click.argument("sites", nargs=-1, type=choose.SITE)
@click.option("--none", is_flag=True, help="Invite nobody any more.")
@click.option("--add", is_flag=True, help="SITES besides those that are invited already.")
@json_option
@pass_session
def sites(session: Session, number: str, sites: tuple[str, ...], none: bool, add: bool) -> None:
    """Invite SITES, in the order of the roll call, instead of those so far; without any, show who is invited."""
    if none and (sites or add):
        raise click.UsageError("sites or --none, not both")
    if sites or none:
        wanted = choose.sites(session, sites)
        if add:
            before = [one["id"] for one in session.call("room.sites", number=number)["sites"]]
            wanted = [*before, *(one for one in wanted if one not in before)]
        changed = session.call("room.set_sites", number=number, sites=wanted)
        session.done(changed, f"Invited to room {number}: {many(len(wanted), 'site')}.")
        return
    found = session.call("room.sites", number=number)
    lines = [(n, one["id"], one.get("code"), one["name"]) for n, one in enumerate(found["sites"], 1)]
    session.show(found, lambda: rows(["", "Id", "Code", "Name"], lines))


@room.command()
@click.argument("number", type=choose.ROOM)
@click.option("--out", type=files.FilePath(path_type=Path), required=True, help="JPEG file to write.")
@click.option("--width", type=click.IntRange(*STILL_WIDTHS), default=640, show_default=True, help="Pixels.")
@json_option
@pass_session
def picture(session: Session, number: str, out: Path, width: int) -> None:
    """Save the room's picture as it is now."""
    still = session.call("room.still", number=number, width=width)
    files.write(out, files.decoded(still["jpeg"]))
    session.done({"written": str(out)}, f"Written: {out}")

"""``mcu room …``: the standing meeting numbers."""

from __future__ import annotations

import click

from mcu.cli.output import clock, rows
from mcu.cli.participant import roster
from mcu.cli.session import Session, confirmation, json_option, pass_session


@click.group()
def room() -> None:
    """Meeting rooms: list, show, create, delete, layout, lock, PIN."""


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
@click.argument("number")
@json_option
@pass_session
def show(session: Session, number: str) -> None:
    """One room and who is in it."""
    found = session.call("room.show", number=number)
    if not session.as_json:
        lock = ", locked" if found["locked"] else ""
        click.echo(f"{found['number']}  {found['name']}  layout {found['layout']}{lock}")
    session.show(found, lambda: roster(found["participants"]))


@room.command()
@click.argument("number")
@click.option("--name", default="", help="Name shown to people (default: the number).")
@click.option("--layout", default="auto", show_default=True, help="Layout at the start of a meeting.")
@click.option("--guests/--no-guests", default=True, show_default=True, help="May strangers dial it?")
@click.option("--pin", default="", help="4 to 12 digits that strangers are asked for.")
@json_option
@pass_session
def create(session: Session, number: str, name: str, layout: str, guests: bool, pin: str) -> None:
    """Make a room that can be dialled at once."""
    made = session.call("room.create", number=number, name=name or number, layout=layout, guests=guests, pin=pin)
    session.done(made, f"Room {number} is there.")


@room.command()
@click.argument("number")
@confirmation("Delete the room for good?")
@json_option
@pass_session
def delete(session: Session, number: str) -> None:
    """Take a room away; a room with people in it is refused."""
    session.call("room.delete", number=number)
    session.done({"deleted": number}, f"Room {number} is gone.")


@room.command()
@click.argument("number")
@click.argument("layout", required=False)
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
    session.done(session.call("room.layout", number=number, layout=layout), f"Room {number} shows {layout}.")


@room.command()
@click.argument("number")
@click.option("--off", is_flag=True, help="Open it again.")
@json_option
@pass_session
def lock(session: Session, number: str, off: bool) -> None:
    """Let nobody else in."""
    changed = session.call("room.lock", number=number, on=not off)
    session.done(changed, f"Room {number} is {'open' if off else 'locked'}.")


@room.command()
@click.argument("number")
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

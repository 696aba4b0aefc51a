"""``mcu participant …``: who is in a meeting."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from mcu.cli import choose
from mcu.cli.output import clock, many, rows
from mcu.cli.session import Session, json_option, pass_session


def roster(participants: list[dict[str, Any]]) -> Table:
    """The participants as a table for people."""
    return rows(
        ["Id", "Room", "Name", "Number", "Picture", "Muted", "Talking", "Hand", "Joined"],
        [
            (
                p["id"],
                p["room"],
                p["name"],
                p["number"],
                p["picture"],
                p["muted"],
                p["talking"],
                p.get("hand", False),
                clock(p["joined_at"]),
            )
            for p in participants
        ],
    )


@click.group()
def participant() -> None:
    """People in a meeting: list, mute, unmute, kick. More that can be done with them: `mcu act`."""


@participant.command("list")
@click.argument("room", required=False, type=choose.ROOM)
@json_option
@pass_session
def list_(session: Session, room: str | None) -> None:
    """Who takes part, in ROOM or everywhere."""
    found = session.call("participant.list", **({"room": room} if room else {}))
    session.show(found, lambda: roster(found))


def _mute(session: Session, text: str, on: bool) -> None:
    person = choose.participant(session, text)
    changed = session.call("participant.mute", room=person["room"], participant=person["id"], on=on)
    session.done(changed or person | {"muted": on}, f"{person['name']} is {'muted' if on else 'heard again'}.")


@participant.command()
@click.argument("participant", type=choose.PARTICIPANT)
@json_option
@pass_session
def mute(session: Session, participant: str) -> None:
    """Close a participant's microphone."""
    _mute(session, participant, True)


@participant.command("mute-all")
@click.argument("room", type=choose.ROOM)
@click.option("--off", is_flag=True, help="Open them again.")
@json_option
@pass_session
def mute_all(session: Session, room: str, off: bool) -> None:
    """Close all microphones of ROOM; `mcu act mute_all` spares the chair's and can be undone."""
    changed = session.call("participant.mute_all", room=room, on=not off)
    microphones = many(len(changed["changed"]), "microphone")
    session.done(changed, f"{'Opened' if off else 'Closed'} in room {room}: {microphones}.")


@participant.command()
@click.argument("participant", type=choose.PARTICIPANT)
@json_option
@pass_session
def unmute(session: Session, participant: str) -> None:
    """Open a participant's microphone again."""
    _mute(session, participant, False)


@participant.command()
@click.argument("participant", type=choose.PARTICIPANT)
@json_option
@pass_session
def kick(session: Session, participant: str) -> None:
    """End a participant's call."""
    person = choose.participant(session, participant)
    session.call("participant.kick", room=person["room"], participant=person["id"])
    session.done({"kicked": person["id"]}, f"{person['name']} was sent out.")

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
    done = session.call("room.act", room=person["room"], act="mute", participant=person["id"], on=on)
    session.done(done, f"{person['name']} is {'muted' if on else 'heard again'}.")


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
    """Close all microphones of ROOM, also the chair's, which `mcu act mute_all` spares."""
    done = session.call("room.act", room=room, act="mute_all", on=not off, except_chair=False)
    microphones = many(len(done["changed"]), "microphone")
    session.done(done, f"{'Opened' if off else 'Closed'} in room {room}: {microphones}.")


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
    done = session.call("room.act", room=person["room"], act="drop", participant=person["id"])
    session.done(done, f"{person['name']} was sent out.")

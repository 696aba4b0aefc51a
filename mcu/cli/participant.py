"""``mcu participant …``: who is in a meeting."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from mcu.cli.output import clock, rows
from mcu.cli.session import Session, json_option, pass_session
from mcu.errors import ParticipantNotFound


def roster(participants: list[dict[str, Any]]) -> Table:
    """The participants as a table for people."""
    return rows(
        ["Id", "Room", "Name", "Number", "Picture", "Muted", "Talking", "Joined"],
        [
            (p["id"], p["room"], p["name"], p["number"], p["picture"], p["muted"], p["talking"], clock(p["joined_at"]))
            for p in participants
        ],
    )


@click.group()
def participant() -> None:
    """People in a meeting: list, mute, unmute, kick."""


@participant.command("list")
@click.argument("room", required=False)
@json_option
@pass_session
def list_(session: Session, room: str | None) -> None:
    """Who takes part, in ROOM or everywhere."""
    found = session.call("participant.list", **({"room": room} if room else {}))
    session.show(found, lambda: roster(found))


def _room_of(session: Session, ident: str) -> str:
    for one in session.call("participant.list"):
        if one["id"] == ident:
            return str(one["room"])
    raise ParticipantNotFound(f"no participant {ident}; `mcu participant list` shows who is there")


def _mute(session: Session, ident: str, on: bool) -> None:
    changed = session.call("participant.mute", room=_room_of(session, ident), participant=ident, on=on)
    session.done(changed, f"{ident} is {'muted' if on else 'heard again'}.")


@participant.command()
@click.argument("participant")
@json_option
@pass_session
def mute(session: Session, participant: str) -> None:
    """Close a participant's microphone."""
    _mute(session, participant, True)


@participant.command()
@click.argument("participant")
@json_option
@pass_session
def unmute(session: Session, participant: str) -> None:
    """Open a participant's microphone again."""
    _mute(session, participant, False)


@participant.command()
@click.argument("participant")
@json_option
@pass_session
def kick(session: Session, participant: str) -> None:
    """End a participant's call."""
    session.call("participant.kick", room=_room_of(session, participant), participant=participant)
    session.done({"kicked": participant}, f"{participant} was sent out.")

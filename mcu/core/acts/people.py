"""Single people: who is chair, their names, who goes where, who asks for the operator, who is let in."""

from __future__ import annotations

from typing import Any

from mcu.core import effects as do
from mcu.core import moves
from mcu.core.acts.draft import Draft
from mcu.core.acts.floor import WHO
from mcu.core.acts.schema import Argument
from mcu.core.direction import Asking, asks, none_of
from mcu.core.entry import lobby
from mcu.errors import BadRequest

Arguments = dict[str, Any]


def chair(meeting: Draft, a: Arguments) -> None:
    """Who presides; None: nobody does. Where microphones are closed, the new chair's is again as it was."""
    new = meeting.person(a["participant"]) if a["participant"] is not None else None
    old = meeting.conference.present.get(meeting.direction.chair)
    meeting.set(chair=new.id if new else "")
    direction = meeting.direction
    if not direction.closed or old is new:
        return
    if old is not None and old.id != direction.focus:
        meeting.mute(old, True)
    if new is not None and new.id != direction.focus:
        meeting.mute(new, direction.before.get(new.id, False))


def rename(meeting: Draft, a: Arguments) -> None:
    """The name under its picture and in all lists, for this conference."""
    meeting.names[meeting.person(a["participant"]).id] = a["name"]


def drop(meeting: Draft, a: Arguments) -> None:
    """Out of the room; it is not called again."""
    who = meeting.anybody(a["participant"])
    meeting.bridge.links.need_switch()
    meeting.effects.append(do.Kick(room=meeting.number, channel=who.channel))


def move(meeting: Draft, a: Arguments) -> None:
    """Into another room, without a new call."""
    moves.plan(meeting, meeting.person(a["participant"]), a["to"])


def ask_for_help(meeting: Draft, a: Arguments) -> None:
    """It asks for the operator, or does no more."""
    person = meeting.person(a["participant"])
    asking = meeting.direction.help
    if a["on"] and not asks(asking, person.id):
        meeting.set(help=(*asking, Asking(participant=person.id, since=meeting.at)))
        text = f"{person.name} in room {meeting.number} asks for the operator"
        data = {"room": meeting.number, "name": person.name}
        meeting.effects.append(do.Notice(room=meeting.number, level="info", code="help", text=text, data=data))
    elif not a["on"]:
        meeting.set(help=none_of(asking, (person.id,)))


def admit(meeting: Draft, a: Arguments) -> None:
    """Out of the lobby into the room: one, or all."""
    if (a["participant"] is None) != a["all"]:
        raise BadRequest("give participant, or all: true")
    # It checks before it changes anything, and is all that this act does.
    meeting.effects += lobby.admit(meeting.bridge, meeting.conference, a["participant"], meeting.at)


def refuse(meeting: Draft, a: Arguments) -> None:
    """Out of the lobby, and away."""
    meeting.effects += lobby.refuse(meeting.bridge, meeting.conference, a["participant"], meeting.at)


_ON = Argument(kind="flag", help="whether it asks", default=True)
ACTS = {
    "chair": (chair, {"participant": Argument(kind="participant", help="who presides; null: nobody", null=True)}),
    "rename": (rename, {"participant": WHO, "name": Argument(kind="name", help="up to 64 characters are shown")}),
    "drop": (drop, {"participant": WHO}),
    "move": (move, {"participant": WHO, "to": Argument(kind="room", help="the other room's number")}),
    "help": (ask_for_help, {"participant": WHO, "on": _ON}),
    "admit": (
        admit,
        {
            "participant": Argument(kind="participant", help="who waits", default=None, null=True),
            "all": Argument(kind="flag", help="whether all who wait are let in", default=False),
        },
    ),
    "refuse": (refuse, {"participant": Argument(kind="participant", help="who waits")}),
}

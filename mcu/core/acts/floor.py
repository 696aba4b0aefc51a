"""Who is seen and heard by all: broadcast, floor, lecture, voice activated, free talk, and hands."""

from __future__ import annotations

from typing import Any

from mcu.core import microphones
from mcu.core.acts.draft import Draft
from mcu.core.acts.schema import Argument
from mcu.core.direction import VOICE_HOLD, Asking, asks, none_of
from mcu.errors import Conflict

Arguments = dict[str, Any]
WHO = Argument(kind="participant", help="the participant's id")


def broadcast(meeting: Draft, a: Arguments) -> None:
    """All but the chair see this one full screen. Sound stays as it is."""
    meeting.set(mode="broadcast", focus=meeting.person(a["participant"]).id)


def floor(meeting: Draft, a: Arguments) -> None:
    """Seen by all, its microphone opened; the others' are closed, but the chair's stays as it was."""
    speaker = meeting.person(a["participant"])
    meeting.set(mode="floor", focus=speaker.id)
    _lower(meeting, speaker.id)
    microphones.close_all_but(meeting, {speaker.id})


def floor_next(meeting: Draft, a: Arguments) -> None:
    """The floor goes to whose hand is up longest."""
    here = {p.id for p in meeting.people()}
    first = next((asking.participant for asking in meeting.direction.hands if asking.participant in here), None)
    if first is None:
        raise Conflict("nobody has raised a hand")
    floor(meeting, {"participant": first})


def lecture(meeting: Draft, a: Arguments) -> None:
    """All see the lecturer, who sees the audience."""
    lecturer = meeting.person(a["participant"])
    meeting.set(mode="lecture", focus=lecturer.id)
    _lower(meeting, lecturer.id)
    if a["mute"]:
        microphones.close_all_but(meeting, {lecturer.id})


def voice(meeting: Draft, a: Arguments) -> None:
    """The picture follows who talks. Sound stays as it is."""
    meeting.set(mode="voice", focus="", voice_hold=a["hold"])


def free_talk(meeting: Draft, a: Arguments) -> None:
    """Any mode ends, microphones are as they were before it."""
    meeting.set(mode="free", focus="")
    microphones.give_back(meeting, everybody=a["open"])


def hand(meeting: Draft, a: Arguments) -> None:
    person = meeting.person(a["participant"])
    if a["on"] and not asks(meeting.direction.hands, person.id):
        meeting.set(hands=(*meeting.direction.hands, Asking(participant=person.id, since=meeting.at)))
    elif not a["on"]:
        _lower(meeting, person.id)


def hands_down(meeting: Draft, a: Arguments) -> None:
    meeting.set(hands=())


def _lower(meeting: Draft, participant: str) -> None:
    meeting.set(hands=none_of(meeting.direction.hands, (participant,)))


ACTS = {
    "broadcast": (broadcast, {"participant": WHO}),
    "floor": (floor, {"participant": WHO}),
    "floor_next": (floor_next, {}),
    "lecture": (
        lecture,
        {
            "participant": WHO,
            "mute": Argument(kind="flag", help="whether all other microphones but the chair's close", default=False),
        },
    ),
    "voice": (
        voice,
        {
            "hold": Argument(
                kind="number",
                help="seconds that somebody must talk before the picture follows",
                default=VOICE_HOLD,
                least=0.0,
                most=60.0,
            )
        },
    ),
    "free_talk": (
        free_talk,
        {"open": Argument(kind="flag", help="whether all microphones open, instead of as they were", default=False)},
    ),
    "hand": (hand, {"participant": WHO, "on": Argument(kind="flag", help="whether the hand is up", default=True)}),
    "hands_down": (hands_down, {}),
}

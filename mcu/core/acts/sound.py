"""Microphones, ears and levels, by an operator's word."""

from __future__ import annotations

from typing import Any

from mcu.core import microphones
from mcu.core.acts.draft import Draft
from mcu.core.acts.floor import WHO
from mcu.core.acts.schema import Argument

Arguments = dict[str, Any]
MOST_DB = 20  # either way: beyond it only noise is left, or clipping


def mute(meeting: Draft, a: Arguments) -> None:
    meeting.bridge.links.need_switch()
    microphones.say(meeting, meeting.anybody(a["participant"]), a["on"])


def mute_all(meeting: Draft, a: Arguments) -> None:
    """All microphones, or those of ``only``; the chair's is not closed unless it is named or asked for."""
    meeting.bridge.links.need_switch()
    only, chair = a["only"], meeting.direction.chair
    for p in microphones.soonest_heard(meeting.people()):
        if only is not None and p.id not in only:
            continue
        if only is None and a["on"] and a["except_chair"] and p.id == chair:
            continue
        microphones.say(meeting, p, a["on"])


def mute_joiners(meeting: Draft, a: Arguments) -> None:
    """Whoever comes in from now on is muted, or not."""
    meeting.set(mute_joiners=a["on"])


def deafen(meeting: Draft, a: Arguments) -> None:
    """It hears nothing of the room; or again."""
    meeting.deafen(meeting.person(a["participant"]), a["on"])


def gain(meeting: Draft, a: Arguments) -> None:
    """Louder or softer: "in" is what the room hears of it, "out" what it hears of the room."""
    meeting.gain(meeting.person(a["participant"]), a["direction"], a["db"])


ACTS = {
    "mute": (mute, {"participant": WHO, "on": Argument(kind="flag", help="whether its microphone is closed")}),
    "mute_all": (
        mute_all,
        {
            "on": Argument(kind="flag", help="whether they are closed"),
            "only": Argument(kind="participants", help="these alone", default=None, null=True),
            "except_chair": Argument(kind="flag", help="whether the chair's stays open", default=True),
        },
    ),
    "mute_joiners": (mute_joiners, {"on": Argument(kind="flag", help="whether who comes in is muted")}),
    "deafen": (deafen, {"participant": WHO, "on": Argument(kind="flag", help="whether it hears nothing")}),
    "gain": (
        gain,
        {
            "participant": WHO,
            "direction": Argument(
                kind="choice",
                help="in: what the room hears of it; out: what it hears of the room",
                choices=("in", "out"),
            ),
            "db": Argument(kind="number", help="decibels; 0: as it comes", least=-MOST_DB, most=MOST_DB),
        },
    ),
}

"""A site whose call breaks is called again by itself, and its place in the meeting is kept: it comes back as the
participant that it was, so that whoever had the floor has it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.core import effects as do
from mcu.core.conference import ENTRY_TIMEOUT
from mcu.core.dialout import NORMAL
from mcu.core.roster import Participant

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge

SWITCH_GONE = 41  # Q.850: temporary failure


def leaves(bridge: Bridge, participant: Participant) -> None:
    """Out of the room, for a reason that is not known yet: before it is removed."""
    call = bridge.dial_out.kept(participant.id)
    if call is None or participant.presents:
        return
    if participant.dropped:
        bridge.dial_out.forget(participant.id)
        return
    call.room, call.muted, call.channel = participant.room, participant.closed, participant.channel
    if conference := bridge.conferences.get(participant.room):
        conference.expect(participant.id)


def moved(bridge: Bridge, participant: str, room: str) -> None:
    """Whoever was called into one room sits in another one now."""
    call = bridge.dial_out.kept(participant)
    if call is not None and call.room != room:
        if conference := bridge.conferences.get(call.room):
            conference.give_up(participant)
            bridge.touch(call.room)
        call.room = room


def ended(bridge: Bridge, participant: str, cause: int, at: float, *, ours: bool) -> list[do.Effect]:
    """The call of somebody whom we called is over. ``cause``: Q.850; ``ours``: we hung up."""
    if ours or cause in NORMAL:
        bridge.dial_out.forget(participant)
        return []
    return bridge.dial_out.lost(participant, cause, at)


def swept_away(bridge: Bridge, participants: list[str], at: float) -> list[do.Effect]:
    """They were in rooms of an Asterisk that is no more: called again at once, for the fault was ours."""
    return [
        effect
        for participant in participants
        for effect in bridge.dial_out.lost(participant, SWITCH_GONE, at, at_once=True)
    ]


def missed(bridge: Bridge, at: float) -> list[do.Effect]:
    """Whose end nobody heard of, and who is in no room."""
    gone = [who for who in bridge.dial_out.away(at, ENTRY_TIMEOUT) if bridge.whereabouts(who) is None]
    return [effect for who in gone for effect in bridge.dial_out.lost(who, SWITCH_GONE, at)]


def close_places(bridge: Bridge) -> None:
    """Nobody is expected any more of whom the last attempt failed or was called off."""
    for room, participant in bridge.dial_out.take_given_up():
        if conference := bridge.conferences.get(room):
            conference.give_up(participant)
            bridge.touch(room)

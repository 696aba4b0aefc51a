"""What is told of single calls: by the telephone switch, by the H.323 gateway, by the mixer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.core import adoption, arrivals, events, line_events, moves, quality, runs
from mcu.core import effects as do
from mcu.core.dialling import redial
from mcu.core.names import participant_id, room_number
from mcu.core.roster import Participant

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge

PICTURE_STATES = frozenset({"none", "waiting", "live", "stalled"})


def joined(bridge: Bridge, event: events.Joined) -> list[do.Effect]:
    if not room_number(event.room):
        return []  # somebody else's conference in the same Asterisk
    ident = participant_id(event.participant, event.channel)
    known = bridge.whereabouts(ident)
    out: list[do.Effect] = []
    if known is None:
        newcomer = adoption.adopt(bridge, event, ident)
    else:
        conference, newcomer = known
        if newcomer.joined_at and conference.number == event.room:
            newcomer.channel, newcomer.muted = event.channel, event.muted
            conference.changed(newcomer)
            bridge.touch(event.room)
            return []
        if newcomer.joined_at and newcomer.channel == event.channel:
            newcomer.moved_from = conference.number  # past us
        redial.moved(bridge, ident, event.room)
        out += bridge.remove(ident)
    newcomer.channel, newcomer.muted, newcomer.talking = event.channel, event.muted, False
    moved = moves.arrived(bridge, newcomer, event.room)
    out += bridge.seat(newcomer, event.room)
    out += arrivals.joined(bridge, bridge.conference(event.room), newcomer, event.at, moved=moved)
    if known is None and not newcomer.presents:  # it passed the door of a control that is no more
        return [*out, *redial.found(bridge, newcomer, event.at)]
    return [*out, *redial.came(bridge, newcomer)]


def left(bridge: Bridge, event: events.Left) -> list[do.Effect]:
    known = bridge.whereabouts(participant_id(event.participant, event.channel))
    if known and known[0].number != event.room:
        return []  # it was moved into another one
    return _gone(bridge, event.participant, event.channel, event.at)


def _gone(bridge: Bridge, told: str, channel: str, at: float) -> list[do.Effect]:
    ident = participant_id(told, channel)
    known = bridge.whereabouts(ident)
    # A later call under the same id is not ended by an earlier one's hang-up.
    if known is None or known[1].channel != channel:
        return []
    redial.leaves(bridge, known[1], at)
    return bridge.remove(ident)


def _mine(bridge: Bridge, event: events.ParticipantEvent) -> Participant | None:
    """The participant an event is about, marked as changed; None for a stranger."""
    known = bridge.whereabouts(participant_id(event.participant, event.channel))
    if known is None or known[1].channel != event.channel:
        return None
    conference, participant = known
    conference.changed(participant)
    bridge.touch(conference.number)
    return participant


def talking(bridge: Bridge, event: events.Talking) -> list[do.Effect]:
    if participant := _mine(bridge, event):
        participant.talking, participant.spoke_at = event.on, event.at
    return []


def muted(bridge: Bridge, event: events.Muted) -> list[do.Effect]:
    if participant := _mine(bridge, event):
        participant.muted = event.on
        participant.heard_of()
    return []


def picture_started(bridge: Bridge, event: events.PictureStarted) -> list[do.Effect]:
    if participant := _mine(bridge, event):
        participant.sends_picture = True
        participant.began_at = participant.began_at or event.at
        participant.picture_came(event.codec, event.fmtp)
        if participant.rate_class and participant.picture == "none":
            participant.picture = "waiting"
    return []


def video_negotiated(bridge: Bridge, event: events.VideoNegotiated) -> list[do.Effect]:
    if participant := _mine(bridge, event):
        participant.negotiate(event.video)
    return []


def picture_stopped(bridge: Bridge, event: events.PictureStopped) -> list[do.Effect]:
    if participant := _mine(bridge, event):
        participant.sends_picture = False
    return []


def hung_up(bridge: Bridge, event: events.HungUp) -> list[do.Effect]:
    told = bridge.was_ended(event.channel)
    if event.kind == "terminal":
        if call := bridge.dial_out.find(event.ident):
            if event.channel == call.channel:
                return []  # the one that broke before
            return bridge.dial_out.failed(event.ident, event.cause, event.at)
        known = bridge.whereabouts(event.ident)
        if known and known[1].channel != event.channel:
            return []  # an earlier call under the same id
        out = _gone(bridge, event.ident, event.channel, event.at)
        return [*out, *redial.ended(bridge, event.ident, event.cause, event.at, ours=told)]
    if not told:
        line_events.leg_ended(bridge, event)
    return []


def dial_failed(bridge: Bridge, event: events.DialFailed) -> list[do.Effect]:
    return bridge.dial_out.failed(event.participant, event.cause, event.at)


def device_told(bridge: Bridge, event: events.DeviceTold) -> list[do.Effect]:
    bridge.devices[event.call_id] = event
    for conference in bridge.conferences.values():
        for participant in conference.everyone():
            if participant.call_id == event.call_id:
                bridge.tell_device(participant)
                conference.changed(participant)
                bridge.touch(conference.number)
    return []


def device_gone(bridge: Bridge, event: events.DeviceGone) -> list[do.Effect]:
    bridge.devices.pop(event.call_id, None)
    return []


def media_told(bridge: Bridge, event: quality.MediaTold) -> list[do.Effect]:
    """The lines of all calls, read every few seconds: of a meeting in which nothing else happens this is all."""
    quality.take(bridge, event, bridge.thresholds)
    for number, conference in bridge.conferences.items():
        if runs.unwritten(conference, event.at):
            bridge.touch(number)
    return []


def picture_state(bridge: Bridge, event: events.PictureState) -> list[do.Effect]:
    known = bridge.whereabouts(event.participant)
    if known and event.width and event.height:
        known[1].size = event.width, event.height
    if known and event.state in PICTURE_STATES and known[1].picture != event.state:
        known[1].picture = event.state
        known[0].changed(known[1])
        bridge.touch(known[0].number)
    return []

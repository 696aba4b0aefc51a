"""A site whose call breaks is called again by itself, and its place in the meeting is kept: it comes back as the
participant that it was, so that whoever had the floor has it again."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mcu.core import effects as do
from mcu.core import events, microphones
from mcu.core.conference import ENTRY_TIMEOUT
from mcu.core.dialling.calling import allowed, way_to, ways_to
from mcu.core.dialling.outgoing import NORMAL, OutgoingCall
from mcu.core.dialling.targets import Way, parse_target
from mcu.core.roster import Participant
from mcu.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge

SWITCH_GONE = 41  # Q.850: temporary failure


def leaves(bridge: Bridge, participant: Participant, at: float) -> None:
    """Out of the room, for a reason that is not known yet: before it is removed."""
    call = bridge.dial_out.kept(participant.id)
    if call is None or participant.presents:
        return
    if participant.dropped:
        bridge.dial_out.forget(participant.id)
        return
    call.room, call.channel = participant.room, participant.channel
    call.left_at, call.name = at, participant.name
    if conference := bridge.conferences.get(participant.room):
        call.muted = microphones.own(conference.direction, participant)
        conference.expect(participant.id)


def resumed(bridge: Bridge, call: OutgoingCall) -> bool:
    """Whether a call that was under way before control was restarted is made again. Before the first SwitchUp."""
    if call.room not in bridge.rooms or bridge.knows(call.id):
        return False
    bridge.dial_out.resume(call)
    if call.lost and (conference := bridge.conferences.get(call.room)):
        conference.expect(call.id)
    return True


def found(bridge: Bridge, participant: Participant, at: float) -> list[do.Effect]:
    """Control finds somebody after its own restart: a call to it that was under way has come, or is needless."""
    out = bridge.dial_out.found(participant.id, at) if bridge.dial_out.find(participant.id) else []
    remembered(bridge, participant, at)
    return [*out, *came(bridge, participant)]


def remembered(bridge: Bridge, participant: Participant, at: float) -> None:
    """Control's own restart forgot the call by which somebody came: it can be called again all the same."""
    if not participant.dialled or bridge.dial_out.kept(participant.id):
        return
    ways = _ways_back(bridge, participant)
    room = bridge.rooms.get(participant.room)
    if ways:
        bridge.dial_out.keep(
            OutgoingCall(
                id=participant.id,
                room=participant.room,
                ways=tuple(ways),
                name=participant.name,
                caller=room.config.name if room else participant.room,
                tries=0,
                began_at=at,
                site=participant.site,
                state="answered",
                answered_at=at,
            )
        )


def _ways_back(bridge: Bridge, participant: Participant) -> list[Way]:
    """Its terminal first, then the others of its site; of one that is no known terminal, the address."""
    ways: list[Way] = []
    account = bridge.directory.terminal(participant.terminal)
    with contextlib.suppress(BadRequest):
        if account is not None:
            ways.append(way_to(bridge.directory, account))
        elif participant.address:
            ways.append(allowed(bridge.directory, Way(target=parse_target(participant.address))))
    if account is not None and participant.site is not None and bridge.directory.site(participant.site):
        with contextlib.suppress(NotFound, BadRequest):
            ways += [way for way in ways_to(bridge.directory, participant.site) if way.terminal != account.name]
    return ways


def moved(bridge: Bridge, participant: str, room: str) -> None:
    """Whoever was called into one room sits in another one now."""
    call = bridge.dial_out.kept(participant)
    if call is not None and call.room != room:
        if conference := bridge.conferences.get(call.room):
            conference.give_up(participant)
            bridge.touch(call.room)
        call.room = room


def came(bridge: Bridge, participant: Participant) -> list[do.Effect]:
    """A terminal that is being called is here by a call of its own: after it has taken its place."""
    if not participant.terminal or participant.presents:
        return []
    needless = [
        call.id
        for call in bridge.dial_out
        if call.room == participant.room and call.id != participant.id and call.state != "failed"
        if any(way.terminal == participant.terminal for way in call.ways)
    ]
    return [effect for ident in needless for effect in bridge.dial_out.cancel(ident)]


def ended(bridge: Bridge, participant: str, cause: int, at: float, *, ours: bool) -> list[do.Effect]:
    """The call of somebody whom we called is over. ``cause``: Q.850; ``ours``: we hung up."""
    if ours or cause in NORMAL:
        bridge.dial_out.forget(participant)
        return []
    return bridge.dial_out.lost(participant, cause, at)


def lived(bridge: Bridge, started: str, members: Mapping[str, events.Member]) -> bool:
    """Did Asterisk live while its link was lost? It says when it was ``started``; where it does not, it lived if
    somebody who was here before is still here."""
    if started and bridge.links.switch_started:
        return started == bridge.links.switch_started
    for ident, member in members.items():
        known = bridge.whereabouts(ident)
        if known and known[1].channel == member.channel and known[1].entered_at < bridge.links.switch_lost_at:
            return True
    return False


def swept_away(bridge: Bridge, participants: list[str], at: float, *, restarted: bool) -> list[do.Effect]:
    """They are in no room any more. Those of an Asterisk that was restarted are called again at once, for the fault was
    ours; who went while only the link was lost has hung up, as far as anybody knows."""
    if not restarted:
        for participant in participants:
            bridge.dial_out.forget(participant)
        return []
    return [
        effect
        for participant in participants
        for effect in bridge.dial_out.lost(participant, SWITCH_GONE, at, at_once=True)
    ]


def missed(bridge: Bridge, at: float) -> list[do.Effect]:
    """Whose end nobody heard of, and who is in no room."""
    gone = [who for who, since in _nowhere(bridge, at) if at - since >= ENTRY_TIMEOUT]
    return [effect for who in gone for effect in bridge.dial_out.lost(who, SWITCH_GONE, at)]


def due(bridge: Bridge, at: float) -> float | None:
    """When somebody is next ``missed``; ``at``: now."""
    return min((since + ENTRY_TIMEOUT for _, since in _nowhere(bridge, at)), default=None)


def _nowhere(bridge: Bridge, at: float) -> list[tuple[str, float]]:
    """Who came, and is neither at a door nor in a room: since when nothing was heard of them."""
    return [(who, since) for who, since in bridge.dial_out.silent_since(at).items() if bridge.whereabouts(who) is None]


def close_places(bridge: Bridge) -> list[do.Effect]:
    """Nobody is expected any more of whom the last attempt failed or was called off, or who has left."""
    out: list[do.Effect] = []
    for room, participant in bridge.dial_out.take_given_up():
        out.append(do.ForgetCall(room=room, call=participant))
        if conference := bridge.conferences.get(room):
            conference.give_up(participant)
            bridge.touch(room)
    return out

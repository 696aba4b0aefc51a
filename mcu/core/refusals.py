"""What the switch would not do, or could not for its link was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.core import effects as do
from mcu.core import line_events, locks, moves
from mcu.core.conference import Conference
from mcu.core.entry import lobby
from mcu.core.roster import Participant
from mcu.errors import AsteriskDown, NotFound, ParticipantNotFound, RoomNotFound, TimedOut

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge

# Nobody said no: it stays ordered, and is done as soon as the link is back.
LATER = frozenset({AsteriskDown.error_id, TimedOut.error_id})
# It is on its way out by itself.
GONE = frozenset({NotFound.error_id, RoomNotFound.error_id, ParticipantNotFound.error_id})


def effect_failed(bridge: Bridge, event: do.EffectFailed) -> list[do.Effect]:
    match event.effect:
        case do.DialLeg() | do.DialView() | do.DialSlides() as dial:
            line_events.not_dialled(bridge, dial, event.at)
        case do.Subscribe() as failed:
            return line_events.not_subscribed(bridge, failed, event.at)
        case do.PutView() as put:
            if conference := bridge.conferences.get(put.room):
                conference.put_failed(put.view, event.at)
                bridge.touch(put.room)
        case do.Lock() as lock:
            return locks.lock_refused(bridge, lock)
        case do.Mute() | do.Deafen() | do.Gain() | do.Move():
            return _refused(bridge, event)
        case do.Kick() | do.KickAll() as kick:
            return _not_sent_out(bridge, kick, event.fault)
        case do.LetIn() as let_in:
            return lobby.not_let_in(bridge, let_in, event.at)
        case do.DialTerminal() if event.fault in LATER:
            pass  # it may ring all the same: what becomes of it will be heard of, or its time runs out
        case do.DialTerminal() as dial:
            return bridge.dial_out.failed(dial.participant, 20, event.at)
        case _:
            pass  # hang-ups are repeated by the clock
    return []


def _refused(bridge: Bridge, event: do.EffectFailed) -> list[do.Effect]:
    effect = event.effect
    if isinstance(effect, do.Move):
        return moves.unanswered(bridge, effect) if event.fault in LATER else moves.failed(bridge, effect)
    if not isinstance(effect, do.Mute | do.Deafen | do.Gain):
        return []
    known = _by_channel(bridge, effect.room, effect.channel)
    if known is None:
        return []
    conference, p = known
    if event.fault in LATER:
        if isinstance(effect, do.Gain):
            p.owed |= {effect.direction}
        elif isinstance(effect, do.Deafen):
            p.owed |= {"ears"}
        return []
    match effect:
        case do.Mute():
            p.heard_of()
        case do.Deafen() if p.deafened == effect.on:
            p.deafened = not effect.on
        case do.Gain(direction="in") if p.gain_in == effect.db:
            p.gain_in = 0.0
        case do.Gain(direction="out") if p.gain_out == effect.db:
            p.gain_out = 0.0
    conference.changed(p)
    bridge.touch(conference.number)
    return []


def _not_sent_out(bridge: Bridge, kick: do.Kick | do.KickAll, fault: str) -> list[do.Effect]:
    """Who is to go and of whom nobody said no is hung up, or told again when the link is back."""
    out: list[do.Effect] = []
    for channel in do.told_to_go(kick):
        bridge.was_ended(channel)
        known = _by_channel(bridge, kick.room, channel)
        if known is None or fault in GONE:
            continue
        if fault not in LATER:
            known[1].dropped = False
        elif bridge.links.switch:
            out.append(do.HangUp(room=kick.room, channel=channel))
    return out


def again(conference: Conference, p: Participant) -> list[do.Effect]:
    """The link is back: what was ordered meanwhile is done now."""
    number, channel, out = conference.number, p.channel, list[do.Effect]()
    if p.dropped:
        return [do.Kick(room=number, channel=channel)]
    wanted, p.ordered, p.orders = p.ordered, None, 0
    if wanted is not None and wanted != p.muted:
        p.order(wanted)
        out.append(do.Mute(room=number, channel=channel, on=wanted))
    owed, p.owed = p.owed, frozenset()
    if "ears" in owed:
        out.append(do.Deafen(room=number, channel=channel, on=p.deafened))
    if "in" in owed:
        out.append(do.Gain(room=number, channel=channel, direction="in", db=p.gain_in))
    if "out" in owed:
        out.append(do.Gain(room=number, channel=channel, direction="out", db=p.gain_out))
    return out


def _by_channel(bridge: Bridge, number: str, channel: str) -> tuple[Conference, Participant] | None:
    conference = bridge.conferences.get(number)
    found = next((p for p in conference.present.values() if p.channel == channel), None) if conference else None
    return (conference, found) if conference and found else None

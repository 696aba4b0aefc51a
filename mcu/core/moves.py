"""From one room to another without a new call: it stands at the other room's door at once, and is back if it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.core import effects as do
from mcu.core import microphones
from mcu.core.acts.draft import Draft
from mcu.core.conference import ENTRY_TIMEOUT
from mcu.core.roster import Participant
from mcu.errors import Conflict

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge

ARRIVE_WITHIN = 15.0  # s in which the room that it leaves keeps its place, should it be back


def plan(meeting: Draft, p: Participant, to: str) -> None:
    """Raises RoomNotFound, Conflict where it cannot go there, or AsteriskDown."""
    bridge = meeting.bridge
    bridge.links.need_switch()
    other = bridge.room(to)
    if to == meeting.number:
        raise Conflict(f"{p.name} is in room {to} already")
    if other.locked:
        raise Conflict(f"room {to} is locked")
    in_room, in_all = bridge.crowd(to)
    if bridge.fullness.full(in_room, in_all - 1, other.config.capacity):
        raise Conflict(f"room {to} is full")

    def go() -> list[do.Effect]:
        muted = microphones.own(meeting.direction, p)
        out = _leave(meeting, p)
        p.place(to, p.codec, p.fmtp)
        p.moved_from, p.joined_at, p.entered_at = meeting.number, 0.0, meeting.at
        p.subscribed, p.subscribe_at, p.talking = p.key, 0.0, False
        bridge.stand_at_door(p)
        move = do.Move(room=meeting.number, channel=p.channel, participant=p.id, to=to, view=p.key, muted=muted)
        return [*out, move]

    meeting.at_last.append(go)


def _leave(meeting: Draft, p: Participant) -> list[do.Effect]:
    meeting.conference.expect(p.id, meeting.at + ARRIVE_WITHIN)
    return meeting.bridge.remove(p.id)


def arrived(bridge: Bridge, p: Participant, room: str) -> bool:
    """Whether it was moved: then the room that it left waits no more, and what it is, this one says. Before it is
    seated."""
    number, p.moved_from = p.moved_from, ""
    if not number or number == room:
        return False
    here = bridge.rooms.get(room)
    presiding = here.config.presiding_site_id if here else None
    p.came_as = "host" if p.site is not None and p.site == presiding else ""
    if conference := bridge.conferences.get(number):
        conference.give_up(p.id)
        bridge.touch(number)
    return True


def unanswered(bridge: Bridge, move: do.Move) -> list[do.Effect]:
    """The switch may have done it all the same: where it is will be heard of. Until then it keeps its place, too."""
    if (p := _on_its_way(bridge, move)) and (conference := bridge.conferences.get(move.room)):
        conference.expect(p.id, p.entered_at + ENTRY_TIMEOUT + ARRIVE_WITHIN)
        bridge.touch(move.room)
    return []


def failed(bridge: Bridge, move: do.Move) -> list[do.Effect]:
    """The switch did not do it: it is where it was."""
    p = _on_its_way(bridge, move)
    return _back(bridge, p) if p else []


def overdue(bridge: Bridge, p: Participant) -> list[do.Effect]:
    """Nothing was heard of one at a door. Of one that was to be moved nothing need have become: it is where it was,
    unless the switch has said since that it is in no room."""
    links = bridge.links
    if p.moved_from and not (links.switch and p.entered_at <= links.switch_lost_at):
        return _back(bridge, p)
    return bridge.remove(p.id)


def found(bridge: Bridge, p: Participant, room: str, at: float) -> list[do.Effect]:
    """It is in another room than it was when the link to the switch was lost: before it is seated there."""
    left, out = p.room, bridge.remove(p.id)
    p.place(room, p.codec, p.fmtp)
    p.moved_from, p.joined_at, p.entered_at, p.talking = left, 0.0, at, False
    bridge.stand_at_door(p)
    return out


def _on_its_way(bridge: Bridge, move: do.Move) -> Participant | None:
    known = bridge.whereabouts(move.participant)
    if known is None or known[1].channel != move.channel or known[1].moved_from != move.room or known[1].joined_at:
        return None
    return known[1]


def _back(bridge: Bridge, p: Participant) -> list[do.Effect]:
    out, room = bridge.remove(p.id), p.moved_from
    p.moved_from = ""
    p.place(room, p.codec, p.fmtp)
    p.subscribed, p.subscribe_at = p.key, 0.0
    out += bridge.seat(p, room)
    conference = bridge.conference(room)
    conference.awaiting.pop(p.id, None)
    conference.direct(conference.direction)
    return out

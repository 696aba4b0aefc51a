"""The lobby: who waits before a room, with music and a card, until a host is in or somebody lets them in.

``settle`` lets in whom the room's rule no longer keeps waiting, so that a host who comes, a chair who is named and a
rule that is changed take the same path.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mcu.core import adoption, events, microphones
from mcu.core import effects as do
from mcu.core.names import is_participant_id
from mcu.core.picture.view import RETRY, WAITING
from mcu.core.roster import Participant, RoomConfig
from mcu.errors import Conflict, ParticipantNotFound

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge
    from mcu.core.conference import Conference, Room

WAIT_FOR_HOST = "mcu-wait-for-chair"
WAIT_TO_BE_LET_IN = "mcu-lobby"
# The same on the card, by the room's language; by whatever the installation speaks, a text can be read.
_CARDS = {
    "vi": ("Xin chờ người chủ trì vào phòng", "Xin chờ, người điều hành sẽ mời quý vị vào phòng"),
    "en": ("Please wait for the chair to join", "Please wait, an operator will let you in"),
}


def waits(bridge: Bridge, room: Room, visitor: Participant) -> bool:
    """Whether the room's rule keeps it outside for now."""
    if room.config.lobby == "off" or visitor.came_as == "host":
        return False
    conference = bridge.conferences.get(room.config.number)
    return room.config.lobby == "all" or conference is None or not presided(conference)


def presided(conference: Conference) -> bool:
    """A host or the chair is in."""
    chair = conference.direction.chair
    return any(p.came_as == "host" or p.id == chair for p in conference.present.values())


def waits_for(config: RoomConfig) -> str:
    """What stands on the card of the lobby."""
    return _CARDS.get(config.language, _CARDS["vi"])[config.lobby != "host"]


def enter(bridge: Bridge, visitor: Participant) -> str:
    """Into the lobby; the prompt that says what it waits for."""
    conference = bridge.wait_before(visitor)
    visitor.watch(conference.number + WAITING)
    visitor.subscribed = visitor.key
    return WAIT_FOR_HOST if conference.room.config.lobby == "host" else WAIT_TO_BE_LET_IN


def joined(visitor: Participant) -> do.Effect:
    return do.Tell(room=visitor.room, event="lobby.joined", data={"room": visitor.room, **describe(visitor)})


def left(visitor: Participant, *, admitted: bool = False) -> do.Effect:
    data = {"participant": visitor.id, "room": visitor.room, "admitted": admitted}
    return do.Tell(room=visitor.room, event="lobby.left", data=data)


def describe(visitor: Participant) -> dict[str, Any]:
    """One entry of Direction's ``lobby``."""
    return {
        "participant": visitor.id,
        "name": visitor.name,
        "number": visitor.number,
        "since": round(visitor.entered_at, 3),
    }


def joins_muted(bridge: Bridge, visitor: Participant) -> bool:
    """Whether its microphone is closed when it comes in. Who presides is heard; who was lost is as it was."""
    call = bridge.dial_out.kept(visitor.id)
    host = visitor.came_as == "host"
    conference = bridge.conferences.get(visitor.room)
    lost = call.muted if call is not None and call.lost else None
    if lost is not None and not (conference is not None and conference.direction.closed):
        return lost
    if conference is not None and conference.id:
        return microphones.at_the_door(conference, visitor.id, host)
    return bridge.rooms[visitor.room].config.mute_joiners and not host


def admit(bridge: Bridge, conference: Conference, participant: str | None, at: float) -> list[do.Effect]:
    """Let one in, or all (None) as far as there are places.

    Raises AsteriskDown, ParticipantNotFound for one who does not wait here, Conflict where the room is full.
    """
    bridge.links.need_switch()
    if participant is not None:
        visitor = _waiting(conference, participant)
        if not _places(bridge, conference):
            raise Conflict(f"room {conference.number} or the bridge is full")
        return _let_in(bridge, conference, visitor, at)
    return _let_in_all(bridge, conference, at)


def refuse(bridge: Bridge, conference: Conference, participant: str, at: float) -> list[do.Effect]:
    """Send one away. Raises AsteriskDown, or ParticipantNotFound for one who does not wait here."""
    visitor = _waiting(conference, participant)
    bridge.links.need_switch()
    bridge.dial_out.forget(visitor.id)
    return [*bridge.remove(visitor.id), do.HangUp(room=conference.number, channel=visitor.channel)]


def close(bridge: Bridge, conference: Conference) -> list[do.Effect]:
    """Send all away who wait."""
    out: list[do.Effect] = []
    for visitor in list(conference.lobby.values()):
        out += [*bridge.remove(visitor.id), do.HangUp(room=conference.number, channel=visitor.channel)]
        bridge.dial_out.forget(visitor.id)
    return out


def settle(bridge: Bridge, conference: Conference, at: float) -> list[do.Effect]:
    """Let in whom nothing keeps waiting any more."""
    if not conference.lobby or not bridge.links.switch:
        return []
    for visitor in conference.lobby.values():
        if not 0 < visitor.subscribe_at - at <= RETRY:
            visitor.subscribe_at = 0.0
    rule = conference.room.config.lobby
    if rule == "off" or (rule == "host" and presided(conference)):
        return _let_in_all(bridge, conference, at)
    return []


def not_let_in(bridge: Bridge, failed: do.LetIn, at: float) -> list[do.Effect]:
    """The switch did not do it, or did not say so in time: it waits again."""
    known = bridge.whereabouts(failed.participant)
    if known is None or failed.participant not in known[0].entering or known[1].channel != failed.channel:
        return []
    conference, visitor = known
    del conference.entering[visitor.id]
    enter(bridge, visitor)
    visitor.subscribe_at = at + RETRY
    return [joined(visitor)]


def found(bridge: Bridge, waiting: Iterable[events.Member], at: float) -> list[do.Effect]:
    """What the switch says of its lobbies, after its link came (again); those in rooms are known by now."""
    ours = {m.participant: m for m in waiting if is_participant_id(m.participant)}
    there = {ident: m for ident, m in ours.items() if m.room in bridge.rooms}
    # Their room was deleted while the link was lost: nobody will ever let them in.
    lost = [m for ident, m in ours.items() if ident not in there]
    out: list[do.Effect] = [do.HangUp(room=m.room, channel=m.channel) for m in lost]
    for conference in list(bridge.conferences.values()):
        for visitor in list(conference.lobby.values()):
            if visitor.id not in there or there[visitor.id].channel != visitor.channel:
                out += bridge.remove(visitor.id)
    for ident, member in there.items():
        known = bridge.whereabouts(ident)
        if known is None:
            visitor = adoption.adopt(bridge, member, ident, at - member.age)
            visitor.place(member.room, member.codec, member.fmtp)
            bridge.tell_device(visitor)
        elif known[1].joined_at or ident in known[0].lobby:
            continue
        else:
            visitor = known[1]  # was let in, and that went lost
            known[0].entering.pop(ident, None)
        enter(bridge, visitor)
        visitor.subscribed, visitor.subscribe_at = member.subscribed, 0.0
        out.append(joined(visitor))
    return out


def _waiting(conference: Conference, participant: str) -> Participant:
    if visitor := conference.lobby.get(participant):
        return visitor
    raise ParticipantNotFound(f"no {participant[:32]} waits in the lobby of room {conference.number}")


def _places(bridge: Bridge, conference: Conference) -> int:
    """How many of those who wait here may come in."""
    in_room, in_all = bridge.crowd(conference.number)
    # Who waits counts in all already.
    return bridge.fullness.places(in_room, in_all - 1, conference.room.config.capacity)


def _let_in_all(bridge: Bridge, conference: Conference, at: float) -> list[do.Effect]:
    """Places are counted once: everybody in the bridge would be for each who waits, at whatever happens."""
    out: list[do.Effect] = []
    waiting = [visitor for visitor in conference.lobby.values() if not visitor.subscribe_at]
    places = _places(bridge, conference) if waiting else 0
    for visitor in waiting[:places]:
        out += _let_in(bridge, conference, visitor, at)
    return out


def _let_in(bridge: Bridge, conference: Conference, visitor: Participant, at: float) -> list[do.Effect]:
    del conference.lobby[visitor.id]
    visitor.watch(conference.number)
    visitor.subscribed, visitor.subscribe_at = visitor.key, 0.0
    visitor.muted, visitor.entered_at = joins_muted(bridge, visitor), at
    bridge.tell_device(visitor)
    bridge.stand_at_door(visitor)
    let_in = do.LetIn(
        room=conference.number,
        channel=visitor.channel,
        participant=visitor.id,
        view=visitor.key,
        muted=visitor.muted,
    )
    return [left(visitor, admitted=True), let_in]

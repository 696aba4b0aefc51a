"""Operators' commands: checked, then carried out or turned into instructions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mcu.core import commands
from mcu.core import effects as do
from mcu.core.conference import Room
from mcu.core.dialout import OutgoingCall
from mcu.core.roster import Participant
from mcu.core.targets import Way
from mcu.errors import AsteriskDown, BadRequest, Conflict, ParticipantNotFound

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge


def carry_out(bridge: Bridge, command: commands.Command) -> list[do.Effect]:
    """Raises RoomNotFound, ParticipantNotFound, BadRequest, Conflict or AsteriskDown, and then changes nothing."""
    match command:
        case commands.PutRoom():
            return _put_room(bridge, command)
        case commands.RemoveRoom():
            return _remove_room(bridge, command)
        case commands.ChangeRoom():
            return _change_room(bridge, command)
        case commands.LockRoom():
            return _lock(bridge, command.number, command.on)
        case commands.MuteParticipant():
            channel = _present(bridge, command.number, command.participant).channel
            return [do.Mute(room=command.number, channel=channel, on=command.on)]
        case commands.KickParticipant():
            channel = _present(bridge, command.number, command.participant).channel
            return [do.Kick(room=command.number, channel=channel)]
        case commands.CallTerminal():
            return _call(bridge, command)
        case commands.CallAgain():
            _connected(bridge)
            return bridge.dial_out.redial(command.call, command.at)
        case commands.EndCall():
            return bridge.dial_out.cancel(command.call)
        case commands.EndCalls():
            bridge.room(command.number)
            return bridge.dial_out.end_all(command.number)
    raise BadRequest(f"no such command: {type(command).__name__}")


def _put_room(bridge: Bridge, command: commands.PutRoom) -> list[do.Effect]:
    number = command.config.number
    bridge.catalogue.check(command.config.layout)
    room = bridge.rooms.get(number)
    if room is None:
        bridge.rooms[number] = Room(command.config, bool(command.locked))
    else:
        room.config, room.stray = command.config, False
        room.locked = room.locked if command.locked is None else command.locked
    bridge.touch(number)
    return []


def _remove_room(bridge: Bridge, command: commands.RemoveRoom) -> list[do.Effect]:
    bridge.room(command.number)
    conference = bridge.conferences.get(command.number)
    people = len(list(conference.everyone())) if conference else 0
    if people:
        raise Conflict(f"room {command.number} is in use by {people}; kick them first")
    out: list[do.Effect] = []
    if conference is not None:
        out += conference.close(bridge.links)
        del bridge.conferences[command.number]
    del bridge.rooms[command.number]
    bridge.pins.forget(command.number)
    out += bridge.dial_out.forget_room(command.number)
    return [*out, do.Tell(room=command.number, event="room.removed", data={"number": command.number})]


def _change_room(bridge: Bridge, command: commands.ChangeRoom) -> list[do.Effect]:
    room = bridge.room(command.number)
    if command.layout is not None:
        bridge.catalogue.check(command.layout)
    # The lock comes first: it is all that can still be refused.
    out = [] if command.locked is None else _lock(bridge, command.number, command.locked)
    given = {"name": command.name, "layout": command.layout, "guests": command.guests, "pin": command.pin}
    if command.pin is not None and command.pin != room.config.pin:
        bridge.pins.forget(command.number)
    room.config = replace(room.config, **{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]  # each as its field is typed
    bridge.touch(command.number)
    return out


def _lock(bridge: Bridge, number: str, on: bool) -> list[do.Effect]:
    room = bridge.room(number)
    out: list[do.Effect] = [do.StoreLock(room=number, on=on)]
    conference = bridge.conferences.get(number)
    if conference and conference.present:  # ConfBridge knows rooms with somebody in them only; the door knows all
        _connected(bridge)
        out.append(do.Lock(room=number, on=on, was=room.locked))
    room.locked = on
    bridge.touch(number)
    return out


def lock_refused(bridge: Bridge, refused: do.Lock) -> list[do.Effect]:
    """The switch did not do it, or did not say so in time: the room is again as it was, in both."""
    room, conference = bridge.rooms.get(refused.room), bridge.conferences.get(refused.room)
    if room is None or refused.on == refused.was or room.locked != refused.on:
        return []  # nothing was to change, or somebody decided otherwise since
    room.locked = refused.was
    bridge.touch(refused.room)
    out: list[do.Effect] = [do.StoreLock(room=refused.room, on=refused.was)]
    if conference and conference.present and bridge.links.switch:
        out.append(do.Lock(room=refused.room, on=refused.was, was=refused.was))
    return out


def _call(bridge: Bridge, command: commands.CallTerminal) -> list[do.Effect]:
    room = bridge.room(command.number)
    _connected(bridge)
    coming = [call.room for call in bridge.dial_out if call.state != "failed"]
    in_room, in_all = bridge.crowd(command.number)
    if bridge.fullness.full(in_room + coming.count(command.number), in_all + len(coming)):
        raise Conflict(f"room {command.number} or the bridge is full")
    return bridge.dial_out.dial(
        OutgoingCall(
            id=command.participant,
            room=command.number,
            ways=(Way(target=command.target, terminal=command.terminal), *command.others),
            site=command.site,
            name=command.name,
            caller=room.config.name,
            tries=command.tries,
            began_at=command.at,
        )
    )


def _connected(bridge: Bridge) -> None:
    if not bridge.links.switch:
        raise AsteriskDown("Asterisk is away")


def _present(bridge: Bridge, number: str, participant: str) -> Participant:
    bridge.room(number)
    conference = bridge.conferences.get(number)
    found = conference.present.get(participant) if conference else None
    if found is None:
        raise ParticipantNotFound(f"no participant {participant[:32]} in room {number}")
    _connected(bridge)
    return found

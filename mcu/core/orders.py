"""Operators' commands: checked, then carried out or turned into instructions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mcu.core import commands, runs
from mcu.core import effects as do
from mcu.core.acts import registry, site_tests
from mcu.core.conference import Room
from mcu.core.dialling.outgoing import OutgoingCall
from mcu.core.dialling.targets import Way
from mcu.core.entry import lobby
from mcu.errors import BadRequest, Conflict

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
        case commands.Act():
            return registry.perform(bridge, command.number, command.name, command.arguments, command.at)
        case commands.TakeBack():
            return registry.take_back(bridge, command.number, command.step, command.at)
        case commands.SetEnd():
            return runs.set_end(bridge, command)
        case commands.CallTerminal():
            return _call(bridge, command)
        case commands.CallAgain():
            bridge.links.need_switch()
            return bridge.dial_out.redial(command.call, command.at, command.ways)
        case commands.EndCall():
            return bridge.dial_out.cancel(command.call)
        case commands.BeginTest():
            return site_tests.begin(bridge, command.number, command.at)
        case commands.BeginAnew():
            bridge.room(command.number)
            bridge.touch(command.number)
            on = bridge.conferences.get(command.number)
            if on is None:
                return []
            return [*site_tests.make_way(bridge, on, command.at), *runs.begin_anew(on, command.at)]
        case commands.EndTest():
            bridge.room(command.number)
            testing = bridge.conferences.get(command.number)
            return site_tests.end(bridge, testing, command.at) if testing is not None else []
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
        conference.awaiting.clear()
        out += lobby.close(bridge, conference)
        out += runs.end(conference, command.at)
        out += conference.close(bridge.links)
        del bridge.conferences[command.number]
    del bridge.rooms[command.number]
    bridge.pins.forget(command.number)
    out += bridge.dial_out.forget_room(command.number)
    return [*out, do.Tell(room=command.number, event="room.removed", data={"number": command.number})]


def _change_room(bridge: Bridge, command: commands.ChangeRoom) -> list[do.Effect]:
    number, room = command.number, bridge.room(command.number)
    if command.layout is not None:
        bridge.catalogue.check(command.layout)
    given = {"name": command.name, "guests": command.guests, "pin": command.pin}
    config = replace(room.config, **{k: v for k, v in given.items() if v is not None}, **command.more)  # type: ignore[arg-type]  # each as its field is typed
    # Lock and layout come first: all that can still be refused. They are acts, which can be taken back.
    out: list[do.Effect] = []
    if command.locked is not None or command.layout is not None:
        out = registry.arrange(bridge, number, command.at, command.locked, command.layout, back=command.back)
    if (config.pin, config.host_pin) != (room.config.pin, room.config.host_pin):
        bridge.pins.forget(number)
    if config.mute_joiners != room.config.mute_joiners and (conference := bridge.conferences.get(number)):
        conference.direct(replace(conference.direction, mute_joiners=config.mute_joiners))
    room.config = replace(config, layout=room.config.layout)
    bridge.touch(number)
    return [effect for effect in out if not isinstance(effect, do.StoreLayout)]  # who asked keeps the settings


def _call(bridge: Bridge, command: commands.CallTerminal) -> list[do.Effect]:
    room = bridge.room(command.number)
    bridge.links.need_switch()
    coming = [call.room for call in bridge.dial_out if call.state != "failed"]
    in_room, in_all = bridge.crowd(command.number)
    if bridge.fullness.full(in_room + coming.count(command.number), in_all + len(coming), room.config.capacity):
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

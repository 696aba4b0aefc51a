"""Locked rooms: nobody else gets in. A lock ends with its conference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.core import effects as do

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge


def set_lock(bridge: Bridge, number: str, on: bool) -> list[do.Effect]:
    """Raises RoomNotFound, or AsteriskDown, and then changes nothing."""
    room = bridge.room(number)
    out: list[do.Effect] = [do.StoreLock(room=number, on=on)]
    conference = bridge.conferences.get(number)
    if conference and conference.present:  # ConfBridge knows rooms with somebody in them only; the door knows all
        bridge.links.need_switch()
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

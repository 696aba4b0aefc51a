"""When a meeting is to end: told some minutes before, so that somebody can give it more time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mcu.core import commands
from mcu.core import effects as do

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge
    from mcu.core.conference import Conference


def set_end(bridge: Bridge, command: commands.SetEnd) -> list[do.Effect]:
    """Raises RoomNotFound. A room in which nobody is takes it for its next conference."""
    room = bridge.room(command.number)
    conference = bridge.conferences.get(command.number)
    room.ends_at, room.warnings = command.ends_at, command.warnings
    if conference is not None:
        conference.direct(replace(conference.direction, ends_at=command.ends_at))
        arm(conference, command.at)
        bridge.touch(command.number)
    return []


def arm(conference: Conference, at: float) -> None:
    """The warnings that are still to come."""
    ends_at = conference.direction.ends_at
    moments = {} if ends_at is None else {ends_at - 60 * minutes: minutes for minutes in conference.room.warnings}
    conference.warnings = {moment: minutes for moment, minutes in moments.items() if moment > at}


def warn(conference: Conference, at: float) -> list[do.Effect]:
    """What is to be told by now."""
    due = sorted(moment for moment in conference.warnings if moment <= at)
    if not due:
        return []
    minutes = conference.warnings[due[-1]]  # after a clock that was set forward the last one says it all
    conference.warnings = {moment: m for moment, m in conference.warnings.items() if moment > at}
    data = {"room": conference.number, "conference": conference.id, "minutes": minutes}
    return [do.Tell(room=conference.number, event="conference.ending", data=data)]

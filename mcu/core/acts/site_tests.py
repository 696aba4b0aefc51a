"""A test session's begin and end in its room, which is held as long as it is on and hears those who are tested."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mcu.core import effects as do
from mcu.core import microphones, runs
from mcu.core.acts.draft import Draft
from mcu.core.acts.registry import put_in_force
from mcu.core.test_session import HOLD

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge
    from mcu.core.conference import Conference


def begin(bridge: Bridge, number: str, at: float) -> list[do.Effect]:
    """In a meeting that is on nobody's microphone is opened. Raises RoomNotFound or AsteriskDown."""
    bridge.room(number)
    bridge.links.need_switch()
    conference = bridge.conference(number)
    own = not conference.id or bool(conference.direction.test)
    conference.expect(HOLD)
    out = runs.begin(conference, at)
    if own:
        meeting = Draft(bridge, conference, at)
        microphones.begin_test(meeting)
        out += put_in_force(meeting, "")
    return out


def end(bridge: Bridge, conference: Conference, at: float) -> list[do.Effect]:
    """Nothing is refused while the switch is away: who has stayed keeps an open microphone then."""
    conference.give_up(HOLD)
    bridge.touch(conference.number)
    return _close(bridge, conference, at)


def make_way(bridge: Bridge, conference: Conference, at: float) -> list[do.Effect]:
    """A meeting begins here: from now on it is that one's conference."""
    out = _close(bridge, conference, at)
    conference.direct(replace(conference.direction, test=""))
    return out


def _close(bridge: Bridge, conference: Conference, at: float) -> list[do.Effect]:
    """The room's rule for microphones holds again."""
    if conference.direction.test != "on":
        return []
    meeting = Draft(bridge, conference, at)
    if bridge.links.switch:
        microphones.end_test(meeting)
    else:
        meeting.set(test="over")
    return put_in_force(meeting, "")

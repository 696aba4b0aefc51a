"""A test session's begin and end in its room, which is held as long as it is on and hears those who are tested."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mcu.core import arrivals, microphones, runs
from mcu.core import effects as do
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
    """Nothing is refused while the switch is away: who has stayed has an open microphone until it is back."""
    conference.give_up(HOLD)
    bridge.touch(conference.number)
    return _close(bridge, conference, at)


def make_way(bridge: Bridge, conference: Conference, at: float) -> list[do.Effect]:
    """A meeting begins here: from now on it is that one's conference."""
    out = _close(bridge, conference, at)
    conference.direct(replace(conference.direction, test=""))
    return out


def owed(bridge: Bridge, conference: Conference, at: float) -> list[do.Effect]:
    """The switch is back, and has told who is there: what the end of a test session could not do is done now."""
    return _rule_holds(bridge, conference, at) if conference.direction.microphones_owed else []


def _close(bridge: Bridge, conference: Conference, at: float) -> list[do.Effect]:
    if conference.direction.test != "on":
        return []
    if bridge.links.switch:
        return _rule_holds(bridge, conference, at)
    conference.direct(replace(conference.direction, test="over", microphones_owed=True))
    return []


def _rule_holds(bridge: Bridge, conference: Conference, at: float) -> list[do.Effect]:
    """The room's rule for microphones does again, for who has left and comes back, too."""
    meeting = Draft(bridge, conference, at)
    microphones.end_test(meeting)
    arrivals.come_anew(bridge, conference)
    return put_in_force(meeting, "")

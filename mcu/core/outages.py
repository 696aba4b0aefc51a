"""The switch was restarted while control was away, as when the power went: who was in a room then comes out of
control's record, and is expected back as after any restart of the switch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mcu.core import arrivals
from mcu.core.dialling import redial
from mcu.core.names import is_participant_id
from mcu.core.roster import Memory, Participant

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge
    from mcu.core.conference import Conference

# s from what was written down last to the switch's return, after which the meeting is over: nobody calls the sites of
# an evening's meeting when the power is switched on in the morning. While people are there it is written each
# minute (runs.WRITTEN_EVERY).
RECENT = 600.0
# s. A machine without a battery for its clock begins with the hour at which it last wrote it down, until NTP sets it.
CLOCK_BEHIND = 7200.0


def lately(written: object, at: float) -> bool:
    """Whether what was written down then is still true enough to go on from. That it is yet to come tells of the clock
    alone."""
    return isinstance(written, int | float) and -CLOCK_BEHIND < at - written < RECENT


def another(before: object, started: str) -> bool:
    """Whether the switch was surely restarted in between: it says when it was started."""
    return bool(before and started and before != started)


def returns(bridge: Bridge, conference: Conference, started: str, at: float) -> list[str]:
    """Once the switch, which was ``started`` then, has told who is there: whoever is missing, but did not leave, is
    expected. Returned are those of them whom the bridge had called."""
    if not conference.resumed:
        return []
    _still_expected(conference, at)
    before, written = conference.recorded.get("switch"), conference.recorded.get("at")
    if not another(before, started) or not lately(written, at):
        return []
    called: list[str] = []
    for ident, memory in bridge.memories.items():
        if memory.room != conference.number or not is_participant_id(ident) or conference.find(ident) is not None:
            continue
        if _was_called(bridge, conference, ident, memory, at):
            called.append(ident)
        elif ident not in conference.awaiting:
            conference.expect(ident, at + arrivals.RETURN_WITHIN)
    return called


def _was_called(bridge: Bridge, conference: Conference, ident: str, memory: Memory, at: float) -> bool:
    """One whom the switch lost takes leave as others do; whether the bridge can call it."""
    p = Participant(
        id=ident, room=memory.room, channel="", name=memory.name or ident, number="", kind="", entered_at=at
    )
    arrivals.remember(conference, p, memory)
    known = conference.remembered.get(ident)
    told = known if isinstance(known, Mapping) else {}
    arrivals.expected(conference, ident, {**told, "site": p.site, "terminal": p.terminal}, at)
    redial.remembered(bridge, p, at)
    call = bridge.dial_out.kept(ident)
    if call is None:
        return False
    call.muted = conference.absent[ident].closed
    conference.expect(ident)
    return True


def _still_expected(conference: Conference, at: float) -> None:
    """Whom an earlier restart of the switch took, and who had not come back yet when control stopped."""
    here = [p for p in conference.present.values() if not p.presents]
    back = {p.terminal for p in here if p.terminal} | {p.site for p in here if p.site is not None}
    awaited = conference.recorded.get("awaited")
    for ident, known in awaited.items() if isinstance(awaited, Mapping) else ():
        if not is_participant_id(ident) or not isinstance(known, Mapping) or conference.find(ident) is not None:
            continue
        if ident in conference.awaiting:  # it is being called
            arrivals.expected(conference, ident, known, at)
            continue
        until = known.get("until")
        if {known.get("terminal"), known.get("site")} & back or not isinstance(until, int | float):
            continue  # it is back already, by a call of its own
        if 0 < until - at <= arrivals.RETURN_WITHIN:
            arrivals.expected(conference, ident, known, at)
            conference.expect(ident, float(until))

"""A series whose rule was changed: which of its times takes the place of one that was cancelled or moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from mcu.core.planning.recurrence import Plan, takes_place

_SAME_DAY, _SAME_WEEK = timedelta(hours=12), timedelta(days=7)


def successor(before: Plan, after: Plan, wall: datetime) -> datetime | None:
    """``wall``: a time of ``before`` by the wall clock. None where ``after`` has none in its place.

    What is a time of the new rule, too, stays. Else it goes with the hour: as far as the begin was put off, if that is
    less than half a day (which may be past midnight), or to the new hour of its day, or to another day of its week.
    """
    rule, shift = replace(after, exdates=()), after.begins - before.begins
    candidates = [wall]
    if abs(shift) < _SAME_DAY:
        candidates.append(wall + shift)
    candidates.append(datetime.combine(wall.date(), after.begins.time()))
    if abs(shift) < _SAME_WEEK:
        candidates.append(wall + shift)
    return next((one for one in candidates if takes_place(rule, one)), None)

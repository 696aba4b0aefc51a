"""What takes the place of a time that was cancelled or moved, when the rule of its series is changed."""

from __future__ import annotations

from datetime import datetime

import pytest

from mcu.core.planning.recurrence import Plan
from mcu.core.planning.replanning import successor

DAILY, WEEKLY, FORTNIGHT = "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"


def plan(begins: str, rrule: str) -> Plan:
    return Plan(begins=datetime.fromisoformat(begins), zone="Asia/Ho_Chi_Minh", minutes=60, rrule=rrule, exdates=())


@pytest.mark.parametrize(
    ("before", "after", "cancelled", "instead"),
    [
        (("2030-01-07T08:00", DAILY), ("2030-01-07T09:00", DAILY), "2030-01-10T08:00", "2030-01-10T09:00"),
        (("2030-01-07T08:00", DAILY), ("2030-01-08T09:00", DAILY), "2030-01-10T08:00", "2030-01-10T09:00"),
        (("2030-01-07T08:00", DAILY), ("2030-01-08T08:00", DAILY), "2030-01-10T08:00", "2030-01-10T08:00"),
        (("2030-01-07T23:30", DAILY), ("2030-01-08T00:30", DAILY), "2030-01-10T23:30", "2030-01-11T00:30"),
        (("2030-01-07T08:00", WEEKLY), ("2030-01-21T14:00", WEEKLY), "2030-01-28T08:00", "2030-01-28T14:00"),
        (("2030-01-07T08:00", WEEKLY), ("2030-01-09T08:00", "FREQ=WEEKLY"), "2030-01-28T08:00", "2030-01-30T08:00"),
        (("2030-01-07T08:00", DAILY), ("2030-01-07T09:00", DAILY + ";COUNT=2"), "2030-01-10T08:00", None),
        (("2030-01-07T08:00", WEEKLY), ("2030-01-07T09:00", FORTNIGHT), "2030-01-14T08:00", None),
    ],
    ids=["later", "later and from another day on", "from another day on", "past midnight", "another hour two weeks on",
         "another weekday", "past the last one", "in a week that is left out"],
)  # fmt: skip
def test_a_cancelled_time_of_a_series(
    before: tuple[str, str], after: tuple[str, str], cancelled: str, instead: str | None
) -> None:
    found = successor(plan(*before), plan(*after), datetime.fromisoformat(cancelled))
    assert found == (datetime.fromisoformat(instead) if instead else None)

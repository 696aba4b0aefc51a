"""When repeated meetings take place, by the wall clock of their zone."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.core.planning.recurrence import Plan, check, moments, takes_place, wall_time, wall_times, zone_info
from mcu.errors import BadRequest

MONDAY = datetime(2026, 11, 23, 8)


def plan(rrule: str = "", begins: datetime = MONDAY, zone: str = "Asia/Ho_Chi_Minh", **more: object) -> Plan:
    return Plan(begins=begins, zone=zone, minutes=60, rrule=rrule, **more)  # type: ignore[arg-type]


def walls(found: Plan, days: int) -> list[str]:
    return [time.isoformat() for time in wall_times(found, found.begins + timedelta(days=days))]


def test_once() -> None:
    assert walls(check(plan()), 400) == ["2026-11-23T08:00:00"]


@pytest.mark.parametrize(
    ("rrule", "days", "times"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,TH", 8, ["2026-11-23T08:00:00", "2026-11-26T08:00:00", "2026-11-30T08:00:00"]),
        ("RRULE:FREQ=DAILY;COUNT=2", 90, ["2026-11-23T08:00:00", "2026-11-24T08:00:00"]),
        ("FREQ=DAILY;UNTIL=20261124", 90, ["2026-11-23T08:00:00", "2026-11-24T08:00:00"]),
        ("FREQ=DAILY;UNTIL=20261124T005959Z", 90, ["2026-11-23T08:00:00"]),  # 07:59:59 in Vietnam
        ("FREQ=DAILY;UNTIL=20261124T010000Z", 90, ["2026-11-23T08:00:00", "2026-11-24T08:00:00"]),
        ("freq=monthly;byday=4MO", 40, ["2026-11-23T08:00:00", "2026-12-28T08:00:00"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=16", 33, ["2026-11-23T08:00:00", "2026-12-22T08:00:00"]),
    ],
)
def test_rules(rrule: str, days: int, times: list[str]) -> None:
    assert walls(check(plan(rrule)), days) == times


def test_excepted_times_count_towards_count() -> None:
    """RFC 5545 3.8.5.1: they are taken out of the set that the rule made."""
    found = check(plan("FREQ=DAILY;COUNT=3", exdates=(MONDAY + timedelta(days=1),)))
    assert walls(found, 90) == ["2026-11-23T08:00:00", "2026-11-25T08:00:00"]
    assert takes_place(found, MONDAY)
    assert not takes_place(found, MONDAY + timedelta(days=1))
    assert not takes_place(found, MONDAY + timedelta(hours=1))


def test_a_wall_clock_that_skips_an_hour_and_one_that_shows_it_twice() -> None:
    """RFC 5545 3.3.5, at Berlin's changes of 2027: 28 March 02:00 → 03:00, 31 October 03:00 → 02:00."""
    daily = check(plan("FREQ=DAILY", datetime(2027, 3, 27, 2, 30), "Europe/Berlin"))
    since, before = datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 3, 30, tzinfo=UTC)
    assert [at.strftime("%d %H:%M") for at in moments(daily, since, before)] == ["27 01:30", "28 01:30", "29 00:30"]
    since, before = datetime(2027, 10, 30, tzinfo=UTC), datetime(2027, 11, 2, tzinfo=UTC)
    assert [at.strftime("%d %H:%M") for at in moments(daily, since, before)] == ["30 00:30", "31 00:30", "01 01:30"]


def test_noon_stays_noon_over_a_change_of_the_clock() -> None:
    weekly = check(plan("FREQ=WEEKLY", datetime(2027, 3, 22, 12), "America/New_York"))
    found = moments(weekly, datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC))
    assert {at.astimezone(zone_info("America/New_York")).hour for at in found} == {12}
    assert {at.hour for at in found} == {16, 17}


@pytest.mark.parametrize(
    ("rrule", "says"),
    [
        ("FREQ=HOURLY", "FREQ="),
        ("FREQ=SECONDLY;COUNT=1000", "known: DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("BYDAY=MO", "FREQ is missing"),
        ("FREQ=DAILY;BYHOUR=1,2,3", "BYHOUR"),
        ("FREQ=DAILY;FREQ=DAILY", "twice"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;COUNT=٣", "COUNT"),  # no digits of RFC 5545
        ("FREQ=DAILY;COUNT=9999", "at most"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "exclude"),
        ("FREQ=DAILY;UNTIL=20261301", "no day"),
        ("FREQ=DAILY;UNTIL=20261122", "no day that it means"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=WEEKLY;BYDAY=2MO", "BYDAY with a number"),
        ("FREQ=MONTHLY;BYDAY=0MO", "counts from 1"),
        ("FREQ=WEEKLY;BYMONTHDAY=23", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "32"),
        ("FREQ=YEARLY;BYMONTH=0", "0"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=WEEKLY;BYDAY=TU", "first one is 2026-11-24T08:00"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", "no day that it means"),
        ("FREQ=DAILY;" + "X" * 300, "characters"),
        ("nonsense\r\nX:1", "not supported"),
    ],
)
def test_a_rule_that_is_none_is_refused_with_its_fault(rrule: str, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        check(plan(rrule))


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../../etc/passwd", "Asia", "Asia/Ho_Chi_Minh\0", "/etc/localtime"])
def test_a_zone_that_is_none(zone: str) -> None:
    with pytest.raises(BadRequest, match="zone"):
        check(plan(zone=zone))


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30T08:00", "2026-11-22T08:00+07:00", "0001-01-01T00:00"])
def test_a_time_that_is_none(text: str) -> None:
    with pytest.raises(BadRequest, match="begins"):
        wall_time(text)


def test_a_meeting_all_of_whose_times_are_cancelled_is_none() -> None:
    with pytest.raises(BadRequest, match="every time"):
        check(plan("FREQ=DAILY;COUNT=1", exdates=(MONDAY,)))


RULES = st.builds(
    lambda freq, interval, end: f"FREQ={freq};INTERVAL={interval}{end}",
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 40),
    st.sampled_from(["", ";COUNT=1", ";COUNT=7", ";UNTIL=20280101", ";UNTIL=20280615T120000Z"]),
)
ZONES = st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC"])


@given(
    rrule=RULES,
    zone=ZONES,
    begins=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)).map(lambda t: t.replace(microsecond=0)),
    cut=st.integers(0, 900),
)
def test_a_span_is_the_sum_of_its_parts(rrule: str, zone: str, begins: datetime, cut: int) -> None:
    """However the future is looked at, piece by piece or at once, it has the same meetings, each once and in order."""
    found = check(plan(rrule, begins, zone))
    since, before = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 9, 1, tzinfo=UTC)
    middle = since + timedelta(days=cut)
    whole = moments(found, since, before)
    assert whole == moments(found, since, middle) + moments(found, middle, before)
    assert whole == sorted(set(whole))
    assert check(found) == found


@given(st.text(max_size=60))
def test_no_text_crashes_the_rules(text: str) -> None:
    with suppress(BadRequest):
        check(plan(text))

"""Calendar files, read back by another hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from mcu.core.planning.recurrence import Plan, check
from mcu.exchange.calendar import Invitation, Moved, calendar_file

BEGINS = datetime(2026, 11, 23, 8)
ONCE = Invitation(
    uid="1@mcu",
    sequence=3,
    title="Giao ban tuần; tỉnh, xã",
    plan=check(Plan(begins=BEGINS, zone="Asia/Ho_Chi_Minh", minutes=90)),
    location="Phòng họp 1001; SIP: 1001@203.0.113.5",
    description="Cách vào họp:\n- SIP: 1001@203.0.113.5",
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
)
WEEKLY = replace(
    ONCE,
    plan=check(
        Plan(
            begins=BEGINS,
            zone="Asia/Ho_Chi_Minh",
            minutes=90,
            rrule="FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20270301",
            exdates=(datetime(2026, 11, 26, 8),),
        )
    ),
)


def parts(text: str, name: str = "VEVENT") -> list[Any]:
    """Its components of that name; any, for the library's types are of all properties that there are."""
    return list(Calendar.from_ical(text).walk(name))


def test_a_single_meeting_comes_back_as_it_was() -> None:
    text = calendar_file(ONCE)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75  # RFC 5545 3.1
    assert "\n" not in text.replace("\r\n", "")
    (event,) = parts(text)
    assert event.start == BEGINS.replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert event.start.utcoffset() == timedelta(hours=7)
    assert event.end - event.start == timedelta(minutes=90)
    assert (event["uid"], event["sequence"]) == ("1@mcu", 3)
    assert (event["summary"], event["location"]) == (ONCE.title, ONCE.location)
    assert event["description"] == ONCE.description
    assert "rrule" not in event


def test_a_repeated_meeting_has_its_rule_its_exceptions_and_its_zone() -> None:
    text = calendar_file(WEEKLY)
    (event,) = parts(text)
    assert event["rrule"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270301T165959Z;BYDAY=MO,TH"
    (excepted,) = event["exdate"].dts
    assert excepted.dt == datetime(2026, 11, 26, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    zones = parts(text, "VTIMEZONE")
    assert [zone["tzid"] for zone in zones] == ["Asia/Ho_Chi_Minh"]
    assert text.index("VTIMEZONE") < text.index("VEVENT")


def test_a_zone_whose_clock_changes_is_written_out() -> None:
    plan = check(Plan(begins=datetime(2027, 1, 4, 9), zone="Europe/Berlin", minutes=60, rrule="FREQ=WEEKLY"))
    text = calendar_file(replace(ONCE, plan=plan))
    (zone,) = parts(text, "VTIMEZONE")
    changes = zone.walk("STANDARD") + zone.walk("DAYLIGHT")
    assert {change["tzoffsetto"].td for change in changes} == {timedelta(hours=1), timedelta(hours=2)}


def test_one_time_that_was_moved_has_an_event_of_its_own() -> None:
    moved = Moved(planned=datetime(2026, 11, 30, 8), begins=datetime(2026, 12, 1, 14), minutes=60)
    main, again = parts(calendar_file(replace(WEEKLY, moved=(moved,))))
    assert "recurrence-id" not in main
    assert again["recurrence-id"].dt == datetime(2026, 11, 30, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert again.start == datetime(2026, 12, 1, 14, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert again["uid"] == main["uid"]


def test_a_single_meeting_that_was_moved_is_then() -> None:
    moved = Moved(planned=BEGINS, begins=BEGINS + timedelta(hours=3), minutes=30)
    (event,) = parts(calendar_file(replace(ONCE, moved=(moved,))))
    assert event.start.hour == 11
    assert "recurrence-id" not in event


@pytest.mark.parametrize("title", ["X\r\nATTENDEE:mailto:a@b.c", "BEGIN:VALARM\nEND:VEVENT", 'a\\,;":b'])
def test_no_title_writes_lines_of_its_own(title: str) -> None:
    (event,) = parts(calendar_file(replace(ONCE, title=title)))
    assert event["summary"] == title.replace("\r\n", "\n")
    assert "attendee" not in event
    assert not event.subcomponents

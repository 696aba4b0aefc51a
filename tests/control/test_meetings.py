"""Planned meetings over the bus: made, changed, moved, cancelled, listed, as a calendar file."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from mcu.config import Settings
from mcu.errors import BadRequest, Conflict, NotFound, RoomNotFound
from mcu.models import schedule as rows
from tests.control.conftest import House, start, stop

ZONE = "Asia/Ho_Chi_Minh"  # the default
DAILY: dict[str, Any] = {
    "room": "1001",
    "title": "Giao ban",
    "begins": "2030-01-07T08:00",
    "rrule": "FREQ=DAILY;COUNT=4",
}


async def test_a_meeting_is_made_shown_and_listed(house: House) -> None:
    made = await house.call("meeting.create", **DAILY, call_before=30, minutes=90)
    assert (made["id"], made["sequence"], made["zone"], made["created_by"]) == (1, 0, "Asia/Ho_Chi_Minh", "local")
    assert (made["call_before"], made["warn_before"], made["ends"]) == (30, 10, False)
    first = datetime.fromisoformat("2030-01-07T08:00+07:00").timestamp()
    assert made["next"] == {
        "planned_at": first, "begins_at": first, "ends_at": first + 5400, "state": "planned", "moved": False,
    }  # fmt: skip
    assert await house.call("meeting.show", id=1) == made
    listed = await house.call("meeting.list", room="1001")
    assert [(m["id"], m["next"]) for m in listed["items"]] == [(1, made["next"])]
    assert listed["next"] is None
    assert ("meeting.changed", 1) in [(event, data.get("meeting")) for event, data in house.heard]


async def test_a_list_comes_in_pages(house: House) -> None:
    for _ in range(5):
        await house.call("meeting.create", **DAILY)
    seen: list[int] = []
    after: str | None = ""
    for _ in range(3):
        page = await house.call("meeting.list", limit=2, after=after)
        seen += [meeting["id"] for meeting in page["items"]]
        after = page["next"]
    assert (seen, after) == ([1, 2, 3, 4, 5], None)
    with pytest.raises(BadRequest):
        await house.call("meeting.list", after="1; drop table meetings")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"room": "7777"}, "7777"),
        ({"room": 5}, "room"),
        ({"title": ""}, "title"),
        ({"begins": "2020-01-01T08:00", "rrule": ""}, "over already"),
        ({"begins": None}, "begins"),
        ({"rrule": "FREQ=HOURLY"}, "FREQ"),
        ({"rrule": ["x"]}, "rrule"),
        ({"zone": "../x"}, "zone"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": True}, "minutes"),
        ({"call_before": -1}, "call_before"),
        ({"warn_before": 1.5}, "warn_before"),
        ({"exdates": "2030-01-07T08:00"}, "exdates"),
        ({"exdates": [7]}, "exdates"),
        ({"ends": "yes"}, "ends"),
    ],
)
async def test_what_is_wrong_is_said(house: House, wrong: dict[str, Any], says: str) -> None:
    with pytest.raises((BadRequest, RoomNotFound), match=says):
        await house.call("meeting.create", **{**DAILY, **wrong})
    assert (await house.call("meeting.list"))["items"] == []


@pytest.mark.parametrize("ident", [0, -1, "1", None, True, 2**40])
async def test_no_meeting_is_found_by_a_number_that_is_none(house: House, ident: object) -> None:
    with pytest.raises((BadRequest, NotFound)):
        await house.call("meeting.show", id=ident)


async def test_a_change_keeps_what_is_not_given_and_its_times_follow(house: House) -> None:
    await house.call("meeting.create", **DAILY, call_before=30)
    changed = await house.call("meeting.change", id=1, begins="2030-01-08T09:00", minutes=30)
    assert (changed["title"], changed["call_before"], changed["sequence"]) == ("Giao ban", 30, 1)
    assert [t["begins_at"] for t in changed["occurrences"]] == [changed["next"]["begins_at"]]
    assert changed["next"]["ends_at"] - changed["next"]["begins_at"] == 1800
    quiet = await house.call("meeting.change", id=1, call_before=None, title="Họp giao ban")
    assert (quiet["call_before"], quiet["title"], quiet["next"]) == (None, "Họp giao ban", changed["next"])
    with pytest.raises(BadRequest, match="first one is"):
        await house.call("meeting.change", id=1, rrule="FREQ=WEEKLY;BYDAY=SU")
    with pytest.raises(BadRequest, match="nothing to change"):
        await house.call("meeting.change", id=1)


async def test_one_time_is_moved_and_one_cancelled(house: House) -> None:
    await house.call("meeting.create", **DAILY)
    await house.call("meeting.move_occurrence", id=1, begins="2030-01-08T08:00", to="2030-01-08T14:00", minutes=30)
    shown = await house.call("meeting.cancel_occurrence", id=1, begins="2030-01-07T08:00")
    assert shown["exdates"] == ["2030-01-07T08:00:00"]
    assert (shown["next"]["moved"], shown["sequence"]) == (True, 2)
    assert shown["next"]["ends_at"] - shown["next"]["begins_at"] == 1800
    for begins in ("2030-01-07T08:00", "2030-01-07T09:00", "2030-01-11T08:00"):
        with pytest.raises(NotFound):
            await house.call("meeting.cancel_occurrence", id=1, begins=begins)
    longer = await house.call("meeting.change", id=1, minutes=120)
    assert [t["moved"] for t in longer["occurrences"]] == [False, True]  # it keeps its place
    assert (await house.call("meeting.show", id=1))["next"] == shown["next"]


@pytest.mark.parametrize("begins", ["2030-01-07T08:00", "2040-01-02T08:00"], ids=["soon", "too far ahead for a row"])
async def test_times_that_are_cancelled_together_are_all_cancelled(house: House, begins: str) -> None:
    await house.call("meeting.create", **DAILY | {"rrule": "FREQ=WEEKLY"})
    first = datetime.fromisoformat(begins)
    days = [(first + timedelta(weeks=n)).isoformat() for n in range(3)]
    calls = [house.call("meeting.cancel_occurrence", id=1, begins=day) for day in (*days, days[0])]
    done = await asyncio.gather(*calls, return_exceptions=True)
    assert (await house.call("meeting.show", id=1))["exdates"] == days
    assert [type(one) for one in done if isinstance(one, Exception)] in ([NotFound], [Conflict])  # the same one again


async def test_what_is_on_is_neither_moved_nor_cancelled_nor_taken_elsewhere(house: House) -> None:
    made = await house.call("meeting.create", **DAILY)
    await house.call("room.create", number="1002", name="Hai")
    record = house.control.controller.record
    (row,) = await record.write(rows.occurrences, made["id"])
    record.soon("on", lambda session: rows.advance(session, row.id, "running", row.ends_at))
    for call in (
        {"name": "meeting.cancel_occurrence"},
        {"name": "meeting.move_occurrence", "to": "2030-01-09T08:00"},
    ):
        with pytest.raises(Conflict, match="running"):
            await house.call(call.pop("name"), id=1, begins="2030-01-07T08:00", **call)
    with pytest.raises(Conflict, match="is on"):
        await house.call("meeting.change", id=1, room="1002")


async def test_another_meeting_at_the_same_time_is_told(house: House) -> None:
    soon = {"room": "1001", "zone": "UTC", "minutes": 60}
    day = datetime.fromtimestamp(house.control.controller.since + 86400).date()
    await house.call("meeting.create", **soon, title="Một", begins=f"{day}T08:00", rrule="FREQ=DAILY;COUNT=5")
    after = await house.call("meeting.create", **soon, title="Hai", begins=f"{day}T09:00")
    assert after["warnings"] == []
    during = await house.call("meeting.create", **soon, title="Ba", begins=f"{day}T08:30")
    assert [(w["code"], w["title"]) for w in during["warnings"]] == [("overlap", "Một"), ("overlap", "Hai")]
    assert "'Một' too" in during["warnings"][0]["text"]
    to, free = f"{day + timedelta(days=6)}T08:30", f"{day + timedelta(days=5)}T12:00"
    await house.call("meeting.create", **soon, title="Chồng", begins=to)
    moved = await house.call("meeting.move_occurrence", id=1, begins=f"{day + timedelta(days=1)}T08:00", to=free)
    assert moved["warnings"] == []  # what else this meeting meets with was told when it was made
    moved = await house.call("meeting.move_occurrence", id=1, begins=f"{day + timedelta(days=2)}T08:00", to=to)
    assert [w["title"] for w in moved["warnings"]] == ["Chồng"]
    long = {**soon, "minutes": 1440}
    itself = await house.call("meeting.create", **long, title="Dài", begins=f"{day}T23:00", rrule="FREQ=DAILY;COUNT=2")
    assert "Dài" not in [w["title"] for w in itself["warnings"]]


async def test_a_time_that_was_cancelled_is_held_after_all(house: House) -> None:
    begins = (datetime.now(ZoneInfo(ZONE)) + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    first, second = (f"{begins + timedelta(days=n):%Y-%m-%dT%H:%M:%S}" for n in range(2))
    made = await house.call("meeting.create", **DAILY | {"begins": first})
    for one in (first, second):
        await house.call("meeting.cancel_occurrence", id=1, begins=one)
    restored = await house.call("meeting.change", id=1, exdates=[first])
    assert restored["exdates"] == [first]
    planned = [one for one in times(restored) if one[1] == "planned"]
    assert planned == times(made)[1:]


async def test_a_room_that_is_deleted_takes_its_meetings_along(house: House) -> None:
    await house.call("room.create", number="1002", name="Hai")
    await house.call("meeting.create", **{**DAILY, "room": "1002"})
    await house.call("room.delete", number="1002")
    assert (await house.call("meeting.list"))["items"] == []


async def test_the_calendar_file_says_when_and_how_to_get_there(house: House) -> None:
    await house.call("meeting.create", **DAILY, call_before=30)
    await house.call("meeting.cancel_occurrence", id=1, begins="2030-01-09T08:00")
    await house.call("meeting.move_occurrence", id=1, begins="2030-01-10T08:00", to="2030-01-10T15:00")
    file = await house.call("meeting.calendar", id=1)
    assert file["name"] == "meeting-1.ics"
    main, moved = cast("list[Any]", Calendar.from_ical(file["ics"]).walk("VEVENT"))
    assert (main["summary"], main["sequence"]) == ("Giao ban", 2)
    assert "1001@" in main["location"]
    assert "gọi các điểm cầu 30 phút trước" in main["description"]
    assert [one.dt.isoformat() for one in main["exdate"].dts] == ["2030-01-09T08:00:00+07:00"]
    assert moved.start.isoformat() == "2030-01-10T15:00:00+07:00"


@pytest.mark.parametrize("bind", ["0.0.0.0", "::"])
async def test_the_calendar_file_names_no_address_that_nobody_else_can_reach(settings: Settings, bind: str) -> None:
    """Of a machine that listens on all its addresses we do not know which one terminals are told."""
    house = await start(settings.model_copy(update={"sip": settings.sip.model_copy(update={"bind": bind})}))
    try:
        await house.call("meeting.create", **DAILY)
        file = await house.call("meeting.calendar", id=1)
        (event,) = cast("list[Any]", Calendar.from_ical(file["ics"]).walk("VEVENT"))
        assert event["location"] == "Phòng họp 1001"
        assert not any(word in event["description"] for word in ("127.0.0.1", "::", "0.0.0.0", "SIP:", "H.323:"))
        assert "gọi số 1001" in event["description"]
    finally:
        await stop(house)


async def test_the_calendar_file_is_in_the_rooms_language_and_names_the_address_outside(settings: Settings) -> None:
    sip = settings.sip.model_copy(update={"bind": "0.0.0.0", "external_address": "203.0.113.10", "port": 5070})
    house = await start(settings.model_copy(update={"sip": sip}))
    try:
        await house.call("room.create", number="1002", name="Board", language="en")
        await house.call("meeting.create", **DAILY | {"room": "1002"}, call_before=30)
        file = await house.call("meeting.calendar", id=1)
        (event,) = cast("list[Any]", Calendar.from_ical(file["ics"]).walk("VEVENT"))
        assert event["location"].startswith("Room 1002; SIP: 1002@203.0.113.10:5070")
        assert "dial 1002" in event["description"]
        assert "calls the sites 30 minutes before" in event["description"]
    finally:
        await stop(house)


def times(meeting: dict[str, Any]) -> list[tuple[str, str]]:
    """When its times begin, by the clock there, and their states."""
    zone = ZoneInfo(ZONE)
    told = sorted(meeting["occurrences"], key=lambda one: one["begins_at"])
    return [(f"{datetime.fromtimestamp(one['begins_at'], zone):%d %H:%M}", one["state"]) for one in told]


async def test_what_is_cancelled_or_moved_stays_so_when_the_hour_of_the_series_is_changed(house: House) -> None:
    begins = (datetime.now(ZoneInfo(ZONE)) + timedelta(days=1)).replace(hour=8, minute=0, second=0)
    days = [(begins + timedelta(days=n)).replace(tzinfo=None, microsecond=0) for n in range(4)]
    await house.call("meeting.create", **DAILY | {"begins": days[0].isoformat()})
    await house.call("meeting.cancel_occurrence", id=1, begins=days[1].isoformat())
    await house.call("meeting.move_occurrence", id=1, begins=days[2].isoformat(), to=f"{days[2]:%Y-%m-%d}T14:00")
    changed = await house.call("meeting.change", id=1, begins=days[0].replace(hour=9).isoformat())
    d = [f"{day:%d}" for day in days]
    assert [one for one in times(changed) if one[1] == "planned"] == [
        (f"{d[0]} 09:00", "planned"), (f"{d[2]} 14:00", "planned"), (f"{d[3]} 09:00", "planned"),
    ]  # fmt: skip
    assert changed["exdates"] == [days[1].replace(hour=9).isoformat()]
    (moved,) = [one for one in changed["occurrences"] if one["moved"]]
    assert datetime.fromtimestamp(moved["planned_at"], begins.tzinfo).hour == 9
    main, again = Calendar.from_ical((await house.call("meeting.calendar", id=1))["ics"]).walk("VEVENT")
    assert [one.dt.hour for one in cast("Any", main)["exdate"].dts] == [9]
    assert (cast("Any", again)["recurrence-id"].dt.hour, cast("Any", again).start.hour) == (9, 14)


async def test_one_meeting_that_took_place_elsewhen_is_planned_anew(house: House) -> None:
    """It was moved, and took place then: the file tells of the new day alone, also when that is moved."""
    once = {key: value for key, value in DAILY.items() if key != "rrule"}
    await house.call("meeting.create", **once)
    await house.call("meeting.move_occurrence", id=1, begins=DAILY["begins"], to="2030-01-08T08:00")
    record = house.control.controller.record
    (row,) = await record.write(rows.occurrences, 1)
    record.soon("over", lambda session: rows.advance(session, row.id, "ended", row.ends_at))
    await house.call("meeting.change", id=1, begins="2030-01-14T08:00")
    (event,) = Calendar.from_ical((await house.call("meeting.calendar", id=1))["ics"]).walk("VEVENT")
    assert cast("Any", event).start.isoformat() == "2030-01-14T08:00:00+07:00"
    await house.call("meeting.move_occurrence", id=1, begins="2030-01-14T08:00", to="2030-01-15T10:00")
    (event,) = Calendar.from_ical((await house.call("meeting.calendar", id=1))["ics"]).walk("VEVENT")
    assert cast("Any", event).start.isoformat() == "2030-01-15T10:00:00+07:00"


async def test_one_meeting_that_was_moved_is_held_when_it_is_said_to_be(house: House) -> None:
    once = {key: value for key, value in DAILY.items() if key != "rrule"}
    await house.call("meeting.create", **once)
    await house.call("meeting.move_occurrence", id=1, begins=DAILY["begins"], to="2030-01-08T08:00")
    changed = await house.call("meeting.change", id=1, begins="2030-01-07T09:00")
    assert times(changed) == [("07 09:00", "planned")]

"""Planned meetings in a whole control process: sites called, begin, warning, end, and what may come between."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from mcu.config import Settings
from mcu.control.schedule.scheduler import SCHEDULE, SETTLE, Scheduler
from mcu.errors import AsteriskDown
from mcu.models import Database
from mcu.models import schedule as rows
from mcu.models.tables import ConferenceRow
from tests.control.conftest import House, start, stop

MINUTE = 60.0


class Clock:
    """The machine's, as far ahead as a test says; ``step`` is somebody who sets it."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.stepped = 0.0

    def time(self) -> float:
        return time.time() + self.ahead + self.stepped

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def advance(self, minutes: float) -> None:
        self.ahead += 60 * minutes

    def step(self, minutes: float) -> None:
        self.stepped += 60 * minutes


class Desk:
    """A control process whose meetings go by a clock of the test's."""

    def __init__(self, house: House, clock: Clock) -> None:
        self.house, self.clock = house, clock
        self.done: list[dict[str, Any]] = []
        self.fails: Exception | None = None
        self.scheduler = Scheduler(house.control.controller, self.do, clock)
        house.control.controller.listeners.append(self.scheduler.hear)

    async def do(self, method: str, args: dict[str, Any]) -> Any:
        if self.fails:
            raise self.fails
        self.done.append({"method": method, **args})
        return await self.house.control.gate.run(SCHEDULE, method, args)

    async def look(self, minutes: float = 0) -> list[str]:
        """What is told of meetings by a look so many minutes later."""
        self.clock.advance(minutes)
        before = len(self.house.heard)
        await self.scheduler.look()
        await self.house.call("status")  # what was told before that is heard by now
        told = [event for event, _ in self.house.heard[before:]]
        return [e for e in told if e.startswith("meeting.") or e == "conference.ending"]

    async def plan(self, minutes: float = 60, *, lasts: int = 60, **values: Any) -> dict[str, Any]:
        """One that begins in so many minutes."""
        begins = datetime.fromtimestamp(self.clock.time() + 60 * minutes, UTC).replace(tzinfo=None, microsecond=0)
        args = {"room": "1001", "title": "Giao ban", "zone": "UTC", "minutes": lasts, "begins": begins.isoformat()}
        made: dict[str, Any] = await self.house.call("meeting.create", **{**args, **values})
        self.scheduler.changed()
        return made

    async def state(self, meeting: int) -> list[str]:
        return [row.state for row in await self.house.control.controller.record.write(rows.occurrences, meeting)]


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house, Clock())


async def test_a_meeting_from_the_first_call_to_its_end(desk: Desk) -> None:
    made = await desk.plan(60, call_before=15, warn_before=10, ends=True)
    assert await desk.look(44) == []
    assert await desk.look(1.1) == ["meeting.calling"]
    assert desk.done == [{"method": "call.all", "room": "1001", "who": "absent", "tries": 5}]
    assert await desk.look() == []
    await desk.house.dial("Xã A")
    assert await desk.look(15) == ["meeting.began"]
    direction = await desk.house.call("room.direction", room="1001")
    assert direction["ends_at"] == pytest.approx(made["next"]["ends_at"])
    assert await desk.look(50) == ["conference.ending"]
    ending = next(data for event, data in desk.house.heard if event == "conference.ending")
    assert (ending["room"], ending["minutes"], ending["title"]) == ("1001", 10, "Giao ban")
    assert await desk.house.call("participant.list", room="1001")
    assert await desk.look(10) == ["meeting.ended"]
    await desk.house.until(lambda: not desk.house.switch.members)
    assert await desk.state(made["id"]) == ["ended"]
    assert await desk.look(600) == []


async def test_a_fault_in_one_meeting_holds_no_other_up(desk: Desk) -> None:
    """Nor is it forgotten: its step is tried again at the next look."""
    await desk.house.call("room.create", number="1002", name="Tập huấn")
    await desk.plan(60, call_before=15)
    await desk.plan(60, call_before=15, room="1002")
    steps = desk.scheduler._steps
    take, faults = steps.take, 1

    async def takes(what: Any, one: Any, *more: Any) -> None:
        nonlocal faults
        if one.room == "1001" and faults:
            faults -= 1
            raise RuntimeError("a fault of ours")
        await take(what, one, *more)

    steps.take = takes  # type: ignore[assignment,method-assign]
    assert await desk.look(46) == ["meeting.calling"]
    assert desk.done[-1]["room"] == "1002"
    assert await desk.look() == ["meeting.calling"]
    assert desk.done[-1]["room"] == "1001"


async def test_a_meeting_that_does_not_end_lets_people_talk_on(desk: Desk) -> None:
    await desk.plan(1)
    await desk.house.dial("Xã A")
    assert await desk.look(1.1) == ["meeting.began"]
    assert await desk.look(61) == ["meeting.ended"]
    assert desk.house.switch.members
    assert (await desk.house.call("room.direction", room="1001"))["ends_at"] is None


async def test_the_chair_is_warned_on_the_picture(desk: Desk) -> None:
    await desk.plan(1)
    chair = await desk.house.dial("Chủ trì")
    await desk.house.call("room.act", room="1001", act="chair", participant=chair)
    await desk.look(1.1)
    assert await desk.look(50) == ["conference.ending"]
    banner = desk.done[-1]
    assert (banner["act"], banner["participant"], banner["text"]) == ("banner", chair, "Còn 10 phút là hết giờ họp")


async def test_an_end_that_is_put_off_is_warned_of_again(desk: Desk) -> None:
    made = await desk.plan(1, ends=True)
    await desk.house.dial("Xã A")
    await desk.look(1.1)
    assert await desk.look(51) == ["conference.ending"]
    await desk.house.call("room.act", room="1001", act="extend", minutes=30)
    assert await desk.look(9) == []
    assert await desk.look(19.9) == ["conference.ending"]
    assert desk.house.switch.members
    shown = await desk.house.call("meeting.show", id=made["id"])
    assert shown["occurrences"][0]["ends_at"] == pytest.approx(made["next"]["ends_at"] + 1800)
    assert await desk.look(10) == ["meeting.ended"]
    await desk.house.until(lambda: not desk.house.switch.members)


async def test_the_conference_is_known_as_that_meeting_s(desk: Desk) -> None:
    made = await desk.plan(60, call_before=15)
    await desk.look(46)
    await desk.house.dial("Xã A")
    record = desk.house.control.controller.record

    def of(database: Database) -> list[int | None]:
        with database.session() as session:
            return [row.occurrence_id for row in session.query(ConferenceRow)]

    (occurrence,) = await record.write(rows.occurrences, made["id"])
    assert await record.write(of) == [occurrence.id]


async def test_a_restart_at_each_point_leaves_out_and_repeats_nothing(settings: Settings) -> None:
    """A new process after every step finds what is left to do in the rows."""
    clock, told, switch = Clock(), [], None
    meeting = 0
    for minutes in (0, 30, 16, 0, 15, 0, 51, 0, 10, 0, 600):
        house = await start(settings, switch)
        switch = house.switch
        desk = Desk(house, clock)
        if not meeting:
            meeting = (await desk.plan(60, call_before=15, ends=True))["id"]
        told += await desk.look(minutes)
        if told == ["meeting.calling"] and not switch.members:
            await house.dial("Xã A")
        await stop(house)
    assert told == ["meeting.calling", "meeting.began", "conference.ending", "meeting.ended"]
    assert switch is not None
    assert not switch.members


async def test_an_end_that_was_never_written_down_is_known_again_after_a_restart(settings: Settings) -> None:
    """The power went before the record had it; the occurrence knows it all the same."""
    clock = Clock()
    first = await start(settings)
    desk = Desk(first, clock)
    made = await desk.plan(1)
    await first.dial("Xã A")
    await desk.look(1.1)

    def forget(session: Session) -> None:
        (row,) = session.scalars(select(ConferenceRow))
        row.direction = {**row.direction, "ends_at": None}

    first.control.controller.record.soon("forget", forget)
    await stop(first)
    second = await start(settings, first.switch)
    await Desk(second, clock).look()
    direction = await second.call("room.direction", room="1001")
    assert direction["ends_at"] == pytest.approx(made["next"]["ends_at"])
    await stop(second)


async def test_what_control_slept_through_was_missed_and_that_is_told(desk: Desk) -> None:
    made = await desk.plan(60, call_before=15, ends=True)
    await desk.house.dial("Xã A")
    assert await desk.look(180) == ["meeting.missed"]
    assert await desk.state(made["id"]) == ["missed"]
    assert desk.house.switch.members
    assert desk.done == []
    assert [n["code"] for n in (await desk.house.call("status"))["notices"]] == ["meeting_missed"]


async def test_within_its_time_it_begins_late(desk: Desk) -> None:
    await desk.plan(60, call_before=15)
    assert await desk.look(90) == ["meeting.calling", "meeting.began"]
    (notice,) = (await desk.house.call("status"))["notices"]
    assert notice["code"] == "meeting_late"
    assert "30 minutes late" in notice["text"]


async def test_a_clock_that_is_set_forward_and_taken_back_ends_nothing(desk: Desk) -> None:
    await desk.plan(1, ends=True)
    await desk.house.dial("Xã A")
    assert await desk.look(1.1) == ["meeting.began"]
    desk.clock.step(24 * 60)
    assert await desk.look() == []
    desk.clock.step(-24 * 60)
    assert await desk.look() == []
    assert desk.house.switch.members
    notices = [n["text"] for n in (await desk.house.call("status"))["notices"] if n["code"] == "clock_changed"]
    assert notices == ["The clock of this machine was set by +86400 s", "The clock of this machine was set by -86400 s"]
    assert await desk.look(50) == ["conference.ending"]
    assert await desk.look(10) == ["meeting.ended"]


async def test_a_clock_that_stays_set_forward_is_believed_after_a_while(desk: Desk) -> None:
    await desk.plan(1, warn_before=0)
    assert await desk.look(1.1) == ["meeting.began"]
    desk.clock.step(120)
    assert await desk.look() == []
    assert await desk.look(SETTLE / 60 + 0.1) == ["meeting.ended"]


async def test_a_clock_that_is_put_back_repeats_nothing(desk: Desk) -> None:
    await desk.plan(10, call_before=5)
    assert await desk.look(10.1) == ["meeting.calling", "meeting.began"]
    desk.clock.step(-30)
    assert await desk.look() == []
    assert await desk.look(30) == []
    assert await desk.look(50) == ["conference.ending"]


async def test_the_next_meeting_s_people_are_not_disconnected(desk: Desk) -> None:
    """One after the other in one room: the second one's sites are called while the first is on."""
    await desk.plan(1, ends=True, warn_before=0)
    await desk.plan(61, call_before=10, warn_before=0)
    await desk.look(1.1)
    assert await desk.look(50) == ["meeting.calling"]
    await desk.house.dial("Xã B")
    assert await desk.look(10) == ["meeting.ended", "meeting.began"]
    assert desk.house.switch.members


async def test_of_two_meetings_at_one_time_each_ends_at_its_own(desk: Desk) -> None:
    first = await desk.plan(1, title="A", warn_before=0)
    second = await desk.plan(31, title="B", warn_before=0, lasts=10)
    third = await desk.plan(51, title="C", warn_before=0)
    await desk.house.dial("Xã A")
    assert await desk.look(1.1) == ["meeting.began"]
    assert await desk.look(30) == ["meeting.began"]
    assert await desk.look(10) == ["meeting.ended"]
    direction = await desk.house.call("room.direction", room="1001")
    assert direction["ends_at"] == pytest.approx(first["next"]["ends_at"])
    assert await desk.look(10) == ["meeting.began"]
    assert await desk.look(10) == ["meeting.ended"]
    assert [await desk.state(one["id"]) for one in (first, second, third)] == [["ended"], ["ended"], ["running"]]
    for one in (first, second, third):
        shown = await desk.house.call("meeting.show", id=one["id"])
        assert shown["occurrences"][0]["ends_at"] == pytest.approx(one["next"]["ends_at"])
    assert await desk.look(50) == ["meeting.ended"]


async def test_a_step_that_cannot_be_taken_now_is_taken_later(desk: Desk) -> None:
    made = await desk.plan(60, call_before=15)
    desk.fails = AsteriskDown("away")
    assert await desk.look(46) == ["meeting.calling"]
    assert await desk.state(made["id"]) == ["planned"]
    desk.fails = None
    assert await desk.look(1) == []  # it was told already
    assert [one["method"] for one in desk.done] == ["call.all"]
    assert await desk.state(made["id"]) == ["called"]


async def test_a_meeting_that_is_cancelled_or_deleted_is_not_held(desk: Desk) -> None:
    daily = await desk.plan(60, rrule="FREQ=DAILY;COUNT=3", call_before=5)
    other = await desk.plan(60, room="1001", title="Khác")
    await desk.look()
    await desk.house.call("meeting.cancel_occurrence", id=daily["id"], begins=daily["begins"])
    await desk.house.call("meeting.delete", id=other["id"])
    desk.scheduler.changed()
    assert await desk.look(61) == []
    assert await desk.state(daily["id"]) == ["cancelled", "planned", "planned"]
    assert "meeting.calling" in await desk.look(24 * 60)


async def test_rows_are_made_of_meetings_far_away_when_their_time_comes(desk: Desk) -> None:
    ahead = 200
    while (begins := datetime.now(UTC) + timedelta(days=ahead)).day > 27:  # not every month has the last ones
        ahead += 1
    made = await desk.plan(ahead * 24 * 60, rrule="FREQ=MONTHLY")
    assert len(made["occurrences"]) == 1
    assert made["next"]["begins_at"] == pytest.approx(begins.timestamp(), abs=120)
    await desk.look(150 * 24 * 60)
    assert len(await desk.state(made["id"])) == 2

"""Steps of a planned meeting that meet with something: a chair or sites that are away, a former meeting's people."""

from __future__ import annotations

import pytest

from mcu.core.languages import LANGUAGES
from mcu.errors import NotPermitted
from tests.control.conftest import House
from tests.control.test_scheduler import Clock, Desk


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house, Clock())


async def test_a_chair_whose_line_has_just_broken_is_warned_when_it_is_back(desk: Desk) -> None:
    house = desk.house
    made = await desk.plan(1)
    chair, _ = await house.dial("Chủ trì"), await house.dial("Xã A")
    await house.call("room.act", room="1001", act="chair", participant=chair)
    await desk.look(1.1)
    conference = house.control.controller.bridge.conferences["1001"]
    conference.expect(chair)  # as a dialled site is
    member = house.switch.members["PJSIP/t-site-00000100"]
    house.switch.leave(member.channel)
    await house.until(lambda: chair not in conference.present)
    assert await desk.look(50) == ["conference.ending"]
    assert await desk.state(made["id"]) == ["running"]
    assert [n for n in (await house.call("status"))["notices"] if n["code"] == "meeting_step_failed"] == []
    assert await desk.look(2) == []  # that it ends is told once
    house.switch.join(chair, "1001", channel=member.channel, name=member.name, number="2001")
    await house.until(lambda: chair in conference.present)
    assert await desk.look(1) == []
    assert conference.direction.banners[chair].text == "Còn 7 phút là hết giờ họp"
    assert await desk.state(made["id"]) == ["warned"]


async def test_a_chair_who_does_not_come_back_holds_no_meeting_up(desk: Desk) -> None:
    made = await desk.plan(1)
    chair = await desk.house.dial("Chủ trì")
    await desk.house.call("room.act", room="1001", act="chair", participant=chair)
    await desk.look(1.1)
    conference = desk.house.control.controller.bridge.conferences["1001"]
    conference.expect(chair)
    desk.house.switch.leave("PJSIP/t-site-00000100")
    await desk.house.until(lambda: chair not in conference.present)
    assert await desk.look(50) == ["conference.ending"]
    assert await desk.look(10) == ["meeting.ended"]
    assert await desk.state(made["id"]) == ["ended"]


async def test_who_is_on_the_way_back_at_the_end_is_waited_for_no_more(desk: Desk) -> None:
    await desk.plan(1, ends=True, warn_before=0)
    site = await desk.house.dial("Xã A")
    await desk.look(1.1)
    bridge = desk.house.control.controller.bridge
    bridge.conferences["1001"].expect(site)
    desk.house.switch.leave("PJSIP/t-site-00000100")
    await desk.house.until(lambda: not bridge.conferences["1001"].present)
    assert await desk.look(60) == ["meeting.ended"]
    assert "1001" not in bridge.conferences or not bridge.conferences["1001"].id


async def test_sites_that_never_came_are_called_no_more_after_the_end(desk: Desk) -> None:
    await desk.plan(1, ends=True, warn_before=0)
    await desk.look(1.1)
    await desk.house.call("call.dial", room="1001", address="sip:a@10.0.0.7", tries=5)
    assert await desk.look(60) == ["meeting.ended"]
    assert await desk.house.call("call.list") == []


async def test_sites_that_are_called_after_the_end_are_another_meetings(desk: Desk) -> None:
    await desk.plan(1, ends=True, warn_before=0, lasts=60)
    await desk.look(1.1)
    desk.clock.advance(70)  # control was busy elsewhere
    call = await desk.house.call("call.dial", room="1001", address="sip:a@10.0.0.7", tries=5)
    (listed,) = desk.house.control.controller.bridge.dial_out
    listed.began_at = desk.clock.time()
    assert await desk.look() == ["meeting.ended"]
    assert [one["id"] for one in await desk.house.call("call.list")] == [call["id"]]


async def conferences(house: House) -> list[tuple[str, bool, bool]]:
    """The oldest first: title of the meeting, whether it is a test session, whether it is on."""
    items = (await house.call("conference.list"))["items"]
    return [(one["title"], one["test"], one["ended_at"] is None) for one in reversed(items)]


async def present(house: House, title: str) -> list[str]:
    items = (await house.call("conference.list"))["items"]
    (ident,) = [one["id"] for one in items if one["title"] == title]
    return [one["name"] for one in (await house.call("conference.show", id=ident))["sites"]]


async def test_of_two_meetings_one_after_the_other_each_has_its_own_minutes(desk: Desk) -> None:
    house = desk.house
    await desk.plan(1, title="A", lasts=30, warn_before=0)
    await desk.plan(31, title="B", lasts=30, warn_before=0)
    stays, goes = await house.dial("Xã A"), await house.dial("Xã B")
    await desk.look(1.1)
    await house.call("room.act", room="1001", act="roll_call")
    await house.call("room.act", room="1001", act="roll_call_next", mark="present")
    await house.call("room.act", room="1001", act="roll_call_end")
    await house.call("room.act", room="1001", act="chair", participant=stays)
    house.switch.leave("PJSIP/t-site-00000101")
    bridge = house.control.controller.bridge
    await house.until(lambda: goes not in bridge.conferences["1001"].present)
    assert await desk.look(30) == ["meeting.ended", "meeting.began"]
    assert await conferences(house) == [("A", False, False), ("B", False, True)]
    assert (await present(house, "A"), await present(house, "B")) == (["Xã A", "Xã B"], ["Xã A"])
    direction = await house.call("room.direction", room="1001")
    assert (direction["chair"], direction["roll_call"], direction["undo"]) == (stays, None, "")
    joined = [event for event, _ in house.heard if event == "participant.joined"]
    assert len(joined) == 2  # nobody came or went for it
    assert await desk.look(30) == ["meeting.ended"]
    house.switch.leave("PJSIP/t-site-00000100")
    await house.until(lambda: "1001" not in bridge.conferences or not bridge.conferences["1001"].id)
    assert await conferences(house) == [("A", False, False), ("B", False, False)]


async def test_a_meeting_that_follows_a_test_session_is_none(desk: Desk) -> None:
    """The sites that were tested have stayed."""
    house = desk.house
    site = await house.call("site.create", name="Xã B")
    await house.call("terminal.create", name="b", password="long-enough-1", site=site["id"])
    begun = await house.call("test.start", room="1001", sites=[site["id"]])
    await desk.plan(1, call_before=None)
    await house.dial("Xã A")
    assert (await house.call("room.direction", room="1001"))["conference"] == begun["conference"]
    assert await desk.look(1.1) == ["meeting.began"]
    assert await conferences(house) == [("", True, False), ("Giao ban", False, True)]
    assert await present(house, "Giao ban") == ["Xã A"]
    await house.call("test.stop", room="1001")


async def test_a_meeting_in_which_a_site_is_tested_stays_one(desk: Desk) -> None:
    house = desk.house
    await desk.plan(1, call_before=None)
    await house.dial("Xã A")
    await desk.look(1.1)
    site = await house.call("site.create", name="Xã A")
    await house.call("test.start", room="1001", sites=[site["id"]])
    await house.call("test.stop", room="1001")
    assert await conferences(house) == [("Giao ban", False, True)]


async def test_a_step_that_failed_is_told_of_its_room_and_stands_in_the_minutes(desk: Desk) -> None:
    house = desk.house
    await desk.plan(1)
    chair = await house.dial("Chủ trì")
    await house.call("room.act", room="1001", act="chair", participant=chair)
    await desk.look(1.1)
    desk.fails = NotPermitted("the room is being changed")
    await desk.look(50)
    (notice,) = [n for n in (await house.call("status"))["notices"] if n["code"] == "meeting_step_failed"]
    assert notice["room"] == "1001"
    ident = house.control.controller.history.conference("1001")
    told = {}
    for language in LANGUAGES:
        made = await house.call("conference.minutes", id=ident, format="json", language=language)
        told[language] = [event["text"] for event in made["events"] if event["kind"] == "notice"]
    assert [len(texts) for texts in told.values()] == [1, 1]
    assert told["en"][0].endswith("(the room is being changed)")
    assert "Giao ban" in told["vi"][0]
    assert told["vi"][0].endswith("(không có quyền thực hiện)")

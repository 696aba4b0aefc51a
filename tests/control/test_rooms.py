"""Rooms as control keeps them: changed whole or not at all, locked, full, and known to Asterisk alone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from mcu.config import Limits, Settings
from mcu.core.entry.answers import Admit, Ask, Refuse
from mcu.errors import BadRequest, Conflict, Unavailable
from mcu.models import rows
from tests.control.conftest import House, request, start, stop


async def test_a_locked_room_lets_nobody_in_until_its_last_one_leaves(house: House) -> None:
    await house.dial()
    await house.call("room.act", room="1001", act="lock", on=True)
    assert house.switch.locked == {"1001"}
    answer = await house.control.controller.entry(request(channel="PJSIP/t-b-00000009"))
    assert isinstance(answer, Refuse)
    assert answer.prompt == "mcu-room-locked"
    house.switch.leave(next(iter(house.switch.members)))
    assert (await house.call("room.show", number="1001"))["locked"] is False


async def test_a_pin_is_asked_of_strangers_and_shown_to_who_asks_for_it(house: House) -> None:
    await house.call("room.create", number="2001", name="Kín", pin="4711")
    stranger = request(room="2001", door="guest")
    assert isinstance(await house.control.controller.entry(stranger), Ask)
    wrong = replace(stranger, pin="4712", pin_tries=1)
    assert isinstance(await house.control.controller.entry(wrong), Ask)
    assert isinstance(await house.control.controller.entry(replace(wrong, pin="4711", pin_tries=2)), Admit)
    assert await house.call("room.pin", number="2001") == {"pin": "4711", "host_pin": ""}
    assert (await house.call("room.change", number="2001", pin=""))["asks_pin"] is False
    assert await house.call("room.pin", number="2001") == {"pin": "", "host_pin": ""}
    with pytest.raises(BadRequest, match="pin must be 4 to 12 digits"):
        await house.call("room.change", number="2001", pin="47a1")
    assert not [data for _, data in house.heard if "4711" in str(data)]


async def test_a_pin_outlives_control(house: House, settings: Settings) -> None:
    await house.call("room.change", number="1001", pin="123456")
    await stop(house)
    again = await start(settings, house.switch)
    assert await again.call("room.pin", number="1001") == {"pin": "123456", "host_pin": ""}
    await stop(again)


async def test_a_lock_that_asterisk_refuses_locks_nobody_out(house: House) -> None:
    who = await house.dial()
    await house.call("room.act", room="1001", act="broadcast", participant=who)
    house.switch.refuses.add("lock")
    with pytest.raises(BadRequest):
        await house.call("room.act", room="1001", act="lock", on=True)
    assert (await house.call("room.show", number="1001"))["locked"] is False
    assert (await house.call("room.direction", room="1001"))["undo"] == "broadcast"
    assert isinstance(await house.control.controller.entry(request(channel="PJSIP/t-b-00000009")), Admit)


@pytest.mark.parametrize("in_the_way", ["a lock", "the disk"])
async def test_a_room_is_changed_whole_or_not_at_all(
    house: House, in_the_way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.dial()
    before = await house.call("room.show", number="1001")
    if in_the_way == "a lock":
        house.switch.refuses.add("lock")
    else:

        async def fail(*_: object, **__: object) -> None:
            raise Unavailable("the disk is full")

        monkeypatch.setattr(house.control.controller.record, "write", fail)
    change = {"name": "Mới", "guests": False, "layout": "2x2", "locked": True}
    with pytest.raises((BadRequest, Unavailable)):
        await house.call("room.change", number="1001", **change)
    assert await house.call("room.show", number="1001") == before
    assert house.switch.locked == set()
    monkeypatch.undo()
    house.switch.refuses.clear()
    changed = await house.call("room.change", number="1001", **change)
    assert {key: changed[key] for key in change} == change
    kept = {row.number: row for row in await house.control.controller.record.write(rows.rooms)}["1001"]
    assert (kept.name, kept.guests, kept.layout, kept.locked) == ("Mới", False, "2x2", True)


async def test_a_room_that_only_asterisk_knows_can_be_made(house: House) -> None:
    house.switch.join("0a0b0c0d", "7777", name="Lạ")
    assert (await house.call("room.show", number="7777"))["participants"][0]["name"] == "Lạ"
    made = await house.call("room.create", number="7777", name="Họp khẩn")
    assert (made["name"], made["open"], made["participants"]) == ("Họp khẩn", True, 1)
    with pytest.raises(Conflict):
        await house.call("room.create", number="7777", name="Lại")


async def test_the_limits_are_those_of_the_settings(settings: Settings) -> None:
    limited = settings.model_copy(update={"limits": Limits(room_members=1, members=2)})
    house = await start(limited)
    try:
        await house.call("room.create", number="2002", name="Hai")
        await house.dial()
        answer = await house.control.controller.entry(request(channel="PJSIP/t-b-00000009"))
        assert isinstance(answer, Refuse)
        assert answer.prompt == "mcu-room-full"
        await house.dial(room="2002")
        answer = await house.control.controller.entry(request(channel="PJSIP/t-b-0000000a", room="2002"))
        assert isinstance(answer, Refuse)
        assert answer.prompt == "mcu-bridge-full"
        codes = [notice["code"] for notice in (await house.call("status"))["notices"]]
        assert codes == ["room_full", "bridge_full"]
    finally:
        await stop(house)


async def test_all_microphones_are_closed_or_none(house: House) -> None:
    people = [await house.dial(name) for name in ("Huế", "Đà Nẵng", "Vinh")]
    await house.call("room.act", room="1001", act="mute", participant=people[0], on=True)
    lost = next(c for c, m in house.switch.members.items() if m.participant == people[2])
    house.switch.refused_channels.add(lost)
    mute_all = partial(house.call, "room.act", room="1001", act="mute_all", except_chair=False)
    with pytest.raises(BadRequest):
        await mute_all(on=True)
    assert [m.muted for m in house.switch.members.values()] == [True, False, False]
    assert (await mute_all(on=True, only=people[:2]))["changed"] == [people[1]]
    house.switch.refused_channels.clear()
    assert (await mute_all(on=False))["changed"] == people[:2]


async def test_rooms_that_want_no_guests_refuse_them(house: House) -> None:
    await house.call("room.change", number="1001", guests=False)
    answer = await house.control.controller.entry(request(door="guest"))
    assert isinstance(answer, Refuse)
    assert answer.prompt == "mcu-no-guests"
    assert isinstance(await house.control.controller.entry(request(channel="PJSIP/t-b-00000009")), Admit)


async def test_a_room_that_somebody_chairs_stays_until_that_is_changed(house: House) -> None:
    await house.call("room.create", number="77", name="x")
    site = await house.call("site.create", name="A")
    await house.call("room.set_sites", number="77", sites=[site["id"]])
    await house.call("user.create", login="hoa", password="long enough", role="chair", room="77")
    with pytest.raises(Conflict, match="hoa"):
        await house.call("room.delete", number="77")
    assert (await house.call("room.show", number="77"))["name"] == "x"
    await house.call("user.delete", login="hoa")
    await house.call("room.delete", number="77")
    await house.call("room.create", number="77", name="y")
    assert (await house.call("room.sites", number="77"))["sites"] == []
    assert house.control.controller.bridge.invited == {}


async def test_the_chairs_pin_is_not_everybodys(house: House) -> None:
    with pytest.raises(BadRequest, match="must differ"):
        await house.call("room.create", number="1002", name="Hai", pin="4711", host_pin="4711")
    await house.call("room.create", number="1002", name="Hai", pin="4711", host_pin="4712")
    for change in ({"pin": "4712"}, {"host_pin": "4711"}, {"pin": "8888", "host_pin": "8888"}):
        with pytest.raises(BadRequest, match="must differ"):
            await house.call("room.change", number="1002", **change)
    await house.call("room.change", number="1002", pin="4712", host_pin="4711")
    await house.call("room.change", number="1002", pin="", host_pin="")
    assert await house.call("room.pin", number="1002") == {"pin": "", "host_pin": ""}

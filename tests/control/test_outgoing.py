"""Calls that operators have the MCU make, over the real bus."""

from __future__ import annotations

import asyncio
import time

import pytest

from mcu.config import Settings
from mcu.core import events
from mcu.core.directory.sites import Directory
from mcu.core.directory.trunk import Trunk
from mcu.core.entry.answers import Admit
from mcu.errors import BadRequest, NotFound, NoTrunk, NumberAbroad, RoomNotFound
from tests.control.conftest import House, request, start, stop


async def test_an_address_is_called_and_what_becomes_of_it_is_told(house: House) -> None:
    made = await house.call("call.dial", room="1001", address="h323:2001@10.0.0.7", name="Xã Hòa Bình", tries=1)
    assert (made["state"], made["name"], made["protocol"]) == ("dialling", "Xã Hòa Bình", "h323")
    await asyncio.sleep(0)
    assert house.switch.asked("dial_terminal") == [(made["id"], "1001", "h323:2001@10.0.0.7", "Phòng họp thử")]
    house.switch.on_event(events.DialFailed(at=time.time(), participant=made["id"], cause=17))
    (listed,) = await house.call("call.list", room="1001")
    assert (listed["state"], listed["reason"]) == ("waiting", "busy")
    assert (await house.call("call.again", call=made["id"]))["state"] == "dialling"
    asked = request(room=made["id"], channel="PJSIP/h323-00000001", door="dialled")
    answer = await house.control.controller.entry(asked)
    assert isinstance(answer, Admit)
    assert (answer.participant, answer.name) == (made["id"], "Xã Hòa Bình")
    assert await house.call("call.list") == []


async def test_a_site_that_answers_while_asterisk_is_slow_comes_in_all_the_same(house: House) -> None:
    made = await house.call("call.dial", room="1001", address="sip:xa@10.0.0.7", name="Xã Hòa Bình", tries=5)
    asked = request(room=made["id"], channel="PJSIP/dial-00000001", door="dialled")
    control = house.control.controller
    answer = await control.entry(asked)
    control.undelivered(asked, answer)
    assert await control.entry(asked) == answer
    assert isinstance(answer, Admit)
    house.switch.join(answer.participant, "1001", channel=asked.channel, name=answer.name)
    known = control.bridge.whereabouts(made["id"])
    assert known
    assert (known[1].name, known[1].dialled) == ("Xã Hòa Bình", True)
    house.switch.leave(asked.channel, cause=102)
    (listed,) = await house.call("call.list", room="1001")
    assert (listed["id"], listed["state"], listed["lost"]) == (made["id"], "waiting", True)


async def test_a_called_one_that_hangs_up_before_it_has_its_answer_is_gone(house: House) -> None:
    made = await house.call("call.dial", room="1001", address="sip:xa@10.0.0.7", tries=5)
    asked = request(room=made["id"], channel="PJSIP/dial-00000001", door="dialled")
    control = house.control.controller
    control.undelivered(asked, await control.entry(asked))
    gone = events.HungUp(at=time.time(), channel=asked.channel, kind="terminal", ident=made["id"], cause=16)
    house.switch.on_event(gone)
    assert control.bridge.whereabouts(made["id"]) is None
    assert await house.call("call.list") == []


async def test_known_terminals_are_called_by_name(house: House) -> None:
    await house.call("terminal.create", name="xa1", password="mat khau", display="Xã Một")
    await house.call("terminal.create", name="xa2", address="10.0.0.9", display="Xã Hai")
    await house.call("terminal.create", name="xa3", protocol="h323", alias="2003", display="Xã Ba")
    await house.call("terminal.create", name="vung", address="10.2.0.0/16")
    for name in ("xa1", "xa2", "xa3"):
        await house.call("call.dial", room="1001", terminal=name)
    await asyncio.sleep(0)
    room = "Phòng họp thử"  # what a terminal shows while it rings is who calls, not itself
    assert [asked[2:] for asked in house.switch.asked("dial_terminal")] == [
        ("sip:xa1", room), ("sip:10.0.0.9", room), ("h323:2003", room),
    ]  # fmt: skip
    assert [call["name"] for call in await house.call("call.list")] == ["Xã Một", "Xã Hai", "Xã Ba"]
    with pytest.raises(BadRequest, match="network"):
        await house.call("call.dial", room="1001", terminal="vung")


async def test_what_cannot_be_called_is_refused(house: House) -> None:
    with pytest.raises(RoomNotFound):
        await house.call("call.dial", room="4711", address="sip:a@10.0.0.1")
    with pytest.raises(BadRequest):
        await house.call("call.dial", room="1001", address="sip:a@b&c")
    with pytest.raises(BadRequest):
        await house.call("call.dial", room="1001")
    with pytest.raises(NotFound):
        await house.call("call.dial", room="1001", terminal="nobody")
    with pytest.raises(NotFound):
        await house.call("call.end", call="00000000")
    assert house.switch.asked("dial_terminal") == []


async def test_a_call_that_asterisk_refuses_to_make_failed(house: House) -> None:
    house.switch.refuses.add("dial_terminal")
    made = await house.call("call.dial", room="1001", address="sip:a@10.0.0.1")
    while (await house.call("call.list"))[0]["state"] == "dialling":
        await asyncio.sleep(0.01)
    assert (await house.call("call.list"))[0]["reason"] == "unreachable"
    await house.call("call.end", call=made["id"])
    assert await house.call("call.list") == []


async def _site(house: House, name: str, *terminals: str) -> int:
    site = int((await house.call("site.create", name=name))["id"])
    for position, terminal in enumerate(terminals):
        await house.call("terminal.create", name=terminal, password="mat khau", site=site, position=position)
    return site


async def test_the_sites_of_a_room_are_called_by_their_terminals(house: House) -> None:
    near, far = await _site(house, "Xã Gần", "gan_1", "gan_2"), await _site(house, "Xã Xa", "xa")
    await house.call("room.set_sites", number="1001", sites=[far, near])
    made = await house.call("call.all", room="1001", tries=2)
    assert [(call["site"], call["terminal"], call["name"]) for call in made["calls"]] == [
        (far, "xa", "Xã Xa"), (near, "gan_1", "Xã Gần"),
    ]  # fmt: skip
    assert made["skipped"] == []
    first = made["calls"][1]["id"]
    house.switch.on_event(events.DialFailed(at=time.time(), participant=first, cause=17))
    await house.until(lambda: len(house.switch.asked("dial_terminal")) == 3)
    assert [asked[2] for asked in house.switch.asked("dial_terminal")] == ["sip:xa", "sip:gan_1", "sip:gan_2"]
    again = await house.call("call.all", room="1001", who="branch", branch=near)
    assert again == {"calls": [], "skipped": [{"site": near, "reason": "called_already"}]}
    assert (await house.call("call.end_all", room="1001"))["ended"] == [call["id"] for call in made["calls"]]
    assert await house.call("call.list") == []
    dialled = await house.call("call.dial", room="1001", site=near)
    assert (dialled["site"], dialled["terminal"]) == (near, "gan_1")


async def test_whom_to_call_must_be_said_clearly(house: House) -> None:
    site = await _site(house, "Xã Gần", "gan")
    for args in ({"who": "everybody"}, {"who": "branch"}, {"who": "all", "branch": site}, {"tries": 99}):
        with pytest.raises(BadRequest):
            await house.call("call.all", room="1001", **args)
    for args in ({"site": site, "terminal": "gan"}, {"site": "one"}, {"site": 0}):
        with pytest.raises(BadRequest):
            await house.call("call.dial", room="1001", **args)
    with pytest.raises(NotFound):
        await house.call("call.dial", room="1001", site=site + 1)
    with pytest.raises(RoomNotFound):
        await house.call("call.all", room="4711")


async def test_a_call_that_waits_is_made_to_where_its_terminal_is_now(house: House) -> None:
    site = await _site(house, "Xã Gần")
    await house.call("terminal.create", name="gan", address="10.0.0.1", site=site, position=1)
    await house.call("room.set_sites", number="1001", sites=[site])
    (made,) = (await house.call("call.all", room="1001", tries=5))["calls"]
    busy = events.DialFailed(at=time.time(), participant=made["id"], cause=17)
    house.switch.on_event(busy)
    await house.call("terminal.update", name="gan", address="10.0.0.99")
    (again,) = (await house.call("call.all", room="1001", tries=5))["calls"]
    assert (again["id"], again["state"], again["address"]) == (made["id"], "dialling", "sip:10.0.0.99")
    house.switch.on_event(busy)
    await house.call("terminal.create", name="gan_2", address="10.0.0.2", site=site, position=0)
    (again,) = (await house.call("call.all", room="1001", tries=5))["calls"]
    assert (again["id"], again["address"]) == (made["id"], "sip:10.0.0.2")
    for _ in range(2):
        house.switch.on_event(busy)
    for name in ("gan", "gan_2"):
        await house.call("terminal.delete", name=name)
    begun = len(house.switch.asked("dial_terminal"))
    again = await house.call("call.again", call=made["id"])
    assert (again["state"], again["reason"]) == ("failed", "not_found")
    assert len(house.switch.asked("dial_terminal")) == begun


async def test_who_left_at_the_door_is_not_called_by_the_next_control(settings: Settings) -> None:
    """One hung up, the others the chair sent away; one who stands there still is called."""
    first = await start(settings)
    control = first.control.controller
    made = [await first.call("call.dial", room="1001", address=f"sip:x@10.0.0.{n}") for n in range(4)]
    await first.until(lambda: len(first.switch.asked("dial_terminal")) == 4)

    async def answers(ident: str, channel: str) -> None:
        asked = request(room=ident, channel=channel, door="dialled")
        assert isinstance(await control.entry(asked), Admit)

    def hangs_up(ident: str, channel: str) -> None:
        first.switch.on_event(events.HungUp(at=time.time(), channel=channel, kind="terminal", ident=ident, cause=16))

    for n, call in enumerate(made[:3]):
        await answers(call["id"], f"PJSIP/dialled-0000000{n}")
    hangs_up(made[0]["id"], "PJSIP/dialled-00000000")
    await first.call("room.act", room="1001", act="end")
    for n in (1, 2):
        hangs_up(made[n]["id"], f"PJSIP/dialled-0000000{n}")
    last = await first.call("call.dial", room="1001", address="sip:x@10.0.0.9")
    await first.until(lambda: len(first.switch.asked("dial_terminal")) == 5)
    await answers(last["id"], "PJSIP/dialled-00000009")
    await stop(first)

    second = await start(settings)
    try:
        await second.until(lambda: bool(second.switch.asked("dial_terminal")))
        assert [call["id"] for call in await second.call("call.list")] == [last["id"]]
    finally:
        await stop(second)


async def test_telephones_are_called_where_there_is_a_trunk(house: House) -> None:
    with pytest.raises(NoTrunk):
        await house.call("call.dial", room="1001", address="tel:0912345678")
    bridge = house.control.controller.bridge
    bridge.directory = Directory(trunk=Trunk(country="84"))
    await house.call("terminal.create", name="boss", protocol="phone", alias="0912345678", display="Chủ tịch")
    await house.call("call.dial", room="1001", terminal="boss")
    told = await house.call("call.dial", room="1001", address="tel:+84 900 000 001")
    assert (told["name"], told["address"]) == ("Điện thoại …001", "tel:0900000001")
    with pytest.raises(NumberAbroad):
        await house.call("call.dial", room="1001", address="tel:+44 20 7123 4567")
    await asyncio.sleep(0)
    assert [asked[2] for asked in house.switch.asked("dial_terminal")] == ["tel:0912345678", "tel:0900000001"]

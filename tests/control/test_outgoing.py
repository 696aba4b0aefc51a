"""Calls that operators have the MCU make, over the real bus."""

from __future__ import annotations

import asyncio
import time

import pytest

from mcu.core import events
from mcu.core.entry import Admit, EntryRequest
from mcu.errors import BadRequest, NotFound, RoomNotFound
from tests.control.conftest import House


async def test_an_address_is_called_and_what_becomes_of_it_is_told(house: House) -> None:
    made = await house.call("call.dial", room="1001", address="h323:2001@10.0.0.7", name="Xã Hòa Bình", tries=1)
    assert (made["state"], made["name"], made["protocol"]) == ("dialling", "Xã Hòa Bình", "h323")
    await asyncio.sleep(0)
    assert house.switch.asked("dial_terminal") == [(made["id"], "1001", "h323:2001@10.0.0.7", "Phòng họp thử")]
    house.switch.on_event(events.DialFailed(at=time.time(), participant=made["id"], cause=17))
    (listed,) = await house.call("call.list", room="1001")
    assert (listed["state"], listed["reason"]) == ("waiting", "busy")
    assert (await house.call("call.again", call=made["id"]))["state"] == "dialling"
    request = EntryRequest(
        channel="PJSIP/h323-00000001", uniqueid="x.1", number=made["id"], door="dialled", endpoint="h323",
        caller_name="", caller_number="", video="",
    )  # fmt: skip
    answer = await house.control.controller.entry(request)
    assert isinstance(answer, Admit)
    assert (answer.participant, answer.name) == (made["id"], "Xã Hòa Bình")
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

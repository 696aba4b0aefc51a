"""Telephones in a meeting, over a trunk to a telephone network that nobody here wrote: they call in, are called."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from mcu.errors import Conflict
from tests.calls.telephone.carrier import ANSWERS, BUSY, MISSING, NUMBER, PASSWORD, USER, Carrier
from tests.probe import Terminal, palette
from tests.product import Mcu
from tests.waiting import until_blocking, until_in_thread

ROOM, PIN = "2001", "4711"


@pytest.fixture(scope="module")
def carrier() -> Iterator[Carrier]:
    network = Carrier()
    try:
        network.start()
        yield network
    finally:
        network.stop()


@pytest.fixture(scope="module")
def mcu(carrier: Carrier) -> Iterator[Mcu]:
    """One whose trunk leads to the carrier, with a site that has a telephone."""
    trunk = {"ADDRESS": carrier.address, "USER": USER, "PASSWORD": PASSWORD, "NUMBER": NUMBER}
    product = Mcu(MCU_SIP__GUESTS="true", **{f"MCU_TRUNK__{key}": value for key, value in trunk.items()})
    try:
        product.start()
        product.bus.call("room.create", number=ROOM, name="Giao ban", pin=PIN)
        site = product.bus.call("site.create", name="Xã Lăng")["id"]
        product.bus.call("terminal.create", name="lang", protocol="phone", alias=ANSWERS, site=site, display="Xã Lăng")
        product.bus.call("room.set_sites", number=ROOM, sites=[site])
        until_blocking(lambda: registered(product), "the registration with the carrier")
        yield product
    finally:
        product.stop()


@pytest.fixture
async def speaker(mcu: Mcu) -> AsyncIterator[Terminal]:
    """A SIP terminal that speaks in the room; afterwards nobody is there."""
    colour, tone = palette(0)
    await asyncio.to_thread(mcu.bus.call, "room.change", number=ROOM, pin="")
    async with Terminal(mcu.sip, colour=colour, tone=tone, display="Speaker") as terminal:
        await terminal.dial(ROOM)
        await until_in_thread(lambda: len(mcu.people(ROOM)) == 1, "the speaker is in the room")
        await asyncio.to_thread(mcu.bus.call, "room.change", number=ROOM, pin=PIN)
        yield terminal
    mcu.bus.call("call.end_all", room=ROOM)
    with contextlib.suppress(Conflict):  # nobody is left
        mcu.bus.call("room.act", room=ROOM, act="end")
    await until_in_thread(lambda: mcu.people(ROOM) == [], "the room is empty")


def registered(mcu: Mcu) -> bool | None:
    told: bool | None = mcu.bus.call("status")["trunk"]["registered"]
    return told


def other(mcu: Mcu) -> dict[str, Any]:
    """Who is there beside the speaker."""
    return next((person for person in mcu.people(ROOM) if person["name"] != "Speaker"), {})


async def test_it_is_registered_and_says_so(mcu: Mcu, carrier: Carrier) -> None:
    await until_in_thread(lambda: registered(mcu) is True, "the registration is told")
    assert mcu.bus.call("status")["trunk"]["address"] == carrier.address
    assert await carrier.registered()


async def test_a_telephone_keys_in_its_room_and_pin(mcu: Mcu, carrier: Carrier, speaker: Terminal) -> None:
    await carrier.call("+84900000001", f"wwww{ROOM}#wwwwww{PIN}#")
    await until_in_thread(lambda: bool(other(mcu)), "the telephone is in the room", 30)
    assert (other(mcu)["number"], other(mcu)["site"]) == ("0900000001", None)
    # A room never gives one his own voice back: who hears his own tone hears the telephone's echo.
    await speaker.hears({speaker.tone}, {speaker.tone}, seconds=15)
    await carrier.hang_up()
    await until_in_thread(lambda: not other(mcu), "it has left")


@pytest.mark.parametrize("other_server", [False, True], ids=["its-server", "another-server-of-its"])
async def test_a_site_s_telephone_comes_in_as_its_site(
    mcu: Mcu, carrier: Carrier, speaker: Terminal, other_server: bool
) -> None:
    """Who has registered is found by what it gave the network with its contact, whatever address the call is from."""
    await carrier.call(f"+84{ANSWERS[1:]}", f"wwww{ROOM}#wwwwww{PIN}#", other_server=other_server)
    await until_in_thread(lambda: other(mcu).get("terminal") == "lang", "the site's telephone is in the room", 30)
    assert other(mcu)["name"] == "Xã Lăng"


async def test_a_site_s_telephone_is_called_with_all_others(mcu: Mcu, carrier: Carrier, speaker: Terminal) -> None:
    made = await asyncio.to_thread(mcu.bus.call, "call.all", room=ROOM)
    assert [(call["name"], call["address"]) for call in made["calls"]] == [("Xã Lăng", f"tel:{ANSWERS}")]
    await until_in_thread(lambda: other(mcu).get("terminal") == "lang", "it is in the room", 30)
    assert (other(mcu)["telephone"], other(mcu)["number"]) == (True, ANSWERS)
    await speaker.hears({speaker.tone}, {speaker.tone}, seconds=15)
    assert await carrier.caller() == USER


@pytest.mark.parametrize(("number", "reason"), [(BUSY, "busy"), (MISSING, "not_found")])
async def test_why_a_telephone_did_not_come(mcu: Mcu, speaker: Terminal, number: str, reason: str) -> None:
    await asyncio.to_thread(mcu.bus.call, "call.dial", room=ROOM, address=f"tel:{number}", tries=0)

    def told() -> str:
        (call,) = mcu.bus.call("call.list", room=ROOM)
        return str(call["reason"])

    await until_in_thread(lambda: told() == reason, f"the call is told as {reason}", 30)


async def test_control_knows_after_its_own_restart(mcu: Mcu) -> None:
    await until_in_thread(lambda: registered(mcu) is True, "the registration is told")
    await asyncio.to_thread(mcu.kill, "control")
    await until_in_thread(mcu.ready, "control is back")
    await until_in_thread(lambda: registered(mcu) is True, "the registration is told again")


async def test_a_registration_that_fails_is_told(mcu: Mcu, carrier: Carrier) -> None:
    async def asks_with(password: str) -> None:
        await carrier.account(password)
        await asyncio.to_thread(mcu.console, "pjsip send register sip-trunk")

    await until_in_thread(lambda: registered(mcu) is True, "the registration is told")
    await asks_with("another")
    await until_in_thread(lambda: registered(mcu) is False, "its failure is told")
    await asks_with(PASSWORD)
    await until_in_thread(lambda: registered(mcu) is True, "its return is told")
    codes = [notice["code"] for notice in mcu.bus.call("status")["notices"] if notice["code"].startswith("trunk")]
    assert codes == ["trunk_away", "trunk_back"]

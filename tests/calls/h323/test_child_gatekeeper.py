"""A gatekeeper of a district registers with ours under a number: terminals behind it are called and call through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from mcu.h323.media import Address
from mcu.h323.ras.outside import OutsideGatekeeper
from mcu.h323.ras.requests import Membership
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe.h323 import H323Terminal
from tests.product import Mcu

NUMBER, PASSWORD = "7799", "mật khẩu của huyện"


@pytest.fixture
async def terminal(mcu: Mcu) -> AsyncIterator[H323Terminal]:
    """Behind a gatekeeper that routes: both are at one place here, calls come to it and from it."""
    mcu.bus.call("terminal.create", name="district", protocol="h323", alias=NUMBER, password=PASSWORD, display="Huyện")
    async with H323Terminal(mcu.h323, colour="blue", tone=700, name="Xã Tân Lập") as terminal:
        there = Address(*await terminal.wait_for_calls())
        member = Membership(
            gatekeeper=None, aliases=(NUMBER,), prefixes=(NUMBER,), signalling=there, ras=there, password=PASSWORD
        )
        child = OutsideGatekeeper(f"127.0.0.1:{mcu.environment['MCU_H323__RAS_PORT']}", member, lambda event: None)
        child.start("127.0.0.1")
        try:
            async with asyncio.timeout(60):  # the gateway hears of the account a moment later
                while child.joined is None:
                    await asyncio.sleep(0.05)
            yield terminal
        finally:
            await child.stop()
            mcu.bus.call("terminal.delete", name="district")


async def test_a_terminal_behind_it_is_called_by_its_number(
    mcu: Mcu, seat: Seat, room: str, terminal: H323Terminal
) -> None:
    sip = await seat(0)
    mcu.bus.call("call.dial", room=room, address=f"h323:{NUMBER}05", name="Xã Tân Lập")
    await sip.hears({700}, {700, sip.tone}, seconds=20)
    await sip.sees(auto(2), [sip.colour, "blue"], seconds=20)
    await terminal.hears({sip.tone}, {700, sip.tone})
    assert terminal.setup is not None
    assert terminal.setup.number == f"{NUMBER}05", "the gatekeeper is told whom it is for"


async def test_who_calls_through_it_is_no_guest(mcu: Mcu, room: str, terminal: H323Terminal) -> None:
    async with H323Terminal(mcu.h323, colour="red", tone=500, name="Xã Tân Hòa") as caller:
        await caller.dial(room)
        told = [call for call in mcu.bus.call("h323.calls") if call["name"] == "Xã Tân Hòa"]
        assert [(call["door"], call["terminal"]) for call in told] == [("terminal", "district")]

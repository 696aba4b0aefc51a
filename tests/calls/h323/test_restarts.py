"""A part of the MCU dies while an H.323 terminal is in a room."""

from __future__ import annotations

import asyncio

from tests.calls.tiles import auto
from tests.probe.h323 import H323Terminal
from tests.product import Mcu

ROOM = "1001"


async def test_control_dies_and_the_call_goes_on(own_mcu: Mcu) -> None:
    async with H323Terminal(own_mcu.h323, name="Stays", colour="blue", tone=700) as terminal:
        await terminal.dial(ROOM)
        await terminal.sees(auto(1), ["blue"])
        own_mcu.kill("control")
        await asyncio.to_thread(own_mcu.await_, own_mcu.ready, 30, "control again")
        await terminal.more_pictures(10, seconds=20)
        assert not terminal.h323.ended.is_set()

        def told_again() -> bool:
            return [call["name"] for call in own_mcu.bus.call("h323.calls")] == ["Stays"]

        await asyncio.to_thread(own_mcu.await_, told_again, 20, "that the gateway tells its call to the new control")
        await asyncio.to_thread(own_mcu.await_, lambda: len(own_mcu.people(ROOM)) == 1, 20, "the terminal in the room")


async def test_the_gateway_dies_and_nobody_stays_behind(own_mcu: Mcu) -> None:
    async with H323Terminal(own_mcu.h323, colour="blue", tone=700) as terminal:
        await terminal.dial(ROOM)
        await terminal.sees(auto(1), ["blue"])
        killed = own_mcu.kill("h323")
        await terminal.until(terminal.h323.ended.is_set, 15, "that the terminal notices")
        await asyncio.to_thread(
            own_mcu.await_, lambda: own_mcu.started_anew("h323", killed) and own_mcu.ready(), 15, "another gateway"
        )
        await asyncio.to_thread(own_mcu.await_, lambda: own_mcu.people(ROOM) == [], 15, "an empty room")
    async with H323Terminal(own_mcu.h323, colour="blue", tone=700) as again:
        await again.dial(ROOM)
        await again.sees(auto(1), ["blue"])


async def test_asterisk_dies_and_the_terminal_is_hung_up(own_mcu: Mcu) -> None:
    async with H323Terminal(own_mcu.h323, colour="blue", tone=700) as terminal:
        await terminal.dial(ROOM)
        await terminal.sees(auto(1), ["blue"])
        killed = own_mcu.kill("asterisk")
        await asyncio.to_thread(
            own_mcu.await_, lambda: own_mcu.started_anew("asterisk", killed), 15, "another Asterisk"
        )
        await terminal.until(terminal.h323.ended.is_set, 30, "the end of the call")

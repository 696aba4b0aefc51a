"""A site alone tries itself: it hears and sees what it sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.calls.tiles import auto
from tests.probe import Terminal, palette
from tests.product import Mcu

_NUMBER = "9196"


@pytest.fixture
async def echoing() -> AsyncIterator[Mcu]:
    mcu = Mcu(MCU_ROOMS__ECHO=_NUMBER)
    try:
        await asyncio.to_thread(mcu.start)
        yield mcu
    finally:
        await asyncio.to_thread(mcu.stop)


async def test_a_site_hears_and_sees_itself(echoing: Mcu) -> None:
    colour, tone = palette(3)
    async with Terminal(echoing.sip, colour=colour, tone=tone, display="Xã Hồng Vân") as terminal:
        await terminal.dial(_NUMBER)
        await terminal.sees(auto(1), [colour], seconds=15)
        await terminal.hears({tone}, {tone, 2 * tone})
        rooms = await asyncio.to_thread(echoing.bus.call, "room.list")
        assert all(room["participants"] == 0 for room in rooms)
        await terminal.hang_up()

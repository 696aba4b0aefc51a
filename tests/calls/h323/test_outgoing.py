"""The MCU calls an H.323 terminal into a room."""

from __future__ import annotations

import asyncio

import pytest

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe.h323 import H323Terminal
from tests.product import Mcu


@pytest.mark.parametrize(
    ("tunnelling", "listens"), [(True, False), (False, True), (False, False)], ids=["tunnelled", "theirs", "ours"]
)
async def test_who_is_called_sees_and_hears_the_others(
    mcu: Mcu, seat: Seat, room: str, tunnelling: bool, listens: bool
) -> None:
    """H.245 tunnelled, on the terminal's address (in Connect), or on ours (startH245)."""
    sip = await seat(0)
    async with H323Terminal(
        mcu.h323, tunnelling=tunnelling, listens=listens, colour="blue", tone=700, name="Chi nhánh"
    ) as terminal:
        host, port = await terminal.wait_for_calls()
        mcu.bus.call("call.dial", room=room, address=f"h323:{host}:{port}", name="Chi nhánh")
        await terminal.sees(auto(2), [sip.colour, "blue"], seconds=15)
        await sip.sees(auto(2), [sip.colour, "blue"])
        await terminal.hears({sip.tone}, {sip.tone, 700})
        await sip.hears({700}, {sip.tone, 700})


async def test_a_refusal_comes_back_with_its_cause(mcu: Mcu, room: str) -> None:
    async with H323Terminal(mcu.h323) as terminal:
        host, port = await terminal.wait_for_calls(refuse=17)
        call = mcu.bus.call("call.dial", room=room, address=f"h323:{host}:{port}", name="Bận", tries=1)["id"]

        def failed() -> bool:
            return any(one["id"] == call and one["cause"] == 17 for one in mcu.bus.call("call.list", room=room))

        await asyncio.to_thread(mcu.await_, failed, 20, "a call that failed as busy")
        mcu.bus.call("call.end", call=call)

"""chan_ooh323, which nobody here wrote, calls and is called: sound goes both ways, with every way of starting it."""

from __future__ import annotations

import pytest

from tests.calls.h323.ooh323 import Ooh323
from tests.calls.seating import Seat
from tests.product import Mcu

WAYS = pytest.mark.parametrize(
    ("fast_start", "tunnelling"), [(False, True), (False, False), (True, True), (True, False)],
    ids=["slow-tunnelled", "slow-separate", "fast-tunnelled", "fast-separate"],
)  # fmt: skip


@WAYS
async def test_it_calls_a_room(mcu: Mcu, seat: Seat, room: str, fast_start: bool, tunnelling: bool) -> None:
    sip = await seat(0)
    async with Ooh323(mcu.h323, fast_start=fast_start, tunnelling=tunnelling) as peer:
        await peer.call(room)
        # A room never gives one his own voice back: who hears his own tone hears the echo of the peer.
        await sip.hears({sip.tone}, {sip.tone}, seconds=15)
        people = mcu.bus.call("room.show", number=room)["participants"]
        assert "Tong dai" in {one["name"] for one in people}
        await peer.hang_up()
        await sip.until(lambda: len(mcu.bus.call("room.show", number=room)["participants"]) == 1, 15, "its leaving")


@pytest.mark.parametrize(("fast_start", "tunnelling"), [(False, True), (True, False)], ids=["tunnelled", "separate"])
async def test_it_is_called_into_a_room(mcu: Mcu, seat: Seat, room: str, fast_start: bool, tunnelling: bool) -> None:
    sip = await seat(0)
    async with Ooh323(mcu.h323, fast_start=fast_start, tunnelling=tunnelling) as peer:
        host, port = peer.address
        mcu.bus.call("call.dial", room=room, address=f"h323:7001@{host}:{port}", name="Tong dai")
        await sip.hears({sip.tone}, {sip.tone}, seconds=15)

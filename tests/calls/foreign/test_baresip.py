"""A terminal that others wrote calls in: it is seen, heard, and sees for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from tests.calls.foreign import baresip
from tests.calls.seating import Seat
from tests.calls.tiles import auto, letterboxed, part
from tests.probe import stamp
from tests.probe.screen import Rect
from tests.product import Mcu


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_baresip_meets_a_probe(mcu: Mcu, seat: Seat, room: str, transport: str) -> None:
    probe = await seat(0)
    async with baresip.running(mcu.sip, mcu.sip[1] + 20, "magenta", 950, "Máy của người khác") as foreign:
        await foreign.command("dial", f"sip:{room}@{mcu.sip[0]}:{mcu.sip[1]};transport={transport}")
        await probe.sees(auto(2), [probe.colour, "magenta"], baresip.KEYFRAME)
        await probe.hears({950}, {probe.tone, 950})
        await probe.until(
            lambda: probe.screen.counter(auto(2)[1]) is not None, 5, "a running counter in baresip's tile"
        )
        await _sees(foreign, [probe.colour, "magenta"])
        assert not foreign.happened("CALL_CLOSED"), foreign.events
        names = {person["name"] for person in mcu.bus.call("room.show", number=room)["participants"]}
        assert names == {"Probe 0", "Máy của người khác"}
    await probe.sees(auto(1), [probe.colour], seconds=3)


async def test_baresip_with_h263_meets_a_probe(mcu: Mcu, seat: Seat, room: str) -> None:
    """Both ways through packets that others make and take apart (RFC 2190)."""
    probe = await seat(0)
    async with baresip.running(mcu.sip, mcu.sip[1] + 20, "magenta", 950, "H.263", codec="h263") as foreign:
        await foreign.command("dial", f"sip:{room}@{mcu.sip[0]}:{mcu.sip[1]};transport=udp")
        tiles = [auto(2)[0], part(auto(2)[1], 0.125, 0.0, 0.75, 1.0)]
        await probe.sees(tiles, [probe.colour, "magenta"], baresip.KEYFRAME)
        await probe.runs(tiles[1], 10)
        await _sees(foreign, [probe.colour, "magenta"], [letterboxed(tile) for tile in tiles])
        people = mcu.bus.call("room.show", number=room)["participants"]
        assert [person["codec"] for person in people] == ["h264", "h263"]


async def _sees(foreign: baresip.Baresip, colours: list[str], tiles: Sequence[Rect] = tuple(auto(2))) -> None:
    async with asyncio.timeout(60):
        while True:
            picture = await foreign.seen()
            if [stamp.colour_of(np.asarray(stamp.crop(picture, rect))) for rect in tiles] == colours:
                return
            await asyncio.sleep(0.5)

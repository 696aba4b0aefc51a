"""A terminal that others wrote calls in: it is seen, heard, and sees for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from tests.calls.foreign import baresip
from tests.calls.seating import Seat
from tests.calls.tiles import auto, letterboxed, part
from tests.patience import Patience
from tests.probe import stamp
from tests.probe.screen import Rect
from tests.product import Mcu


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_baresip_meets_a_probe(mcu: Mcu, seat: Seat, room: str, transport: str) -> None:
    probe = await seat(0)
    async with baresip.running(mcu.sip, "magenta", 950, "Máy của người khác") as foreign:
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
    await probe.sees(auto(1), [probe.colour])


async def test_baresip_with_h263_meets_a_probe(mcu: Mcu, seat: Seat, room: str) -> None:
    """Both ways through packets that others make and take apart (RFC 2190)."""
    probe = await seat(0)
    async with baresip.running(mcu.sip, "magenta", 950, "H.263", codec="h263") as foreign:
        await foreign.command("dial", f"sip:{room}@{mcu.sip[0]}:{mcu.sip[1]};transport=udp")
        tiles = [auto(2)[0], part(auto(2)[1], 0.125, 0.0, 0.75, 1.0)]
        await probe.sees(tiles, [probe.colour, "magenta"], baresip.KEYFRAME)
        await probe.runs(tiles[1], 10)
        await _sees(foreign, [probe.colour, "magenta"], [letterboxed(tile) for tile in tiles])
        await probe.until(
            lambda: [person["codec"] for person in mcu.people(room)] == ["h264", "h263"], 5, "the codec of each is told"
        )


async def _sees(foreign: baresip.Baresip, colours: list[str], tiles: Sequence[Rect] = tuple(auto(2))) -> None:
    patience = Patience(30)
    while True:
        picture = await foreign.seen()
        seen = [stamp.colour_of(np.asarray(stamp.crop(picture, rect))) for rect in tiles]
        if seen == colours:
            return
        assert not patience.over, f"{patience}: {colours}; it saw {seen}"
        await asyncio.sleep(0.5)

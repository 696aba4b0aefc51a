"""What networks and terminals do to a stream of pictures: loss, packets out of order, streams that begin anew."""

from __future__ import annotations

import asyncio

import pytest

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import ClipFormat, Terminal
from tests.product import Mcu
from tests.starvation import Starvation

_AS_GOOD_AS_LOST = 0.03  # s; the mixer waits 40 ms for a packet that was overtaken


async def _two(seat: Seat) -> tuple[Terminal, Terminal]:
    viewer, sender = [await seat(number) for number in range(2)]
    await viewer.sees(auto(2), [viewer.colour, sender.colour])
    return viewer, sender


async def test_packets_out_of_order_do_no_harm(mcu: Mcu, seat: Seat) -> None:
    viewer, sender = await _two(seat)
    sender.camera.shuffle = 0.3
    for _ in range(6):
        asked, late = sender.camera.requests, sender.video.late
        starved = Starvation(mcu, "asterisk", "mixer")
        for _ in range(5):
            await viewer.runs(auto(2)[1])
            await asyncio.sleep(0.4)
        allowed = 1 + 2 * (sender.video.late - late)  # by PLI and by FIR
        if sender.camera.requests - asked <= allowed or starved.seconds() < _AS_GOOD_AS_LOST:
            break  # else Asterisk, too, may have held a packet back for so long: once more
    assert sender.camera.requests - asked <= allowed, "packets that only came late were taken for lost"


async def test_a_picture_with_losses_comes_back(mcu: Mcu, seat: Seat) -> None:
    viewer, sender = await _two(seat)
    asked = sender.camera.requests
    sender.camera.lose = 0.05
    await sender.until(lambda: sender.camera.requests > asked, 5, "a keyframe request after losses")
    for _ in range(3):
        await viewer.runs(auto(2)[1], seconds=8)
    sender.camera.lose = 0.0
    await viewer.sees(auto(2), [viewer.colour, sender.colour])
    await viewer.runs(auto(2)[1])
    await viewer.runs(auto(2)[0])


async def test_a_stream_that_begins_anew_is_followed(mcu: Mcu, seat: Seat) -> None:
    """New SSRC, sequence number and timestamp without any signalling: RFC 3550 8.2 allows it, terminals do it."""
    viewer, sender = await _two(seat)
    for _ in range(3):
        sender.camera.begin_anew()
        await asyncio.sleep(0.3)
        await viewer.runs(auto(2)[1], seconds=4)
    await viewer.sees(auto(2), [viewer.colour, sender.colour])


_SIZES = [(320, 180), (1280, 720), (176, 144), (352, 288), (640, 480), (640, 360), (848, 480), (1920, 1080)]


@pytest.mark.parametrize(("width", "height"), _SIZES, ids=[f"{w}x{h}" for w, h in _SIZES])
async def test_a_picture_that_changes_its_size_is_followed(mcu: Mcu, seat: Seat, width: int, height: int) -> None:
    """Terminals adapt their size to the bandwidth in the middle of a call; the parameter sets say so."""
    viewer, sender = await _two(seat)
    sender.camera.show(ClipFormat("yellow", width=width, height=height, level="4.0", frames=90))
    across = width / height
    if height in (144, 288):
        across = 4 / 3  # CIF and QCIF are pictures of 4:3 with pixels of 12:11
    share = min(1.0, across / (16 / 9))  # of the tile's width; bars fill the rest
    left, top, wide, high = auto(2)[1]
    picture = (left + wide * (1 - share) / 2, top, wide * share, high)
    await viewer.sees([picture], ["yellow"], seconds=4)
    await viewer.runs(picture)

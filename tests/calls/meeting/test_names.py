"""Names on the picture: there, readable as Vietnamese, and the same however the terminal's Unicode is composed."""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import Terminal
from tests.probe.screen import Rect
from tests.probe.stamp import COLOURS, crop
from tests.product import Mcu

_NAME = "Hội nghị Đà Nẵng"


async def _ink(viewer: Terminal, rect: Rect, colour: str) -> npt.NDArray[np.bool_]:
    """Where a tile is, in all of 15 pictures, not the terminal's colour: labels, borders (and the counter's cells)."""
    pictures: list[npt.NDArray[np.int_]] = []
    while len(pictures) < 15:
        await viewer.more_pictures(3)
        picture = viewer.screen.picture()
        assert picture is not None
        pictures.append(crop(picture, rect).astype(int))
    steady = np.median(np.stack(pictures), axis=0)
    ink: npt.NDArray[np.bool_] = np.abs(steady - np.array(COLOURS[colour])).max(axis=2) > 70
    height, width = ink.shape
    ink[int(0.25 * height) : int(0.73 * height), int(0.20 * width) : int(0.80 * width)] = False  # the counter
    return ink


async def test_a_vietnamese_name_stands_on_the_tile(mcu: Mcu, seat: Seat) -> None:
    names = (_NAME, unicodedata.normalize("NFD", _NAME), "Hoi nghi Da Nang")
    viewer, *_ = [await seat(number, colour="cyan", display=name, tone=0) for number, name in enumerate(names)]
    await viewer.sees(auto(3), ["cyan"] * 3)
    composed, decomposed, plain = [await _ink(viewer, rect, "cyan") for rect in auto(3)]
    assert composed.sum() > 100, "no name on the tile"
    assert (composed ^ decomposed).sum() < 0.1 * composed.sum(), "NFC and NFD of one name look different"
    assert (composed ^ plain).sum() > 0.1 * composed.sum(), "tone marks make no difference"


async def test_a_hostile_name_does_no_harm(mcu: Mcu, seat: Seat, room: str) -> None:
    hostile = "A' OR 1=1;--<b>${SHELL(id)} ‮ a"
    viewer = await seat(0)
    await seat(1, display=hostile)
    await viewer.sees(auto(2), [viewer.colour, "green"])
    names = [person["name"] for person in mcu.bus.call("room.show", number=room)["participants"]]
    assert len(names) == 2
    assert "uid=" not in "".join(names), "the dialplan ran what stood in a name"

"""Names on the picture: there, readable as Vietnamese, and the same however the terminal's Unicode is composed."""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt

from tests.calls.seating import Seat
from tests.calls.tiles import auto, part
from tests.probe import Terminal
from tests.probe.screen import Rect
from tests.probe.stamp import COLOURS, crop, read
from tests.product import Mcu

_NAME = "Hội nghị Đà Nẵng"


async def _label(viewer: Terminal, rect: Rect) -> npt.NDArray[np.float64]:
    """The lower left of a tile, where the label stands: luma, the median of 15 pictures (what moves is not in it).

    Pictures with counters of their own: where the probes are held up, what moves stands still."""
    pictures: dict[int, npt.NDArray[np.float64]] = {}
    for _ in range(300):
        if len(pictures) == 15:
            break
        await viewer.more_pictures(3)
        picture = viewer.screen.picture()
        assert picture is not None
        counter = read(np.ascontiguousarray(crop(picture, rect)[:, :, 1]))
        if counter is not None:
            pictures.setdefault(counter // 3, crop(picture, part(rect, 0.0, 0.74, 1.0, 0.26)).mean(axis=2))
    assert len(pictures) == 15, "the tile stands still"
    median: npt.NDArray[np.float64] = np.median(np.stack(list(pictures.values())), axis=0)
    return median


def _difference(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> int:
    """Pixels that are plainly another."""
    return int((np.abs(one - other) > 60).sum())


async def test_a_vietnamese_name_stands_on_the_tile(mcu: Mcu, seat: Seat) -> None:
    names = (_NAME, unicodedata.normalize("NFD", _NAME), "Hoi nghi Da Nang")
    viewer, *_ = [await seat(number, colour="cyan", display=name, tone=0) for number, name in enumerate(names)]
    await viewer.sees(auto(3), ["cyan"] * 3)
    composed, decomposed, plain = [await _label(viewer, rect) for rect in auto(3)]
    background = np.full_like(composed, float(np.mean(COLOURS["cyan"])))
    assert _difference(composed, background) > 500, "no name on the tile"
    assert _difference(composed, decomposed) < 20, "NFC and NFD of one name look different"
    assert _difference(composed, plain) > 60, "tone marks make no difference"


async def test_a_hostile_name_does_no_harm(mcu: Mcu, seat: Seat, room: str) -> None:
    hostile = "A' OR 1=1;--<b>${SHELL(id)} ‮ a"
    viewer = await seat(0)
    await seat(1, display=hostile)
    await viewer.sees(auto(2), [viewer.colour, "green"])
    names = [person["name"] for person in mcu.bus.call("room.show", number=room)["participants"]]
    assert len(names) == 2
    assert "uid=" not in "".join(names), "the dialplan ran what stood in a name"

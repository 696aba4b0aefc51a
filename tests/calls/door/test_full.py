"""A bridge that has no more places: who calls is told so, and those who are in notice nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.calls.turned_away import turned_away
from tests.product import Mcu


@pytest.fixture
def own_mcu() -> Iterator[Mcu]:
    product = Mcu(MCU_LIMITS__ROOM_MEMBERS="2", MCU_LIMITS__MEMBERS="3")
    try:
        product.start()
        yield product
    finally:
        product.stop()


async def test_who_has_no_place_is_told_so(own_mcu: Mcu, seat: Seat, room: str) -> None:
    first, second = await seat(0), await seat(1)
    third = await seat(2, dial=None)
    assert await turned_away(third, room) == 486  # busy here: this room only
    await third.dial("1001")
    late = await seat(3, dial=None)
    assert await turned_away(late, "1001") == 503  # no place in any room
    codes = [notice["code"] for notice in own_mcu.bus.call("status")["notices"]]
    assert [code for code in codes if code.endswith("_full")] == ["room_full", "bridge_full"]
    await second.hang_up()
    own_mcu.await_(lambda: len(own_mcu.bus.call("participant.list")) == 2, 5, "the place is free again")
    await late.dial(room)
    await first.sees(auto(2), [first.colour, late.colour])
    await late.hears({first.tone}, {first.tone, late.tone})

"""A room's rules of entry with real calls of terminals that have accounts and stand at sites."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.calls.turned_away import turned_away
from tests.probe import Terminal
from tests.product import Mcu

_PASSWORD = "thermos-lampe-7f3a"


@pytest.fixture
def sites(mcu: Mcu) -> Iterator[dict[str, int]]:
    """Two sites, each with a terminal of its name."""
    made: dict[str, int] = {}
    try:
        for name in ("hue", "vinh"):
            made[name] = mcu.bus.call("site.create", name=name)["id"]
            mcu.bus.call("terminal.create", name=name, password=_PASSWORD, display=name, site=made[name])
        yield made
    finally:
        for name, ident in made.items():
            with contextlib.suppress(Exception):
                mcu.bus.call("terminal.delete", name=name)
            mcu.bus.call("site.delete", id=ident)


async def _account(seat: Seat, number: int, name: str) -> Terminal:
    """Registered, which the account takes a moment for."""
    terminal = await seat(number, dial=None, user=name, password=_PASSWORD)
    await terminal.registered()
    return terminal


async def test_only_invited_sites_come_in(mcu: Mcu, seat: Seat, room: str, sites: dict[str, int]) -> None:
    mcu.bus.call("room.change", number=room, entry="list")
    mcu.bus.call("room.set_sites", number=room, sites=[sites["vinh"]])
    vinh, hue = await _account(seat, 0, "vinh"), await _account(seat, 1, "hue")
    stranger = await seat(2, dial=None)
    assert await turned_away(hue, room) == 403
    assert await turned_away(stranger, room) == 403
    await vinh.dial(room)
    await vinh.sees(auto(1), [vinh.colour])
    (person,) = mcu.people(room)
    assert (person["site"], person["terminal"]) == (sites["vinh"], "vinh")


async def test_the_presiding_site_opens_the_meeting(mcu: Mcu, seat: Seat, room: str, sites: dict[str, int]) -> None:
    mcu.bus.call("room.change", number=room, entry="known", lobby="host", presiding_site_id=sites["hue"])
    vinh, hue = await _account(seat, 0, "vinh"), await _account(seat, 1, "hue")
    stranger = await seat(2, dial=None)
    assert await turned_away(stranger, room) == 403
    await vinh.dial(room)
    await vinh.until(lambda: mcu.bus.call("room.direction", room=room)["lobby"], 10, "a place in the lobby")
    assert mcu.people(room) == []
    await hue.dial(room)
    await vinh.sees(auto(2), [hue.colour, vinh.colour], seconds=12)
    roles = {person["terminal"]: person["role"] for person in mcu.people(room)}
    assert roles["hue"] == "chair"

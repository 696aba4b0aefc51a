"""Rooms and terminals for the call tests. Everything here is marked ``calls``."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.calls.seating import Seat
from tests.probe import Terminal, palette
from tests.product import Mcu

_numbers = itertools.count(2001)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.calls)


@pytest.fixture
def room(request: pytest.FixtureRequest) -> Iterator[str]:
    """The number of a room of this test's own, on the product that the test uses, open to guests."""
    product: Mcu = request.getfixturevalue("own_mcu" if "own_mcu" in request.fixturenames else "mcu")
    number = str(next(_numbers))
    product.bus.call("room.create", number=number, name=f"Phòng {number}", guests=True)
    yield number
    with contextlib.suppress(Exception):
        product.bus.call("room.delete", number=number)


@pytest.fixture
async def seat(request: pytest.FixtureRequest, room: str, tmp_path: Path) -> AsyncIterator[Seat]:
    """``await seat(n, …)``: the n-th terminal, with a colour and a tone of its own, in the room.

    ``dial`` calls another number (None: no call yet). The rest goes to Terminal. All hang up at the end of the test,
    and leave their last pictures in its folder.
    """
    product: Mcu = request.getfixturevalue("own_mcu" if "own_mcu" in request.fixturenames else "mcu")
    async with contextlib.AsyncExitStack() as stack:
        terminals: list[Terminal] = []

        async def seat_one(number: int, dial: str | None = room, **options: Any) -> Terminal:
            colour, tone = palette(number)
            given: dict[str, Any] = {"colour": colour, "tone": tone, "display": f"Probe {number}"} | options
            terminal = await stack.enter_async_context(Terminal(product.sip, **given))
            terminals.append(terminal)
            if dial is not None:
                people = len(product.people(dial))
                await terminal.dial(dial)
                # The 200 comes before the room has taken the call in; the order of joining is the order of the tiles.
                await terminal.until(lambda: len(product.people(dial)) > people, 10, f"a seat in room {dial}")
            return terminal

        yield seat_one
        for terminal in terminals:
            terminal.save(tmp_path)

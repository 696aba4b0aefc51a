"""Terminals of IPv6: signalling, H.245 and media, in a room with one of IPv4."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from mcu.h323.media import Address
from mcu.h323.ras.outside import OutsideGatekeeper
from mcu.h323.ras.requests import Membership
from tests.calls.tiles import auto
from tests.probe.h323 import H323Terminal
from tests.product import Mcu
from tests.waiting import until

ROOM = "4006"


@pytest.fixture(scope="module")
def everywhere() -> Iterator[Mcu]:
    """An MCU whose gateway listens on both families, the rest of it on loopback as always."""
    product = Mcu(MCU_H323__BIND="::", MCU_SIP__GUESTS="true")
    try:
        product.start()
        product.bus.call("room.create", number=ROOM, name="Both", guests=True)
        yield product
    finally:
        product.stop()


@pytest.fixture
async def old(everywhere: Mcu) -> AsyncIterator[H323Terminal]:
    """A terminal of IPv4 in the room."""
    async with H323Terminal(everywhere.h323, colour="red", tone=500, name="Four") as terminal:
        await terminal.dial(ROOM)
        yield terminal


@pytest.mark.parametrize(
    "options",
    [{}, {"tunnelling": False}, {"tunnelling": False, "listens": True}],
    ids=["tunnelled", "separate", "comes"],
)
async def test_both_hear_and_see_each_other(everywhere: Mcu, old: H323Terminal, options: dict[str, Any]) -> None:
    gateway = ("::1", everywhere.h323[1])
    async with H323Terminal(gateway, host="::1", colour="blue", tone=700, name="Six", **options) as terminal:
        await terminal.dial(ROOM)
        await terminal.hears({500}, {500, 700})
        await old.hears({700}, {500, 700})
        await terminal.sees(auto(2), ["red", "blue"], seconds=20)
        await old.sees(auto(2), ["red", "blue"], seconds=20)


async def test_one_registers_and_is_called(everywhere: Mcu, old: H323Terminal) -> None:
    gateway = ("::1", everywhere.h323[1])
    async with H323Terminal(gateway, host="::1", colour="blue", tone=700, name="Six") as terminal:
        host, port = await terminal.wait_for_calls()
        there = Address(host, port)
        member = Membership(gatekeeper=None, aliases=("66001",), signalling=there, ras=there)
        ras = OutsideGatekeeper(f"[::1]:{everywhere.environment['MCU_H323__RAS_PORT']}", member, lambda event: None)
        ras.start("::1")
        await until(lambda: ras.joined is not None, "its registration", 20)
        everywhere.bus.call("call.dial", room=ROOM, address="h323:66001", name="Six")
        await old.hears({700}, {500, 700}, seconds=20)
        await ras.stop()

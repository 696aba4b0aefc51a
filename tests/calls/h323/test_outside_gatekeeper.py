"""An MCU that is registered with somebody else's gatekeeper: it asks there for who it doesn't know, and may answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from mcu.h323.media import Address
from mcu.h323.ras import Account, Gatekeeper, Policy
from mcu.h323.ras.events import Admitted, Event
from mcu.h323.ras.outside import OutsideGatekeeper
from mcu.h323.ras.requests import Membership
from mcu.h323.ras.udp import GatekeeperServer, Here
from tests.calls.tiles import auto
from tests.patience import Patience
from tests.probe.h323 import H323Terminal
from tests.product import Mcu
from tests.waiting import until_in_thread

ROOM = "4002"
FAR = Account(name="far", aliases=("88001",))
OURS = Account(name="mcu", aliases=("40",), password="bí mật")


@dataclass
class Elsewhere:
    """The other gatekeeper, an MCU that is registered there, and what happened."""

    gatekeeper: Gatekeeper
    mcu: Mcu
    address: Address
    events: list[Event] = field(default_factory=list)

    def admitted(self, answering: bool) -> list[str]:
        return [e.destination for e in self.events if isinstance(e, Admitted) and e.answering is answering]


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    events: list[Event] = []
    gatekeeper = Gatekeeper(Policy(identifier="Elsewhere"), [FAR, OURS], here=Here("127.0.0.1"))
    server = GatekeeperServer(gatekeeper, events.append)
    address = await server.start("127.0.0.1", 0)
    product = Mcu(
        MCU_H323__GATEKEEPER__ADDRESS=str(address),
        MCU_H323__GATEKEEPER__ALIAS="mcu",
        MCU_H323__GATEKEEPER__NUMBER="40",
        MCU_H323__GATEKEEPER__PASSWORD="bí mật",
    )
    try:
        await asyncio.to_thread(product.start)
        product.bus.call("room.create", number=ROOM, name="Elsewhere", guests=True)
        yield Elsewhere(gatekeeper, product, address, events)
    finally:
        await asyncio.to_thread(product.stop)
        server.stop()


async def test_calls_go_by_the_other_gatekeeper(elsewhere: Elsewhere) -> None:
    mcu, gatekeeper = elsewhere.mcu, elsewhere.gatekeeper

    async def until(condition: str, seconds: float = 20) -> None:
        patience = Patience(seconds)
        conditions: dict[str, Callable[[], bool]] = {
            "the MCU's registration": lambda: gatekeeper.find("40") == Address(*mcu.h323),
            "the terminal's registration": lambda: gatekeeper.find("88001") is not None,
            "leave to answer": lambda: ROOM in elsewhere.admitted(answering=True),
            "no call": lambda: gatekeeper.registry.calls == 0,
        }
        while not conditions[condition]():
            assert not patience.over, f"{patience}: {condition}: {elsewhere.events}"
            await asyncio.sleep(0.02)

    await until("the MCU's registration")
    await until_in_thread(lambda: mcu.bus.call("h323.registered")["outside"]["registered"], "that the MCU knows it")
    async with H323Terminal(mcu.h323, colour="blue", tone=700, name="Far") as far:
        host, port = await far.wait_for_calls()
        there = Address(host, port)
        member = Membership(gatekeeper=None, aliases=("88001",), signalling=there, ras=there)
        ras = OutsideGatekeeper(str(elsewhere.address), member, lambda event: None)
        ras.start("127.0.0.1")
        await until("the terminal's registration")
        mcu.bus.call("call.dial", room=ROOM, address="h323:88001", name="Far")
        await far.sees(auto(1), ["blue"], seconds=15)
        assert elsewhere.admitted(answering=False) == ["88001"]
        assert gatekeeper.registry.calls == 1
    await until("no call")
    async with H323Terminal(mcu.h323, colour="blue", tone=700, name="Far") as far:
        await far.dial(ROOM)
        await far.sees(auto(1), ["blue"], seconds=15)
        await until("leave to answer")
    await until("no call")
    await ras.stop()

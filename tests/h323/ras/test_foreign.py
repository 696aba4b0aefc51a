"""chan_ooh323, whose RAS nobody here wrote, registers with our gatekeeper, calls by it and keeps alive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mcu.h323 import causes
from mcu.h323.media import Address
from mcu.h323.ras import Account, Gatekeeper, Policy, claims
from mcu.h323.ras.events import Admitted, Disengaged, Event, Registered
from mcu.h323.ras.udp import GatekeeperServer, Here
from mcu.h323.signalling import CallSignalling, Endpoint, SetupReceived
from tests.calls.h323.ooh323 import Ooh323

# An address of loopback on which nobody else listens: it knows gatekeepers on port 1719 only.
HERE = "127.0.19.17"


class Busy(asyncio.Protocol):
    """Whoever calls is told that we are busy."""

    def __init__(self) -> None:
        self.dialled: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.call = CallSignalling.answering(Endpoint(address=Address(HERE, 1720)), 0)

    def data_received(self, data: bytes) -> None:
        for event in self.call.feed(data, 0):
            if isinstance(event, SetupReceived):
                self.dialled.append(event.number)
                self.call.release(causes.USER_BUSY)
        self.transport.write(self.call.take())


async def test_a_foreign_stack_registers_calls_and_keeps_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "TIME_TO_LIVE_LEAST", 3)
    events: list[Event] = []
    busy = Busy()
    listener = await asyncio.get_running_loop().create_server(lambda: busy, HERE, 0)
    signalling = Address(HERE, listener.sockets[0].getsockname()[1])
    policy = Policy(identifier="MCU", signalling=signalling, time_to_live=3)
    gatekeeper = Gatekeeper(policy, [Account(name="tongdai", aliases=("7001",))], here=Here(HERE))
    server = GatekeeperServer(gatekeeper, events.append)
    await server.start(HERE, 1719)
    peer = Ooh323((HERE, signalling.port), fast_start=False, tunnelling=True, gatekeeper=HERE)

    def seen(kind: type[Event]) -> bool:
        return any(isinstance(event, kind) for event in events)

    async def until(true: Callable[[], bool], what: str) -> None:
        end = asyncio.get_running_loop().time() + 40
        while not true():
            assert asyncio.get_running_loop().time() < end, f"{what}: {events}\n{peer.log}"
            await asyncio.sleep(0.02)

    try:
        async with peer:
            await until(lambda: gatekeeper.find("7001") is not None, "its registration")
            found, (one,) = gatekeeper.find("tongdai"), gatekeeper.registry
            assert found is not None
            assert (found.port, one.product) == (peer.address[1], "ooh323 v0.8.3m")
            first = one.heard
            await peer.console("channel originate OOH323/1001 application Echo")
            await until(lambda: seen(Disengaged), "the end of its call")
            admitted = next(event for event in events if isinstance(event, Admitted))
            assert (admitted.destination, admitted.target, admitted.answering) == ("1001", signalling, False)
            assert busy.dialled == ["1001"]
            assert gatekeeper.registry.calls == 0
            await until(lambda: one.heard > first, "its keep-alive")
        assert (gatekeeper.garbled, gatekeeper.throttled) == (0, 0)
        assert [type(event) for event in events].count(Registered) == 1
    finally:
        server.stop()
        listener.close()
        await listener.wait_closed()

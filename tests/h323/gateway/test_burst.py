"""Who pours thousands of messages into one connection: others have their turn meanwhile, and then it is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog.testing

from mcu import config
from mcu.h323 import causes, per, sip
from mcu.h323.gateway import Gateway, link
from mcu.h323.gateway.limits import MessageLimit
from mcu.h323.gateway.link import Link
from tests.asterisk.running import free_ports
from tests.h323.sip.fake_asterisk import FakeAsterisk
from tests.patience import Patience
from tests.probe.h323_light import LightTerminal

TINY = per.encode_h245(("request", ("roundTripDelayRequest", {"sequenceNumber": 1})))


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    port, ras, sip_port = free_ports(3)
    fake = FakeAsterisk()
    await fake.start()
    settings = config.H323(port=port, ras_port=ras, sip_port=sip_port)
    made = Gateway(settings, "127.0.0.1", fake.address, sip.Account("h323", "x"), lambda event, data: None)
    await made.start()
    yield made
    await made.stop()
    fake.close()
    await asyncio.sleep(0)


async def _opened(handled: list[tuple[str, bytes]], name: str) -> tuple[Link, asyncio.StreamWriter, asyncio.Server]:
    """A link, and who writes into it."""
    here = Link(lambda octets: handled.append((name, octets)), lambda: handled.append((name, b"lost")))
    server = await asyncio.get_running_loop().create_server(lambda: here, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    return here, writer, server


async def _until(true: Any) -> None:
    patience = Patience(30)
    while not true():
        assert not patience.over, str(patience)
        await asyncio.sleep(0)


async def test_connections_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "_TURN", 0.0)  # a piece a turn, however fast the machine
    handled: list[tuple[str, bytes]] = []
    one, first, server = await _opened(handled, "burst")
    other, second, beside = await _opened(handled, "honest")
    burst = bytes(number & 255 for number in range(20_000))
    one.data_received(burst)
    other.data_received(b"hello")
    assert handled[-1] == ("honest", b"hello"), "who comes later does not wait for all of the burst"
    assert sum(len(octets) for _, octets in handled) < 1000
    first.write(b"and more")  # stays in the kernel until there is room
    first.write_eof()
    await _until(lambda: ("burst", b"lost") in handled)
    assert b"".join(octets for name, octets in handled if name == "burst") == burst + b"and more" + b"lost"
    for closing in (first, second):
        closing.close()
        await closing.wait_closed()
    await _until(lambda: ("honest", b"lost") in handled)
    for each in (server, beside):
        each.close()
        await each.wait_closed()


async def test_what_waits_is_dropped_with_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "_TURN", 0.0)
    handled: list[tuple[str, bytes]] = []
    one, writer, server = await _opened(handled, "burst")
    one.data_received(bytes(20_000))
    one.abort()
    await one.closed.wait()
    before = len(handled)
    await asyncio.sleep(0)
    assert len(handled) == before
    writer.close()
    server.close()
    await server.wait_closed()


def test_messages_are_counted_in_windows() -> None:
    limit = MessageLimit(3, 5.0)
    told = [limit.passes(at) for at in (0, 1, 2, 3, 4.9, 5.1, 5.2, 5.3, 5.4)]
    assert told == [True, True, True, False, False, True, True, True, False]


@pytest.mark.parametrize("tunnelling", [True, False], ids=["tunnelled", "separate"])
async def test_a_burst_ends_its_call_and_no_other(gateway: Gateway, tunnelling: bool) -> None:
    async with (
        LightTerminal(("127.0.0.1", gateway.settings.port), tunnelling=tunnelling, host="127.66.0.9") as burst,
        LightTerminal(("127.0.0.1", gateway.settings.port), tunnelling=tunnelling) as honest,
    ):
        for each in (burst, honest):
            await each.begin("1001")
            assert await each.answered()
        with structlog.testing.capture_logs() as told:
            burst.pour(TINY, 5000)
            await _until(lambda: not burst.up)
        assert burst.cause == causes.PROTOCOL_ERROR
        assert [line["why"] for line in told if line["event"] == "h323.call_over"] == ["too many H.245 messages"]
        with structlog.testing.capture_logs() as told:
            honest.pour(TINY, 100)  # all that a lively terminal says in five seconds, several times over
            await honest.hang_up()
            await _until(lambda: not gateway.calls)
        assert [line["why"] for line in told if line["event"] == "h323.call_over"] == ["hung up"]

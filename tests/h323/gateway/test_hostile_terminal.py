"""Terminals that we call and that answer nonsense: each call of Asterisk's ends all the same, and nothing is left."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog.testing

from mcu import config
from mcu.h323 import q931, sip, tpkt
from mcu.h323.gateway import Gateway, link
from mcu.h323.media import Address
from mcu.h323.signalling import CallSignalling, Endpoint
from tests.asterisk.running import free_ports
from tests.calls.h323.rubbish import Rubbish
from tests.h323.sip.fake_asterisk import FakeAsterisk
from tests.waiting import until

OFFER = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    b"m=video 40002 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=42e01f;packetization-mode=1\r\n"
)
CALLS = 60


class HostileTerminal:
    """Answers Setup with nonsense, or connects and then talks nonsense, and hangs up."""

    def __init__(self, chance: random.Random) -> None:
        self._chance, self._rubbish = chance, Rubbish(chance)
        self._server: asyncio.Server | None = None
        self.port = self.calls = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._called, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        local = Endpoint(address=Address("127.0.0.1", self.port), name="Hostile", mcu=False)
        session = CallSignalling.answering(local, 0.0)
        with contextlib.suppress(ConnectionError):
            setup = await reader.read(65536)
            reference = q931.decode(tpkt.Deframer().feed(setup)[0]).reference
            session.feed(setup, 0.0)
            polite = self._chance.random() < 0.5
            if polite:
                session.connect()
            for _ in range(self._chance.randrange(1, 12)):
                if polite and session.tunnelling and self._chance.random() < 0.8:
                    session.send_h245(self._rubbish.control("terminalCapabilitySet", "openLogicalChannelAck"))
                    writer.write(session.take())
                else:
                    writer.write(session.take() + self._rubbish.answer(reference))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.02):
                        if not await reader.read(65536):
                            break
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@pytest.fixture
async def terminal() -> AsyncIterator[HostileTerminal]:
    made = HostileTerminal(random.Random(1))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(autouse=True)
def only_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nonsense names addresses, too: none but this machine's is knocked at."""
    real = link.connect

    async def connect(address: Address, *arguments: Any) -> None:
        if not address.host.startswith("127."):
            raise OSError("not this machine")
        await real(address, *arguments)

    for module in ("gateway", "link"):
        monkeypatch.setattr(f"mcu.h323.gateway.{module}.connect", connect)


@pytest.mark.parametrize("options", [{}, {"fast_start": True}, {"tunnelling": False}], ids=str)
async def test_calls_to_a_terminal_that_answers_nonsense(terminal: HostileTerminal, options: dict[str, Any]) -> None:
    port, ras, sip_port = free_ports(3)
    fake = FakeAsterisk()
    await fake.start()
    settings = config.H323(port=port, ras_port=ras, sip_port=sip_port, **options)
    gateway = Gateway(settings, "127.0.0.1", fake.address, sip.Account("h323", "x"), lambda event, data: None)
    await gateway.start()
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context))
    try:
        with structlog.testing.capture_logs() as told:
            for number in range(CALLS):
                fake.invite(gateway.agent.local, f"127.0.0.1%3A{terminal.port}", OFFER, f"{number}@asterisk")
                if number % 10 == 9:
                    await until(
                        lambda number=number: terminal.calls > number and not gateway.calls,  # type: ignore[misc]
                        "the end of ten calls",
                    )
    finally:
        await gateway.stop()
        fake.close()
        await asyncio.sleep(0)
    assert not faults
    assert not [line for line in told if line["log_level"] == "error"]
    assert gateway.counts["calls_out"] == CALLS

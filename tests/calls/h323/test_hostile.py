"""Strangers at the H.323 ports: whatever they send, leave out or send too often, the next honest call is served.

They come from addresses of their own (all of 127.0.0.0/8 is this machine), so that limits meet them alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator

import pytest

from mcu.h323.media import Address
from tests.calls.h323.rubbish import Rubbish, datagrams, stranger
from tests.h323 import vectors
from tests.probe.h323_light import LightTerminal
from tests.product import Mcu
from tests.waiting import until_in_thread

_WRONG = re.compile(r"Traceback|\blevel=(?:error|critical)\b|Fatal error|never retrieved")


def _strangers(mcu: Mcu) -> list[str]:
    return [call["address"] for call in mcu.bus.call("h323.calls") if not call["address"].startswith("127.0.")]


@pytest.fixture(autouse=True)
async def unharmed(mcu: Mcu, room: str) -> AsyncIterator[None]:
    """The gateway is the same process afterwards, has no fault in its log and no call left, and serves who calls."""
    pid, log = mcu.pid("h323"), mcu.home / "log" / "h323.log"
    before = log.stat().st_size
    yield
    for tunnelling in (True, False):
        async with LightTerminal(mcu.h323, tunnelling=tunnelling) as honest:
            await honest.dial(room)
    assert mcu.pid("h323") == pid
    await until_in_thread(lambda: not _strangers(mcu), "that the strangers' calls have ended")
    await until_in_thread(
        lambda: "PJSIP/h323-" not in mcu.console("core show channels concise"), "no channel of theirs"
    )
    with log.open(errors="replace") as told:
        told.seek(before)
        assert not [line for line in told if _WRONG.search(line)]


async def _connect(mcu: Mcu, host: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*mcu.h323, local_addr=(host, 0))


async def _rest(reader: asyncio.StreamReader, seconds: float) -> bytes:
    """What comes until the other side closes. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
    return b""


async def test_who_does_not_call_is_thrown_out(mcu: Mcu) -> None:
    """Nothing, half a TPKT, or one octet after the other: there are ten seconds for a Setup, however they are used."""
    setup = Rubbish(random.Random(1)).setup()
    async with contextlib.AsyncExitStack() as stack:
        readers = []
        for part in (b"", setup[:3], setup[: len(setup) // 2], b""):
            reader, writer = await _connect(mcu, "127.66.0.1")
            stack.callback(writer.close)
            writer.write(part)
            readers.append(reader)

        async def trickle() -> None:
            with contextlib.suppress(ConnectionError):
                for octet in b"\3\0\x1f\0" + bytes(1000):
                    writer.write(bytes([octet]))
                    await asyncio.sleep(0.1)

        trickling = asyncio.create_task(trickle())
        assert await asyncio.gather(*(_rest(reader, 90) for reader in readers)) == [b""] * len(readers)
        trickling.cancel()
        await asyncio.gather(trickling, return_exceptions=True)


async def test_one_address_has_so_many_connections_and_others_are_served(mcu: Mcu, room: str) -> None:
    most = 20  # h323.connections_per_address
    refused = mcu.bus.call("h323.status")["connections_refused"]
    async with contextlib.AsyncExitStack() as stack:
        for number in range(most + 10):
            reader, writer = await _connect(mcu, "127.66.0.2")
            stack.callback(writer.close)
            if number >= most:
                assert await _rest(reader, 60) == b""
        assert mcu.bus.call("h323.status")["connections_refused"] - refused == 10
        async with LightTerminal(mcu.h323) as honest:
            await honest.dial(room)


async def test_a_flood_of_setups(mcu: Mcu, room: str) -> None:
    chance = random.Random(2)
    rubbish = Rubbish(chance)

    async def flood() -> None:
        reader, writer = await _connect(mcu, stranger(chance))
        with contextlib.suppress(ConnectionError, TimeoutError):
            for _ in range(10):
                writer.write(rubbish.setup() + rubbish.signalling())
            await writer.drain()
            await _rest(reader, 0.3)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async with LightTerminal(mcu.h323) as honest:
        *_, _ = await asyncio.gather(honest.dial(room), *(flood() for _ in range(15)))
        assert honest.up


@pytest.mark.parametrize("tunnelling", [True, False], ids=["tunnelled", "separate"])
async def test_wrong_capabilities_and_channels(mcu: Mcu, room: str, tunnelling: bool) -> None:
    """Some end their call at once, some only after hundreds; those who say nothing wrong stay."""
    chance = random.Random(3)
    rubbish = Rubbish(chance)

    async def say() -> None:
        async with LightTerminal(
            mcu.h323, tunnelling=tunnelling, video=chance.random() < 0.5, host=stranger(chance)
        ) as caller:
            await caller.begin(room)
            if not await caller.answered():
                return
            for _ in range(30):
                if caller.up:
                    caller.say(rubbish.control("terminalCapabilitySet", "openLogicalChannel"))
                await asyncio.sleep(0.01)

    async with LightTerminal(mcu.h323) as honest:
        await honest.dial(room)
        await asyncio.gather(*(say() for _ in range(6)))
        assert honest.up


async def test_an_h245_connection_of_a_stranger_is_closed(mcu: Mcu, room: str) -> None:
    met = []

    async def first(address: Address) -> None:
        reader, writer = await asyncio.open_connection(address.host, address.port, local_addr=("127.66.0.3", 0))
        met.append(await _rest(reader, 60))
        writer.close()

    async with LightTerminal(mcu.h323, tunnelling=False) as terminal:
        terminal.before_h245 = first
        await terminal.dial(room)
        assert met == [b""], "it is told nothing"
        assert terminal.up, "and who is awaited gets in all the same"


async def test_garbage_at_the_gatekeeper(mcu: Mcu) -> None:
    chance = random.Random(4)
    rubbish, ras = Rubbish(chance), (mcu.h323[0], int(mcu.environment["MCU_H323__RAS_PORT"]))
    for _ in range(20):
        with contextlib.closing(datagrams(stranger(chance))) as sock:
            for _ in range(10):
                sock.sendto(rubbish.registration(), ras)
            sock.sendto(chance.randbytes(chance.randrange(0, 9000)), ras)
        await asyncio.sleep(0.02)
    loop = asyncio.get_running_loop()
    with contextlib.closing(datagrams("127.66.0.4")) as sock:
        request = vectors.pick("gatekeeperRequest").octets
        for _ in range(5):  # a datagram more or less may be lost among so many
            await loop.sock_sendto(sock, request, ras)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3):
                    assert await loop.sock_recv(sock, 8192)
                    return
    raise AssertionError("the gatekeeper does not answer")

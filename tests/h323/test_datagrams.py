"""The UDP transport: many datagrams a round, and none that stops it."""

from __future__ import annotations

import asyncio
import socket

import pytest

from mcu.h323.datagrams import open_datagrams


class Heard(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.errors: list[Exception] = []
        self.lost = asyncio.Event()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard.append(data)

    def error_received(self, exc: Exception) -> None:
        self.errors.append(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()


async def _until(heard: Heard, count: int) -> None:
    async with asyncio.timeout(60):
        while len(heard.heard) < count:
            await asyncio.sleep(0)


async def test_a_round_takes_what_waits_but_no_more_than_it_may() -> None:
    heard = Heard()
    transport = await open_datagrams(heard, "127.0.0.1", 0, most=8)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(12):
            sender.sendto(bytes([number]), transport.get_extra_info("sockname"))
        transport._read()
        assert heard.heard == [bytes([number]) for number in range(8)]
        await _until(heard, 12)
    transport.close()
    await heard.lost.wait()
    transport.sendto(b"late", ("127.0.0.1", 9))  # is no error


async def test_a_peer_that_is_gone_stops_nothing() -> None:
    heard = Heard()
    transport = await open_datagrams(heard, "127.0.0.1", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        gone = other.getsockname()
    for _ in range(3):
        transport.sendto(b"x", gone)
    transport.sendto(b"x" * 100_000, gone)  # too long for UDP
    assert [type(error) for error in heard.errors] == [OSError]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"still here", transport.get_extra_info("sockname"))
        await _until(heard, 1)
    transport.close()
    await heard.lost.wait()


async def test_a_port_that_is_taken_is_an_error() -> None:
    heard = Heard()
    transport = await open_datagrams(heard, "127.0.0.1", 0)
    with pytest.raises(OSError, match="in use"):
        await open_datagrams(Heard(), *transport.get_extra_info("sockname"))
    transport.close()
    await heard.lost.wait()

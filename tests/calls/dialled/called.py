"""A SIP address that takes a call's first request and answers as it is told: 486, 180 and then nothing, …"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from tests.probe.sip_message import SipMessage, parse
from tests.probe.user_agent import Address


class Called(asyncio.DatagramProtocol):
    """``status`` answers every INVITE; a provisional one leaves it ringing until it is cancelled."""

    def __init__(self, status: str) -> None:
        self.status = status
        self.requests: list[SipMessage] = []
        self.address: Address = ("", 0)
        self._tag = secrets.token_hex(4)
        self._invite: tuple[SipMessage, Address] | None = None
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.address = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: Address) -> None:
        message = parse(data)
        if not message.is_request:
            return
        if message.method == "INVITE":
            self._invite = message, addr
            self._answer(message, addr, self.status)
        elif message.method == "CANCEL" and self._invite:
            self._answer(message, addr, "200 OK")
            self._answer(*self._invite, "487 Request Terminated")
        self.requests.append(message)

    def methods(self) -> list[str]:
        return [request.method for request in self.requests]

    def _answer(self, request: SipMessage, to: Address, status: str) -> None:
        copied = [
            (name, value) for name, value in request.headers if name.lower() in ("via", "from", "call-id", "cseq")
        ]
        headers = [*copied, ("To", f"{request.header('To')};tag={self._tag}")]
        if self._transport is not None:
            self._transport.sendto(SipMessage(f"SIP/2.0 {status}", headers).encode(), to)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def listening(status: str) -> AsyncIterator[Called]:
    _, called = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Called(status), local_addr=("127.0.0.1", 0)
    )
    try:
        yield called
    finally:
        called.close()

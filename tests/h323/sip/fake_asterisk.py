"""The other end of the gateway's SIP: a socket and messages put together by the test, as odd as it likes."""

from __future__ import annotations

import asyncio
from typing import Any

from sipmessage import Message, Request, Response

from mcu.h323.sip.messages import new_branch, response_to


class FakeAsterisk(asyncio.DatagramProtocol):
    """``requests`` and ``responses`` hold what came and was not taken yet."""

    def __init__(self) -> None:
        self.requests: asyncio.Queue[Request] = asyncio.Queue()
        self.responses: asyncio.Queue[Response] = asyncio.Queue()
        self.address = ("", 0)
        self.agent = ("", 0)
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.address = self._transport.get_extra_info("sockname")

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        message = Message.parse(data)
        self.agent = addr
        if isinstance(message, Request):
            self.requests.put_nowait(message)
        else:
            self.responses.put_nowait(message)

    def send(self, octets: bytes) -> None:
        assert self._transport is not None
        self._transport.sendto(octets, self.agent)

    async def request(self, method: str, seconds: float = 30) -> Request:
        """The next request of that method; others are passed over."""
        async with asyncio.timeout(seconds):
            while True:
                found = await self.requests.get()
                if found.method == method:
                    return found

    async def response(self, code: int, seconds: float = 30) -> Response:
        async with asyncio.timeout(seconds):
            while True:
                found = await self.responses.get()
                if found.code == code:
                    return found

    def answer(self, request: Request, code: int, body: bytes = b"", **headers: str) -> None:
        response = response_to(request, code, "theirs")
        response.headers.set("Contact", f"<sip:{self.address[0]}:{self.address[1]}>")
        for name, value in headers.items():
            response.headers.set(name.replace("_", "-"), value)
        if body:
            response.headers.set("Content-Type", "application/sdp")
            response.headers.set("Content-Length", str(len(body)))
            response.body = body
        self.send(bytes(response))

    def within(self, invite: Request, method: str, body: bytes = b"", number: int = 1, **headers: str) -> None:
        """A request of ours in the dialog that their ``invite`` opened."""
        request = Request(method, invite.contact[0].uri)
        request.headers.set("Via", f"SIP/2.0/UDP {self.address[0]}:{self.address[1]};branch={new_branch()}")
        request.headers.set("From", f"{invite.headers['To']};tag=theirs")
        request.headers.set("To", invite.headers["From"])
        request.headers.set("Call-ID", invite.call_id)
        request.headers.set("CSeq", f"{number} {method}")
        request.headers.set("Contact", f"<sip:{self.address[0]}:{self.address[1]}>")
        for name, value in headers.items():
            request.headers.set(name.replace("_", "-"), value)
        request.body = body
        request.headers.set("Content-Length", str(len(body)))
        self.send(bytes(request))

    def invite(self, to: tuple[str, int], user: str, body: bytes, call_id: str = "theirs@asterisk") -> bytes:
        """An INVITE to the gateway, as octets, that is sent."""
        host, port = self.address
        lines = [
            f"INVITE sip:{user}@{to[0]}:{to[1]} SIP/2.0", f"Via: SIP/2.0/UDP {host}:{port};branch={new_branch()}",
            f'From: "Phòng họp" <sip:mcu@{host}>;tag=theirs', f"To: <sip:{user}@{to[0]}>", f"Call-ID: {call_id}",
            "CSeq: 1 INVITE", f"Contact: <sip:{host}:{port}>", "Content-Type: application/sdp",
            f"Content-Length: {len(body)}",
        ]  # fmt: skip
        octets = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        self.agent = to
        self.send(octets)
        return octets

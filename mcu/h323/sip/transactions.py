"""SIP transactions over one UDP socket (RFC 3261 17), driven by asyncio's timers: nothing waits, all is called back.

On loopback a datagram is lost only when a buffer is full or the other side is being started again; the retransmissions
of the standard bridge both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from sipmessage import CSeq, Message, Request, Response

_log = structlog.get_logger("mcu.h323")

T1, T2 = 0.5, 4.0  # s, RFC 3261 17.1.1.1
TIMEOUT = 64 * T1
_MOST_SERVER_TRANSACTIONS = 10_000
Peer = tuple[str, int]
OnResponse = Callable[[Response | None], None]


def branch_of(message: Message) -> str:
    """The branch of the topmost Via. Raises ValueError or KeyError without one."""
    return str(message.via[0].parameters["branch"])


class ClientTransaction:
    """A request of ours; ``on_response`` gets each response once, None when there was no final one within TIMEOUT."""

    def __init__(self, endpoint: Endpoint, request: Request, on_response: OnResponse) -> None:
        self.request = request
        self.answered = False  # by any response
        self._endpoint = endpoint
        self._on_response = on_response
        self._octets = bytes(request)
        self._wait = T1
        self._ack: bytes | None = None
        self.key = (branch_of(request), request.method)
        endpoint.clients[self.key] = self
        endpoint.send(self._octets)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._wait, self._again)
        self._limit: asyncio.TimerHandle | None = loop.call_later(TIMEOUT, self._finish, None)

    def received(self, response: Response) -> None:
        first, self.answered = not self.answered, True
        invite = self.request.method == "INVITE"
        if response.code < 200:
            if invite:  # it may ring for as long as its user likes: whoever called bounds that
                self._timer.cancel()
                if first and self._limit is not None:
                    self._limit.cancel()
                    self._limit = None
            self._on_response(response)
            return
        if self._ack is not None:  # the refusal came again: our ACK was lost
            self._endpoint.send(self._ack)
            return
        if invite and response.code >= 300:
            self._ack = bytes(_ack_of_refusal(self.request, response))
            self._endpoint.send(self._ack)
            self._timer.cancel()
            if self._limit is not None:
                self._limit.cancel()
            # Timer D: a refusal that is sent again gets its ACK again.
            self._limit = asyncio.get_running_loop().call_later(TIMEOUT, self._forget)
            self._on_response(response)
            return
        self._finish(response)

    def drop(self) -> None:
        """Forget it; nothing is called any more."""
        self._on_response = lambda _: None
        self._forget()

    def _again(self) -> None:
        self._endpoint.send(self._octets)
        # An INVITE's interval doubles without bound, any other request's up to T2 (17.1.1.2, 17.1.2.2).
        self._wait = 2 * self._wait if self.request.method == "INVITE" else min(2 * self._wait, T2)
        self._timer = asyncio.get_running_loop().call_later(self._wait, self._again)

    def _finish(self, response: Response | None) -> None:
        self._forget()
        self._on_response(response)

    def _forget(self) -> None:
        self._timer.cancel()
        if self._limit is not None:
            self._limit.cancel()
        self._endpoint.clients.pop(self.key, None)


def _ack_of_refusal(request: Request, response: Response) -> Request:
    """RFC 3261 17.1.1.3: the INVITE's Via and number, the response's To."""
    ack = Request("ACK", request.uri)
    for name in ("Via", "Max-Forwards", "From", "Call-ID"):
        ack.headers.setlist(name, list(request.headers.getlist(name)))
    ack.headers.set("To", response.headers["To"])
    ack.cseq = CSeq(request.cseq.sequence, "ACK")
    ack.headers.set("Content-Length", "0")
    return ack


class ServerTransaction:
    """A request of the other side's, and the latest answer, which is sent again whenever the request comes again."""

    def __init__(self, endpoint: Endpoint, request: Request, peer: Peer) -> None:
        self.request = request
        self.done = False  # a final answer was given
        self._endpoint = endpoint
        self._peer = peer
        self._octets = b""
        self._wait = T1
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self._on_silence: Callable[[], None] = lambda: None
        self.key = (branch_of(request), request.method)
        endpoint.servers[self.key] = self

    def respond(self, response: Response, on_silence: Callable[[], None] | None = None) -> None:
        """``on_silence`` is called when no ACK comes for a final answer to an INVITE."""
        if self.done:
            return
        self._octets = bytes(response)
        self.repeat()
        if response.code < 200:
            return
        self.done = True
        loop = asyncio.get_running_loop()
        loop.call_later(TIMEOUT, self._forget)
        if self.request.method == "INVITE":
            self._on_silence = on_silence or self._on_silence
            self._deadline = loop.time() + TIMEOUT
            self._timer = loop.call_later(self._wait, self._again)

    def repeat(self) -> None:
        if self._octets:
            self._endpoint.send(self._octets, self._peer)

    def acknowledged(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _again(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() >= self._deadline:
            self._timer = None
            self._on_silence()
            return
        self.repeat()
        self._wait = min(2 * self._wait, T2)
        self._timer = loop.call_later(self._wait, self._again)

    def _forget(self) -> None:
        self._endpoint.servers.pop(self.key, None)


class Endpoint(asyncio.DatagramProtocol):
    """The socket. ``on_request`` gets each new request (an ACK without transaction), ``on_stray`` a repeated 2xx.

    Datagrams of anybody but ``peer`` are counted and dropped: who else is on this machine has no business here.
    """

    def __init__(
        self, peer: Peer, on_request: Callable[[Request, ServerTransaction | None], None],
        on_stray: Callable[[Response], None],
    ) -> None:  # fmt: skip
        self.peer = peer
        self.clients: dict[tuple[str, str], ClientTransaction] = {}
        self.servers: dict[tuple[str, str], ServerTransaction] = {}
        self.garbled = self.strangers = 0
        self._on_request, self._on_stray = on_request, on_stray
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def close(self) -> None:
        for transaction in list(self.clients.values()):
            transaction.drop()
        for server in list(self.servers.values()):
            server.acknowledged()
        if self._transport is not None:
            self._transport.close()

    def send(self, octets: bytes, to: Peer | None = None) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(octets, to or self.peer)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if addr[1] != self.peer[1] or addr[0] != self.peer[0]:
            self.strangers += 1
            return
        if not data.strip():
            return  # keep-alive, RFC 5626 3.5.1
        try:
            message = Message.parse(data)
            self._take(message, (addr[0], addr[1]))
        except (ValueError, KeyError, IndexError, TypeError) as fault:  # what sipmessage raises for odd headers
            self.garbled += 1
            _log.warning("h323.sip_garbled", reason=str(fault)[:200])

    def error_received(self, exc: Exception) -> None:
        """ICMP: nobody listens there now. The retransmissions go on."""

    def _take(self, message: Request | Response, addr: Peer) -> None:
        if isinstance(message, Response):
            method = message.cseq.method
            client = self.clients.get((branch_of(message), method))
            if client is not None:
                client.received(message)
            elif method == "INVITE" and 200 <= message.code < 300:
                self._on_stray(message)
            return
        branch, method = branch_of(message), message.method
        if method == "ACK":
            invited = self.servers.get((branch, "INVITE"))  # the ACK of a refusal has the INVITE's branch
            if invited is not None:
                invited.acknowledged()
            else:
                self._on_request(message, None)
            return
        known = self.servers.get((branch, method))
        if known is not None:
            known.repeat()
            return
        if len(self.servers) >= _MOST_SERVER_TRANSACTIONS:
            return
        self._on_request(message, ServerTransaction(self, message, addr))

"""TCP connections of a call: H.225's, that somebody opens or we do, and H.245's, that either side may open."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import Callable, Collection
from typing import Any

import structlog

from mcu.h323 import tpkt
from mcu.h323.media import Address

_log = structlog.get_logger("mcu.h323")

_MAX_BACKLOG = 256 * 1024  # octets that a peer leaves unread before it is cut off
_CONNECT_TIMEOUT = 8.0  # s
# What one connection may bring: a message takes us up to milliseconds, and all calls share one thread. The longest
# Setup captured has 3.5 KiB, a capability set 2 KiB; a call brings some 10 KiB altogether.
_MOST_IN_WINDOW = 64 * 1024
_WINDOW = 5.0  # s
_PIECE = 256  # octets handled between two looks at the clock: some forty of the smallest messages
_TURN = 0.002  # s of one connection's work in one turn of the event loop; then all others have theirs
_PORT_TRIES = 50
_UNANSWERED_MS = 20_000  # TCP_USER_TIMEOUT: a terminal that lost its power acknowledges nothing


class Link(asyncio.Protocol):
    """``on_octets`` gets what comes, ``on_lost`` is called once at the end, unless we closed it ourselves."""

    def __init__(self, on_octets: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        self.on_octets, self.on_lost = on_octets, on_lost
        self.peer = self.local = Address("0.0.0.0", 0)
        self.on_closed: Callable[[], None] = lambda: None  # whoever closed it
        self.closed = asyncio.Event()
        self._transport: asyncio.Transport | None = None
        self._ours = False
        self.flooded = False
        self._since, self._came = 0.0, 0
        self._unread = b""  # what came and waits for its turn
        self._turn: asyncio.Handle | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.peer = _address(transport.get_extra_info("peername"))
        self.local = _address(transport.get_extra_info("sockname"))
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNANSWERED_MS)

    def data_received(self, data: bytes) -> None:
        at = asyncio.get_running_loop().time()
        if at - self._since > _WINDOW:
            self._since, self._came = at, 0
        self._came += len(data)
        if self._came > _MOST_IN_WINDOW:
            _log.warning("h323.flood", peer=str(self.peer))
            self.flooded = True
            if self._transport is not None:
                self._transport.abort()
        elif not self.flooded:
            self._unread += data
            if self._turn is None:
                self._work()

    def _work(self) -> None:
        """Hand on what came, as much as this connection's turn allows: thousands of tiny messages in one burst are not
        to keep others waiting. Meanwhile nothing more is read, so that the peer waits in its turn."""
        self._turn = None
        loop = asyncio.get_running_loop()
        until = loop.time() + _TURN
        while self._unread and not (self._ours or self.flooded):
            piece, self._unread = self._unread[:_PIECE], self._unread[_PIECE:]
            self.on_octets(piece)
            if self._unread and loop.time() >= until:
                self._turn = loop.call_soon(self._work)
                if self._transport is not None:
                    self._transport.pause_reading()
                return
        self._unread = b""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._turn is not None:  # it was cut off: by us, or with a reset, for its end is not read before its words
            self._turn.cancel()
            self._turn, self._unread = None, b""
        self.closed.set()
        self.on_closed()
        if not self._ours:
            self._ours = True
            self.on_lost()

    def write(self, octets: bytes) -> None:
        if self._transport is None or self._transport.is_closing() or not octets:
            return
        if self._transport.get_write_buffer_size() > _MAX_BACKLOG:
            self._transport.abort()
            return
        self._transport.write(octets)

    def close(self) -> None:
        """What was written still goes out."""
        self._ours = True
        if self._transport is not None:
            self._transport.close()
        else:
            self.closed.set()

    def abort(self) -> None:
        self._ours = True
        if self._transport is not None:
            self._transport.abort()


async def connect(address: Address, link: Link, local_host: str = "") -> None:
    """Open ``link`` to ``address``. Raises OSError, TimeoutError."""
    loop = asyncio.get_running_loop()
    local = (local_host, 0) if local_host else None
    async with asyncio.timeout(_CONNECT_TIMEOUT):
        await loop.create_connection(lambda: link, address.host, address.port, local_addr=local)


class H245Connection:
    """H.245's own connection: listens for the peer, or goes to it, whichever is first. Writes wait for it."""

    def __init__(self, on_message: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._on_message, self._on_lost = on_message, on_lost
        self._deframer = tpkt.Deframer()
        self._listener: socket.socket | None = None
        self._link: Link | None = None
        self._waiting: list[bytes] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def open(self) -> bool:
        return self._link is not None

    @property
    def ends(self) -> tuple[Address, Address] | None:
        """Ours and the peer's, once it is there."""
        return (self._link.local, self._link.peer) if self._link is not None else None

    def listen(self, host: str, ports: range, allowed: Collection[str]) -> Address:
        """Wait for the peer, from the ``allowed`` hosts only. Raises OSError when no port is free."""
        listener = _listener(host, ports)
        self._listener = listener
        asyncio.get_running_loop().add_reader(listener, self._accept, listener, frozenset(allowed))
        return Address(host, listener.getsockname()[1])

    def connect(self, address: Address, local_host: str = "") -> None:
        """Go to the peer. A failure is told by ``on_lost`` unless it comes to us meanwhile."""
        if self._link is None and not self._closed:
            self._start(self._connect(address, local_host))

    def write(self, message: bytes) -> None:
        if self._link is None:
            self._waiting.append(message)
        else:
            self._link.write(tpkt.frame(message))

    def close(self) -> None:
        self._closed = True
        self._stop_listening()
        for task in list(self._tasks):
            task.cancel()
        if self._link is not None:
            self._link.close()

    def _accept(self, listener: socket.socket, allowed: frozenset[str]) -> None:
        try:
            connection, peer = listener.accept()
        except OSError:
            return
        if self._link is not None or (allowed and _plain(peer[0]) not in allowed):
            connection.close()
            return
        connection.setblocking(False)
        self._start(self._take(connection))

    async def _take(self, connection: socket.socket) -> None:
        link = self._new_link()
        await asyncio.get_running_loop().connect_accepted_socket(lambda: link, connection)
        self._opened(link)

    async def _connect(self, address: Address, local_host: str) -> None:
        link = self._new_link()
        try:
            await connect(address, link, local_host)
        except (OSError, TimeoutError) as fault:
            if self._link is None and self._listener is None and not self._closed:
                self._on_lost(f"H.245 at {address}: {fault or 'no answer'}")
            return
        self._opened(link)

    def _new_link(self) -> Link:
        return Link(self._octets, lambda: self._on_lost("the H.245 connection was closed"))

    def _opened(self, link: Link) -> None:
        if self._closed or self._link is not None:
            link.close()
            return
        self._stop_listening()
        self._link = link
        for message in self._waiting:
            link.write(tpkt.frame(message))
        self._waiting.clear()

    def _octets(self, octets: bytes) -> None:
        for message in self._deframer.feed(octets):
            if self._closed:
                return
            self._on_message(message)
        if self._deframer.broken and not self._closed:
            self._on_lost(self._deframer.broken)

    def _stop_listening(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _listener(host: str, ports: range) -> socket.socket:
    """On a port at random: a guesser has more to try than the next one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    tries = random.sample(ports, min(len(ports), _PORT_TRIES))
    for port in tries:
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(4)
            listener.setblocking(False)
            return listener
        except OSError:
            listener.close()
    raise OSError(f"no free port for H.245 among {ports.start} to {ports.stop - 1}")


def _address(name: Any) -> Address:
    with contextlib.suppress(ValueError, TypeError, IndexError):
        return Address(_plain(name[0]), name[1])
    return Address("0.0.0.0", 0)


def _plain(host: str) -> str:
    """An IPv4 address that came in on an IPv6 socket, as it is; without a zone."""
    return host.removeprefix("::ffff:").partition("%")[0] if "." in host else host.partition("%")[0]

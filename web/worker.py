"""gunicorn's thread worker for a panel that is open to the network.

gunicorn gives a connection a thread from its first octet, and the thread waits for the last one as long as it takes; it
also waits 2 s, in the loop that accepts connections, for each client that does not close a connection which is over. So
a few hundred connections of one laptop would stop the panel. Here a connection has no thread until it sends something,
and the time for a request is limited (PacedSocket). What comes in pieces is bounded by the address that it comes from:
READING threads read, others wait for their turn without one, and of more than UNFINISHED connections the oldest goes.
Requests that are there as a whole, answers and event streams are not counted: behind a proxy all have one address.
"""

from __future__ import annotations

import errno
import ipaddress
import re
import selectors
import socket
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gunicorn import util
from gunicorn.http.body import LengthReader
from gunicorn.workers.gthread import TConn, ThreadWorker

from . import paced_socket

READING = 16  # threads of one address
UNFINISHED = 256  # connections of one address
LINGER = 2.0  # s that a client is given to close a connection that is over (RFC 9112 9.6)
_MOST_LINGERING = 256
_READ_FIRST = 64 << 10  # octets of a body that are read before the request has a turn: all but sheets
_MOST_HEAD = 16 << 10  # octets that we look through
_FRAMING = re.compile(rb"\r\n(?:(transfer-encoding)|content-length)[ \t]*:[ \t]*(\d{0,9})", re.IGNORECASE)
_FULL = (errno.EMFILE, errno.ENFILE)


class _Connection(TConn):  # type: ignore[misc]  # gunicorn carries no types
    def __init__(self, worker: PacedWorker, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(worker.cfg, paced_socket.PacedSocket(sock), client, server)
        self.address = network(client)
        self.unfinished = self.reading = False
        self._worker = worker

    def close(self, graceful: bool = False) -> None:
        """In the main thread, always; it never waits."""
        self._worker.end(self, graceful)


class PacedWorker(ThreadWorker):  # type: ignore[misc]
    """All but ``handle`` and ``handle_request`` runs in the main thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unfinished: Counter[str] = Counter()
        self._reading: Counter[str] = Counter()
        self._parked: defaultdict[str, deque[_Connection]] = defaultdict(deque)
        self._lingering: deque[tuple[float, socket.socket]] = deque()

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except OSError as fault:
            if fault.errno in _FULL:
                time.sleep(0.05)  # until something is closed
            elif fault.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        connection = _Connection(self, client, address, listener.getsockname())
        self.nr_conns += 1
        self._begin(connection)
        connection.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(connection)
        self._watch(connection.sock, lambda sock: self.on_pending_socket_readable(connection, sock))

    def on_pending_socket_readable(self, connection: _Connection, sock: socket.socket) -> None:
        if sock.fileno() >= 0:  # else it was told to be readable and evicted at one time
            super().on_pending_socket_readable(connection, sock)

    def on_client_socket_readable(self, connection: _Connection, sock: socket.socket) -> None:
        """The next request of a connection that was kept."""
        self._begin(connection)
        super().on_client_socket_readable(connection, sock)

    def enqueue_req(self, connection: _Connection) -> None:
        if _is_whole(connection):
            self._count_out(connection)
        elif self._reading[connection.address] >= READING:
            connection.timeout = time.monotonic() + paced_socket.PATIENCE
            self._parked[connection.address].append(connection)
            return
        else:
            connection.reading = True
            self._reading[connection.address] += 1
        super().enqueue_req(connection)

    def handle(self, connection: _Connection) -> Any:
        connection.sock.begin()
        return super().handle(connection)

    def handle_request(self, request: Any, connection: _Connection) -> Any:
        reader = getattr(request.body, "reader", None)
        # Who asks for "100 Continue" waits for it, which the application's turn brings.
        if isinstance(reader, LengthReader) and reader.length <= _READ_FIRST and not request._expected_100_continue:
            if reader.length:
                self._read_whole(request, connection, reader.length)
            self.method_queue.defer(self._is_read, connection)
        return super().handle_request(request, connection)

    def finish_request(self, connection: _Connection, future: Any) -> None:
        self._is_read(connection)
        super().finish_request(connection, future)

    def murder_pending(self) -> None:
        super().murder_pending()
        for parked in list(self._parked.values()):
            while parked and parked[0].timeout <= time.monotonic():
                self._evict(parked.popleft())
        while self._lingering and self._lingering[0][0] <= time.monotonic():
            self._let_go(self._lingering.popleft()[1])

    def _begin(self, connection: _Connection) -> None:
        """A request is expected of it; where there are too many of its address, the oldest that has no thread ends."""
        address = connection.address
        if self._unfinished[address] >= UNFINISHED:
            if parked := self._parked.get(address):
                self._evict(parked.popleft())
            elif oldest := next((one for one in self.pending_conns if one.address == address), None):
                self.pending_conns.remove(oldest)
                self._evict(oldest)
        connection.unfinished = True
        self._unfinished[address] += 1

    def _evict(self, connection: _Connection) -> None:
        self.nr_conns -= 1
        self._forget(connection.sock)
        connection.close()

    def _read_whole(self, request: Any, connection: _Connection, length: int) -> None:
        try:
            body = request.unreader.read(length)
        except ConnectionResetError:
            util.write_error(connection.sock, 408, "Request Timeout", "the request took too long")
            raise
        request.unreader.unread(body)

    def _is_read(self, connection: _Connection) -> None:
        """Its request is there as a whole, or it is over: the next one has its turn."""
        self._count_out(connection)
        address = connection.address
        while (parked := self._parked.get(address)) and self._reading[address] < READING:
            self.enqueue_req(parked.popleft())
        if address in self._parked and not self._parked[address]:
            del self._parked[address]

    def _count_out(self, connection: _Connection) -> None:
        if connection.unfinished:
            connection.unfinished = False
            self._count_down(self._unfinished, connection.address)
        if connection.reading:
            connection.reading = False
            self._count_down(self._reading, connection.address)

    def _count_down(self, counter: Counter[str], address: str) -> None:
        counter[address] -= 1
        if not counter[address]:
            del counter[address]

    # --- the end of a connection --------------------------------------------------------------------------------

    def end(self, connection: _Connection, graceful: bool) -> None:
        """Close a connection, with ``graceful`` as soon as its client does."""
        self._is_read(connection)
        sock = connection.sock
        if graceful:
            try:
                sock.shutdown(socket.SHUT_WR)
                sock.setblocking(False)
                self._watch(sock, self._drain)
            except (OSError, ValueError, KeyError):
                pass  # gone already
            else:
                self._lingering.append((time.monotonic() + LINGER, sock))
                if len(self._lingering) > _MOST_LINGERING:
                    self._let_go(self._lingering.popleft()[1])
                return
        sock.close()

    def _drain(self, sock: socket.socket) -> None:
        """What comes too late is read, or the kernel would tell the client so before it has read our answer."""
        try:
            if socket.socket.recv(sock, 4096):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._let_go(sock)

    def _let_go(self, sock: socket.socket) -> None:
        self._forget(sock)
        sock.close()

    def _watch(self, sock: socket.socket, then: Callable[[socket.socket], None]) -> None:
        self.poller.register(sock, selectors.EVENT_READ, then)

    def _forget(self, sock: socket.socket) -> None:
        with suppress(KeyError, ValueError, OSError):  # it was not watched
            self.poller.unregister(sock)


def _is_whole(connection: _Connection) -> bool:
    """Whether the request is there to its end, so that reading it takes no time. What only looks so has its time limit
    all the same."""
    there = connection.parser.unreader.buf.getvalue() if connection.parser is not None else b""
    try:
        came = socket.socket.recv(connection.sock, _MOST_HEAD + _READ_FIRST, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        came = b""
    except OSError:
        return True  # it is gone
    there += came
    head, end, body = there.partition(b"\r\n\r\n")
    if not end:
        return not there  # closed without a word
    framing = _FRAMING.findall(head)
    return all(not chunked and length and len(body) >= int(length) for chunked, length in framing)


def network(client: Any) -> str:
    """What counts as one address: of IPv6 the /64 that every household has."""
    try:
        address = ipaddress.ip_address(str(client[0]).partition("%")[0])
    except (ValueError, IndexError, TypeError):
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)

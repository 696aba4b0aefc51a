"""The real server and clients that take their time: they stop nobody, and hold nothing for long."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from mcu.web import paced_socket
from mcu.web.paced_socket import PacedSocket
from mcu.web.worker import network

from tests.fakes.control import FakeControl
from tests.web.serving import LIMIT, Server, serving

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
HEAD = b"POST /login HTTP/1.1\r\nHost: x\r\n" + FORM + b"Content-Length: 100\r\n\r\n"


@pytest.fixture
def server(tmp_path: Path, control: FakeControl) -> Iterator[Server]:
    with serving(tmp_path, operators=4, patience=3.0) as made:
        yield made


def connect(server: Server, stack: ExitStack, said: bytes) -> socket.socket:
    made = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=LIMIT))
    made.sendall(said)
    return made


def heard(connection: socket.socket) -> bytes:
    """All that is said until it is closed, or cut."""
    found = b""
    with suppress(ConnectionError):
        while more := connection.recv(4096):
            found += more
    return found


def test_unfinished_requests_stop_nobody_and_end(server: Server) -> None:
    """More of them than threads (8 for panels, 64), and more than one address may have."""
    with ExitStack() as stack:
        stream = stack.enter_context(server.log_in().open(f"{server.base}/api/v1/events", timeout=LIMIT))
        assert stream.readline() == b"retry: 1000\n"
        silent = [connect(server, stack, b"") for _ in range(40)]
        half = [connect(server, stack, HEAD[:20]) for _ in range(40)]
        slow = [connect(server, stack, HEAD + b"a") for _ in range(300)]
        assert server.get("/healthz") == 200
        assert server.get("/login") == 200
        ends = [heard(one) for one in (*silent, *half, *slow)]
        assert {end.split(b"\r\n")[0] for end in ends} == {b"", b"HTTP/1.1 408 Request Timeout"}
        assert server.get("/healthz") == 200
        # Longer than a request may take, the stream has been there.
        server.process.send_signal(signal.SIGTERM)
        assert stream.read().startswith(b"\n")  # ended as HTTP wants it, not cut off
        assert server.process.wait(timeout=LIMIT) == 0


def test_a_request_that_comes_by_the_octet_ends(server: Server) -> None:
    with ExitStack() as stack:
        one = connect(server, stack, HEAD)
        one.settimeout(0.1)
        said, octets = b"", 0
        while not said and octets < 100:
            with suppress(ConnectionError):
                one.sendall(b"a")
            octets += 1
            with suppress(TimeoutError):
                said = one.recv(4096)
        assert said.startswith(b"HTTP/1.1 408 ")


def test_a_request_in_pieces_is_answered(server: Server) -> None:
    with ExitStack() as stack:
        one = connect(server, stack, b"GET /heal")
        one.sendall(b"thz HTTP/1.1\r\nHost: x\r\n")
        one.sendall(b"Connection: close\r\n\r\n")
        assert heard(one).startswith(b"HTTP/1.1 200 OK\r\n")
        other = connect(server, stack, HEAD.replace(b"Content-Length: 100", b"Connection: close\r\nContent-Length: 2"))
        other.sendall(b"a")
        other.sendall(b"=")
        assert heard(other).startswith(b"HTTP/1.1 302 ")  # to the log-in page: no CSRF token
        closing = HEAD.replace(b"Content-Length: 100", b"Connection: close")
        asks = closing[:-2] + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\n"
        patient = connect(server, stack, asks)
        assert patient.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        patient.sendall(b"a")
        assert heard(patient).startswith(b"HTTP/1.1 302 ")
        pieces = connect(server, stack, closing[:-2] + b"Transfer-Encoding: chunked\r\n\r\n")
        for piece in (b"1\r\n", b"a\r\n", b"0\r\n\r\n"):
            pieces.sendall(piece)
        assert heard(pieces).startswith(b"HTTP/1.1 302 ")
        both = connect(server, stack, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        both.shutdown(socket.SHUT_WR)
        assert heard(both).count(b"HTTP/1.1 200 OK\r\n") == 2


def test_clients_that_do_not_close_hold_nobody_up(server: Server) -> None:
    """Each is given its time to do so, beside all others."""
    with ExitStack() as stack:
        asked = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        left = [connect(server, stack, asked) for _ in range(60)]
        assert all(heard(one).startswith(b"HTTP/1.1 200 OK") for one in left)
        for _ in range(3):
            assert server.get("/healthz") == 200


def test_what_nobody_takes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paced_socket, "PATIENCE", 0.2)
    monkeypatch.setattr(paced_socket, "SLOWEST", 1 << 20)  # what the system's buffers take counts as taken
    ours, theirs = socket.socketpair()
    with PacedSocket(ours) as paced, theirs:
        with pytest.raises(ConnectionResetError):
            paced.sendall(bytes(8 << 20))
        with pytest.raises(ConnectionResetError):
            paced.recv(10)
        monkeypatch.setattr(paced_socket, "PATIENCE", 30)
        paced.begin()
        theirs.sendall(b"next")
        assert paced.recv(10) == b"next"


def test_an_address_is_a_household() -> None:
    assert network(("192.0.2.7", 1)) == network(("::ffff:192.0.2.7", 1, 0, 0)) == "192.0.2.7"
    assert network(("2001:db8::1", 1, 0, 0)) == network(("2001:db8::ffff:2", 2, 0, 0)) == "2001:db8::/64"
    assert network(("fe80::1%eth0", 1, 0, 2)) == "fe80::/64"
    assert network("") == ""

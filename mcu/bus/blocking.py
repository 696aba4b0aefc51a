"""The bus for threads: Flask's and click's code. One link, one call at a time; events over a link of their own."""

from __future__ import annotations

import itertools
import select
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from mcu.bus import wire
from mcu.errors import ControlDown, Garbled, TimedOut, from_wire


class BlockingClient:
    """Calls from any thread, one after the other; connects at the first call and again after the link broke."""

    def __init__(self, path: Path, timeout: float = 5.0) -> None:
        self._path = path
        self._timeout = timeout
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._socket: socket.socket | None = None
        self._decoder = wire.Decoder()

    def call(self, name: str, /, **args: Any) -> Any:
        """The result. Raises the error that control answered with, ControlDown (``begun`` says whether the call may
        have reached it), or TimedOut."""
        with self._lock:
            try:
                return self._exchange(wire.Request(next(self._ids), name, args))
            except TimeoutError:
                self.close()
                raise TimedOut(f"{name}: no answer within {self._timeout:g} s") from None
            except (OSError, Garbled) as fault:
                self.close()
                raise ControlDown(f"the control process does not answer: {fault}") from None

    def events(self, look_up: float = 1.0) -> Iterator[tuple[str, dict[str, Any]]]:
        """Subscribe on a link of its own and give events until the link ends, then raise ControlDown.

        An event named ``""`` comes every ``look_up`` seconds in which nothing happened, so that the caller can look up.
        """
        link, decoder = self._open(), wire.Decoder()
        try:
            link.sendall(wire.encode(wire.Request(1, "bus.subscribe", {})))
            link.settimeout(look_up)
            while True:
                try:
                    octets = link.recv(65536)
                except TimeoutError:
                    yield "", {}
                    continue
                if not octets:
                    raise ControlDown("the control process went away")
                for message in decoder.feed(octets):
                    if isinstance(message, wire.Notice):
                        yield message.event, message.data
        except (OSError, Garbled) as fault:
            raise ControlDown(f"the control process went away: {fault}") from None
        finally:
            link.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _open(self) -> socket.socket:
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(self._timeout)
        try:
            link.connect(str(self._path))
        except OSError as fault:
            link.close()
            reason = f"the control process is not running (nobody answers on {self._path}): {fault}"
            raise ControlDown(reason, begun=False) from None
        return link

    def _exchange(self, request: wire.Request) -> Any:
        line = wire.encode(request)
        if self._socket is not None and _ended(self._socket):
            self.close()
        if self._socket is None:
            self._socket, self._decoder = self._open(), wire.Decoder()
        self._socket.sendall(line)
        while True:
            octets = self._socket.recv(65536)
            if not octets:
                raise ConnectionResetError("closed")
            for message in self._decoder.feed(octets):
                if isinstance(message, wire.Reply) and message.id == request.id:
                    if message.error_id:
                        raise from_wire(message.error_id, message.detail)
                    return message.result


def _ended(link: socket.socket) -> bool:
    """True if the other side closed since the last call; asked before a request is sent, so that none is sent twice."""
    poll = select.poll()
    poll.register(link, select.POLLIN)
    if not poll.poll(0):
        return False  # nothing to read, so no end either
    try:
        return link.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True

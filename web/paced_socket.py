"""A connection's socket that gives whoever is at its other end so much time and no more.

Like Apache's mod_reqtimeout: a request is to be there PATIENCE after it began, later by as much as its octets take at
SLOWEST; and as long, all in all, an answer may wait to be taken. A stream that is silent waits for nobody.
"""

from __future__ import annotations

import errno
import socket
import time
from typing import Any

PATIENCE = 10.0  # s
SLOWEST = 4096  # octet/s: a quarter of what a line of 128 kbit/s carries


class PacedSocket(socket.socket):
    """Takes the place of ``taken``, whose file is its own from then on."""

    def __init__(self, taken: socket.socket) -> None:
        super().__init__(taken.family, taken.type, taken.proto, fileno=taken.detach())
        self.begin()

    def begin(self) -> None:
        """A request begins."""
        self._begun, self._read = time.monotonic(), 0
        self._waited, self._written = 0.0, 0  # s that writing took, and octets

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Raises ConnectionResetError where the request takes too long, TimeoutError by the socket's own timeout."""
        before = self.gettimeout()
        left = self._begun + PATIENCE + self._read / SLOWEST - time.monotonic()
        if left <= 0:
            raise _too_slow()
        ours = before is None or left < before
        if ours:
            self.settimeout(left)
        try:
            found = super().recv(size, flags)
        except TimeoutError:
            if ours:
                raise _too_slow() from None
            raise
        finally:
            self.settimeout(before)
        self._read += len(found)
        return found

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Raises ConnectionResetError where it is not taken."""
        before, rest = self.gettimeout(), memoryview(data).cast("B")
        try:
            while rest:
                left = PATIENCE + self._written / SLOWEST - self._waited
                if left <= 0:
                    raise _too_slow()
                since = time.monotonic()
                self.settimeout(left)
                try:
                    sent = super().send(rest, flags)
                except TimeoutError:
                    raise _too_slow() from None
                self._waited += time.monotonic() - since
                self._written += sent
                rest = rest[sent:]
        finally:
            self.settimeout(before)


def _too_slow() -> ConnectionResetError:
    """As if it had gone away: the server makes no fuss about that."""
    return ConnectionResetError(errno.ECONNRESET, "the other end takes too long")

"""One thread per process that sends and receives every probe's RTP.

It is a thread and not the test's event loop, so that sound keeps its pace while a test computes or waits. It wakes
every 5 ms, sends what is due and empties the sockets that have something; the kernel's receive times keep the times of
arrival exact.
"""

from __future__ import annotations

import select
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from socket import socket

_TICK = 0.005
Tick = Callable[[float], None]  # called with the time, seconds since the epoch
Ready = Callable[[socket], None]


class Pump:
    def __init__(self) -> None:
        self._poll = select.epoll()
        self._lock = threading.Lock()
        self._sockets: dict[int, tuple[socket, Ready]] = {}
        self._ticks: list[Tick] = []
        self._slips: deque[tuple[float, float]] = deque(maxlen=20_000)  # when it came late, and by how many seconds
        self.faults: list[BaseException] = []
        threading.Thread(target=self._run, name="probe-pump", daemon=True).start()

    def add_socket(self, sock: socket, ready: Ready) -> None:
        with self._lock:
            self._sockets[sock.fileno()] = (sock, ready)
            self._poll.register(sock.fileno(), select.EPOLLIN)

    def remove_socket(self, sock: socket) -> None:
        """After it returns ``ready`` is not called again, and the socket may be closed."""
        with self._lock:
            if self._sockets.pop(sock.fileno(), None):
                self._poll.unregister(sock.fileno())

    def add_tick(self, tick: Tick) -> None:
        with self._lock:
            self._ticks = [*self._ticks, tick]

    def remove_tick(self, tick: Tick) -> None:
        with self._lock:
            self._ticks = [kept for kept in self._ticks if kept != tick]

    def slip(self, since: float) -> float:
        """The most that it came late since then (seconds since the epoch): every voice stood still for as long.

        A crowded machine does that, and Python too: no thread runs while it looks for garbage.
        """
        return max((late for at, late in self._slips.copy() if at >= since), default=0.0)

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            due += _TICK
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            else:
                self._slips.append((time.time(), -wait))
                if wait < -0.2:
                    due = time.monotonic()
            with self._lock:
                try:
                    for tick in self._ticks:
                        tick(time.time())
                    for number, _ in self._poll.poll(0, 512):
                        sock, ready = self._sockets[number]
                        ready(sock)
                except Exception as fault:
                    self.faults.append(fault)


@lru_cache(maxsize=1)
def shared() -> Pump:
    return Pump()

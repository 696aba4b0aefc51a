"""Requests that come too often are brought together: the first goes out at once, the rest as one when time is up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Throttle:
    """``act`` is called at most once in ``interval`` seconds, and once more after the last request."""

    def __init__(self, interval: float, act: Callable[[], None]) -> None:
        self._interval, self._act = interval, act
        self._last = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self.asked = 0

    def ask(self) -> None:
        self.asked += 1
        if self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        left = self._last + self._interval - loop.time()
        if left <= 0:
            self._go()
        else:
            self._timer = loop.call_later(left, self._go)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._act = lambda: None

    def _go(self) -> None:
        self._timer = None
        self._last = asyncio.get_running_loop().time()
        self._act()

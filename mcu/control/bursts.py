"""Events that come many at a time, and cost less together: floor or lecture in a room of 200 closes 199 microphones,
and Asterisk tells of each.

The first is taken as soon as the loop turns, those that follow within ``TOGETHER`` at its end: to settle a conference
of 200 takes 0.6 ms, 0.1 s for 200 events one by one, in which the last ones and everything else wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mcu.core.events import Event, Muted

TOGETHER = 0.01  # s; Asterisk tells of 200 microphones within 0.02 to 0.05 s


class Bursts:
    """``take`` gets events that may be handled together, in the order in which they came."""

    def __init__(self, take: Callable[[list[Muted]], None]) -> None:
        self._take = take
        self._waiting: dict[str, Muted] = {}  # by channel: nobody twice, for each change is told
        self._timer: asyncio.TimerHandle | None = None
        self._taken_at = 0.0  # by the loop's clock

    def hold(self, event: Event) -> bool:
        """Whether it waits for the others now. If not, those before it have been taken, and it is the caller's."""
        if not isinstance(event, Muted):
            self.catch_up()
            return False
        if event.channel in self._waiting:
            self.catch_up()
        if not self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._taken_at + TOGETHER), self.catch_up)
        self._waiting[event.channel] = event
        return True

    def catch_up(self) -> None:
        """Take what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            burst, self._waiting = list(self._waiting.values()), {}
            self._taken_at = asyncio.get_running_loop().time()
            self._take(burst)

"""What the parts of one session share: the messages to be sent and the timers."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

Value = Any  # pycrate's plain values, see mcu.h323.per.messages
Body = dict[str, Any]
Message = tuple[str, Any]
Key = tuple[Hashable, ...]  # the first is the name of the part, which gets the rest back when the time is over


class Timers:
    """Timers by key. One that is started between two readings of the clock begins to run with the next reading."""

    def __init__(self, at: float) -> None:
        self.now = at
        self._fresh: dict[Key, float] = {}
        self._running: dict[Key, float] = {}

    def start(self, key: Key, seconds: float) -> None:
        """Starts, or starts again."""
        self._running.pop(key, None)
        self._fresh[key] = seconds

    def stop(self, key: Key) -> None:
        self._running.pop(key, None)
        self._fresh.pop(key, None)

    def clear(self) -> None:
        self._running.clear()
        self._fresh.clear()

    def read(self, at: float) -> None:
        """The clock says ``at``: what was started since then runs."""
        self.now = at
        for key, seconds in self._fresh.items():
            self._running[key] = at + seconds
        self._fresh.clear()

    def expired(self, at: float) -> list[Key]:
        """What has run out, in order of time; it runs no longer."""
        self.read(at)
        over = sorted((deadline, key) for key, deadline in self._running.items() if deadline <= at)
        for _, key in over:
            del self._running[key]
        return [key for _, key in over]

    def due(self) -> float | None:
        """When ``expired`` should be called; at once where a timer waits for the clock."""
        if self._fresh:
            return self.now
        return min(self._running.values(), default=None)

    def __contains__(self, key: Key) -> bool:
        return key in self._running or key in self._fresh


class Line:
    """The way out, shared by the parts of a session."""

    def __init__(self, at: float) -> None:
        self.out: list[Message] = []
        self.timers = Timers(at)

    def request(self, name: str, body: Value) -> None:
        self.out.append(("request", (name, body)))

    def response(self, name: str, body: Value) -> None:
        self.out.append(("response", (name, body)))

    def command(self, name: str, body: Value) -> None:
        self.out.append(("command", (name, body)))

    def indication(self, name: str, body: Value) -> None:
        self.out.append(("indication", (name, body)))

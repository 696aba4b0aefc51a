"""Who may connect how often, and say how much. An open H.323 port is tried by scanners hundreds of times an hour."""

from __future__ import annotations

from collections import deque

from mcu.h323.origins import origin

_MINUTE = 60.0
# H.245 messages of one call. A call begins with some thirty, H.239 and keyframe requests bring a few a second.
_MOST_MESSAGES = 250
_WINDOW = 5.0  # s
_MOST_ADDRESSES = 10_000


class MessageLimit:
    """So many messages in so many seconds, counted in windows."""

    def __init__(self, most: int = _MOST_MESSAGES, window: float = _WINDOW) -> None:
        self._most, self._window = most, window
        self._since, self._count = float("-inf"), 0

    def passes(self, at: float) -> bool:
        if at - self._since > self._window:
            self._since, self._count = at, 0
        self._count += 1
        return self._count <= self._most


class ConnectionLimit:
    """``at_once`` connections of one address (of IPv6: one /64), and ``a_minute`` new ones. Times are seconds of any
    steady clock. Who is remembered is not refused for there being too many others."""

    def __init__(self, at_once: int, a_minute: int) -> None:
        self._at_once, self._a_minute = at_once, a_minute
        self._open: dict[str, int] = {}
        self._recent: dict[str, deque[float]] = {}
        self._swept = 0.0
        self.refused = 0

    @property
    def addresses(self) -> int:
        """How many are remembered."""
        return len(self._recent)

    def admit(self, host: str, at: float) -> bool:
        """Whether a connection may stay; ``leave`` must follow for one that may."""
        host = origin(host)
        recent = self._recent.get(host)
        if recent is None:
            if at - self._swept >= _MINUTE or len(self._recent) >= _MOST_ADDRESSES:
                self._sweep(at)
            if len(self._recent) >= _MOST_ADDRESSES:
                self.refused += 1
                return False
            recent = self._recent[host] = deque()
        while recent and recent[0] <= at - _MINUTE:
            recent.popleft()
        if len(recent) >= self._a_minute or self._open.get(host, 0) >= self._at_once:
            self.refused += 1
            return False
        recent.append(at)
        self._open[host] = self._open.get(host, 0) + 1
        return True

    def leave(self, host: str) -> None:
        host = origin(host)
        left = self._open.get(host, 0) - 1
        if left > 0:
            self._open[host] = left
        else:
            self._open.pop(host, None)

    def _sweep(self, at: float) -> None:
        self._swept = at
        for host in [h for h, times in self._recent.items() if not times or times[-1] <= at - _MINUTE]:
            del self._recent[host]

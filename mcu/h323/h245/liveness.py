"""Round trip delay, H.245 8.10 (C.10): whether the peer is there when it says nothing.

A peer that has never answered such a request is let alone: some don't know it, and are heard by other means. So it is
asked once soon, whatever else it says.
"""

from __future__ import annotations

from .events import Event, RoundTrip
from .line import Body, Key, Line

FIRST = 3.0  # s until we ask for the first time
SILENCE = 20.0  # s without a message until we ask
T105 = 5.0  # s for an answer
MISSES = 3  # in a row, then the peer is dead
NAME = "liveness"


class Liveness:
    """``dead`` says that a peer which used to answer does so no longer."""

    def __init__(self, line: Line) -> None:
        self.dead = False
        self._line = line
        self._sequence = 0
        self._asked = False  # ever
        self._asked_at: float | None = None
        self._answers = False
        self._misses = 0

    def start(self) -> None:
        self._line.timers.start((NAME,), SILENCE if self._asked else FIRST)

    def heard(self) -> None:
        """Any message: the peer lives."""
        self._misses = 0
        if self._asked and self._asked_at is None and (NAME,) in self._line.timers:
            self.start()

    def requested(self, body: Body) -> None:
        """RoundTripDelayRequest."""
        self._line.response("roundTripDelayResponse", {"sequenceNumber": body["sequenceNumber"]})

    def answered(self, body: Body, at: float) -> list[Event]:
        """RoundTripDelayResponse."""
        self._answers = True
        if self._asked_at is None or body["sequenceNumber"] != self._sequence:
            return []
        delay = max(at - self._asked_at, 0.0) * 1000
        self._asked_at = None
        self.start()
        return [RoundTrip(delay)]

    def expired(self, _: Key, at: float) -> list[Event]:
        if self._asked_at is not None:
            self._misses += 1
            if self._misses >= MISSES:
                self.dead = self._answers
                self._asked_at = None
                self._misses = 0
                self.start()
                return []
        self._sequence = (self._sequence + 1) % 256
        self._asked, self._asked_at = True, at
        self._line.request("roundTripDelayRequest", {"sequenceNumber": self._sequence})
        self._line.timers.start((NAME,), T105)
        return []

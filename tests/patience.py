"""How long a test waits for what is promised no time: a limit is what a machine with nothing else to do needs at the
most, and a crowded one is given more, by how long it lets this process wait for a processor."""

from __future__ import annotations

import time

from tests import starved

# A machine of a quarter of the speed is no fault. This process sleeps most of the time, which the scheduler rewards:
# those that it waits for may be starved much more than its own threads are.
_SLOW = 4.0
# What is awaited goes through so many processes (the probe, Asterisk, control, the mixer), each starved like this one.
_PROCESSES = 4


class Patience:
    """For ``seconds`` from its making on, and longer on a crowded machine."""

    def __init__(self, seconds: float) -> None:
        self._begun, self._seconds = time.monotonic(), seconds
        self._before, self._stolen = starved.threads("self"), starved.stolen()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._begun

    @property
    def over(self) -> bool:
        if self.elapsed <= _SLOW * self._seconds:
            return False
        return self.elapsed > _SLOW * self._seconds + _PROCESSES * self.starved()

    def starved(self) -> float:
        """Seconds for which this process's most starved thread was ready to run and did not."""
        grown = (waited - self._before.get(thread, 0) for thread, waited in starved.threads("self").items())
        return max(grown, default=0) / 1e9 + starved.stolen_since(self._stolen)

    def __str__(self) -> str:
        return f"not within {self._seconds:g} s, nor after {self.elapsed:.0f} s, {self.starved():.1f} s of them starved"

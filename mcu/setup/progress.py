"""How far a long step is, and how long it will take still."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

TRUSTED_SHARE = 0.1  # of the work: until then the stored duration says more than the measured pace


@dataclass(frozen=True)
class Expectation:
    """A long step as it went last time, or as it was guessed: units of work (objects, packages) and seconds."""

    units: int
    seconds: float


def remaining(expected: Expectation, done_before: int, done: int, elapsed: float) -> float:
    """Seconds left of a step.

    ``done_before`` units were there when it began (it goes on where it stopped), ``done`` are there now,
    ``elapsed`` seconds after. The pace of this run counts once enough of it was seen.
    """
    left = max(expected.units - done, 0)
    made = done - done_before
    to_make = max(expected.units - done_before, 1)
    usual = expected.seconds * to_make / max(expected.units, 1)
    if made > 0 and made >= TRUSTED_SHARE * to_make:
        return left * elapsed / made
    return max(usual - elapsed, 0.0)


def spoken(seconds: float) -> str:
    """``47 s``, ``3 min``, ``1 h 05``: precise enough for somebody who waits."""
    if seconds < 90:
        return f"{max(round(seconds), 0)} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{int(seconds // 3600)} h {round(seconds % 3600 / 60):02d}"


class History:
    """What each long step took the last time on this machine, kept in the cache."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def expect(self, name: str, guess: Expectation) -> Expectation:
        try:
            units, seconds = json.loads(self._file.read_text())[name]
            return Expectation(int(units), float(seconds))
        except (OSError, ValueError, KeyError, TypeError):
            return guess

    def remember(self, name: str, seen: Expectation) -> None:
        try:
            known = json.loads(self._file.read_text())
        except (OSError, ValueError):
            known = {}
        if not isinstance(known, dict):
            known = {}
        known[name] = [seen.units, round(seen.seconds, 1)]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(known, indent=1))
        new.replace(self._file)


class Console:
    """Prints steps. On a terminal the line of a long step is rewritten, elsewhere a line comes every 20 s."""

    def __init__(self, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out or sys.stdout
        self._clock = clock
        self._live = self._out.isatty()
        self._shown_at = float("-inf")
        self._width = 0

    def say(self, text: str) -> None:
        self._clear()
        print(text, file=self._out, flush=True)

    def warn(self, text: str) -> None:
        self.say(f"warning: {text}")

    def progress(self, title: str, share: float, left: float) -> None:
        now = self._clock()
        if now - self._shown_at < (0.5 if self._live else 20.0):
            return
        self._shown_at = now
        estimate = f"about {spoken(left)} left" if share < 1 and left > 0 else "it takes longer than usual"
        line = f"  {title}: {min(share, 0.99):.0%}, {estimate}"
        if self._live:
            self._out.write("\r" + line.ljust(self._width))
            self._width = len(line)
            self._out.flush()
        else:
            print(line, file=self._out, flush=True)

    def step_begins(self) -> None:
        """Forget when the last line of progress was shown, so that the next step shows its own at once."""
        self._shown_at = float("-inf")

    def _clear(self) -> None:
        if self._live and self._width:
            self._out.write("\r" + " " * self._width + "\r")
            self._width = 0

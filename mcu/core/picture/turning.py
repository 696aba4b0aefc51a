"""Pictures that come one after the other. Which one it is follows from the clock alone: a restart changes nothing."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from mcu.core.direction import Turning

PAGE = 10.0  # s that one page of a lecturer's audience is seen


def order(turning: Turning, people: Sequence[str], viewer: str = "") -> list[str]:
    """Who takes turns: those named, as far as they are there, or else everybody but the ``viewer``."""
    if turning.participants:
        there = set(people)
        return [who for who in turning.participants if who in there]
    return [who for who in people if who != viewer]


def page(turning: Turning, candidates: Sequence[str], at: float, tiles: int = 1) -> tuple[str, ...]:
    """Those seen at ``at``, ``tiles`` at a time; the last page is filled up from the first."""
    if not candidates or tiles < 1:
        return ()
    if len(candidates) <= tiles:
        return tuple(candidates)
    pages = math.ceil(len(candidates) / tiles)
    first = _turns(turning, at) % pages * tiles
    return tuple(candidates[n % len(candidates)] for n in range(first, first + tiles))


def one_of(turning: Turning, candidates: Sequence[str], at: float, taken: Collection[str]) -> str:
    """Whose turn it is at ``at``, or the next in line who is not seen elsewhere; empty if all are."""
    if not candidates:
        return ""
    first = _turns(turning, at) % len(candidates)
    line = (*candidates[first:], *candidates[:first])
    return next((who for who in line if who not in taken), "")


def changes_at(turning: Turning, at: float) -> float:
    """When the next one's turn comes, after ``at``."""
    following = turning.since + (_turns(turning, at) + 1) * turning.seconds
    return following if following > at else following + turning.seconds  # the sum may be rounded down


def _turns(turning: Turning, at: float) -> int:
    return math.floor((at - turning.since) / turning.seconds)

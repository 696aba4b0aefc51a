"""What is to be done for a planned meeting, and when: its sites are called, it begins, its end is near, it ends.

Pure: an occurrence and a moment in, the next step out. The state says what was done already; so whoever asks again,
after a restart or a change of the clock, does nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

State = Literal["planned", "called", "running", "warned", "ended", "cancelled", "missed"]
Step = Literal["call", "begin", "warn", "end", "miss"]
OPEN: tuple[State, ...] = ("planned", "called", "running", "warned")  # something is still to be done
_AFTER: dict[Step, State] = {"call": "called", "begin": "running", "warn": "warned", "end": "ended", "miss": "missed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One time that a meeting takes place. Times are seconds since the epoch, ``…_before`` minutes."""

    id: int
    meeting: int
    room: str
    title: str
    begins_at: float
    ends_at: float
    state: State = "planned"
    call_before: int | None = None  # None: its sites are not called
    warn_before: int = 0  # 0: no warning
    ends: bool = False  # everybody is disconnected at the end

    @property
    def calls_at(self) -> float | None:
        return None if self.call_before is None else self.begins_at - 60 * self.call_before

    @property
    def warns_at(self) -> float | None:
        return self.ends_at - 60 * self.warn_before if self.warn_before > 0 else None

    @property
    def on(self) -> bool:
        """Its sites were called or it has begun: the room is its own now."""
        return self.state in ("called", "running", "warned")


def due(occurrence: Occurrence) -> tuple[float, Step] | None:
    """The next step and when it is to be done; None where all is done. A step that is late is done late, but nobody is
    warned of an end that has come, and what was over before anything was done is missed."""
    match occurrence.state:
        case "planned" if occurrence.calls_at is not None:
            return min(occurrence.calls_at, occurrence.begins_at), "call"
        case "planned" | "called":
            return occurrence.begins_at, "begin"
        case "running" if occurrence.warns_at is not None:
            return max(occurrence.begins_at, occurrence.warns_at), "warn"
        case "running" | "warned":
            return occurrence.ends_at, "end"
        case _:
            return None


def step(occurrence: Occurrence, now: float) -> Step | None:
    """What is to be done now, if anything; then ask again with what ``done`` gives."""
    over = now >= occurrence.ends_at
    if occurrence.state == "planned" and over:
        return "miss"
    if occurrence.state == "running" and over:
        return "end"
    wanted = due(occurrence)
    return wanted[1] if wanted and wanted[0] <= now else None


def done(occurrence: Occurrence, what: Step) -> Occurrence:
    return replace(occurrence, state=_AFTER[what])


def extend(occurrence: Occurrence, ends_at: float, now: float) -> Occurrence:
    """It ends at another time; its end is announced again if that is far enough away. What has ended stays so."""
    if occurrence.state not in OPEN or ends_at <= occurrence.begins_at:
        return occurrence
    later = replace(occurrence, ends_at=ends_at)
    if later.state == "warned" and later.warns_at is not None and now < later.warns_at:
        return replace(later, state="running")
    return later


class Overlap(NamedTuple):
    """Two occurrences that want one room at one time."""

    first: Occurrence
    second: Occurrence


def overlaps(occurrences: Iterable[Occurrence]) -> list[Overlap]:
    """In order of their begin. One that ends as the next begins is none."""
    found: list[Overlap] = []
    by_room: dict[str, list[Occurrence]] = {}  # those that may still reach into later ones
    for one in sorted(occurrences, key=lambda o: (o.begins_at, o.id)):
        if one.state in ("cancelled", "missed", "ended"):
            continue
        there = [other for other in by_room.get(one.room, []) if other.ends_at > one.begins_at]
        found += [Overlap(other, one) for other in there]
        by_room[one.room] = [*there, one]
    return found

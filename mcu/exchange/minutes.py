"""The minutes of a conference: who was there when and how well, how many people sat where, what happened.

Values in, values out. Times are seconds since the epoch; figures of lines are in per cent, ms and kbit/s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SAME_STAY = 60.0  # s: who is back by then has not left, for the line broke
MEANS = ("loss_in", "loss_out", "jitter_ms", "rtt_ms", "kbps_in", "kbps_out", "poor_share")
WORST = ("worst_loss_in", "worst_loss_out", "worst_jitter_ms", "worst_rtt_ms")
# From here on a line is called poor, and bad: losses in per cent, round trips in ms (ITU-T G.114), share of time poor.
_POOR, _BAD = (1.0, 300.0, 0.1), (5.0, 800.0, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One call's time in the room."""

    participant: str
    name: str
    number: str
    joined_at: float
    left_at: float  # of one that lasts: now
    site: int | None = None
    terminal: str = ""
    kind: str = ""
    quality: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A site as the tree has it."""

    id: int
    name: str
    path: str = ""  # names of those above it, "Tỉnh / Huyện"
    usual: int = 0  # people


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    at: float
    kind: str
    name: str = ""  # of whom it tells
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    since: float
    until: float


def seconds_of(spans: Iterable[Span]) -> float:
    """Of those that do not overlap."""
    return sum(span.until - span.since for span in spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One terminal, over all of its stays."""

    name: str
    number: str
    terminal: str
    kind: str
    spans: tuple[Span, ...]
    quality: Mapping[str, float]

    @property
    def seconds(self) -> float:
        return seconds_of(self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One site, or a terminal that belongs to none."""

    site: int | None  # None also for one that was deleted since
    is_site: bool
    name: str
    path: str
    invited: bool
    usual: int
    people: int | None  # as somebody entered it
    mark: str  # of the roll call: "present", "absent" or nothing
    spans: tuple[Span, ...]
    seats: tuple[Seat, ...]
    quality: Mapping[str, float]

    @property
    def seconds(self) -> float:
        return seconds_of(self.spans)

    @property
    def grade(self) -> str:
        """Of its lines: good, poor, bad, or nothing where nothing was measured."""
        return grade(self.quality)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a test session found at a site. ``report``: as ``SiteTest.describe`` told it."""

    name: str
    verdict: str
    report: Mapping[str, Any]
    signed_by: str = ""
    signed_at: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    id: str
    room: str
    name: str
    title: str  # of the planned meeting, if it was one
    began_at: float
    ended_at: float | None  # None: it is on
    zone: str
    lines: tuple[Line, ...]
    happenings: tuple[Happening, ...]
    test: bool = False  # it was a test session
    tests: tuple[Verdict, ...] = ()  # also of one that was held in a meeting

    @property
    def present(self) -> int:
        """Sites that were there, and terminals of none."""
        return sum(1 for line in self.lines if line.spans)

    @property
    def absent(self) -> int:
        return sum(1 for line in self.lines if line.invited and not line.spans)

    @property
    def people(self) -> int:
        """As far as it was entered."""
        return sum(line.people or 0 for line in self.lines)


def lines_of(
    stays: Sequence[Stay],
    places: Mapping[int, Place],
    *,
    invited: Sequence[int] = (),
    people: Mapping[int, int | None] | None = None,
    marks: Mapping[int, str] | None = None,
) -> tuple[Line, ...]:
    """Invited sites in their order, there or not; then other sites and who belongs to none, in order of joining."""
    by_line: dict[int | str, list[Stay]] = {}
    for stay in sorted(stays, key=lambda s: s.joined_at):
        by_line.setdefault(_owner(stay, places), []).append(stay)
    wanted = [site for site in invited if site in places]
    noted = [site for site in {**(people or {}), **(marks or {})} if site in places]
    order: list[int | str] = list(dict.fromkeys([*wanted, *by_line, *noted]))
    return tuple(
        _line(key, by_line.get(key, []), places, key in wanted, (people or {}), (marks or {})) for key in order
    )


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Times in order, those that overlap or follow within SAME_STAY as one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.since, s.until)):
        if found and span.since - found[-1].until <= SAME_STAY:
            found[-1] = Span(since=found[-1].since, until=max(found[-1].until, span.until))
        else:
            found.append(span)
    return tuple(found)


def grade(quality: Mapping[str, float]) -> str:
    if not quality:
        return ""
    figures = (
        max(quality.get("loss_in", 0.0), quality.get("loss_out", 0.0)),
        quality.get("rtt_ms", 0.0),
        quality.get("poor_share", 0.0),
    )
    if any(figure >= limit for figure, limit in zip(figures, _BAD, strict=True)):
        return "bad"
    return "poor" if any(figure >= limit for figure, limit in zip(figures, _POOR, strict=True)) else "good"


def _owner(stay: Stay, places: Mapping[int, Place]) -> int | str:
    return stay.site if stay.site is not None and stay.site in places else f"{stay.number}\n{stay.name}"


def _line(
    key: int | str,
    stays: list[Stay],
    places: Mapping[int, Place],
    invited: bool,
    people: Mapping[int, int | None],
    marks: Mapping[int, str],
) -> Line:
    place = places.get(key) if isinstance(key, int) else None
    by_seat: dict[str, list[Stay]] = {}
    for stay in stays:
        by_seat.setdefault(stay.terminal or f"{stay.number}\n{stay.name}", []).append(stay)
    return Line(
        site=place.id if place and place.id > 0 else None,
        is_site=place is not None,
        name=place.name if place else stays[0].name,
        path=place.path if place else "",
        invited=invited,
        usual=place.usual if place else 0,
        people=people.get(place.id) if place else None,
        mark=marks.get(place.id, "") if place else "",
        spans=merged(Span(since=s.joined_at, until=s.left_at) for s in stays),
        seats=tuple(_seat(of) for of in by_seat.values()),
        quality=_quality(stays),
    )


def _seat(stays: list[Stay]) -> Seat:
    last = stays[-1]
    return Seat(
        name=last.name,
        number=last.number,
        terminal=last.terminal,
        kind=last.kind,
        spans=merged(Span(since=s.joined_at, until=s.left_at) for s in stays),
        quality=_quality(stays),
    )


def _quality(stays: list[Stay]) -> dict[str, float]:
    """Means by time present, and the worst of each."""
    measured = [(max(1.0, s.left_at - s.joined_at), s.quality) for s in stays if s.quality]
    found: dict[str, float] = {}
    for name in MEANS:
        told = [(weight, float(q[name])) for weight, q in measured if isinstance(q.get(name), int | float)]
        if told:
            found[name] = round(sum(w * value for w, value in told) / sum(w for w, _ in told), 3)
    for name in WORST:
        values = [float(q[name]) for _, q in measured if isinstance(q.get(name), int | float)]
        if values:
            found[name] = max(values)
    return found

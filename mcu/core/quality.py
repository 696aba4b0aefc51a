"""How good the line of each call is: from counters of RTP and RTCP, read every few seconds, to figures and a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mcu.core.events import Event

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge
    from mcu.core.roster import Participant

Grade = Literal["", "good", "poor", "bad"]
LEAST_PACKETS = 50  # of which a share lost means something: a second of speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From where a line is poor, and from where it is bad."""

    poor_loss: float = 1.0  # per cent
    bad_loss: float = 5.0
    poor_rtt: float = 300.0  # ms; 150 one way is what people notice, 400 what they suffer from (ITU-T G.114)
    bad_rtt: float = 800.0
    poor_jitter: float = 50.0  # ms
    bad_jitter: float = 150.0

    def grade(self, loss: float, rtt: float, jitter: float) -> Grade:
        """``loss`` in per cent, the others in ms."""
        if loss >= self.bad_loss or rtt >= self.bad_rtt or jitter >= self.bad_jitter:
            return "bad"
        return "poor" if loss >= self.poor_loss or rtt >= self.poor_rtt or jitter >= self.poor_jitter else "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """One stream's, since it began; jitter and round trip as last measured or reported (RFC 3550 6.4.1)."""

    packets_in: int = 0
    octets_in: int = 0
    lost_in: int = 0
    jitter_in: float = 0.0  # s
    packets_out: int = 0
    octets_out: int = 0
    lost_out: int = 0  # as the far end reports
    jitter_out: float = 0.0  # s, likewise
    rtt: float = 0.0  # s; 0 while nobody has reported


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaTold(Event):
    """The counters of every terminal's call: of its sound and of its picture, None without."""

    channels: Mapping[str, tuple[Counters | None, Counters | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One stream between two readings."""

    kbps_in: float
    kbps_out: float
    loss_in: float  # per cent
    loss_out: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The line of one call, in the seconds before ``at``. Losses in per cent: the worse of sound and picture."""

    at: float
    loss_in: float
    loss_out: float
    jitter_ms: float
    rtt_ms: float
    sound: Flow | None
    picture: Flow | None
    grade: Grade

    @property
    def kbps_in(self) -> float:
        return sum(flow.kbps_in for flow in (self.sound, self.picture) if flow)

    @property
    def kbps_out(self) -> float:
        return sum(flow.kbps_out for flow in (self.sound, self.picture) if flow)

    def describe(self) -> dict[str, Any]:
        """As the bus tells it."""
        return {
            "loss_in": round(self.loss_in, 1),
            "loss_out": round(self.loss_out, 1),
            "jitter_ms": round(self.jitter_ms, 1),
            "rtt_ms": round(self.rtt_ms, 1),
            "kbps_in": round(self.kbps_in),
            "kbps_out": round(self.kbps_out),
            "grade": self.grade,
        }


@dataclass(slots=True)
class Line:
    """What is remembered of one call's line: the last reading, the present figures, and the whole stay."""

    at: float = 0.0
    counters: tuple[Counters | None, Counters | None] = (None, None)
    quality: Quality | None = None
    readings: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    worst: dict[str, float] = field(default_factory=dict)
    poor: int = 0  # readings that were not good

    def read(
        self, at: float, counters: tuple[Counters | None, Counters | None], thresholds: Thresholds
    ) -> Quality | None:
        """The figures since the reading before; None with the first one, or after the streams began anew."""
        seconds, before = at - self.at, self.counters
        self.at, self.counters = at, counters
        if not 0.5 <= seconds <= 600:
            return None
        flows = [_flow(old, new, seconds) for old, new in zip(before, counters, strict=True)]
        if not any(flows):
            return None
        present = [flow for flow in flows if flow]
        told = [one for one in counters if one]
        sound = counters[0] or told[0]  # a picture's packets come in bursts, which is no jitter of the line
        loss_in, loss_out = max(f.loss_in for f in present), max(f.loss_out for f in present)
        jitter, rtt = 1000 * max(sound.jitter_in, sound.jitter_out), 1000 * max(one.rtt for one in told)
        grade = thresholds.grade(max(loss_in, loss_out), rtt, jitter)
        self.quality = Quality(
            at=at, loss_in=loss_in, loss_out=loss_out, jitter_ms=jitter, rtt_ms=rtt, sound=flows[0], picture=flows[1],
            grade=grade,
        )  # fmt: skip
        self._add(self.quality)
        return self.quality

    def _add(self, quality: Quality) -> None:
        self.readings += 1
        self.poor += quality.grade != "good"
        for name, value in quality.describe().items():
            if name != "grade":
                self.sums[name] = self.sums.get(name, 0.0) + value
                self.worst[name] = max(self.worst.get(name, 0.0), value)

    def stay(self) -> dict[str, Any]:
        """The whole stay, for attendance: means, the worst of each, and the share of readings that were not good."""
        if not self.readings:
            return {}
        means = {name: round(total / self.readings, 1) for name, total in self.sums.items()}
        worst = {f"worst_{n}": self.worst[n] for n in ("loss_in", "loss_out", "jitter_ms", "rtt_ms")}
        return {**means, **worst, "poor_share": round(self.poor / self.readings, 3)}


def take(bridge: Bridge, told: MediaTold, thresholds: Thresholds) -> None:
    """Each participant's line is what it is now; told is only that it became better or worse."""
    for conference in bridge.conferences.values():
        for participant in conference.present.values():
            counters = told.channels.get(participant.channel)
            if counters is None:
                continue
            before = grade_of(participant)
            if participant.line is None:
                participant.line = Line()
            quality = participant.line.read(told.at, counters, thresholds)
            if quality and quality.grade != before:
                conference.changed(participant)
                bridge.touch(conference.number)


def grade_of(participant: Participant) -> Grade:
    """Empty while nothing was measured."""
    quality = participant.line.quality if participant.line else None
    return quality.grade if quality else ""


def _flow(old: Counters | None, new: Counters | None, seconds: float) -> Flow | None:
    if old is None or new is None:
        return None
    octets_in, octets_out = new.octets_in - old.octets_in, new.octets_out - old.octets_out
    packets_in, packets_out = new.packets_in - old.packets_in, new.packets_out - old.packets_out
    if min(octets_in, octets_out, packets_in, packets_out) < 0:
        return None  # the stream began anew
    return Flow(
        kbps_in=octets_in * 8 / 1000 / seconds,
        kbps_out=octets_out * 8 / 1000 / seconds,
        loss_in=_share(new.lost_in - old.lost_in, packets_in + max(0, new.lost_in - old.lost_in)),
        loss_out=_share(new.lost_out - old.lost_out, packets_out),
    )


def _share(lost: int, of: int) -> float:
    """Per cent. Reports lag behind: there may be fewer lost than before, and more than were sent."""
    return min(100.0, 100.0 * max(0, lost) / of) if of >= LEAST_PACKETS else 0.0

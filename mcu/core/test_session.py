"""The session before a meeting in which each site's picture, sound and line are looked at, without anybody's help.

A site is called, watched for some seconds once it is there, and judged: good, poor or failed, with a sentence for each
thing that was looked at. Values in, decisions out; control asks every other second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mcu.core.dialling.outgoing import OutgoingCall, reason_of
from mcu.core.names import is_telephone
from mcu.core.quality import Flow, Line, Quality, Thresholds
from mcu.core.roster import Participant
from mcu.core.test_words import say, summary_of

Level = Literal["good", "poor", "failed"]
State = Literal["calling", "checking", "done"]
_LEVELS: tuple[Level, ...] = ("good", "poor", "failed")
HOLD = "testing"  # who is expected in the room of a session, so that its conference lasts as long as the session
SECONDS = 15.0  # RTCP reports come every 5 s: three of them
STREAM = 2.0  # kbit/s, less is no stream: comfort noise, packets that keep a NAT open


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``check``: call, picture_in, sound_in, picture_out, sound_out or line. ``code`` with its ``values`` is what
    ``test_words`` says in either language; ``text`` is that in English."""

    check: str
    level: Level
    code: str = ""  # of one that an older version kept: none
    values: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""

    def describe(self) -> dict[str, Any]:
        text = say(self.code, self.values, "en") if self.code else self.text
        return {
            "check": self.check, "level": self.level, "text": text, "code": self.code, "values": dict(self.values),
        }  # fmt: skip


@dataclass(slots=True, kw_only=True)
class SiteTest:
    """One site in the session."""

    site: int
    name: str
    call: str = ""  # id of the outgoing call, and of the participant; empty for one who was there
    state: State = "calling"
    participant: str = ""
    terminal: str = ""
    since: float = 0.0  # it is there; before, it is called
    at: float = 0.0  # it was judged
    findings: tuple[Finding, ...] = ()
    heard: bool = False
    opened: bool = False  # its microphone was open, for a time at least
    lived: bool = False  # its picture was seen to move
    size: tuple[int, int] = (0, 0)
    measured: dict[str, Any] = field(default_factory=dict)
    _readings: list[Quality] = field(default_factory=list)
    _whole: Line = field(default_factory=Line)  # from the first reading to the last one

    @property
    def verdict(self) -> Level | Literal[""]:
        """The worst of what was found; empty before."""
        return max((f.level for f in self.findings), key=_LEVELS.index, default="")

    @property
    def summary(self) -> str:
        """One sentence: what is wrong, or that nothing is."""
        return summary_of([f.describe() for f in self.findings], "en")

    def describe(self) -> dict[str, Any]:
        return {
            "site": self.site,
            "name": self.name,
            "state": self.state,
            "verdict": self.verdict,
            "summary": self.summary,
            "findings": [f.describe() for f in self.findings],
            "measured": dict(self.measured),
            "participant": self.participant,
            "terminal": self.terminal,
            "at": round(self.at, 3) if self.at else None,
        }

    @classmethod
    def recall(cls, told: Mapping[str, Any], call: str = "") -> SiteTest:
        """One that is done, as ``describe`` told it. Raises KeyError, TypeError or ValueError for what never was."""
        return cls(
            site=told["site"],
            name=str(told["name"]),
            call=call,
            state="done",
            participant=str(told["participant"]),
            terminal=str(told["terminal"]),
            at=float(told["at"]),
            findings=tuple(Finding(**finding) for finding in told["findings"]),
            measured=dict(told["measured"]),
        )

    def end(self, at: float, *findings: Finding) -> None:
        self.findings, self.state, self.at = findings, "done", at

    def watch(self, p: Participant) -> None:
        """What this moment shows of somebody who is there."""
        self.heard |= p.talking or p.spoke_at >= self.since > 0
        self.opened |= not p.closed
        if p.picture == "live":
            self.lived, self.size = True, p.size if p.size[0] else self.size
        if p.line and p.line.at > self.since and not self._whole.at:
            self._whole.at, self._whole.counters = p.line.at, p.line.counters
        quality = p.line.quality if p.line else None
        if quality and quality.at > self.since and quality not in self._readings[-1:]:
            self._readings.append(quality)

    def judge(self, p: Participant, thresholds: Thresholds) -> tuple[Finding, ...]:
        """After the last look: a finding for each thing. Fills ``measured``."""
        readings = self._readings
        # RTCP tells of losses every 5 s: shares of shorter times are too large or too small.
        whole = self._whole.read(p.line.at, p.line.counters, thresholds) if p.line and self._whole.at else None
        flows = [whole] if whole else readings
        sound = _flows(flows, lambda q: q.sound) or _flows(readings, lambda q: q.sound)
        picture = _flows(flows, lambda q: q.picture) or _flows(readings, lambda q: q.picture)
        loss_in, loss_out = _worst(flows, lambda q: q.loss_in), _worst(flows, lambda q: q.loss_out)
        jitter, rtt = _worst(readings, lambda q: q.jitter_ms), _worst(readings, lambda q: q.rtt_ms)
        self.measured = {
            "codec": p.sends or p.codec, "width": self.size[0], "height": self.size[1], "heard": self.heard,
            "sound_in_kbps": _mean(sound, lambda f: f.kbps_in), "sound_out_kbps": _mean(sound, lambda f: f.kbps_out),
            "picture_in_kbps": _mean(picture, lambda f: f.kbps_in),
            "picture_out_kbps": _mean(picture, lambda f: f.kbps_out), "loss_in": round(loss_in, 1),
            "loss_out": round(loss_out, 1), "jitter_ms": round(jitter, 1), "rtt_ms": round(rtt, 1),
            "device": p.device, "h323": dict(p.h323) if p.h323 else None,
        }  # fmt: skip
        if not readings:
            return (Finding(check="line", level="failed", code="not_measured"),)
        return (
            self._picture_in(p),
            self._sound_in(),
            self._going_out("picture_out", "picture", bool(p.rate_class)),
            self._going_out("sound_out", "sound", True),
            _line(thresholds, loss_in, loss_out, jitter, rtt),
        )

    def _picture_in(self, p: Participant) -> Finding:
        def found(level: Level, code: str, **values: Any) -> Finding:
            return Finding(check="picture_in", level=level, code=code, values=values)

        if is_telephone(p.channel):
            return found("good", "telephone")
        if not p.rate_class:
            return found("poor", "sound_only")
        if p.picture == "stalled":
            return found("poor", "picture_stalled")
        if not self.lived:
            came = self.measured["picture_in_kbps"] >= STREAM
            return found("failed", "picture_not_decoded" if came else "no_picture")
        width, height = self.size
        return found("good", "picture", width=width, height=height, codec=self.measured["codec"])

    def _sound_in(self) -> Finding:
        if self.measured["sound_in_kbps"] < STREAM and not self.heard:
            return Finding(check="sound_in", level="failed", code="no_sound")
        if not self.heard:
            # The switch does not listen where it has closed the microphone.
            code = "nobody_heard" if self.opened else "microphone_closed"
            return Finding(check="sound_in", level="poor", code=code)
        return Finding(check="sound_in", level="good", code="heard")

    def _going_out(self, check: str, what: str, wanted: bool) -> Finding:
        if not wanted:
            return Finding(check=check, level="good", code=f"takes_no_{what}")
        if self.measured[f"{check}_kbps"] < STREAM:
            return Finding(check=check, level="failed", code=f"no_{what}_sent")
        return Finding(check=check, level="good", code=f"{what}_sent")


class TestSession:
    """All sites of one room's session."""

    __test__ = False  # no class of pytest's

    def __init__(self, room: str, sites: Iterable[SiteTest], thresholds: Thresholds, seconds: float = SECONDS) -> None:
        self.room = room
        self.sites = {one.site: one for one in sites}
        self._thresholds = thresholds
        self._seconds = seconds

    @property
    def over(self) -> bool:
        return all(one.state == "done" for one in self.sites.values())

    def look(self, at: float, people: Iterable[Participant], calls: Iterable[OutgoingCall]) -> list[SiteTest]:
        """Those whose state changed. ``people``: in the room or at its door; ``calls``: outgoing ones into it."""
        there = {p.site: p for p in people if p.site is not None and not p.presents}
        coming = {call.site: call for call in calls}
        changed = []
        for one in self.sites.values():
            if one.state != "done":
                before = one.state
                self._look(one, at, there.get(one.site), coming.get(one.site))
                if one.state != before:
                    changed.append(one)
        return changed

    def _look(self, one: SiteTest, at: float, p: Participant | None, call: OutgoingCall | None) -> None:
        if p is None:
            self._absent(one, at, call)
            return
        if not p.joined_at:
            return  # at the door
        if one.state == "calling" or p.id != one.participant:
            one.state, one.participant, one.terminal, one.since = "checking", p.id, p.terminal, at
            return
        one.watch(p)
        if not 0 <= at - one.since < self._seconds:
            one.end(at, *one.judge(p, self._thresholds))

    def _absent(self, one: SiteTest, at: float, call: OutgoingCall | None) -> None:
        if call is not None and call.state != "failed":
            return  # it is on its way, perhaps back
        if one.state == "checking":
            values = {"seconds": round(at - one.since)}
            one.end(at, Finding(check="call", level="failed", code="call_ended", values=values))
        elif call is not None:
            why = {"reason": reason_of(call.cause)}
            one.end(at, Finding(check="call", level="failed", code="did_not_come", values=why))
        elif not 0 <= at - one.since < self._seconds:
            # Neither called nor at the door nor in the room: somebody called the attempt off.
            one.end(at, Finding(check="call", level="failed", code="not_there"))


def _line(thresholds: Thresholds, loss_in: float, loss_out: float, jitter: float, rtt: float) -> Finding:
    grade = thresholds.grade(max(loss_in, loss_out), rtt, jitter)
    figures = {"loss_in": round(loss_in, 1), "loss_out": round(loss_out, 1), "jitter": round(jitter), "rtt": round(rtt)}
    level: Level = {"bad": "failed", "poor": "poor"}.get(grade, "good")  # type: ignore[assignment]  # of these words
    return Finding(check="line", level=level, code="line", values=figures)


def _flows(readings: list[Quality], part: Callable[[Quality], Flow | None]) -> list[Flow]:
    return [flow for quality in readings if (flow := part(quality))]


def _mean(flows: list[Flow], part: Callable[[Flow], float]) -> int:
    return round(sum(map(part, flows)) / len(flows)) if flows else 0


def _worst(readings: list[Quality], part: Callable[[Quality], float]) -> float:
    return max(map(part, readings), default=0.0)

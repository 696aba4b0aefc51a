"""The lines between the switch and the mixer that one room needs: dialled, kept, dialled again, hung up.

A line is a participant's leg (``("leg", id)``) or a view leg (``("view", "<view>/<class>")``).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

LineKey = tuple[str, str]

FIRST_RETRY, LAST_RETRY = 0.2, 5.0  # seconds between attempts, doubled each time
# An Originate whose answer is lost; the switch itself gives up a call to the mixer after less.
DIAL_TIMEOUT = 12.0
SETTLED = 10.0  # a line that stood this long counts as good when it breaks


@dataclass(slots=True)
class Line:
    """One line: idle, dialling (``mixer`` set) or up (``channel`` set too)."""

    mixer: str = ""  # the run of the mixer it leads to
    channel: str = ""
    codec: str = ""  # it was dialled for; empty: any
    since: float = 0.0
    failures: int = 0
    retry_at: float = 0.0

    @property
    def idle(self) -> bool:
        return not self.mixer

    @property
    def dialling(self) -> bool:
        return bool(self.mixer) and not self.channel

    def carries(self, codec: str) -> bool:
        """Whether it was dialled for this one, as far as both are known."""
        return not codec or not self.codec or codec == self.codec


@dataclass(slots=True)
class Change:
    dial: list[LineKey] = field(default_factory=list)
    hang_up: list[str] = field(default_factory=list)  # channels


class Lines:
    """The lines of one room. ``wanted`` says in which order they are dialled."""

    def __init__(self) -> None:
        self._lines: dict[LineKey, Line] = {}

    def __bool__(self) -> bool:
        return bool(self._lines)

    def standing(self) -> dict[LineKey, Line]:
        """The lines that are up."""
        return {key: line for key, line in self._lines.items() if line.channel}

    def dialled(self) -> set[LineKey]:
        """The lines that are up or being dialled."""
        return {key for key, line in self._lines.items() if not line.idle}

    def settle(
        self,
        wanted: Iterable[LineKey],
        mixer: str,
        at: float,
        codecs: Mapping[LineKey, str] = MappingProxyType({}),
    ) -> Change:
        """What brings the lines to what is wanted now; ``mixer`` is the present run, empty while there is none.

        A line that was dialled for another codec than it must have now (``codecs``) is dialled anew.
        """
        change = Change()
        order = dict.fromkeys(wanted)
        for key in [k for k in self._lines if k not in order]:
            if channel := self._lines.pop(key).channel:
                change.hang_up.append(channel)
        for key in order:
            line = self._lines.setdefault(key, Line())
            codec = codecs.get(key, "")
            if not line.idle and mixer and (line.mixer != mixer or not line.carries(codec)):
                if line.channel:
                    change.hang_up.append(line.channel)
                self._lines[key] = line = Line()
            # A clock set back must not hold a line up for hours, hence both bounds.
            if line.dialling and not 0 <= at - line.since < DIAL_TIMEOUT:
                self._broke(line, at)
            if line.idle and mixer and not 0 < line.retry_at - at <= LAST_RETRY:
                line.mixer, line.codec, line.since = mixer, codec, at
                change.dial.append(key)
        return change

    def came_up(self, key: LineKey, channel: str, mixer: str, at: float, codec: str = "") -> list[str]:
        """An answered line; returns channels to hang up: its forerunner, or itself where nobody wants it any more.

        Of two the newer stays, as the mixer keeps the newer call of a name too.
        """
        line = self._lines.get(key)
        if line is None or not line.carries(codec):
            return [channel]
        surplus = [line.channel] if line.channel and line.channel != channel else []
        line.mixer, line.channel, line.since = mixer, channel, at
        return surplus

    def failed(self, key: LineKey, mixer: str, at: float, codec: str = "") -> None:
        """A dial did not succeed."""
        line = self._lines.get(key)
        if line is not None and line.dialling and line.mixer == mixer and line.carries(codec):
            self._broke(line, at)

    def hung_up(self, key: LineKey, channel: str, at: float) -> None:
        """A channel of this line ended that we did not end ourselves."""
        line = self._lines.get(key)
        if line is not None and not line.idle and line.channel in ("", channel):
            self._broke(line, at)

    def missing(self, mixer: str, listed: Container[LineKey], at: float) -> list[str]:
        """The mixer told its calls: lines to it that it does not know are no good. Returns their channels."""
        gone = [line for key, line in self.standing().items() if line.mixer == mixer and key not in listed]
        channels = [line.channel for line in gone]
        for line in gone:
            line.mixer, line.channel, line.retry_at = "", "", at
        return channels

    def forget(self) -> None:
        """Memory is stale: what stands is about to be told anew by ``found``."""
        self._lines.clear()

    def found(self, key: LineKey, channel: str, mixer: str, at: float, codec: str = "") -> list[str]:
        """A line that the switch has; returns channels to hang up."""
        line = self._lines.setdefault(key, Line())
        surplus = [line.channel] if line.channel else []
        line.mixer, line.channel, line.codec, line.since = mixer, channel, codec, at
        return surplus

    def due(self, mixer: str) -> float | None:
        """When ``settle`` has something to do again."""
        times = [
            line.since + DIAL_TIMEOUT if line.dialling else line.retry_at
            for line in self._lines.values()
            if line.dialling or (line.idle and mixer)
        ]
        return min(times, default=None)

    @staticmethod
    def _broke(line: Line, at: float) -> None:
        if line.channel and at - line.since >= SETTLED:
            line.failures = 0
        line.retry_at = at + min(LAST_RETRY, FIRST_RETRY * 2 ** min(line.failures, 10))
        line.failures += 1
        line.mixer = line.channel = ""

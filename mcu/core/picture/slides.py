"""The room's presentation as terminals with H.239 get it: a second picture, on a channel that the H.323 gateway opens.

A line leads from the switch to each of them (``("slides", participant)``), dialled and kept like those to the mixer;
but a terminal may say no, and then it is left in peace until somebody else presents.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from mcu.core import effects as do
from mcu.core import events
from mcu.core.lines import SETTLED, LineKey, Lines
from mcu.core.names import is_word
from mcu.core.picture.rates import ALL_CLASSES, class_for, kbps_of
from mcu.core.picture.scene import Scene, Tile
from mcu.core.picture.view import SLIDES
from mcu.core.roster import Participant, view_key

FPS = 15  # of the fastest class (rates.SLIDES_CLASSES): enough for a film or a text that is scrolled
KIND = "slides"
_FAR_END = "h323"  # where these lines lead, in the place of a mixer's run
_MOST_FAILURES = 5  # in a row, for one presentation; with the lines' back-off 3 s
# Q.850 of who will not have it whatever we do: call rejected, incompatible destination; and 58, bearer capability not
# available, which Asterisk makes of SIP's 488.
_FINAL = frozenset({21, 58, 88})


class Slides:
    """Who of one room gets them."""

    def __init__(self, room: str) -> None:
        self.lines = Lines()
        self._room = room
        self._shown = ""  # the presentation
        self._failures: dict[str, int] = {}  # by participant
        self._keys: dict[str, str] = {}  # by participant: what its line is subscribed to

    def takers(self, present: Collection[Participant], shown: Participant | None) -> list[Participant]:
        """Those who shall get what is shown: not whose it is, nor who is about to present, nor who refused it."""
        self._begin(shown.id if shown else "")
        if shown is None:
            return []
        presenting = {p.presents for p in present if p.presents}
        return [p for p in present if p.id not in presenting and self._reachable(p)]

    def receives(self, participant: str) -> bool:
        """Whether its second picture is there."""
        return (KIND, participant) in self.lines.standing()

    def settle(self, takers: Collection[Participant], at: float, *, mixer: bool) -> list[do.Effect]:
        """What brings the lines to who takes it now. Without a mixer there is no picture to be dialled for."""
        wanted: dict[LineKey, Participant] = {(KIND, p.id): p for p in takers}
        codecs = {line: ALL_CLASSES[p.slides_class].codec for line, p in wanted.items()}
        change = self.lines.settle(wanted, _FAR_END if mixer else "", at, codecs)
        out: list[do.Effect] = [do.HangUp(room=self._room, channel=channel) for channel in change.hang_up]
        self._keys = {who: key for who, key in self._keys.items() if (KIND, who) in wanted}
        for line in change.dial:
            p = wanted[line]
            self._keys[p.id] = key = self._key(p)
            out.append(do.DialSlides(room=self._room, participant=p.id, tag=p.slides_tag, key=key, codec=codecs[line]))
        for line, standing in self.lines.standing().items():
            p = wanted[line]
            if self._keys.get(p.id) != (key := self._key(p)):
                self._keys[p.id] = key
                out.append(do.Subscribe(room=self._room, participant=p.id, channel=standing.channel, key=key))
        return out

    def came_up(self, participant: str, channel: str, at: float) -> list[str]:
        """Returns channels to hang up."""
        return self.lines.came_up((KIND, participant), channel, _FAR_END, at)

    def failed(self, participant: str, cause: int, at: float) -> None:
        """A dial did not succeed; ``cause`` is Q.850's."""
        if (KIND, participant) in self.lines.dialled() - self.lines.standing().keys():
            self._count(participant, cause)
        self.lines.failed((KIND, participant), _FAR_END, at)

    def hung_up(self, participant: str, channel: str, cause: int, at: float) -> None:
        """A channel ended that we did not end ourselves."""
        line = self.lines.standing().get((KIND, participant))
        if line is not None and line.channel == channel:
            if at - line.since >= SETTLED:
                self._failures.pop(participant, None)
            self._count(participant, cause)
        self.lines.hung_up((KIND, participant), channel, at)

    def not_subscribed(self, failed: do.Subscribe, at: float) -> list[do.Effect]:
        """A line that could not be given another picture is dialled anew."""
        line = self.lines.standing().get((KIND, failed.participant))
        if line is None or line.channel != failed.channel:
            return []
        self.lines.hung_up((KIND, failed.participant), failed.channel, at)
        return [do.HangUp(room=self._room, channel=failed.channel)]

    def found(self, leg: events.Leg, participant: Participant, at: float) -> list[str]:
        """A line that the switch has; returns channels to hang up."""
        self._keys[participant.id] = leg.key
        rate_class = ALL_CLASSES.get(leg.key.rpartition("-")[2])
        if rate_class is not None and not participant.slides_class:
            participant.slides_class = rate_class.name  # until the gateway tells
        codec = rate_class.codec if rate_class is not None else ""
        return self.lines.found((KIND, participant.id), leg.channel, _FAR_END, at, codec)

    def due(self, *, mixer: bool) -> float | None:
        return self.lines.due(_FAR_END if mixer else "")

    def _begin(self, shown: str) -> None:
        if shown != self._shown:
            self._shown = shown
            self._failures.clear()

    def _reachable(self, p: Participant) -> bool:
        if not p.slides_class:
            self._failures.pop(p.id, None)  # when it takes some again, it may have changed its mind
            return False
        return self._failures.get(p.id, 0) < _MOST_FAILURES and bool(p.slides_tag or self.receives(p.id))

    def _key(self, p: Participant) -> str:
        return view_key(self._room + SLIDES, p.slides_class)

    def _count(self, participant: str, cause: int) -> None:
        more = _MOST_FAILURES if cause in _FINAL else 1
        self._failures[participant] = self._failures.get(participant, 0) + more


def take_told(participant: Participant, details: Mapping[str, Any]) -> None:
    """What the gateway tells of a terminal's call: ``tag``, and ``content`` with codec, fmtp and bit_rate, or None."""
    tag, content = details.get("tag"), details.get("content")
    participant.slides_tag = tag if isinstance(tag, str) and is_word(tag) else ""
    participant.slides_class = ""
    if isinstance(content, Mapping):
        codec, fmtp, bit_rate = (content.get(key) for key in ("codec", "fmtp", "bit_rate"))
        if isinstance(codec, str) and isinstance(fmtp, str) and isinstance(bit_rate, int):
            participant.slides_class = class_for(codec, fmtp, kbps_of(bit_rate), slides=True)


def scene(shown: Participant) -> Scene:
    """The presentation alone, over the whole canvas, without a name plate on it."""
    return Scene((Tile(shown.id, 0.0, 0.0, 1.0, 1.0, "", False, False),), fps=FPS)

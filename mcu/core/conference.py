"""One run of a room: who is in it, what its view shows, which lines it needs. From the first call at the door until the
last one has gone and its view is taken down.

``settle`` compares what is wanted with what is there, so every change, retry and recovery takes the same path.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from mcu.core import effects as do
from mcu.core.layout import Catalogue
from mcu.core.lines import LineKey, Lines
from mcu.core.roster import Participant, RoomConfig
from mcu.core.slides import Slides
from mcu.core.stage import presentation
from mcu.core.view import RETRY
from mcu.core.views import Views

ENTRY_TIMEOUT = 60.0  # from the door to the room; a call that ended between is told by its hang-up


@dataclass(slots=True)
class Links:
    """Who is there to be instructed."""

    switch: bool = False
    mixer: str = ""  # run id; empty while it is away


@dataclass(slots=True)
class Room:
    """What outlives a conference."""

    config: RoomConfig
    locked: bool = False
    stray: bool = False  # only the switch knows it: nobody made it, and it is gone with its conference
    told: dict[str, Any] = field(default_factory=dict)  # as it was last told on the bus


class Conference:
    def __init__(self, room: Room, catalogue: Catalogue) -> None:
        self.room = room
        self.present: dict[str, Participant] = {}  # in order of joining
        self.entering: dict[str, Participant] = {}
        self.lines = Lines()
        self.slides = Slides(self.number)
        self.views = Views(self.number, catalogue)
        self._changed: set[str] = set()

    @property
    def number(self) -> str:
        return self.room.config.number

    @property
    def since(self) -> float | None:
        """When the first of those present joined."""
        return min((p.joined_at for p in self.present.values()), default=None)

    @property
    def over(self) -> bool:
        return not (self.present or self.entering or self.lines or self.slides.lines or any(self.views))

    @property
    def wanted_views(self) -> set[str]:
        """Names of the views that the mixer may have."""
        return {self.number, *(view.name for view in self.views if view.classes)}

    def takes(self, view: str, rate_class: str) -> bool:
        """Whether somebody takes this class of a view, or lately did."""
        takers = self.slides.takers(self.present.values(), presentation(self.present.values()))
        self._direct(takers)
        used = self.views.used(list(self.everyone()), takers)
        there = any(rate_class in known.classes for known in self.views if known.name == view)
        return there or rate_class in used.get(view, ())

    def everyone(self) -> Iterator[Participant]:
        yield from self.present.values()
        yield from self.entering.values()

    @property
    def people(self) -> int:
        """How many are present; a presentation is nobody."""
        return sum(1 for p in self.present.values() if not p.presents)

    def find(self, participant: str) -> Participant | None:
        return self.present.get(participant) or self.entering.get(participant)

    def join(self, participant: Participant, at: float) -> list[do.Effect]:
        """From the door into the room; all see who comes last at the end."""
        out: list[do.Effect] = []
        if self.room.locked and not self.present:
            # Locked while it was empty, and somebody was at the door already: Asterisk's room begins only now.
            out.append(do.Lock(room=self.number, on=True, was=False))
        self.entering.pop(participant.id, None)
        participant.place(self.number, participant.codec, participant.fmtp)
        participant.joined_at = at
        self.present[participant.id] = participant
        self._changed.discard(participant.id)
        return [*out, do.Tell(room=self.number, event="participant.joined", data=participant.describe())]

    def leave(self, participant: str) -> list[do.Effect]:
        """Out of the room, or away from its door. The lock ends with the last one."""
        self.entering.pop(participant, None)
        self._changed.discard(participant)
        if self.present.pop(participant, None) is None:
            return []
        told: list[do.Effect] = [
            do.Tell(room=self.number, event="participant.left", data={"id": participant, "room": self.number})
        ]
        if not self.present and self.room.locked:
            self.room.locked = False
            told.append(do.StoreLock(room=self.number, on=False))
        return told

    def changed(self, participant: Participant) -> None:
        """Something about a participant that the bus tells was altered."""
        self._changed.add(participant.id)

    def mixer_came(self, mixer: str, listed: Container[LineKey], at: float) -> list[do.Effect]:
        """A mixer said hello: its views are put anew, lines to it that it does not list are no good."""
        for view in self.views:
            view.forget()
        return [do.HangUp(room=self.number, channel=channel) for channel in self.lines.missing(mixer, listed, at)]

    def put_failed(self, name: str, at: float) -> None:
        for view in self.views:
            if view.name == name:
                view.put_failed(at)

    def settle(self, at: float, links: Links) -> list[do.Effect]:
        """The instructions that bring switch and mixer to what this conference wants now."""
        for stray in [p.id for p in self.entering.values() if at - p.entered_at >= ENTRY_TIMEOUT]:
            del self.entering[stray]
        shown = presentation(self.present.values())
        takers = self.slides.takers(self.present.values(), shown)
        self._direct(takers)
        used = self.views.used(list(self.everyone()), takers)
        for view in self.views:
            view.take(used[view.name], at)
        out: list[do.Effect] = []
        if self.present or self.entering or self.views.common.classes:
            out += self.views.show(self.present, shown, self.room.config.layout, at, bool(links.mixer))
        else:
            for view in self.views:
                out += view.drop(bool(links.mixer))
        if links.switch:
            out += self._end_presentations(shown)
            codecs = {("leg", p.id): p.leg_codec for p in self.everyone()}
            change = self.lines.settle(self._wanted(), links.mixer, at, codecs)
            out += [do.HangUp(room=self.number, channel=channel) for channel in change.hang_up]
            out += [self._dial(key, links.mixer) for key in change.dial]
            out += self.slides.settle(takers, at, mixer=bool(links.mixer))
            out += self._subscribe(at)
        return out

    def close(self, links: Links) -> list[do.Effect]:
        """Take down what an empty conference still has, without waiting for the end of its grace."""
        standing = (*self.lines.standing().values(), *self.slides.lines.standing().values())
        out: list[do.Effect] = [do.HangUp(room=self.number, channel=line.channel) for line in standing]
        for view in self.views:
            out += view.drop(bool(links.mixer))
        return out

    def announce(self) -> list[do.Effect]:
        """What the bus has not been told yet."""
        out: list[do.Effect] = [
            do.Tell(room=self.number, event="participant.changed", data=self.present[i].describe())
            for i in sorted(self._changed)
            if i in self.present
        ]
        self._changed.clear()
        return out

    def due(self, links: Links) -> float | None:
        """When ``settle`` has something to do again without anything happening."""
        times = [at for view in self.views for at in view.due(bool(links.mixer))]
        times += [p.entered_at + ENTRY_TIMEOUT for p in self.entering.values()]
        if links.switch:
            times += [p.subscribe_at for p in self.present.values() if p.subscribed != p.key]
            lines = self.lines.due(links.mixer), self.slides.due(mixer=bool(links.mixer))
            times += [line for line in lines if line is not None]
        return min(times, default=None)

    def _direct(self, takers: list[Participant]) -> None:
        """Who has the presentation by itself sees the people in the main picture."""
        apart = {p.id for p in takers if self.slides.receives(p.id)}
        for p in self.present.values():
            if p.slides != (p.id in apart):
                p.slides = p.id in apart
                p.watch((self.views.people if p.slides else self.views.common).name)
                self.changed(p)

    def _end_presentations(self, shown: Participant | None) -> list[do.Effect]:
        """One at a time, and none without whose it is."""
        out: list[do.Effect] = []
        for p in self.everyone():
            # One whose first picture is heard of before it is in the room will be what is shown.
            late = p.began_at and p.id in self.present and p is not shown
            if p.presents and not p.dismissed and (self.find(p.presents) is None or late):
                p.dismissed = True
                out.append(do.HangUp(room=self.number, channel=p.channel))
        return out

    def _wanted(self) -> list[LineKey]:
        """View legs first: they serve everybody."""
        views = [("view", f"{view.name}/{name}") for view in self.views for name in view.classes]
        return views + [("leg", p.id) for p in self.everyone() if p.rate_class]

    def _dial(self, key: LineKey, mixer: str) -> do.Effect:
        kind, ident = key
        if kind == "view":
            view, _, rate_class = ident.rpartition("/")
            return do.DialView(room=self.number, view=view, rate_class=rate_class, mixer=mixer)
        participant = self.find(ident)
        codec = participant.leg_codec if participant else ""
        return do.DialLeg(room=self.number, participant=ident, mixer=mixer, codec=codec)

    def _subscribe(self, at: float) -> list[do.Effect]:
        """Who stands at the door is subscribed by the dialplan, from the answer it was given."""
        out: list[do.Effect] = []
        for p in self.present.values():
            if p.subscribed != p.key and not 0 < p.subscribe_at - at <= RETRY:
                p.subscribed = p.key
                out.append(do.Subscribe(room=self.number, participant=p.id, channel=p.channel, key=p.key))
        return out

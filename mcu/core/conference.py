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
from mcu.core.rates import CLASSES
from mcu.core.roster import Participant, RoomConfig
from mcu.core.scene import compose
from mcu.core.stage import arrange, presentation

VIEW_GRACE = 5.0  # seconds that a class stays although nobody takes it: the next one in finds a running picture
ENTRY_TIMEOUT = 60.0  # from the door to the room; a call that ended between is told by its hang-up
RETRY = 1.0  # seconds until a failed subscription or view.put is tried again


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
        self._catalogue = catalogue
        self._unused_since: dict[str, float | None] = {}  # the classes there are; None while somebody takes one
        self._seats: tuple[str, ...] = ()
        self._put: do.PutView | None = None  # as the mixer has it
        self._put_at = 0.0  # after a failure: not again before this
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
        return not (self.present or self.entering or self.lines or self._put or self._unused_since)

    @property
    def view_put(self) -> bool:
        return self._put is not None

    @property
    def classes(self) -> list[str]:
        """The rate classes of the view that are there, the best first."""
        return [name for name in CLASSES if name in self._unused_since]

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
        self._put, self._put_at = None, 0.0
        return [do.HangUp(room=self.number, channel=channel) for channel in self.lines.missing(mixer, listed, at)]

    def put_failed(self, at: float) -> None:
        self._put, self._put_at = None, at + RETRY

    def settle(self, at: float, links: Links) -> list[do.Effect]:
        """The instructions that bring switch and mixer to what this conference wants now."""
        for stray in [p.id for p in self.entering.values() if at - p.entered_at >= ENTRY_TIMEOUT]:
            del self.entering[stray]
        self._age_classes(at)
        out = self._show(at, links)
        if links.switch:
            out += self._end_presentations()
            change = self.lines.settle(self._wanted(), links.mixer, at)
            out += [do.HangUp(room=self.number, channel=channel) for channel in change.hang_up]
            out += [self._dial(key, links.mixer) for key in change.dial]
            out += self._subscribe(at)
        return out

    def close(self, links: Links) -> list[do.Effect]:
        """Take down what an empty conference still has, without waiting for the end of its grace."""
        channels = [line.channel for line in self.lines.standing().values()]
        out: list[do.Effect] = [do.HangUp(room=self.number, channel=channel) for channel in channels]
        if self._put and links.mixer:
            out.append(do.DropView(room=self.number, view=self.number))
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
        times = [since + VIEW_GRACE for since in self._unused_since.values() if since is not None]
        times += [p.entered_at + ENTRY_TIMEOUT for p in self.entering.values()]
        if links.mixer and self._put_at:
            times.append(self._put_at)
        if links.switch:
            times += [p.subscribe_at for p in self.present.values() if p.subscribed != p.key]
            if (line := self.lines.due(links.mixer)) is not None:
                times.append(line)
        return min(times, default=None)

    def _age_classes(self, at: float) -> None:
        used = {p.rate_class for p in self.everyone() if p.key}
        for name in used:
            self._unused_since[name] = None
        for name, since in list(self._unused_since.items()):
            if name in used:
                continue
            if since is None:
                self._unused_since[name] = at
            elif not 0 <= at - since < VIEW_GRACE:
                del self._unused_since[name]

    def _show(self, at: float, links: Links) -> list[do.Effect]:
        shown = presentation(self.present.values())
        first = [shown] if shown else []
        layout = self._catalogue.choose(self.room.config.layout, len(first) + self.people, bool(shown))
        people = [p for p in self.present.values() if not p.presents]
        self._seats = arrange(self._seats, people, len(layout.tiles) - len(first))
        if not (self.present or self.entering or self._unused_since):
            there = self._put or self._put_at  # one that failed by a time-out may be there all the same
            self._put, self._put_at = None, 0.0
            # With the mixer away nobody can be told: its next hello tells which views it still has.
            return [do.DropView(room=self.number, view=self.number)] if there and links.mixer else []
        if not links.mixer:
            return []
        put = do.PutView(
            room=self.number,
            view=self.number,
            scene=compose(layout, [*first, *(self.present[i] for i in self._seats)]),
            classes=tuple(CLASSES[name] for name in self.classes),
        )
        if put == self._put or at < self._put_at <= at + RETRY:
            return []
        self._put, self._put_at = put, 0.0
        return [put]

    def _end_presentations(self) -> list[do.Effect]:
        """One at a time, and none without whose it is."""
        shown = presentation(self.present.values())
        out: list[do.Effect] = []
        for p in self.everyone():
            if p.presents and not p.dismissed and (self.find(p.presents) is None or (p.began_at and p is not shown)):
                p.dismissed = True
                out.append(do.HangUp(room=self.number, channel=p.channel))
        return out

    def _wanted(self) -> list[LineKey]:
        """View legs first: they serve everybody."""
        views = [("view", f"{self.number}/{name}") for name in self.classes]
        return views + [("leg", p.id) for p in self.everyone() if p.rate_class]

    def _dial(self, key: LineKey, mixer: str) -> do.Effect:
        kind, ident = key
        if kind == "view":
            return do.DialView(room=self.number, view=self.number, rate_class=ident.rpartition("/")[2], mixer=mixer)
        participant = self.find(ident)
        codec = participant.codec if participant else ""
        return do.DialLeg(room=self.number, participant=ident, mixer=mixer, codec=codec)

    def _subscribe(self, at: float) -> list[do.Effect]:
        """Who stands at the door is subscribed by the dialplan, from the answer it was given."""
        out: list[do.Effect] = []
        for p in self.present.values():
            if p.subscribed != p.key and not 0 < p.subscribe_at - at <= RETRY:
                p.subscribed = p.key
                out.append(do.Subscribe(room=self.number, participant=p.id, channel=p.channel, key=p.key))
        return out

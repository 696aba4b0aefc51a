"""One run of a room: who is in it, what its view shows, which lines it needs. From the first call at the door until the
last one has gone and its view is taken down.

``settle`` compares what is wanted with what is there, so every change, retry and recovery takes the same path.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mcu.core import arrivals, runs
from mcu.core import effects as do
from mcu.core.direction import Direction, Turning
from mcu.core.entry import lobby
from mcu.core.lines import LineKey, Lines
from mcu.core.picture import turning
from mcu.core.picture.layout import Catalogue
from mcu.core.picture.slides import Slides
from mcu.core.picture.stage import presentation
from mcu.core.picture.view import RETRY
from mcu.core.picture.views import Views
from mcu.core.roster import Participant, RoomConfig
from mcu.core.undo import Stack
from mcu.errors import AsteriskDown

ENTRY_TIMEOUT = 60.0  # from the door to the room; a call that ended between is told by its hang-up


@dataclass(slots=True)
class Links:
    """Who is there to be instructed."""

    switch: bool = False
    switch_lost_at: float = 0.0  # seconds since the epoch
    switch_started: str = ""  # Snapshot.started
    mixer: str = ""  # run id; empty while it is away
    trunk: bool | None = None  # registered there; None: not known, or it knows us without

    def need_switch(self) -> None:
        """Raises AsteriskDown."""
        if not self.switch:
            raise AsteriskDown("Asterisk is away")


@dataclass(slots=True)
class Room:
    """What outlives a conference."""

    config: RoomConfig
    locked: bool = False
    stray: bool = False  # only the switch knows it: nobody made it, and it is gone with its conference
    told: dict[str, Any] = field(default_factory=dict)  # as it was last told on the bus
    ends_at: float | None = None  # the meeting in it, by schedule


class Conference:
    def __init__(self, room: Room, catalogue: Catalogue) -> None:
        self.room = room
        self.present: dict[str, Participant] = {}  # in order of joining
        self.entering: dict[str, Participant] = {}
        self.lines = Lines()
        self.slides = Slides(self.number)
        self.views = Views(self.number, catalogue)
        self.id = ""  # of this run; empty until the first has joined
        self.began_at = 0.0
        self.direction = Direction(mute_joiners=room.config.mute_joiners)
        self.done = Stack()  # acts that can be taken back
        self.lobby: dict[str, Participant] = {}  # who waits to be let in
        # Who is not there but expected: nothing ordered of them is forgotten. Until when; None: until given up.
        self.awaiting: dict[str, float | None] = {}
        self.resumed = False  # out of control's record; who is there, the switch has not told yet
        self.absent: dict[str, arrivals.Gone] = {}  # who left lately
        self.remembered: dict[str, Any] = {}  # of participants, out of control's record, until the switch has told
        self.recorded: Mapping[str, Any] = {}  # the whole record, likewise
        # Direction, lobby, undo and id as the bus was told; what control's record has.
        self.told: tuple[Direction, tuple[str, ...], str, str] = (self.direction, (), "", "")
        self.kept: runs.Kept = (self.direction, 0, "", "", 0)
        self._changed: set[str] = set()

    @property
    def number(self) -> str:
        return self.room.config.number

    @property
    def since(self) -> float | None:
        """When the first of those present joined."""
        return min((p.joined_at for p in self.present.values()), default=None)

    @property
    def attended(self) -> bool:
        """Somebody is here, at the door, in the lobby or expected back."""
        return bool(self.present or self.entering or self.lobby or self.awaiting or self.resumed)

    @property
    def over(self) -> bool:
        return not (self.attended or self.lines or self.slides.lines or any(self.views))

    @property
    def wanted_views(self) -> set[str]:
        """Names of the views that the mixer may have."""
        return {self.number, *(view.name for view in self.views if view.classes)}

    def takes(self, view: str, rate_class: str, at: float) -> bool:
        """Whether somebody takes this class of a view, or lately did."""
        takers = self.slides.takers(self.present.values(), self.shown)
        self._direct(takers, at)
        return self.views.takes(view, rate_class, self._watchers(), takers)

    def direct(self, direction: Direction) -> None:
        """This is ordered from now on. What the bus tells of participants follows."""
        self.direction = direction
        hands = {asking.participant for asking in direction.hands}
        for p in self.present.values():
            hand, chair = p.id in hands, p.id == direction.chair
            if (p.hand, p.chair) != (hand, chair):
                p.hand, p.chair = hand, chair
                self.changed(p)

    def expect(self, participant: str, until: float | None = None) -> None:
        """It will be back, and then has its place again; ``until``: a moment after which nobody waits for it."""
        self.awaiting[participant] = until

    def give_up(self, participant: str) -> None:
        """It is not expected any more."""
        if participant in self.awaiting:
            del self.awaiting[participant]
            if self.find(participant) is None:
                self.forget(participant)

    def forget(self, participant: str) -> None:
        """It has left for good: nothing is ordered of it any more."""
        self.direct(self.direction.without(participant))
        self.done.forget(participant)

    def turned_to(self, viewer: str, turns: Turning, at: float) -> str:
        """Who is seen at ``at`` in what turns for a viewer; empty for nobody."""
        people = [p.id for p in self.present.values() if not p.presents]
        return turning.one_of(turns, turning.order(turns, people, viewer), at, ())

    def everyone(self) -> Iterator[Participant]:
        yield from self.present.values()
        yield from self.entering.values()

    @property
    def shown(self) -> Participant | None:
        """The presentation."""
        return presentation(self.present.values(), locked=self.direction.presentation_locked)

    @property
    def people(self) -> int:
        """How many are present; a presentation is nobody."""
        return sum(1 for p in self.present.values() if not p.presents)

    def find(self, participant: str) -> Participant | None:
        return self.present.get(participant) or self.entering.get(participant) or self.lobby.get(participant)

    def overdue(self, at: float) -> list[Participant]:
        """Who stood at the door so long ago that nothing will be heard of them."""
        return [p for p in self.entering.values() if at - p.entered_at >= ENTRY_TIMEOUT]

    def join(self, participant: Participant, at: float) -> list[do.Effect]:
        """From the door into the room; all see who comes last at the end."""
        out = runs.begin(self, at)
        if self.room.locked and not self.present:
            # Locked while it was empty, and somebody was at the door already: Asterisk's room begins only now.
            out.append(do.Lock(room=self.number, on=True, was=False))
        self.entering.pop(participant.id, None)
        participant.place(self.number, participant.codec, participant.fmtp)
        participant.joined_at = at
        self.present[participant.id] = participant
        self._changed.discard(participant.id)
        return [*out, do.Tell(room=self.number, event="participant.joined", data=participant.describe())]

    def leave(self, participant: str, at: float) -> list[do.Effect]:
        """Out of the room, or away from its door. The lock ends with the last one that is not expected back."""
        self.entering.pop(participant, None)
        self._changed.discard(participant)
        if waiting := self.lobby.pop(participant, None):
            return [lobby.left(waiting)]
        gone = self.present.pop(participant, None)
        if gone is None:
            return []
        arrivals.left(self, gone, at)
        told: list[do.Effect] = [do.Tell(room=self.number, event="participant.left", data=self._farewell(gone))]
        if not self.present and not self.awaiting and self.room.locked:
            self.room.locked = False
            told.append(do.StoreLock(room=self.number, on=False))
        return told

    def _farewell(self, gone: Participant) -> dict[str, Any]:
        quality = gone.line.stay() if gone.line else {}
        return {"id": gone.id, "room": self.number, **({"quality": quality} if quality else {})}

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
        shown = self.shown
        takers = self.slides.takers(self.present.values(), shown)
        self._direct(takers, at)
        self.views.take(self._watchers(), takers, at)
        out: list[do.Effect] = []
        if self.present or self.entering or self.lobby or self.views.common.classes:
            config, mixer = self.room.config, bool(links.mixer)
            out += self.views.show(
                self.present,
                shown,
                config.layout,
                at,
                mixer=mixer,
                direction=self.direction,
                title=config.name,
                waits_for=lobby.waits_for(config),
            )
        else:
            out += self.views.drop(bool(links.mixer))
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
        return out + self.views.drop(bool(links.mixer))

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
        times += runs.due(self)
        times += [self.views.due] if self.views.due is not None else []
        times += [p.entered_at + ENTRY_TIMEOUT for p in self.entering.values()]
        if links.switch:
            times += [p.subscribe_at for p in self.present.values() if p.subscribed != p.key]
            times += [p.subscribe_at for p in self.lobby.values() if p.subscribe_at]  # whom the switch did not let in
            lines = self.lines.due(links.mixer), self.slides.due(mixer=bool(links.mixer))
            times += [line for line in lines if line is not None]
        return min(times, default=None)

    def _direct(self, takers: list[Participant], at: float) -> None:
        """Everybody watches what is ordered; who has the presentation by itself sees the people in the main picture."""
        apart = {p.id for p in takers if self.slides.receives(p.id)}
        names = self.views.names(self.present, self.direction, apart, at)
        for p in self.present.values():
            if p.slides != (p.id in apart) or p.view != names[p.id]:
                p.slides = p.id in apart
                p.watch(names[p.id])
                self.changed(p)

    def _watchers(self) -> list[Participant]:
        return [*self.everyone(), *(p for p in self.lobby.values() if p.id not in self.entering)]

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

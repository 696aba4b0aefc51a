"""What an act has in its hands: the conference, what has been ordered in it, and what is to follow.

An act changes a draft. Only when it is through without an error is the draft put in force, by ``registry.perform``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from mcu.core import effects as do
from mcu.core import locks
from mcu.core.conference import Conference
from mcu.core.direction import Direction
from mcu.core.roster import Participant
from mcu.errors import BadRequest, ParticipantNotFound

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge

Side = Literal["in", "out"]


class Draft:
    def __init__(self, bridge: Bridge, conference: Conference, at: float) -> None:
        self.bridge, self.conference, self.at = bridge, conference, at
        self.direction: Direction = conference.direction
        self.effects: list[do.Effect] = []
        self.layout: str = conference.room.config.layout
        self.locked: bool = conference.room.locked
        self.names: dict[str, str] = {}  # new ones, by participant
        self.at_last: list[Callable[[], list[do.Effect]]] = []  # what cannot fail any more, done when all is well
        self._closed: dict[str, bool] = {}  # microphones that this act has ordered, by participant

    @property
    def number(self) -> str:
        return self.conference.number

    def set(self, **fields: Any) -> None:
        """Fields of the direction."""
        self.direction = replace(self.direction, **fields)

    def people(self) -> list[Participant]:
        """Those present, in order of joining; a presentation is nobody."""
        return [p for p in self.conference.present.values() if not p.presents]

    def anybody(self, ident: str) -> Participant:
        """A presentation, too. Raises ParticipantNotFound."""
        if found := self.conference.present.get(ident):
            return found
        raise ParticipantNotFound(f"no participant {ident[:32]} in room {self.number}")

    def person(self, ident: str) -> Participant:
        """Raises ParticipantNotFound, or BadRequest for a presentation."""
        found = self.anybody(ident)
        if found.presents:
            raise BadRequest(f"{ident} is the presentation of {found.name}; name the site itself")
        return found

    def finish(self) -> list[do.Effect]:
        """What is no part of the direction is put in force; returned is what follows from it."""
        room, number = self.conference.room, self.number
        out: list[do.Effect] = []
        if self.layout != room.config.layout:
            room.config = replace(room.config, layout=self.layout)
            out.append(do.StoreLayout(room=number, layout=self.layout))
        for who, name in self.names.items():
            self.conference.present[who].rename(name)
            self.conference.changed(self.conference.present[who])
        if self.locked != room.locked:
            out += locks.set_lock(self.bridge, number, self.locked)
        for step in self.at_last:
            out += step()
        return out

    # --- sound --------------------------------------------------------------------------------------------------

    def is_closed(self, p: Participant) -> bool:
        """Its microphone, as it was last ordered or told."""
        return self._closed.get(p.id, p.closed)

    def mute(self, p: Participant, on: bool) -> None:
        """Have its microphone closed or opened. Raises AsteriskDown where that takes the switch and it is away."""
        if self._closed.get(p.id) == on or (p.id not in self._closed and p.muted == on and not p.orders):
            return
        self.bridge.links.need_switch()
        self._closed[p.id] = on
        self.effects.append(do.Mute(room=self.number, channel=p.channel, on=on))

    def deafen(self, p: Participant, on: bool) -> None:
        if p.deafened != on or "ears" in p.owed:
            self.bridge.links.need_switch()
            self.effects.append(do.Deafen(room=self.number, channel=p.channel, on=on))

    def gain(self, p: Participant, side: Side, db: float) -> None:
        if (p.gain_in if side == "in" else p.gain_out) != db or side in p.owed:
            self.bridge.links.need_switch()
            self.effects.append(do.Gain(room=self.number, channel=p.channel, direction=side, db=db))

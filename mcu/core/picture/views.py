"""The views of one room: the common one, the presentation alone (H.239), the people alone for who gets that beside, the
chair's, and those of single participants; each by a name of its own (``view.py``), there while somebody takes it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from mcu.core import effects as do
from mcu.core.direction import Direction
from mcu.core.picture import content, scene
from mcu.core.picture.content import Moment, Placed, Seats
from mcu.core.picture.layout import Catalogue
from mcu.core.picture.slides import scene as slides_scene
from mcu.core.picture.stage import loudest, takes_over_at
from mcu.core.picture.view import CHAIR, OWN, PEOPLE, SLIDES, VIEW_GRACE, WAITING, View
from mcu.core.roster import Participant
from mcu.errors import Conflict


class Views:
    """``common`` is there while anybody is, the others while somebody takes them. ``due``: when time alone changes what
    they show, or who watches which; known after ``show``."""

    def __init__(self, room: str, catalogue: Catalogue) -> None:
        self.common = View(room, grace=VIEW_GRACE)
        self.presented, self.people = View(room, SLIDES), View(room, PEOPLE)
        self.due: float | None = None
        self._room, self._catalogue = room, catalogue
        self._others: dict[str, View] = {}  # by name
        self._seats: dict[str, Seats] = {}
        self._loudest: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[View]:
        yield from (self.common, self.presented, self.people)
        yield from self._others.values()

    def find(self, name: str) -> View | None:
        return next((view for view in self if view.name == name), None)

    @staticmethod
    def room_for_one_more(direction: Direction, viewer: str, most: int) -> None:
        """Whether ``viewer`` may be given a picture of its own. Raises Conflict: each is encoded for one terminal
        alone, which costs as much as a room's common picture (bench/views.py)."""
        others = content.alone(direction) - {viewer}
        if len(others) >= most:
            raise Conflict(f"{len(others)} participants of this room have a picture of their own, and no more may")

    def names(
        self, present: Mapping[str, Participant], direction: Direction, apart: Collection[str], at: float
    ) -> dict[str, str]:
        """By participant the view that it watches. ``apart``: who gets the presentation by itself."""
        ordered = content.watched(direction, present, at)
        out = {}
        for who in present:
            suffix = ordered.get(who, "")
            # A view of its own is made for its taker as it is.
            out[who] = self._room + suffix + (PEOPLE if who in apart and not suffix.startswith(OWN) else "")
        return out

    def take(self, everyone: Collection[Participant], takers: Collection[Participant], at: float) -> None:
        """The classes of each that are wanted now; ``takers`` those of the presentation by itself."""
        used = self._used(everyone, takers)
        for name in used.keys() - {view.name for view in self}:
            self._others[name] = View(self._room, name.removeprefix(self._room))
        for view in self:
            view.take(used.get(view.name, ()), at)

    def takes(
        self, view: str, rate_class: str, everyone: Collection[Participant], takers: Collection[Participant]
    ) -> bool:
        """Whether somebody takes this class of a view, or lately did."""
        known = self.find(view)
        there = known is not None and rate_class in known.classes
        return there or rate_class in self._used(everyone, takers).get(view, ())

    def show(
        self,
        present: Mapping[str, Participant],
        shown: Participant | None,
        layout: str,
        at: float,
        mixer: bool,
        direction: Direction,
        title: str = "",
        waits_for: str = "",
    ) -> list[do.Effect]:
        """What makes the mixer show ``present`` as it is ordered, and of them ``shown`` as the presentation. ``layout``
        is its name, ``title`` what stands on the lobby's card, and ``waits_for`` below it."""
        people = [p for p in present.values() if not p.presents]
        due: list[float] = []
        if content.follows_voices(direction):
            self._loudest = loudest(self._loudest, people, direction.voice_hold, at)
            due += [t for t in (takes_over_at(people, direction.voice_hold, at),) if t is not None]
        else:
            self._loudest = ()
        moment = Moment(
            present=present,
            direction=direction,
            catalogue=self._catalogue,
            layout=layout,
            shown=shown,
            loudest=self._loudest,
            at=at,
            due=due,
        )
        out: list[do.Effect] = []
        for view in self:
            wanted = self._scene(view, moment, (title, waits_for)) if view is self.common or view.classes else None
            out += view.show(wanted, at, mixer) if wanted is not None else view.drop(mixer)
        due += [banner.until for banner in direction.banners.values() if banner.until is not None]
        self._others = {name: view for name, view in self._others.items() if view}
        self._seats = {name: seats for name, seats in self._seats.items() if name in {view.name for view in self}}
        self.due = min((t for t in due if t > at), default=None)
        return out

    def drop(self, mixer: bool) -> list[do.Effect]:
        """Nobody is there to be shown anything."""
        self.due = None
        return [effect for view in self for effect in view.drop(mixer)]

    def _used(self, everyone: Collection[Participant], takers: Collection[Participant]) -> dict[str, set[str]]:
        used: dict[str, set[str]] = {self.presented.name: {p.slides_class for p in takers}}
        for p in everyone:
            if p.key:
                used.setdefault(p.view, set()).add(p.rate_class)
        return used

    def _scene(self, view: View, moment: Moment, lobby: tuple[str, str]) -> scene.Scene | None:
        """None: nothing to be seen by it now."""
        suffix = view.name.removeprefix(self._room)
        if suffix == SLIDES:
            return slides_scene(moment.shown) if moment.shown is not None else None
        if suffix == WAITING:
            return scene.card(*lobby)
        seats = self._seats.setdefault(view.name, Seats())
        viewer = moment.present.get(suffix.removeprefix(OWN)) if suffix.startswith(OWN) else None
        placed: Placed
        if viewer is not None:
            placed = moment.own(viewer, seats)
        else:
            here = moment.without_presentation() if suffix.endswith(PEOPLE) else moment
            placed = here.chairs(seats) if suffix.startswith(CHAIR) else here.common(seats)
        hands = {asking.participant for asking in moment.direction.hands}
        return scene.compose(placed, hands, moment.banner(viewer.id if viewer else ""))

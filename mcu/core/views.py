"""The views of one room: the common one, the presentation alone (H.239), the people alone, for who gets that beside."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from mcu.core import effects as do
from mcu.core.layout import Catalogue
from mcu.core.roster import Participant
from mcu.core.scene import Scene, compose
from mcu.core.slides import scene as slides_scene
from mcu.core.stage import arrange
from mcu.core.view import PEOPLE, SLIDES, VIEW_GRACE, View


class Views:
    """``common`` is there while anybody is, the others while somebody takes them."""

    def __init__(self, room: str, catalogue: Catalogue) -> None:
        self.common = View(room, grace=VIEW_GRACE)
        self.presented, self.people = View(room, SLIDES), View(room, PEOPLE)
        self._catalogue = catalogue

    def __iter__(self) -> Iterator[View]:
        yield from (self.common, self.presented, self.people)

    def used(self, everyone: Collection[Participant], takers: Collection[Participant]) -> dict[str, set[str]]:
        """The classes of each that somebody takes; ``takers`` those of the presentation by itself."""
        used: dict[str, set[str]] = {view.name: set() for view in self}
        used[self.presented.name] = {p.slides_class for p in takers}
        for p in everyone:
            if p.key:
                used[p.view].add(p.rate_class)
        return used

    def show(
        self, present: Mapping[str, Participant], shown: Participant | None, layout: str, at: float, mixer: bool
    ) -> list[do.Effect]:
        """What makes the mixer show ``present``, and of them ``shown`` as the presentation. ``layout`` is its name."""
        out: list[do.Effect] = []
        if shown is not None and self.presented.classes:
            out += self.presented.show(slides_scene(shown), at, mixer)
        else:
            out += self.presented.drop(mixer)
        if self.people.classes:
            out += self.people.show(self._scene(self.people, present, None, layout), at, mixer)
        else:
            out += self.people.drop(mixer)
        scene = self._scene(self.common, present, shown, layout)
        return [*self.common.show(scene, at, mixer), *out]

    def _scene(self, view: View, present: Mapping[str, Participant], shown: Participant | None, layout: str) -> Scene:
        """The people, and the presentation before them."""
        first = [shown] if shown else []
        people = [p for p in present.values() if not p.presents]
        chosen = self._catalogue.choose(layout, len(first) + len(people), bool(shown))
        view.seats = arrange(view.seats, people, len(chosen.tiles) - len(first))
        return compose(chosen, [*first, *(present[i] for i in view.seats)])

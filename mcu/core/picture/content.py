"""What the views of a room show, by what chair and operators have ordered: who watches which view, who is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mcu.core.direction import FOCUSED, Banner, Direction, Turning
from mcu.core.picture import panes, turning
from mcu.core.picture.layout import AUTO, Catalogue, Rect
from mcu.core.picture.stage import arrange
from mcu.core.picture.view import CHAIR, OWN
from mcu.core.roster import Participant

Placed = list[tuple[Rect, Participant]]
_WHOLE = Rect(0.0, 0.0, 1.0, 1.0)


@dataclass(slots=True)
class Seats:
    """Who sits where in one view, kept so that nobody's tile moves without need."""

    ids: tuple[str, ...] = ()

    def arrange(self, people: Sequence[Participant], tiles: int) -> tuple[str, ...]:
        self.ids = arrange(self.ids, people, tiles)
        return self.ids


@dataclass(slots=True, kw_only=True)
class Moment:
    """A room as it is now. What is asked of it gathers in ``due`` when time alone will change the answer."""

    present: Mapping[str, Participant]
    direction: Direction
    catalogue: Catalogue
    layout: str  # its name, or "auto"
    shown: Participant | None  # the presentation
    loudest: Sequence[str]
    at: float
    due: list[float] = field(default_factory=list)

    @property
    def people(self) -> list[Participant]:
        return [p for p in self.present.values() if not p.presents]

    def without_presentation(self) -> Moment:
        """For who gets that by itself; ``due`` is one for both."""
        return replace(self, shown=None)

    def common(self, seats: Seats) -> Placed:
        """What all see."""
        who = focus(self.direction, self.present)
        if not who and (turns := self.direction.browse.get("")):
            who = self._turn(turns, "")
        if not who and self.direction.mode == "voice":
            who = next(iter(self.loudest), "")
        return self._before_all(self.present[who]) if who else self._together(seats)

    def chairs(self, seats: Seats) -> Placed:
        """What the chair sees, and the site that all others see; a lecturer sees the audience."""
        if self.direction.mode != "lecture":
            return self._together(seats)
        audience = [p for p in self.people if p.id != self.direction.focus]
        first = [self.shown] if self.shown else []
        chosen = self.catalogue.choose(self.layout, len(first) + len(audience), bool(first))
        room = len(chosen.tiles) - len(first)
        if not audience:
            return self._together(seats)
        by_page = Turning(seconds=turning.PAGE)
        page = turning.page(by_page, [p.id for p in audience], self.at, room)
        if len(audience) > room:
            self.due.append(turning.changes_at(by_page, self.at))
        return list(zip(chosen.tiles, [*first, *(self.present[who] for who in page)], strict=False))

    def own(self, viewer: Participant, seats: Seats) -> Placed:
        """What one participant alone sees."""
        target = self.direction.views.get(viewer.id, "")
        if target not in self.present and (turns := self.direction.browse.get(viewer.id)):
            target = self._turn(turns, viewer.id)
        if target in self.present:
            return [(_WHOLE, self.present[target])]
        for_whom = self.without_presentation() if viewer.slides else self
        chair = viewer.id in _apart(self.direction, self.present)
        return for_whom.chairs(seats) if chair else for_whom.common(seats)

    def banner(self, viewer: str = "") -> Banner | None:
        """The text over the picture, for all or for this one."""
        banner = self.direction.banners.get(viewer) if viewer else None
        if banner is None or not _lasts(banner, self.at):
            banner = self.direction.banner
        if banner is None or not _lasts(banner, self.at):
            return None
        if banner.until is not None:
            self.due.append(banner.until)
        return banner

    def _before_all(self, who: Participant) -> Placed:
        """Full screen, or beside the presentation."""
        if self.shown is None or who is self.shown:
            return [(_WHOLE, who)]
        chosen = self.catalogue.choose(AUTO, 2, presenting=True)
        return list(zip(chosen.tiles, (self.shown, who), strict=False))

    def _together(self, seats: Seats) -> Placed:
        """All at once in the layout, the presentation before them, or as the panes' rules have it."""
        people, rules = self.people, self.direction.panes
        first = [self.shown] if self.shown else []
        wanted = max(len(first) + len(people), len(rules))
        chosen = self.catalogue.choose(self.layout, wanted, bool(first))
        if not rules:
            seated = seats.arrange(people, len(chosen.tiles) - len(first))
            return list(zip(chosen.tiles, [*first, *(self.present[i] for i in seated)], strict=False))

        def automatic(ids: Sequence[str], count: int) -> tuple[str, ...]:
            return seats.arrange([self.present[who] for who in ids], count)

        filled = panes.fill(
            rules,
            len(chosen.tiles),
            [p.id for p in people],
            presentation=self.shown.id if self.shown else "",
            loudest=self.loudest,
            automatic=automatic,
            at=self.at,
        )
        self.due += filled.due
        return [(r, self.present[who]) for r, who in zip(chosen.tiles, filled.seats, strict=True) if who]

    def _turn(self, turns: Turning, viewer: str) -> str:
        candidates = turning.order(turns, [p.id for p in self.people], viewer)
        if len(candidates) > 1:
            self.due.append(turning.changes_at(turns, self.at))
        return next(iter(turning.page(turns, candidates, self.at)), "")


def focus(direction: Direction, present: Mapping[str, Participant]) -> str:
    """Whom all see, if somebody is there who is to be seen by all."""
    return direction.focus if direction.mode in FOCUSED and direction.focus in present else ""


def follows_voices(direction: Direction) -> bool:
    return direction.mode == "voice" or any(rule.show == "loudest" for rule in direction.panes)


def watched(direction: Direction, present: Mapping[str, Participant], at: float) -> dict[str, str]:
    """Who watches another view than the common one, and its suffix."""
    out = dict.fromkeys(_apart(direction, present), CHAIR)
    own = [viewer for viewer, target in direction.views.items() if target in present]
    own += [viewer for viewer in direction.browse if viewer]
    own += [viewer for viewer, banner in direction.banners.items() if _lasts(banner, at)]
    out |= {viewer: f"{OWN}{viewer}" for viewer in own}
    return {who: suffix for who, suffix in out.items() if who in present}


def alone(direction: Direction) -> set[str]:
    """Who has been given a view of its own, now or as soon as there is something to show."""
    return {viewer for viewer in (*direction.views, *direction.browse, *direction.banners) if viewer}


def _apart(direction: Direction, present: Mapping[str, Participant]) -> set[str]:
    """Who does not see what all others see: whom they see, and the chair, who keeps an eye on the room. A lecture is
    for the chair, too."""
    who = focus(direction, present)
    if not who:
        return set()
    return {who} if direction.mode == "lecture" else {who, direction.chair} - {""}


def _lasts(banner: Banner, at: float) -> bool:
    return bool(banner.text) and (banner.until is None or at < banner.until)

"""Whatever is ordered in whatever order: who sees what, over random histories."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from mcu.core.direction import FOCUSED, Asking, Banner, PaneRule, Turning
from tests.core.picture.test_slides_invariants import Presented
from tests.core.test_invariants import Histories
from tests.core.world import ROOMS

MODES = st.sampled_from(["free", "broadcast", "floor", "lecture", "roll_call", "voice"])
SECONDS = st.sampled_from([0.5, 3.0, 10.0])


class Directed(Histories):
    @initialize()
    def a_meeting_begins(self) -> None:
        if not self.w.switch:
            self.w.switch_up()
        for _ in range(3):
            self.w.come()

    def _some(self, data: st.DataObject, room: str) -> str:
        """Somebody's id there, or nobody's."""
        present = [p.id for p in self.w.bridge.participants(room) if not p.presents]
        return data.draw(st.sampled_from([*present, ""]))

    def _order(self, room: str, **changes: object) -> None:
        conference = self.w.bridge.conference(room)
        conference.direct(replace(conference.direction, **changes))  # type: ignore[arg-type]  # fields of Direction
        self.w.tick(0)

    @rule(data=st.data(), room=st.sampled_from(ROOMS), mode=MODES)
    def direct(self, data: st.DataObject, room: str, mode: str) -> None:
        self._order(room, mode=mode, focus=self._some(data, room), chair=self._some(data, room))

    @rule(data=st.data(), room=st.sampled_from(ROOMS))
    def view(self, data: st.DataObject, room: str) -> None:
        viewer, target = self._some(data, room), self._some(data, room)
        self._order(room, views={viewer: target} if viewer and target else {})

    @rule(data=st.data(), room=st.sampled_from(ROOMS), seconds=SECONDS, everyone=st.booleans())
    def browse(self, data: st.DataObject, room: str, seconds: float, everyone: bool) -> None:
        named = () if everyone else tuple(who for who in (self._some(data, room), self._some(data, room)) if who)
        turns = Turning(participants=named, seconds=seconds, since=self.w.at)
        viewer = self._some(data, room)
        self._order(room, browse={viewer: turns} if data.draw(st.booleans()) else {})

    @rule(data=st.data(), room=st.sampled_from(ROOMS), seconds=SECONDS)
    def panes(self, data: st.DataObject, room: str, seconds: float) -> None:
        any_rule = st.sampled_from(
            [
                PaneRule(show="auto"),
                PaneRule(show="participant", participant=self._some(data, room)),
                PaneRule(show="loudest", rank=1),
                PaneRule(show="loudest", rank=2),
                PaneRule(show="turning", turning=Turning(seconds=seconds, since=self.w.at)),
                PaneRule(show="presentation"),
                PaneRule(show="blank"),
            ]
        )
        self._order(room, panes=tuple(data.draw(st.lists(any_rule, max_size=5))))

    @rule(data=st.data(), room=st.sampled_from(ROOMS), lasts=st.sampled_from([None, 1.0, 20.0]))
    def banner(self, data: st.DataObject, room: str, lasts: float | None) -> None:
        text = Banner(text="Nghỉ", scroll=True, until=None if lasts is None else self.w.at + lasts)
        who = self._some(data, room)
        self._order(room, **({"banners": {who: text}} if who else {"banner": text}))

    @rule(data=st.data(), room=st.sampled_from(ROOMS))
    def raise_hand(self, data: st.DataObject, room: str) -> None:
        who = self._some(data, room)
        self._order(room, hands=(Asking(participant=who, since=self.w.at),) if who else ())

    @precondition(lambda self: self.w.switch and self.w.mixer)
    @rule()
    def all_is_well_for_a_while(self) -> None:
        """Half a minute later everybody is subscribed to a view that is there, and nothing is left over."""
        self.w.answer_all()
        self.w.wait(30)
        self.w.answer_all()
        conferences = self.w.bridge.conferences.values()
        people = [p for c in conferences for p in c.everyone() if p.rate_class]
        views = {("view", f"{view.name}/{name}") for c in conferences for view in c.views for name in view.classes}
        taken = {("view", f"{p.view}/{p.rate_class}") for p in people if p.key}
        lately = {("view", f"{c.number}/{name}") for c in conferences for name in c.views.common.classes}
        slides = {("slides", p.id) for p in self.w.bridge.participants() if p.slides}
        presented = {f"{c.number}s" for c in conferences if c.views.presented.classes}
        of_slides = {("view", f"{c.number}s/{name}") for c in conferences for name in c.views.presented.classes}
        assert taken <= views <= taken | lately | of_slides
        standing = sorted((leg.kind, leg.ident) for leg in self.w.legs.values())
        assert standing == sorted(views | slides | {("leg", p.id) for p in people})
        watched = {p.view for p in people if p.key} | presented
        assert watched <= set(self.w.views) <= watched | set(self.w.bridge.conferences)
        assert all(p.subscribed == p.key for p in self.w.bridge.participants())

    # --- what holds at all times

    @invariant()
    def scenes_show_exactly_who_is_there(self) -> None:
        """Nobody sees a person who left, nor one twice who is not named twice."""
        if not self.w.mixer:
            return
        for conference in self.w.bridge.conferences.values():
            for view in conference.views:
                if not view.put:
                    continue
                shown = [tile.participant for tile in self.w.views[view.name].scene.tiles]
                assert set(shown) <= set(conference.present)
                named = [rule.participant for rule in conference.direction.panes if rule.show == "participant"]
                assert all(shown.count(who) <= max(1, named.count(who)) for who in shown)
                for tile in self.w.views[view.name].scene.tiles:
                    seen = conference.present[tile.participant]
                    if view is not conference.views.presented:
                        muted = seen.muted and not seen.presents
                        assert (tile.speaking, tile.muted, tile.name) == (seen.talking, muted, seen.name)

    @invariant()
    def all_see_the_one_who_is_to_be_seen(self) -> None:
        for conference in self.w.bridge.conferences.values():
            direction = conference.direction
            if direction.mode not in FOCUSED or direction.focus not in conference.present:
                continue
            if self.w.mixer and conference.views.common.put:
                tiles = self.w.views[conference.number].scene.tiles
                presented = [conference.shown.id] if conference.shown else []
                assert [tile.participant for tile in tiles] == [*presented, direction.focus]
            assert conference.present[direction.focus].view != conference.number

    @invariant()
    def everybody_has_a_class_that_fits(self) -> None:
        """And watches its room's view, or one that is its own."""
        for p in self.w.bridge.participants():
            suffix = p.view.removeprefix(p.room)
            assert suffix in (("p", "cp", f"x{p.id}") if p.slides else ("", "c", f"x{p.id}"))
            direction = self.w.bridge.conferences[p.room].direction
            if suffix.startswith("x"):
                assert p.id in {*direction.views, *direction.browse, *direction.banners}
            if self.w.switch and p.subscribed is not None:
                assert p.subscribed == p.key

    @invariant()
    def time_brings_something_only_later(self) -> None:
        for conference in self.w.bridge.conferences.values():
            assert conference.views.due is None or conference.views.due > self.w.at - 25


class DirectedPresentations(Directed, Presented):
    """With presentations, which some get by themselves."""


TestDirectedPresentations = DirectedPresentations.TestCase
TestDirectedPresentations.settings = settings(max_examples=60, stateful_step_count=40)
TestDirected = Directed.TestCase
TestDirected.settings = settings(max_examples=60, stateful_step_count=40)

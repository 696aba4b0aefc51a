"""Presentations in random histories: who gets them, who sees what beside them, and that nothing is left over."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from mcu.core.picture.stage import presentation
from tests.core.test_invariants import Histories
from tests.core.world import CIF, HD

CAUSES = st.sampled_from([17, 18, 20, 21, 88])


class Presented(Histories):
    @initialize()
    def somebody_takes_slides(self) -> None:
        self.w.switch_up()
        self.mixer_starts()
        for _ in range(2):
            self.w.content(self.w.come())

    @precondition(lambda self: self._people())
    @rule(data=st.data())
    def present(self, data: st.DataObject) -> None:
        if self.w.switch:
            self.w.present(data.draw(st.sampled_from(self._people())))

    @precondition(lambda self: self._people())
    @rule(data=st.data(), fmtp=st.sampled_from([HD, CIF]), codec=st.sampled_from(["h264", "h264", "h263", ""]))
    def capabilities(self, data: st.DataObject, fmtp: str, codec: str) -> None:
        self.w.content(data.draw(st.sampled_from(self._people())), fmtp, codec=codec)

    @precondition(lambda self: any(dial.kind == "slides" for dial in self.w.dials))
    @rule(data=st.data(), cause=CAUSES)
    def refuse_slides(self, data: st.DataObject, cause: int) -> None:
        dials = [dial for dial in self.w.dials if dial.kind == "slides"]
        self.w.refuse(data.draw(st.sampled_from(dials)), cause)

    @precondition(lambda self: any(leg.kind == "slides" for leg in self.w.legs.values()))
    @rule(data=st.data(), cause=CAUSES)
    def end_slides(self, data: st.DataObject, cause: int) -> None:
        legs = sorted(channel for channel, leg in self.w.legs.items() if leg.kind == "slides")
        self.w.drop_leg(data.draw(st.sampled_from(legs)), cause)

    @invariant()
    def slides_go_to_who_takes_them_and_show_what_is_shown(self) -> None:
        for conference in self.w.bridge.conferences.values():
            shown = presentation(conference.present.values())
            view = conference.views.presented
            takers = [p for p in conference.present.values() if conference.slides.receives(p.id)]
            if self.w.switch:
                for p in takers:
                    assert shown is not None
                    assert p.id != shown.presents
                    assert p.slides_class in view.classes
                    assert p.slides
            assert shown is not None or not view.classes
            if self.w.mixer and view.put:
                assert shown is not None
                assert [tile.participant for tile in self.w.views[view.name].scene.tiles] == [shown.id]

    @invariant()
    def no_view_is_more_than_somebody_takes(self) -> None:
        for conference in self.w.bridge.conferences.values():
            apart = {p.rate_class for p in conference.everyone() if p.view == conference.views.people.name and p.key}
            assert set(conference.views.people.classes) == apart
            if self.w.mixer and conference.views.people.put:
                people = [p.id for p in conference.present.values() if not p.presents]
                shown = [tile.participant for tile in self.w.views[conference.views.people.name].scene.tiles]
                assert set(shown) <= set(people)
        if self.w.mixer:
            # One of which the mixer did not say that it has it comes again.
            there = {v.name for c in self.w.bridge.conferences.values() for v in c.views if v}
            assert {name for name in self.w.views if name[-1] in "sp"} <= there

    def _people(self) -> list[str]:
        """Channels of terminals that came by the door."""
        return sorted(channel for channel, m in self.w.members.items() if m.call_id and not m.presents)


TestPresented = Presented.TestCase
TestPresented.settings = settings(max_examples=60, stateful_step_count=40)

"""Random acts among sites that come, leave, come back and are moved: whatever modes did, each microphone has its own
state again in the end."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from mcu.core.conference import Conference
from mcu.core.direction import Direction
from mcu.core.entry.answers import Admit
from mcu.core.roster import Participant
from tests.core.acts.test_act_invariants import Acting, newcomer_closed
from tests.core.world import ROOMS

SITES = st.integers(1, 3)
MODES = st.sampled_from(["floor", "lecture", "roll_call", "free_talk"])


class Returning(Acting):
    # What has nothing to do with microphones is left to the other histories.
    show = show_another_codec = negotiate = answer = refuse = drop_leg = talk = choose_layout = None  # type: ignore[assignment]
    something_fails = kick_nobody = all_is_well_for_a_while = mixer_returns = mixer_goes = None  # type: ignore[assignment]
    appear = turn_away = moves_fail = None  # type: ignore[assignment]

    @initialize()
    def sites_are_there(self) -> None:
        if not self.w.switch:
            self.w.switch_up()
        for site in (1, 2, 3):
            self._site_comes("1001", site)

    def __init__(self) -> None:
        super().__init__()
        self.own: dict[tuple[str, str], bool] = {}  # microphones apart from modes, by room and participant

    def _own_now(self, conference: Conference, p: Participant) -> bool:
        if not conference.direction.closed:
            return p.closed
        return self.before[conference.number].get(p.id, newcomer_closed(conference.direction, p))

    def _site_comes(self, room: str, site: int) -> Participant | None:
        """By its terminal: where it was, or as a newcomer."""
        answer, channel = self.w.enter(room)
        if not isinstance(answer, Admit):
            return None
        known = self.w.bridge.whereabouts(answer.participant)
        assert known
        conference, p = known
        p.site, p.terminal = site, f"xa{site}"
        absent = set(conference.absent)
        self.w.join(channel)
        gone, direction = absent - conference.absent.keys(), conference.direction
        assert len(gone) <= 1
        for old in gone:
            if direction.closed:
                self.before[room][p.id] = self.own[room, old]
            else:
                assert p.closed == self.own[room, old]
        if direction.closed:
            self._stays_closed(direction, p)
        elif not gone:
            assert p.closed == direction.mute_joiners
        return p

    @staticmethod
    def _stays_closed(direction: Direction, p: Participant) -> None:
        if p.id != direction.chair:
            assert p.closed == (p.id != direction.focus)

    @precondition(lambda self: self.w.switch)
    @rule(room=st.sampled_from(ROOMS), site=SITES)
    def site_comes(self, room: str, site: int) -> None:
        self._site_comes(room, site)

    @precondition(lambda self: self.w.members and self.w.switch)
    @rule(data=st.data(), seconds=st.sampled_from([0.0, 1.0, 400.0]), other=st.booleans())
    def one_hangs_up_and_is_back(self, data: st.DataObject, seconds: float, other: bool) -> None:
        """At once, or after something was done meanwhile; maybe too late."""
        sites = [p for p in self.w.bridge.participants() if p.terminal and p.site is not None]
        if not sites:
            return
        p = data.draw(st.sampled_from(sites))
        room, site = p.room, p.site
        self.w.leave(p.channel)
        if other and room in self.w.bridge.conferences:
            name = data.draw(MODES)
            self._act(room, name, self._draw(data, room, name))
        self.w.tick(seconds)
        assert site is not None
        self._site_comes(room, site)

    @precondition(lambda self: self.w.switch)
    @rule(data=st.data(), room=st.sampled_from(ROOMS), name=MODES, site=SITES)
    def one_comes_and_the_mode_is_taken_back(self, data: st.DataObject, room: str, name: str, site: int) -> None:
        conference = self.w.bridge.conferences.get(room)
        step = conference.done.number if conference else 0
        if not self._act(room, name, self._draw(data, room, name)) or conference is None:
            return
        p = self._site_comes(room, site)
        if p is None or conference.done.number == step:
            return
        was, own = conference.direction, self._own_now(conference, p)
        assert self._act(room, "undo", {})
        now = conference.direction
        if now.closed:
            assert was.closed or now.before[p.id] == own
            self._stays_closed(now, p)
        else:
            assert p.closed == own

    def _model(self, room: str, name: str, given: dict[str, Any], muted: dict[str, bool], closed: bool) -> None:
        super()._model(room, name, given, muted, closed)
        other = self.w.bridge.conferences.get(given["to"]) if name == "move" else None
        p = other.present.get(given["participant"]) if other else None
        if other is None or p is None:
            return  # it has not arrived
        own = self.own[room, p.id] or newcomer_closed(other.direction, p)
        if other.direction.closed:
            self.before[other.number][p.id] = own
            self._stays_closed(other.direction, p)
        else:
            assert p.closed == own

    @invariant()
    def microphones_are_known(self) -> None:
        for conference in self.w.bridge.conferences.values():
            for p in conference.present.values():
                if not p.presents:
                    self.own[conference.number, p.id] = self._own_now(conference, p)


TestReturning = Returning.TestCase
TestReturning.settings = settings(max_examples=40, stateful_step_count=40)

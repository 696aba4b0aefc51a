"""Random acts among random events: what must hold of everything that is ordered."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from mcu.core import commands
from mcu.core import effects as do
from mcu.core.acts import registry
from mcu.core.bridge import Bridge
from mcu.core.conference import Conference
from mcu.core.direction import FOCUSED, Direction, recall
from mcu.core.roster import Memory, Participant
from mcu.core.undo import MOST
from mcu.errors import McuError
from tests.core.picture.test_views_invariants import Directed
from tests.core.world import ROOMS, catalogue

RUBBISH: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, "", "deadbeef", -1, 10**12, float("nan"), [], ["deadbeef"], [[]] * 2000, {}, b""]
)


def newcomer_closed(direction: Direction, p: Participant) -> bool:
    """The microphone of who came while a mode held, apart from it: that of who presides is open."""
    return direction.mute_joiners and p.id != direction.chair and p.came_as != "host"


class Acting(Directed):
    # What is ordered here, acts order.
    direct = view = browse = panes = banner = raise_hand = None  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.w.moves = True
        # Microphones as they were before the first mode that closed them, and what was said of single ones since.
        self.before: dict[str, dict[str, bool]] = {}

    # --- acts

    def _argument(self, data: st.DataObject, room: str, declared: dict[str, Any]) -> Any:
        here = [p.id for p in self.w.bridge.participants(room)]
        who = st.sampled_from([*here, "deadbeef"])
        if declared.get("null") and data.draw(st.booleans()):
            return None
        match declared["type"]:
            case "participant":
                return data.draw(who)
            case "participants":
                return data.draw(st.lists(who, max_size=3))
            case "sites":
                return data.draw(st.lists(st.integers(0, 3), max_size=3))
            case "flag":
                return data.draw(st.booleans())
            case "whole":
                return data.draw(st.integers(0, 5))
            case "number":
                return data.draw(st.floats(declared["least"], declared["most"]))
            case "room":
                return data.draw(st.sampled_from(ROOMS))
            case "layout":
                return data.draw(st.sampled_from(["auto", "2x2", "none such"]))
            case "choice":
                return data.draw(st.sampled_from(declared["choices"]))
            case "rules":
                some = [
                    {"show": "loudest"},
                    {"show": "turning"},
                    {"show": "participant", "participant": data.draw(who)},
                ]
                return data.draw(st.lists(st.sampled_from(some), max_size=3))
            case _:
                return data.draw(st.sampled_from(["", "Nghỉ giải lao"]))

    def _draw(self, data: st.DataObject, room: str, name: str) -> dict[str, Any]:
        """Mostly what it takes; now and then rubbish, or something left out."""
        given = {}
        for argument, declared in registry.SCHEMAS[name].items():
            chance = data.draw(st.integers(0, 19))
            if chance == 0:
                given[argument] = data.draw(RUBBISH)
            elif declared["required"] or chance % 2:
                given[argument] = self._argument(data, room, dict(declared))
        return given

    def _act(self, room: str, name: str, given: dict[str, Any]) -> bool:
        """Carried out, or refused with everything as it was."""
        world = self.w
        conference = world.bridge.conferences.get(room)
        before, told = self._state(conference), len(world.log)
        closed = conference is not None and conference.direction.closed
        muted = {m.participant: m.muted for m in world.members.values() if m.room == room and not m.presents}
        here = set(world.members)
        try:
            world.command(commands.Act(at=world.at, number=room, name=name, arguments=given))
        except McuError:
            assert self._state(world.bridge.conferences.get(room)) == before
            assert len(world.log) == told
            return False
        for effect in world.log[told:]:
            if isinstance(effect, do.Mute | do.Deafen | do.Gain | do.Kick | do.Move):
                assert effect.channel in here
        self._model(room, name, given, muted, closed)
        return True

    def _model(self, room: str, name: str, given: dict[str, Any], muted: dict[str, bool], closed: bool) -> None:
        """Keep account of how microphones shall be after free talk, apart from what core keeps."""
        conference = self.w.bridge.conferences.get(room)
        now = conference is not None and conference.direction.closed
        if not closed and now and name != "undo":
            self.before[room] = muted
        elif closed and now and name == "mute":
            self.before[room][given["participant"]] = given["on"]
        elif closed and now and name == "mute_all":
            chair = conference.direction.chair if conference else ""
            for who in muted:
                named = who in (given.get("only") or ())
                spared = given["on"] and given.get("except_chair", True) and who == chair
                if named or (given.get("only") is None and not spared):
                    self.before[room][who] = given["on"]
        elif name == "undo" and conference is not None:
            self.before[room] = dict(conference.direction.before)

    @staticmethod
    def _state(conference: Conference | None) -> Any:
        if conference is None:
            return None
        people = [(p.id, p.name, p.closed, p.deafened, p.gain_in, p.gain_out) for p in conference.present.values()]
        room = conference.room
        return conference.direction, room.config.layout, room.locked, people, conference.done.name

    @rule(data=st.data(), room=st.sampled_from(ROOMS), name=st.sampled_from(sorted(registry.ACTS)))
    def act(self, data: st.DataObject, room: str, name: str) -> None:
        self._act(room, name, self._draw(data, room, name))

    @rule(data=st.data(), room=st.sampled_from(ROOMS), name=st.sampled_from(["floor", "lecture", "roll_call", "hand"]))
    def close_microphones(self, data: st.DataObject, room: str, name: str) -> None:
        """Those acts that the others meet most often."""
        given = self._draw(data, room, name)
        if self._act(room, name, given) and name == "floor":
            conference = self.w.bridge.conferences[room]
            spared = (conference.direction.focus, conference.direction.chair)
            for p in conference.present.values():
                assert p.closed or p.id in spared or p.presents
            assert not conference.present[conference.direction.focus].closed

    @rule(room=st.sampled_from(ROOMS))
    def free_talk(self, room: str) -> None:
        conference = self.w.bridge.conferences.get(room)
        closed = conference is not None and conference.direction.closed
        if self._act(room, "free_talk", {}) and closed and conference:
            direction, shall = conference.direction, self.before.pop(room)
            for p in conference.present.values():
                assert p.presents or p.closed == shall.get(p.id, newcomer_closed(direction, p))
            assert (conference.direction.mode, conference.direction.closed) == ("free", False)

    @rule(
        data=st.data(), room=st.sampled_from(ROOMS), name=st.sampled_from(sorted(registry.ACTS.keys() - registry.FINAL))
    )
    def act_and_undo(self, data: st.DataObject, room: str, name: str) -> None:
        """By the same process, or by one that has only the record of the one before."""
        conference = self.w.bridge.conferences.get(room)
        if conference is None or not conference.present or not self.w.switch:
            return
        kept = dict(self.before.get(room, {}))
        before, top = self._state(conference), conference.done.top
        if self._act(room, name, self._draw(data, room, name)) and conference.done.top is not top:
            if data.draw(st.booleans()):
                self._restart_control()
                conference = self.w.bridge.conferences[room]
            assert self._act(room, "undo", {})
            after = self._state(conference)
            assert after[:4] == before[:4]
            assert len(list(conference.done)) == MOST - 1 or after[4] == before[4]
        self.before[room] = kept

    # --- what else happens

    @precondition(lambda self: self.w.members)
    @rule(data=st.data(), on=st.booleans())
    def mute(self, data: st.DataObject, on: bool) -> None:
        member = self.w.members[self._member(data)]
        try:
            self.w.act("mute", number=member.room, participant=member.participant, on=on)
        except McuError:
            return
        conference = self.w.bridge.conferences[member.room]
        if conference.direction.closed:
            self.before[member.room][member.participant] = on

    @precondition(lambda self: self.w.members)
    @rule(data=st.data(), site=st.integers(0, 3))
    def stand_at_site(self, data: st.DataObject, site: int) -> None:
        known = self.w.bridge.whereabouts(self.w.members[self._member(data)].participant)
        if known and not known[1].site:
            known[1].site = site or None
            known[0].changed(known[1])
            self.w.bridge.touch(known[0].number)
            self.w.tick(0)

    @precondition(lambda self: self.w.members and self.w.switch)
    @rule(data=st.data())
    def one_is_expected_back(self, data: st.DataObject) -> None:
        """As those are whom the MCU called, and calls again."""
        channel = self._member(data)
        member = self.w.members[channel]
        known = self.w.bridge.whereabouts(member.participant)
        if known and not known[1].presents:
            known[0].expect(member.participant, self.w.at + 5.0)
            self.w.leave(channel)

    @precondition(lambda self: self.w.switch)
    @rule()
    def control_restarts(self) -> None:
        self._restart_control()

    def _restart_control(self) -> None:
        """A new process, with what the record of the old one has."""
        old, world = self.w.bridge, self.w
        steps = {number: (list(c.done), c.done.last) for number, c in old.conferences.items() if not c.awaiting}
        before = {number: c.direction for number, c in old.conferences.items() if c.present and not c.awaiting}
        people = {p.id: (p.name, p.muted, p.deafened, p.gain_in, p.gain_out) for p in old.participants()}
        world.bridge = Bridge(catalogue())
        world.dials.clear()
        world.told.clear()  # who listens reads the state anew
        for number in ROOMS:
            room = old.rooms[number]
            world.command(commands.PutRoom(at=world.at, config=room.config, locked=room.locked))
        for p in old.participants():
            world.bridge.memories[p.id] = Memory(
                joined_at=p.joined_at, kind=p.kind, room=p.room, site=p.site, terminal=p.terminal
            )
        for number, c in old.conferences.items():
            if c.id:
                stored = [e for e in world.log if isinstance(e, do.StoreDirection) and e.conference == c.id]
                data = json.loads(json.dumps(stored[-1].data))
                world.bridge.resume(number, c.id, c.began_at, data)
        world.switch_up()
        # Of views without a leg a new process hears nothing, of a mixer that is back later neither; that they are left
        # over is no matter here.
        taken = {leg.ident.partition("/")[0] for leg in world.legs.values() if leg.kind == "view"}
        world.views = {name: view for name, view in world.views.items() if name in taken}
        if world.mixer:
            world.mixer_up(world.mixer, calls_kept=True)
        now_on = world.bridge.conferences
        assert before == {n: c.direction for n, c in now_on.items() if n in before}
        assert {n: steps[n] for n in before} == {n: (list(now_on[n].done), now_on[n].done.last) for n in before}
        now = {p.id: (p.name, p.muted, p.deafened, p.gain_in, p.gain_out) for p in world.bridge.participants()}
        assert now == people

    @rule(bursts=st.booleans())
    def microphones_are_told_of_together(self, bursts: bool) -> None:
        self.w.bursts = bursts

    @rule(fails=st.booleans())
    def moves_fail(self, fails: bool) -> None:
        self.w.moves = not fails

    @precondition(lambda self: self.w.log)
    @rule()
    def who_did_not_move_is_back(self) -> None:
        for effect in [e for e in self.w.log if isinstance(e, do.Move)]:
            known = self.w.bridge.whereabouts(effect.participant)
            if known and known[1].moved_from and not known[1].joined_at:
                self.w.happen(do.EffectFailed(at=self.w.at, effect=effect, fault="bad_request"))

    # --- what holds at all times

    @invariant()
    def nobody_who_left_for_good_is_in_any_order(self) -> None:
        for conference in self.w.bridge.conferences.values():
            there = conference.present.keys() | conference.awaiting.keys()
            assert conference.direction.names() <= there
            for step in conference.done:
                assert (step.before.names() | step.after.names() | step.sound.keys()) <= there

    @invariant()
    def a_mode_has_one_that_all_see_or_none(self) -> None:
        for conference in self.w.bridge.conferences.values():
            direction = conference.direction
            assert direction.mode in FOCUSED or not direction.focus
            assert direction.closed or not direction.before
            hands = {asking.participant for asking in direction.hands}
            for p in conference.present.values():
                assert (p.hand, p.chair) == (p.id in hands, p.id == direction.chair)

    @invariant()
    def the_record_says_the_same(self) -> None:
        for conference in self.w.bridge.conferences.values():
            assert recall(json.loads(json.dumps(conference.direction.record()))) == conference.direction
            if conference.id:
                stored = [e for e in self.w.log if isinstance(e, do.StoreDirection) and e.conference == conference.id]
                assert stored
                assert recall(stored[-1].data) == conference.direction

    @invariant()
    def a_conference_runs_from_its_first_to_its_last(self) -> None:
        runs: dict[str, str] = {}
        for effect in self.w.log:
            if isinstance(effect, do.Tell) and effect.event == "conference.began":
                assert effect.room not in runs
                runs[effect.room] = effect.data["id"]
            elif isinstance(effect, do.Tell) and effect.event == "conference.ended":
                assert runs.pop(effect.room) == effect.data["id"]
        going_on = {number: c.id for number, c in self.w.bridge.conferences.items() if c.id}
        assert runs == going_on
        for conference in self.w.bridge.conferences.values():
            assert bool(conference.id) == bool(conference.present or conference.awaiting)


TestActing = Acting.TestCase
TestActing.settings = settings(max_examples=60, stateful_step_count=40)

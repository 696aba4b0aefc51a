"""Whatever happens in whatever order: what must hold of every conference, over random histories."""

from __future__ import annotations

import contextlib

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mcu.core import commands
from mcu.core import effects as do
from mcu.core.picture.rates import CLASSES, bounds, class_for
from mcu.core.picture.stage import presentation
from mcu.core.picture.view import room_of
from mcu.errors import McuError, ParticipantNotFound
from tests.core.world import CIF, HD, ROOMS, World

VIDEO = st.sampled_from(["", "h264", f"h264 {HD}", f"h264 {CIF}", "h264 profile-level-id=42000a", "h263 CIF=1"])
FMTP = st.sampled_from(["", HD, CIF, "profile-level-id=4d0028", "profile-level-id=rubbish"])


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.w = World()
        self.run = 0

    @initialize(switch=st.booleans(), mixer=st.booleans())
    def begin(self, switch: bool, mixer: bool) -> None:
        if switch:
            self.w.switch_up()
        if mixer:
            self.mixer_starts()

    # --- terminals

    @rule(room=st.sampled_from(ROOMS), video=VIDEO)
    def enter(self, room: str, video: str) -> None:
        self.w.enter(room, video)

    @precondition(lambda self: self.w.at_the_door)
    @rule(data=st.data())
    def join(self, data: st.DataObject) -> None:
        self.w.join(data.draw(st.sampled_from(sorted(self.w.at_the_door))))

    @precondition(lambda self: self.w.at_the_door)
    @rule(data=st.data())
    def turn_away(self, data: st.DataObject) -> None:
        self.w.turn_away(data.draw(st.sampled_from(sorted(self.w.at_the_door))))

    @rule(room=st.sampled_from(ROOMS))
    def appear(self, room: str) -> None:
        self.w.appear(room)

    @precondition(lambda self: self.w.members)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        self.w.leave(self._member(data))

    @precondition(lambda self: self.w.members)
    @rule(data=st.data(), on=st.booleans())
    def talk(self, data: st.DataObject, on: bool) -> None:
        self.w.talk(self._member(data), on)

    @precondition(lambda self: self.w.members)
    @rule(data=st.data(), fmtp=FMTP)
    def show(self, data: st.DataObject, fmtp: str) -> None:
        self.w.show(self._member(data), fmtp)

    @precondition(lambda self: self.w.members)
    @rule(data=st.data(), codec=st.sampled_from(["h263", "h261"]))
    def show_another_codec(self, data: st.DataObject, codec: str) -> None:
        self.w.show(self._member(data), "CIF=1", codec)

    @precondition(lambda self: self.w.members)
    @rule(data=st.data(), codec=st.sampled_from(["h264", "h263p"]))
    def negotiate(self, data: st.DataObject, codec: str) -> None:
        self.w.negotiate(self._member(data), codec, HD if codec == "h264" else "QCIF=2")

    # --- legs

    @precondition(lambda self: self.w.dials)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        self.w.answer(data.draw(st.sampled_from(self.w.dials)))

    @precondition(lambda self: self.w.dials)
    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        self.w.refuse(data.draw(st.sampled_from(self.w.dials)))

    @precondition(lambda self: self.w.legs)
    @rule(data=st.data())
    def drop_leg(self, data: st.DataObject) -> None:
        self.w.drop_leg(data.draw(st.sampled_from(sorted(self.w.legs))))

    # --- links

    @precondition(lambda self: not self.w.switch)
    @rule()
    def switch_comes(self) -> None:
        self.w.switch_up()
        self._equals_snapshot()

    @precondition(lambda self: self.w.switch)
    @rule(crash=st.booleans())
    def switch_goes(self, crash: bool) -> None:
        self.w.switch_down()
        if crash:
            for things in (self.w.members, self.w.at_the_door, self.w.legs, self.w.locked):
                things.clear()

    @precondition(lambda self: not self.w.mixer)
    @rule()
    def mixer_starts(self) -> None:
        self.run += 1
        self.w.mixer_up(f"run{self.run}", calls_kept=False)

    @precondition(lambda self: not self.w.mixer and self.run)
    @rule()
    def mixer_returns(self) -> None:
        self.w.mixer_up(f"run{self.run}", calls_kept=True)

    @precondition(lambda self: self.w.mixer)
    @rule()
    def mixer_goes(self) -> None:
        self.w.mixer_down()

    @rule(seconds=st.sampled_from([0.1, 0.3, 1.0, 6.0, 20.0]))
    def time_passes(self, seconds: float) -> None:
        self.w.tick(seconds)

    # --- operators

    @rule(room=st.sampled_from(ROOMS), layout=st.sampled_from(["auto", "1x1", "2x2", "1+5"]))
    def choose_layout(self, room: str, layout: str) -> None:
        self.w.command(commands.ChangeRoom(at=self.w.at, number=room, layout=layout))

    @rule(room=st.sampled_from(ROOMS), on=st.booleans())
    def lock(self, room: str, on: bool) -> None:
        with contextlib.suppress(McuError):
            self.w.act("lock", number=room, on=on)

    @precondition(lambda self: self.w.members)
    @rule(data=st.data(), on=st.booleans())
    def mute(self, data: st.DataObject, on: bool) -> None:
        member = self.w.members[self._member(data)]
        with contextlib.suppress(McuError):
            self.w.act("mute", number=member.room, participant=member.participant, on=on)

    @rule()
    def kick_nobody(self) -> None:
        try:
            self.w.act("drop", participant="ffffffff")
        except ParticipantNotFound:
            return
        raise AssertionError("kicked somebody who is not there")

    @precondition(lambda self: self.w.log)
    @rule(data=st.data())
    def something_fails(self, data: st.DataObject) -> None:
        """An instruction that was given lately comes back as not done."""
        retried = do.Subscribe | do.PutView | do.DialLeg | do.DialView | do.Lock
        lately = [effect for effect in self.w.log[-10:] if isinstance(effect, retried)]
        if lately:
            self.w.happen(do.EffectFailed(at=self.w.at, effect=data.draw(st.sampled_from(lately))))

    @precondition(lambda self: self.w.switch and self.w.mixer)
    @rule()
    def all_is_well_for_a_while(self) -> None:
        """Nothing fails any more: half a minute later everybody has both pictures, and nothing is left over."""
        self.w.answer_all()
        self.w.wait(30)
        self.w.answer_all()
        people = [p for c in self.w.bridge.conferences.values() for p in c.everyone() if p.rate_class]
        standing = sorted((leg.kind, leg.ident) for leg in self.w.legs.values())
        conferences = self.w.bridge.conferences.values()
        views = {("view", f"{view.name}/{name}") for c in conferences for view in c.views for name in view.classes}
        slides = {("slides", p.id) for p in self.w.bridge.participants() if p.slides}
        assert {("view", f"{p.view}/{p.rate_class}") for p in people if p.key} <= views
        assert standing == sorted(views | slides | {("leg", p.id) for p in people})
        codecs = {p.id: p.leg_codec for p in people}
        assert all(leg.codec == codecs[leg.ident] for leg in self.w.legs.values() if leg.kind == "leg")
        others = {view.name for c in conferences for view in (c.views.presented, c.views.people) if view.classes}
        in_use = {number for number, c in self.w.bridge.conferences.items() if any(c.everyone())}
        assert in_use | others <= set(self.w.views) <= set(self.w.bridge.conferences) | others
        assert all(p.subscribed == p.key for p in self.w.bridge.participants())

    # --- what holds at all times

    @invariant()
    def scenes_show_exactly_who_is_there(self) -> None:
        if not self.w.mixer:
            return
        for number, conference in self.w.bridge.conferences.items():
            if not conference.views.common.put:
                continue
            put = self.w.views[number]
            shown = [tile.participant for tile in put.scene.tiles]
            slides = presentation(conference.present.values())
            people = [i for i, p in conference.present.items() if not p.presents]
            present = [slides.id, *people] if slides else people
            assert len(shown) == len(set(shown))
            assert set(shown) <= set(present)
            chosen = self.w.bridge.catalogue.choose(conference.room.config.layout, len(present), bool(slides))
            tiles = len(chosen.tiles)
            assert len(shown) == min(len(present), tiles)
            if len(present) <= tiles:
                assert shown == present
            quiet_but_seen = [i for i in shown if i in people and not conference.present[i].talking]
            talking_unseen = [i for i in people if conference.present[i].talking and i not in shown]
            assert not (quiet_but_seen and talking_unseen)
            for tile in put.scene.tiles:
                seen = conference.present[tile.participant]
                speaks = not seen.presents
                assert (tile.speaking, tile.muted, tile.name) == (seen.talking, seen.muted and speaks, seen.name)

    @invariant()
    def lines_serve_somebody(self) -> None:
        if not self.w.switch:
            return
        here = {p.id: p for c in self.w.bridge.conferences.values() for p in c.everyone()}
        for leg in self.w.legs.values():
            if leg.kind == "leg":
                assert here[leg.ident].rate_class
            elif leg.kind == "slides":
                assert here[leg.ident].slides
            else:
                shown, _, name = leg.ident.partition("/")
                views = self.w.bridge.conferences[room_of(shown)].views
                assert name in next(view for view in views if view.name == shown).classes
            if self.w.mixer and leg.kind != "slides":
                assert leg.mixer == self.w.mixer
        both = [(leg.kind, leg.ident) for leg in self.w.legs.values()]
        assert len(both) == len(set(both))

    @invariant()
    def everybody_has_a_class_that_fits(self) -> None:
        for participant in self.w.bridge.participants():
            fits = class_for(participant.codec, participant.fmtp)
            view = participant.room + ("p" if participant.slides else "")
            assert participant.key == (f"v-{view}-{fits}" if fits and not participant.presents else "")
            limit = bounds(participant.fmtp)
            assert not fits or limit is None or fits == "qcif15" or limit.admit(CLASSES[fits])
            if self.w.switch and participant.subscribed is not None:
                assert participant.subscribed == participant.key

    @invariant()
    def the_bus_was_told_everything(self) -> None:
        assert self.w.told == {p.id: p.describe() for p in self.w.bridge.participants()}

    @invariant()
    def nobody_is_at_two_places(self) -> None:
        ids = [p.id for c in self.w.bridge.conferences.values() for p in c.everyone()]
        assert len(ids) == len(set(ids))
        for conference in self.w.bridge.conferences.values():
            assert all(p.room == conference.number for p in conference.everyone())

    @invariant()
    def the_roster_is_asterisks(self) -> None:
        if self.w.switch:
            self._equals_snapshot()

    def _equals_snapshot(self) -> None:
        has = {(p.id, p.channel, p.room, p.muted, p.talking) for p in self.w.bridge.participants()}
        settled = [m for m in self.w.members.values() if not self._is_being_moved(m.participant)]
        assert has == {(m.participant, m.channel, m.room, m.muted, m.talking) for m in settled}
        for number in {m.room for m in self.w.members.values()}:
            assert self.w.bridge.rooms[number].locked == (number in self.w.locked)

    def _is_being_moved(self, participant: str) -> bool:
        """Ordered to another room, and neither there nor refused so far: Asterisk still has it in the one it was in."""
        known = self.w.bridge.whereabouts(participant)
        return known is not None and bool(known[1].moved_from) and not known[1].joined_at

    def _member(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.w.members)))


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=40)

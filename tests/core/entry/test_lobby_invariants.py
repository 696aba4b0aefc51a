"""Lobbies, whatever happens: random comings, goings, words and rules against what must always hold."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mcu.core import commands
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.limits import Limits
from mcu.core.roster import RoomConfig
from mcu.errors import McuError
from tests.core.world import World, catalogue

CAPACITY = 4
HOST_PIN = "815100"


class Lobbies(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.w = World(bridge=Bridge(catalogue(), Limits(room=CAPACITY, bridge=9)))
        self.heard: set[str] = set()  # who waits, as a listener of the bus knows it
        self.read = 0
        self.w.switch_up()
        self.w.mixer_up("run1", calls_kept=False)
        self.put("all")

    def put(self, rule_of_lobby: Any) -> None:
        config = RoomConfig(number="1001", name="Phòng", lobby=rule_of_lobby, host_pin=HOST_PIN)
        self.w.command(commands.PutRoom(at=self.w.at, config=config))

    @property
    def waiting(self) -> list[str]:
        conference = self.w.bridge.conferences.get("1001")
        return list(conference.lobby) if conference else []

    # --- what happens

    @rule(name=st.sampled_from(["off", "host", "all"]))
    def the_rule_changes(self, name: str) -> None:
        self.put(name)

    @precondition(lambda self: self.w.switch)
    @rule(video=st.booleans(), host=st.booleans())
    def somebody_comes(self, video: bool, host: bool) -> None:
        given = {"door": "guest", "pin": HOST_PIN, "pin_tries": 1} if host else {}
        shown = "h264 profile-level-id=42e01f;packetization-mode=1" if video else ""
        _, channel = self.w.enter(video=shown, **given)  # type: ignore[arg-type]
        if channel in self.w.at_the_door:
            self.w.join(channel)

    @precondition(lambda self: self.w.waiting)
    @rule(data=st.data())
    def somebody_gives_up(self, data: st.DataObject) -> None:
        self.w.go_away(data.draw(st.sampled_from(sorted(self.w.waiting))))

    @precondition(lambda self: self.w.members)
    @rule(data=st.data())
    def somebody_leaves(self, data: st.DataObject) -> None:
        self.w.leave(data.draw(st.sampled_from(sorted(self.w.members))))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), act=st.sampled_from(["admit", "refuse"]))
    def a_word(self, data: st.DataObject, act: str) -> None:
        self.act(act, participant=data.draw(st.sampled_from(self.waiting)))

    @rule()
    def all_in(self) -> None:
        self.act("admit", all=True)

    def act(self, name: str, **arguments: object) -> None:
        # Full, nobody there, or Asterisk away: it changes nothing, which the invariants see.
        with contextlib.suppress(McuError):
            self.w.command(commands.Act(at=self.w.at, number="1001", name=name, arguments=arguments))

    @precondition(lambda self: self.w.waiting and self.w.switch)
    @rule(data=st.data(), right=st.booleans())
    def a_pin_in_the_lobby(self, data: st.DataObject, right: bool) -> None:
        channel = data.draw(st.sampled_from(sorted(self.w.waiting)))
        self.w.press(channel, f"{HOST_PIN if right else '0000'}#")

    @precondition(lambda self: self.w.switch)
    @rule()
    def the_link_breaks(self) -> None:
        self.w.switch_down()

    @precondition(lambda self: not self.w.switch)
    @rule(anew=st.booleans())
    def the_link_is_back(self, anew: bool) -> None:
        if anew:
            self.w.waiting.clear()
            self.w.members.clear()
            self.w.legs.clear()
        self.w.switch_up()

    @rule(seconds=st.sampled_from([0.5, 5.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.w.wait(seconds)

    # --- what holds

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        for conference in self.w.bridge.conferences.values():
            places = [*conference.present, *conference.entering, *conference.lobby]
            assert len(places) == len(set(places))

    @invariant()
    def who_waits_is_who_waits_in_asterisk(self) -> None:
        if self.w.switch:
            assert set(self.waiting) == {member.participant for member in self.w.waiting.values()}

    @invariant()
    def the_bus_knows_who_waits(self) -> None:
        for effect in self.w.log[self.read :]:
            if isinstance(effect, do.Tell) and effect.event == "lobby.joined":
                assert effect.data["participant"] not in self.heard
                self.heard.add(str(effect.data["participant"]))
            elif isinstance(effect, do.Tell) and effect.event == "lobby.left":
                self.heard.remove(str(effect.data["participant"]))
        self.read = len(self.w.log)
        assert self.heard == set(self.waiting)

    @invariant()
    def nobody_waits_who_need_not(self) -> None:
        if not self.w.switch or not self.waiting:
            return
        conference = self.w.bridge.conferences["1001"]
        rule_of_lobby = conference.room.config.lobby
        hosts = any(p.came_as == "host" or p.id == conference.direction.chair for p in conference.present.values())
        full = self.w.bridge.crowd("1001")[0] >= CAPACITY
        assert rule_of_lobby == "all" or (rule_of_lobby == "host" and not hosts) or full

    @invariant()
    def nobody_is_let_in_beyond_the_capacity(self) -> None:
        assert len(self.w.members) <= CAPACITY

    @invariant()
    def the_card_is_there_for_who_sees_it(self) -> None:
        conference = self.w.bridge.conferences.get("1001")
        sees = any(p.rate_class for p in conference.lobby.values()) if conference else False
        assert not sees or any(put == "1001w" for put in self.w.views)

    def teardown(self) -> None:
        self.w.waiting.clear()


TestLobbies = Lobbies.TestCase
TestLobbies.settings = settings(max_examples=60, stateful_step_count=40)

"""Asterisk is restarted while calls stand at its door; Asterisk and control are both restarted in a meeting, as by a
power cut: it goes on from control's record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.dialling.calling import Dialling
from mcu.core.dialling.targets import parse_target
from mcu.core.direction import Direction
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory, Site
from mcu.core.entry.answers import Admit, Refuse
from mcu.core.quality import MediaTold
from mcu.core.roster import Memory
from tests.core.called import answer, at_the_door
from tests.core.world import World, catalogue, ident

TYPED, KNOWN = "0000000a", "0000000b"
ACCOUNTS = [TerminalAccount(name=f"xa{n}", address=f"10.0.0.{n}", display=f"Xã {n}", site=n) for n in (1, 2, 3)]
DIRECTORY = Directory([Site(id=n, name=f"Xã {n}") for n in (1, 2, 3)], ACCOUNTS)


def bridge_of() -> Bridge:
    bridge = Bridge(catalogue(), dialling=Dialling(per_second=50))
    bridge.directory = DIRECTORY
    return bridge


@pytest.fixture
def world() -> World:
    made = World(bridge_of(), started="2026-11-22 07:00:01")
    made.switch_up()
    return made


def call(world: World, who: str, address: str, **more: Any) -> None:
    target = parse_target(address)
    world.command(
        commands.CallTerminal(at=world.at, number="1001", participant=who, target=target, name=f"Xã {who[-1]}", **more)
    )


def dial_in(world: World, terminal: str) -> str:
    answered, channel = world.enter("1001", endpoint=f"k-{terminal}", door="known")
    assert isinstance(answered, Admit), answered
    world.join(channel)
    return ident(world, channel)


def control_restarted(world: World, seconds: float) -> World:
    """Another control, so much later, with what the database has of this one."""
    stored = [e for e in world.log if isinstance(e, do.StoreDirection)][-1]
    old = world.bridge.conferences["1001"]
    made = World(bridge_of(), at=world.at + seconds, started=world.started)
    made._numbers = world._numbers  # ids are never given twice
    for room in world.bridge.rooms.values():
        made.command(commands.PutRoom(at=made.at, config=room.config, locked=room.locked))
    for p in old.present.values():
        memory = Memory(joined_at=p.joined_at, kind=p.kind, room="1001", site=p.site, terminal=p.terminal, name=p.name)
        made.bridge.memories[p.id] = memory
    made.members, made.locked = world.members, world.locked
    made.bridge.resume("1001", old.id, old.began_at, json.loads(json.dumps(stored.data)))
    return made


def power_cut(world: World, seconds: float = 30) -> World:
    made = control_restarted(world, seconds)
    made.members, made.locked, made.started = {}, set(), "2026-11-22 09:12:44"
    return made


def dialled(world: World) -> list[str]:
    return [e.participant for e in world.log if isinstance(e, do.DialTerminal)]


def direction(world: World) -> Direction:
    return world.bridge.conferences["1001"].direction


def test_a_meeting_goes_on_after_a_power_cut(world: World) -> None:
    call(world, TYPED, "sip:x@10.9.9.9")
    answer(world, TYPED)
    own = dial_in(world, "xa1")
    world.act("rename", participant=own, name="Hội trường")
    world.act("rename", participant=TYPED, name="Xã Một")
    world.act("gain", participant=TYPED, direction="in", db=-6)
    world.act("floor", participant=TYPED)
    world.act("lock", on=True)
    call(world, KNOWN, "sip:10.0.0.2", terminal="xa2", site=2)
    answer(world, KNOWN)  # after the last act
    began = world.bridge.conferences["1001"].id
    again = power_cut(world)
    again.switch_up()
    assert dialled(again) == [TYPED, KNOWN]
    assert next(e.target for e in again.log if isinstance(e, do.DialTerminal)) == parse_target("sip:x@10.9.9.9")
    assert again.bridge.conferences["1001"].id == began
    assert again.bridge.rooms["1001"].locked
    assert isinstance(again.enter("1001", endpoint="k-xa3", door="known")[0], Refuse)
    assert (answer(again, TYPED)[0].muted, answer(again, KNOWN)[0].muted) == (False, True)
    assert (direction(again).mode, direction(again).focus) == ("floor", TYPED)
    back = again.bridge.whereabouts(TYPED)
    assert back
    assert (back[1].name, back[1].gain_in) == ("Xã Một", -6.0)
    returned = dial_in(again, "xa1")
    assert (returned != own, again.told[returned]["name"]) == (True, "Hội trường")
    assert again.bridge.conferences["1001"].awaiting == {}
    again.act("free_talk")
    assert not any(p.muted for p in again.bridge.participants("1001"))


def test_nobody_is_waited_for_longer_than_after_any_restart_of_the_switch(world: World) -> None:
    dial_in(world, "xa1")
    world.act("lock", on=True)
    again = power_cut(world)
    again.switch_up()
    again.wait(119)
    assert "1001" in again.bridge.conferences
    again.wait(5)
    assert "1001" not in again.bridge.conferences
    assert not again.bridge.rooms["1001"].locked


@pytest.mark.parametrize("behind", [170, 3600])
def test_a_meeting_goes_on_though_the_clock_is_behind_after_the_power_cut(world: World, behind: int) -> None:
    """A machine without a battery for it has that of its last hour (fake-hwclock), until NTP sets it."""
    call(world, KNOWN, "sip:10.0.0.2", terminal="xa2", site=2)
    answer(world, KNOWN)
    world.act("lock", on=True)
    again = power_cut(world, seconds=-behind)
    again.switch_up()
    assert dialled(again) == [KNOWN]
    answer(again, KNOWN)
    again.at += behind + 60  # NTP
    again.wait(1)
    assert [p.id for p in again.bridge.participants("1001")] == [KNOWN]
    assert again.bridge.rooms["1001"].locked


def test_in_the_morning_the_meeting_of_the_evening_is_over(world: World) -> None:
    call(world, KNOWN, "sip:10.0.0.2", terminal="xa2", site=2)
    answer(world, KNOWN)
    world.act("lock", on=True)
    again = power_cut(world, seconds=8 * 3600)
    again.switch_up()
    assert dialled(again) == []
    assert "1001" not in again.bridge.conferences
    assert not again.bridge.rooms["1001"].locked


def test_a_long_meeting_in_which_nothing_was_ordered_is_known_to_have_gone_on(world: World) -> None:
    call(world, KNOWN, "sip:10.0.0.2", terminal="xa2", site=2)
    answer(world, KNOWN)
    for _ in range(180):
        world.wait(10)
        world.happen(MediaTold(at=world.at, channels={}))
    written = [e for e in world.log if isinstance(e, do.StoreDirection)]
    assert 30 <= len(written) <= 33  # once a minute
    again = power_cut(world)
    again.switch_up()
    assert dialled(again) == [KNOWN]


def test_control_is_restarted_while_those_of_a_restarted_switch_are_expected(world: World) -> None:
    """Whoever is back already is not expected twice."""
    dial_in(world, "xa1")
    second = dial_in(world, "xa2")
    world.act("broadcast", participant=second)
    world.act("lock", on=True)
    world.switch_down()
    world.members.clear()
    world.locked.clear()
    world.started = "2026-11-22 09:12:44"
    world.switch_up()
    dial_in(world, "xa1")
    again = control_restarted(world, 20)
    again.switch_up()
    assert list(again.bridge.conferences["1001"].awaiting) == [second]
    assert isinstance(again.enter("1001", endpoint="k-xa3", door="known")[0], Refuse)
    back = dial_in(again, "xa2")
    assert direction(again).focus == back
    assert again.bridge.conferences["1001"].awaiting == {}


def test_who_hung_up_while_only_control_was_away_has_left(world: World) -> None:
    call(world, KNOWN, "sip:10.0.0.2", terminal="xa2", site=2)
    answer(world, KNOWN)
    again = control_restarted(world, 10)
    again.members = {}
    again.switch_up()
    assert dialled(again) == []
    assert "1001" not in again.bridge.conferences


def test_the_record_is_not_written_anew_before_the_switch_has_told_who_is_there(world: World) -> None:
    dial_in(world, "xa1")
    again = control_restarted(world, 10)
    begun = len(again.log)
    again.mixer_up("run2", calls_kept=False)
    again.enter("1001", endpoint="k-xa2", door="known")
    assert not [e for e in again.log[begun:] if isinstance(e, do.StoreDirection)]
    again.switch_up()
    kept = [e.data for e in again.log if isinstance(e, do.StoreDirection)][-1]
    assert [p["terminal"] for p in kept["people"].values()] == ["xa1"]


def switch_restarted(world: World) -> None:
    world.switch_down()
    for gone in (world.members, world.at_the_door, world.legs, world.locked):
        gone.clear()
    world.at += 3
    world.started = "2026-11-22 09:12:44"


def test_who_stood_at_the_door_is_called_back_at_once_like_those_in_the_room(world: World) -> None:
    inside, outside = TYPED, KNOWN
    call(world, inside, "sip:x@10.9.9.9", tries=5)
    answer(world, inside)
    call(world, outside, "sip:10.0.0.2", terminal="xa2", site=2, tries=5)
    at_the_door(world, outside)
    begun = len(world.log)
    switch_restarted(world)
    world.switch_up()
    called = [e.participant for e in world.log[begun:] if isinstance(e, do.DialTerminal)]
    assert sorted(called) == [inside, outside]
    answer(world, outside)
    answer(world, inside)
    assert {p.id for p in world.bridge.participants("1001")} == {inside, outside}


def test_who_stands_at_the_door_of_the_new_switch_already_stays_there(world: World) -> None:
    dial_in(world, "xa1")
    _, old = world.enter("1001", endpoint="k-xa2", door="known")
    stood = world.at_the_door[old][0]
    switch_restarted(world)
    answered, channel = world.enter("1001", endpoint="k-xa3", door="known")
    assert isinstance(answered, Admit)
    world.switch_up()
    assert not world.bridge.knows(stood)
    world.join(channel)
    known = world.bridge.whereabouts(answered.participant)
    assert known
    assert known[1].terminal == "xa3"


def test_a_lock_holds_though_somebody_is_back_before_the_switch_can_be_told(world: World) -> None:
    dial_in(world, "xa1")
    world.act("lock", on=True)
    switch_restarted(world)
    channel = "PJSIP/k-xa1-0000000f"
    world.members[channel] = events.Member(
        participant="0badcafe", channel=channel, room="1001", name="Xã 1", number="", muted=False, talking=False
    )
    world.switch_up()
    assert world.bridge.rooms["1001"].locked
    assert world.locked == {"1001"}


def test_who_is_moved_when_the_switch_dies_is_called_back_to_where_it_was_going(world: World) -> None:
    call(world, KNOWN, "sip:10.0.0.2", terminal="xa2", site=2)
    answer(world, KNOWN)
    moved = dial_in(world, "xa1")
    dial_in(world, "xa3")
    for who in (KNOWN, moved):
        world.act("move", participant=who, to="1002")
    switch_restarted(world)
    world.switch_up()
    (again,) = world.bridge.dial_out
    assert (again.id, again.room, again.state) == (KNOWN, "1002", "dialling")
    world.wait(100)
    assert moved in world.bridge.conferences["1001"].awaiting

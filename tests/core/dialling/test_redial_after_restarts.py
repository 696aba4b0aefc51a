"""Sites that are called again after Asterisk, its link or control was away: each once, and as who they were."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mcu.core import commands, events, runs
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.dialling import redial
from mcu.core.dialling.dialout import STABLE
from mcu.core.dialling.outgoing import OutgoingCall, recall
from mcu.core.dialling.targets import Way, parse_target, target_of
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory, Site
from tests.core.called import FIRST, SECOND, answer, dial, dialled, hang_up, here
from tests.core.world import World, catalogue


def test_after_a_restart_of_asterisk_all_are_called_at_once_and_are_what_they_were(world: World) -> None:
    for ident in (FIRST, SECOND):
        dial(world, ident)
        answer(world, ident)
    world.come("1001")
    floor = commands.Act(at=world.at, number="1001", name="floor", arguments={"participant": SECOND})
    world.command(floor)
    world.tick(1)
    before = world.bridge.conferences["1001"].direction
    muted = {p.id: p.muted for p in world.bridge.participants("1001")}
    assert (before.mode, before.focus, muted[FIRST], muted[SECOND]) == ("floor", SECOND, True, False)
    world.switch_down()
    world.members.clear()
    world.at += 3
    begun = len(world.log)
    world.switch_up()
    assert set(dialled(world.log[begun:])) == {FIRST, SECOND}
    for ident in (FIRST, SECOND):
        got, channel = answer(world, ident)
        assert got.muted == muted[ident]
        assert world.bridge.whereabouts(ident) is not None
        world.members[channel] = replace(world.members[channel], muted=got.muted)
    after = world.bridge.conferences["1001"].direction
    assert (after.mode, after.focus) == ("floor", SECOND)
    assert {p.id: p.muted for p in world.bridge.participants("1001")} == {FIRST: True, SECOND: False}


def test_who_hung_up_while_only_the_link_was_lost_is_not_called_again(world: World) -> None:
    for ident in (FIRST, SECOND):
        dial(world, ident)
    _, channel = answer(world, FIRST)
    answer(world, SECOND)
    world.tick(10)
    world.switch_down()
    del world.members[channel]
    world.at += 5
    world.switch_up()
    assert here(world) == [SECOND]
    assert not list(world.bridge.dial_out)
    assert FIRST not in world.bridge.conferences["1001"].awaiting


def test_the_end_of_the_broken_call_is_no_failure_of_the_new_one(world: World) -> None:
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.switch_down()
    world.members.clear()
    world.switch_up()
    late = events.HungUp(at=world.at, channel=channel, kind="terminal", ident=FIRST, cause=102)
    world.happen(late)
    (call,) = world.bridge.dial_out
    assert (call.state, call.failures) == ("dialling", 0)


def test_a_known_terminal_is_called_again_even_if_control_forgot_its_call(world: World) -> None:
    account = TerminalAccount(name="lang", address="10.0.0.9", site=7)
    world.bridge.directory = Directory([Site(id=7, name="Xã Lăng")], [account])
    way = Way(target=target_of(account), terminal="lang")
    call = commands.CallTerminal(
        at=world.at, number="1001", participant=FIRST, target=way.target, terminal="lang", name="Xã Lăng", site=7
    )
    world.command(call)
    _, channel = answer(world, FIRST)
    kept = [e for e in world.log if isinstance(e, do.StoreDirection)][-1]
    old = world.bridge.conferences["1001"]
    world.told.clear()
    bridge = world.bridge = Bridge(catalogue())
    bridge.directory = Directory([Site(id=7, name="Xã Lăng")], [account])
    world.command(commands.PutRoom(at=world.at, config=old.room.config))
    bridge.resume("1001", old.id, old.began_at, dict(kept.data))
    world.switch_up()
    assert here(world) == [FIRST]
    world.tick(STABLE)
    hang_up(world, channel, 102)
    (lost,) = bridge.dial_out
    assert (lost.id, lost.target, lost.site, lost.name) == (FIRST, way.target, 7, "Xã Lăng")
    assert dialled(world.tick(2)) == [FIRST]


def test_the_last_site_that_hung_up_while_only_the_link_was_lost_is_not_called_again(world: World) -> None:
    world.started = "2026-11-22 07:00:01"
    world.switch_down()
    world.switch_up()
    dial(world, FIRST)
    answer(world, FIRST)
    world.switch_down()
    world.members.clear()
    world.switch_up()
    assert not list(world.bridge.dial_out)
    dial(world, SECOND)
    answer(world, SECOND)
    world.started = "2026-11-22 07:30:00"  # and that was a restart
    world.switch_down()
    world.members.clear()
    world.switch_up()
    assert [call.id for call in world.bridge.dial_out] == [SECOND]


def restarted(world: World) -> Bridge:
    """Another control, with the record of the calls of this one."""
    kept = {call.id: json.loads(json.dumps(call.record())) for call in world.bridge.dial_out}
    old = world.bridge
    bridge = world.bridge = Bridge(catalogue(), dialling=old.dial_out.dialling)
    bridge.directory = old.directory
    world.told.clear()
    world.command(commands.PutRoom(at=world.at, config=old.rooms["1001"].config))
    if conference := old.conferences.get("1001"):
        bridge.resume("1001", conference.id, conference.began_at, runs.record(conference))
    for ident, data in kept.items():
        call = recall(ident, data, world.at)
        assert call
        assert redial.resumed(bridge, call)
    return bridge


def test_a_lost_site_comes_back_to_its_place_after_a_restart_of_control(world: World) -> None:
    world.come("1001")
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.tick(STABLE)
    world.act("floor", participant=FIRST)
    hang_up(world, channel, 102)
    bridge = restarted(world)
    begun = len(world.log)
    world.switch_up()
    assert dialled(world.log[begun:]) == [FIRST]
    assert bridge.conferences["1001"].direction.focus == FIRST
    answer(world, FIRST)
    assert bridge.conferences["1001"].direction.focus == FIRST
    assert not list(bridge.dial_out)


def test_a_terminal_that_dialled_in_while_control_was_away_is_called_no_more(world: World) -> None:
    account = TerminalAccount(name="lang", address="10.0.0.9", site=7)
    world.bridge.directory = Directory([Site(id=7, name="Xã Lăng")], [account])
    target = target_of(account)
    world.command(
        commands.CallTerminal(
            at=world.at, number="1001", participant=FIRST, target=target, terminal="lang", name="Xã Lăng", site=7
        )
    )
    world.switch_down()
    channel = "PJSIP/k-lang-0000000f"
    world.members[channel] = events.Member(
        participant=SECOND, channel=channel, room="1001", name="Xã Lăng", number="", muted=False, talking=False
    )
    bridge = restarted(world)
    begun = len(world.log)
    world.switch_up()
    assert dialled(world.log[begun:]) == []
    assert not list(bridge.dial_out)


def test_who_rings_while_control_is_restarted_is_called_once(world: World) -> None:
    world.come("1001")
    for ident in (FIRST, SECOND):
        dial(world, ident)
    world.called = {FIRST: "PJSIP/dialled-0000000f"}
    bridge = restarted(world)
    begun = len(world.log)
    world.switch_up()
    assert dialled(world.log[begun:]) == [SECOND], "whose call nobody knows any more"
    assert {call.id: call.state for call in bridge.dial_out} == {FIRST: "dialling", SECOND: "dialling"}
    world.say(events.DialFailed(at=world.at, participant=FIRST, cause=17))
    assert {call.id: call.describe()["reason"] for call in bridge.dial_out} == {FIRST: "busy", SECOND: ""}


def test_who_rings_while_the_link_is_lost_is_called_once(world: World) -> None:
    world.come("1001")
    dial(world, FIRST)
    begun = len(world.log)
    world.switch_down()
    world.called = {FIRST: "PJSIP/dialled-0000000f"}
    world.switch_up()
    assert dialled(world.log[begun:]) == []
    answer(world, FIRST)
    assert not list(world.bridge.dial_out)


def test_who_passed_the_door_of_a_control_that_is_no_more_is_not_called_again(world: World) -> None:
    world.come("1001")
    dial(world, FIRST)
    channel = "PJSIP/dialled-0000000f"
    world.called = {FIRST: channel}  # admitted, and not in the room yet
    bridge = restarted(world)
    begun = len(world.log)
    world.switch_up()
    world.say(events.Joined(at=world.at, participant=FIRST, channel=channel, room="1001", name="Lang", muted=False))
    assert dialled(world.log[begun:]) == []
    assert not list(bridge.dial_out)
    assert bridge.dial_out.kept(FIRST)


def test_the_end_of_the_broken_call_is_not_taken_for_a_terminal_that_rings(world: World) -> None:
    world.come("1001")
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    hang_up(world, channel, 102)
    world.called = {FIRST: channel}  # still on its way out
    restarted(world)
    begun = len(world.log)
    world.switch_up()
    assert dialled(world.log[begun:]) == [FIRST]


def test_who_rings_and_is_wanted_by_nobody_rings_no_more(world: World) -> None:
    world.called = {FIRST: "PJSIP/dialled-0000000f"}
    begun = len(world.log)
    world.switch_up()
    assert [e.participant for e in world.log[begun:] if isinstance(e, do.StopDialling)] == [FIRST]


def test_a_restart_goes_on_with_the_terminal_that_was_being_called(world: World) -> None:
    ways = tuple(Way(target=parse_target(f"sip:a@10.0.0.{n}"), terminal=f"t{n}") for n in (1, 2))
    call = OutgoingCall(
        id=FIRST, room="1001", ways=ways, name="Lang", caller="", tries=0, began_at=1.0, at_way=1, state="dialling"
    )
    again = recall(FIRST, json.loads(json.dumps(call.record())), 2.0)
    assert again
    assert again.terminal == "t2"
    assert recall(FIRST, {**call.record(), "at_way": 2}, 2.0) is None


@pytest.mark.parametrize("data", [{}, {"ways": []}, {"ways": [{"terminal": ""}]}, {"ways": 7}, {"ways": [], "new": 1}])
def test_a_call_in_the_record_of_another_version_is_none(data: dict[str, Any]) -> None:
    assert recall(FIRST, data, 1.0) is None


def test_a_call_into_a_room_that_is_gone_is_not_made_again(world: World) -> None:
    dial(world, FIRST)
    call = world.bridge.dial_out.get(FIRST)
    assert not redial.resumed(Bridge(catalogue()), call)

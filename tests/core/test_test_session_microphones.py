"""Microphones of who comes to a test session: open in it whatever the room's rule, and as the rule says after it."""

from __future__ import annotations

import json

import pytest

from mcu.core import commands, runs
from mcu.core.bridge import Bridge
from mcu.core.dialling.targets import parse_target
from mcu.core.direction import recall
from mcu.core.roster import Memory
from mcu.core.test_session import HOLD
from tests.core.called import answer
from tests.core.meeting import Meeting, closed
from tests.core.world import World, catalogue


def closes_joiners(world: World) -> None:
    world.command(commands.ChangeRoom(at=world.at, number="1001", more={"mute_joiners": True}))


def test_a_test_session_opens_the_microphones_of_who_comes_and_closes_them_after_it(world: World) -> None:
    closes_joiners(world)
    world.command(commands.BeginTest(at=world.at, number="1001"))
    tested = Meeting(world, 3)
    tested.act("chair", participant=tested.ids[0])
    assert tested.muted() == [False, False, False]
    assert tested.direction.mute_joiners  # it is the room's rule still
    world.command(commands.EndTest(at=world.at, number="1001"))
    assert tested.muted() == [False, True, True]
    assert closed(tested, tested.come()) is True
    world.command(commands.BeginTest(at=world.at, number="1001"))  # again, with those who have stayed
    assert tested.muted() == [False] * 4
    assert closed(tested, tested.come()) is False


def test_a_test_session_in_a_meeting_opens_nobodys_microphone(world: World) -> None:
    closes_joiners(world)
    meeting = Meeting(world, 2)
    world.command(commands.BeginTest(at=world.at, number="1001"))
    assert closed(meeting, meeting.come()) is True
    meeting.act("mute", participant=meeting.ids[0], on=False)
    world.command(commands.EndTest(at=world.at, number="1001"))
    assert meeting.muted() == [False, True, True]


def test_free_talk_after_a_test_session_opens_nobody_who_came_in_it(world: World) -> None:
    closes_joiners(world)
    world.command(commands.BeginTest(at=world.at, number="1001"))
    tested = Meeting(world, 3)
    tested.act("floor", participant=tested.ids[0])
    assert tested.muted() == [False, True, True]
    world.command(commands.EndTest(at=world.at, number="1001"))
    tested.act("free_talk")
    assert tested.muted() == [True, True, True]


def test_a_meeting_that_begins_while_a_test_session_is_on_has_the_rooms_rule(world: World) -> None:
    closes_joiners(world)
    world.command(commands.BeginTest(at=world.at, number="1001"))
    tested = Meeting(world, 2)
    world.command(commands.BeginAnew(at=world.at, number="1001"))
    assert tested.muted() == [True, True]
    assert closed(tested, tested.come()) is True


def test_a_test_session_goes_on_with_open_microphones_after_a_restart_of_control(world: World) -> None:
    closes_joiners(world)
    world.command(commands.BeginTest(at=world.at, number="1001"))
    tested = Meeting(world, 2)
    assert recall(json.loads(json.dumps(tested.direction.record()))) == tested.direction


def under_test(world: World, people: int) -> Meeting:
    closes_joiners(world)
    world.command(commands.BeginTest(at=world.at, number="1001"))
    tested = Meeting(world, people)
    for n, who in enumerate(tested.ids, 1):
        tested.conference.present[who].site, tested.conference.present[who].terminal = n, f"xa{n}"
    assert tested.muted() == [False] * people
    return tested


@pytest.mark.parametrize("how", ["ends", "gives way to a meeting"])
def test_a_test_session_that_ends_while_asterisk_is_away_leaves_no_microphone_open(world: World, how: str) -> None:
    tested = under_test(world, 3)
    tested.act("chair", participant=tested.ids[0])
    world.switch_down()
    over = commands.EndTest if how == "ends" else commands.BeginAnew
    world.command(over(at=world.at, number="1001"))
    if how == "ends":
        assert HOLD not in tested.conference.awaiting
    _, channel = world.enter()  # the door is open all the time
    assert world.bridge.whereabouts(world.at_the_door[channel][0])[1].muted is True  # type: ignore[index]
    world.switch_up()
    assert tested.muted() == [False, True, True]
    assert closed(tested, tested.come()) is True
    tested.act("mute", participant=tested.ids[1], on=False)
    world.switch_down()
    world.switch_up()
    assert tested.muted() == [False, False, True, True]  # owed once


def test_a_lost_order_of_a_test_sessions_begin_is_not_carried_out_after_its_end(world: World) -> None:
    closes_joiners(world)
    world.command(commands.BeginTest(at=world.at, number="1001"))
    tested = Meeting(world, 1)
    person = tested.conference.present[tested.ids[0]]
    world.switch_down()
    person.order(False)  # was under way
    world.command(commands.EndTest(at=world.at, number="1001"))
    world.switch_up()
    assert tested.muted() == [True]
    assert person.closed is True


def test_the_microphones_are_owed_over_a_restart_of_control(world: World) -> None:
    tested = under_test(world, 2)
    world.switch_down()
    world.command(commands.EndTest(at=world.at, number="1001"))
    assert again(world, tested, testing=False).muted() == [True, True]


def test_a_test_session_that_does_not_go_on_after_a_restart_of_control_is_over(world: World) -> None:
    tested = under_test(world, 2)
    found = again(world, tested, testing=False)
    assert found.muted() == [True, True]
    assert closed(found, found.come()) is True


def test_one_that_goes_on_after_a_restart_of_control_leaves_them_open(world: World) -> None:
    tested = under_test(world, 2)
    assert again(world, tested, testing=True).muted() == [False, False]


def again(world: World, tested: Meeting, *, testing: bool) -> Meeting:
    """Another control, with what the record has of this one."""
    made = World(Bridge(catalogue()), at=world.at + 10)
    made._numbers, made.members = world._numbers, world.members
    made.command(commands.PutRoom(at=made.at, config=world.bridge.rooms["1001"].config))
    for p in tested.conference.present.values():
        made.bridge.memories[p.id] = Memory(joined_at=p.joined_at, kind=p.kind, room="1001", name=p.name)
    written = json.loads(json.dumps(runs.record(tested.conference)))
    made.bridge.resume("1001", tested.conference.id, tested.conference.began_at, written, testing=testing)
    found = Meeting(made, 0)
    found.ids = list(tested.ids)
    made.switch_up()
    return found


@pytest.mark.parametrize("away", [False, True])
def test_who_left_a_test_session_and_comes_again_after_it_comes_as_anybody(world: World, away: bool) -> None:
    tested = under_test(world, 3)
    tested.leave(tested.ids[0])
    if away:
        world.switch_down()
    world.command(commands.EndTest(at=world.at, number="1001"))
    if away:
        world.switch_up()
    assert closed(tested, tested.come_from(1)) is True


@pytest.mark.parametrize("away", [False, True])
def test_whom_a_restart_of_asterisk_took_from_a_test_session_is_called_again_as_a_newcomer(
    world: World, away: bool
) -> None:
    closes_joiners(world)
    world.started = "2026-11-22 07:00:01"
    world.switch_up()
    world.command(commands.BeginTest(at=world.at, number="1001"))
    called, target = "0000000a", parse_target("sip:xa@10.0.0.7")
    world.command(
        commands.CallTerminal(at=world.at, number="1001", participant=called, target=target, name="Xã", tries=5)
    )
    admitted, channel = answer(world, called)
    assert admitted.muted is False
    world.switch_down()
    world.tick(3)
    world.members.clear()
    world.started = "2026-11-22 08:00:01"
    if not away:
        world.switch_up()
    world.command(commands.EndTest(at=world.at, number="1001"))
    if away:
        world.switch_up()
    world.wait(10)
    admitted, channel = answer(world, called)
    assert (admitted.muted, world.members[channel].muted) == (True, True)


def test_a_floor_that_was_given_in_a_test_session_is_heard_after_it(world: World) -> None:
    tested = under_test(world, 2)
    tested.act("floor", participant=tested.ids[0])
    world.command(commands.EndTest(at=world.at, number="1001"))
    assert tested.muted() == [False, True]
    tested.act("free_talk")
    assert tested.muted() == [True, True]

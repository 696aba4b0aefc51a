"""Microphones of who comes, leaves, comes back or is moved while modes close them: each has its own state, which no
mode takes away."""

from __future__ import annotations

import json

import pytest

from mcu.core import commands, events, runs
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.dialling.targets import parse_target
from mcu.core.direction import recall
from mcu.core.roster import Memory
from mcu.core.test_session import HOLD
from tests.core.called import answer
from tests.core.meeting import Meeting
from tests.core.world import World, catalogue


@pytest.fixture
def meeting(world: World) -> Meeting:
    """Four sites, each with a terminal."""
    made = Meeting(world)
    for n, who in enumerate(made.ids, 1):
        made.conference.present[who].site, made.conference.present[who].terminal = n, f"xa{n}"
    return made


def closed(meeting: Meeting, who: str) -> bool:
    return next(m.muted for m in meeting.world.members.values() if m.participant == who)


# --- who comes back


def test_who_left_while_microphones_were_closed_is_open_after_free_talk(meeting: Meeting) -> None:
    a, b, c, _ = meeting.ids
    meeting.act("mute", participant=c, on=True)
    meeting.act("floor", participant=a)
    meeting.leave(b)
    meeting.leave(c)
    meeting.act("free_talk")
    assert closed(meeting, meeting.come_from(2)) is False
    assert closed(meeting, meeting.come_from(3)) is True  # an operator's word


def test_who_left_before_a_mode_has_its_own_state_after_it(meeting: Meeting) -> None:
    a, b, *_ = meeting.ids
    meeting.act("mute", participant=b, on=True)
    meeting.leave(b)
    meeting.act("floor", participant=a)
    back = meeting.come_from(2)
    assert meeting.direction.before[back] is True
    meeting.act("free_talk")
    assert closed(meeting, back) is True


def test_who_came_in_one_mode_and_returns_in_the_next_is_open_afterwards(meeting: Meeting) -> None:
    a, b, *_ = meeting.ids
    meeting.act("floor", participant=a)
    meeting.leave(b)
    meeting.act("free_talk")
    meeting.act("roll_call")
    back = meeting.come_from(2)
    assert closed(meeting, back) is True
    meeting.act("roll_call_end")
    assert closed(meeting, back) is False


@pytest.mark.parametrize("mode_ends", [True, False])
def test_one_that_was_lost_and_is_called_again_is_as_it_was_before_the_mode(world: World, mode_ends: bool) -> None:
    meeting = Meeting(world, 2)
    called = "0000000a"
    target = parse_target("sip:xa@10.0.0.7")
    world.command(
        commands.CallTerminal(at=world.at, number="1001", participant=called, target=target, name="Xã", tries=5)
    )
    _, channel = answer(world, called)
    meeting.act("floor", participant=meeting.ids[0])
    assert world.members[channel].muted is True
    member = world.members.pop(channel)
    world.say(events.Left(at=world.at, participant=called, channel=channel, room=member.room))
    world.say(events.HungUp(at=world.at, channel=channel, kind="terminal", ident=called, cause=38))
    if mode_ends:
        meeting.act("free_talk")
    world.wait(30)
    _, channel = answer(world, called)
    assert world.members[channel].muted is not mode_ends
    if not mode_ends:
        meeting.act("free_talk")
        assert world.members[channel].muted is False


def test_one_that_left_while_control_was_away_was_open_before_the_mode(meeting: Meeting) -> None:
    a, b, *_ = meeting.ids
    meeting.act("mute", participant=b, on=True)
    meeting.act("floor", participant=a)
    assert meeting.direction.before[b] is True
    conference = meeting.conference
    del meeting.world.members[meeting.channels[1]]
    conference.resumed, conference.remembered = True, {b: {"site": 2, "terminal": "xa2"}}
    del conference.present[b]
    meeting.world.switch_up()
    back = meeting.come_from(2)
    meeting.act("free_talk")
    assert closed(meeting, back) is True


# --- undo


@pytest.mark.parametrize(
    ("act", "arguments"),
    [("floor", {"participant": 0}), ("lecture", {"participant": 0, "mute": True}), ("roll_call", {})],
    ids=["floor", "lecture", "roll_call"],
)
def test_a_newcomer_is_open_when_the_mode_is_taken_back(
    meeting: Meeting, act: str, arguments: dict[str, object]
) -> None:
    a, b, c, _ = meeting.ids
    meeting.act("mute", participant=c, on=True)
    meeting.leave(c)
    given = {key: a if key == "participant" else value for key, value in arguments.items()}
    meeting.act(act, **given)
    newcomer, back = meeting.come(), meeting.come_from(3)
    assert (closed(meeting, newcomer), closed(meeting, back)) == (True, True)
    meeting.act("undo")
    assert meeting.direction.closed is False
    assert (closed(meeting, newcomer), closed(meeting, back)) == (False, True)
    assert closed(meeting, b) is False


def test_a_newcomer_is_closed_when_free_talk_is_taken_back_and_open_after_the_next(meeting: Meeting) -> None:
    a, b, *_ = meeting.ids
    meeting.act("chair", participant=b)
    meeting.act("floor", participant=a)
    meeting.act("free_talk")
    newcomer = meeting.come()
    meeting.act("undo")
    assert (meeting.direction.mode, closed(meeting, newcomer)) == ("floor", True)
    assert [closed(meeting, who) for who in meeting.ids[:4]] == [False, False, True, True]
    meeting.act("mute_joiners", on=True)
    meeting.act("free_talk")
    assert closed(meeting, newcomer) is False  # it was there before free talk was taken back


def test_what_one_alone_was_told_is_taken_back_without_the_word_on_who_came_since(meeting: Meeting) -> None:
    a, b, c, _ = meeting.ids
    meeting.act("mute", participant=b, on=True)
    meeting.leave(b)
    meeting.act("floor", participant=a)
    meeting.act("mute", participant=c, on=False)
    back = meeting.come_from(2)
    meeting.act("undo")
    meeting.act("free_talk")
    assert (closed(meeting, back), closed(meeting, c)) == (True, False)


def test_who_spoke_is_heard_again_that_came_back_since(meeting: Meeting) -> None:
    """Under another id, by its own call: the act that is taken back has touched neither."""
    speaker, other, *_ = meeting.ids
    meeting.act("lecture", participant=speaker, mute=True)
    meeting.conference.expect(speaker)
    meeting.leave(speaker)
    meeting.act("floor", participant=other)
    back = meeting.come_from(1)
    assert closed(meeting, back) is True
    meeting.act("undo")
    assert (meeting.direction.mode, meeting.direction.focus) == ("lecture", back)
    assert (closed(meeting, back), closed(meeting, other)) == (False, True)


# --- who presides


@pytest.mark.parametrize("as_what", ["chair", "host"])
def test_who_presides_and_came_during_a_mode_is_open_after_it(meeting: Meeting, as_what: str) -> None:
    meeting.act("mute_joiners", on=True)
    meeting.act("floor", participant=meeting.ids[0])
    newcomer, other = meeting.come(), meeting.come()
    if as_what == "chair":
        meeting.act("chair", participant=newcomer)
    else:
        meeting.conference.present[newcomer].came_as = "host"
    meeting.act("free_talk")
    assert (closed(meeting, newcomer), closed(meeting, other)) == (False, True)


# --- who is moved


def test_an_operators_mute_goes_along_into_another_room(meeting: Meeting) -> None:
    world, (a, b, c, _) = meeting.world, meeting.ids
    world.moves = True
    other = Meeting(world, 2, "1002")
    meeting.act("mute", participant=b, on=True)
    meeting.act("floor", participant=a)
    for who in (b, c):
        meeting.act("move", participant=who, to="1002")
    assert (closed(other, b), closed(other, c)) == (True, False)


def test_where_the_other_room_is_closed_it_comes_out_afterwards(meeting: Meeting) -> None:
    world, (_, b, c, d) = meeting.world, meeting.ids
    world.moves = True
    other = Meeting(world, 2, "1002")
    other.act("floor", participant=other.ids[0])
    meeting.act("mute", participant=b, on=True)
    for who in (b, c):
        meeting.act("move", participant=who, to="1002")
    assert (closed(other, b), closed(other, c)) == (True, True)
    other.act("free_talk")
    assert (closed(other, b), closed(other, c)) == (True, False)
    other.act("mute_joiners", on=True)
    meeting.act("move", participant=d, to="1002")
    assert closed(other, d) is True


def test_a_move_says_how_the_microphone_is_apart_from_the_mode(meeting: Meeting) -> None:
    meeting.act("floor", participant=meeting.ids[0])
    effects = meeting.act("move", participant=meeting.ids[1], to="1002")
    assert [e.muted for e in effects if isinstance(e, do.Move)] == [False]


# --- which is first


@pytest.mark.parametrize(
    ("act", "given", "opens"),
    [("floor", {}, True), ("lecture", {"mute": True}, True), ("mute_all", {"on": True}, False)],
)
def test_who_is_heard_is_closed_before_the_silent(
    meeting: Meeting, act: str, given: dict[str, bool], opens: bool
) -> None:
    first, _, talker, speaker = meeting.ids
    meeting.act("mute", participant=speaker, on=True)
    meeting.world.talk(meeting.channel(talker), True)
    arguments = {**given, "participant": speaker} if opens else given
    orders = [(e.channel, e.on) for e in meeting.act(act, **arguments) if isinstance(e, do.Mute)]
    opened = [(meeting.channel(speaker), False)] if opens else []
    assert orders[: len(opened) + 1] == [*opened, (meeting.channel(talker), True)]
    assert (meeting.channel(first), True) in orders[len(opened) + 1 :]


# --- a test session


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

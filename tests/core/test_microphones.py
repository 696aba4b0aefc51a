"""Microphones of who comes, leaves, comes back or is moved while modes close them: each has its own state, which no
mode takes away."""

from __future__ import annotations

import pytest

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.dialling.targets import parse_target
from tests.core.called import answer
from tests.core.meeting import Meeting, closed
from tests.core.world import World


@pytest.fixture
def meeting(world: World) -> Meeting:
    """Four sites, each with a terminal."""
    made = Meeting(world)
    for n, who in enumerate(made.ids, 1):
        made.conference.present[who].site, made.conference.present[who].terminal = n, f"xa{n}"
    return made


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

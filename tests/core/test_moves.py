"""Whoever is moved into another room is what it was, also if it was there before. If the link to the switch breaks
meanwhile, or the switch does not answer, it is where the switch has it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcu.core import effects as do
from mcu.core import events
from mcu.core.roster import Participant
from mcu.errors import AsteriskDown, TimedOut
from tests.core.called import answer, dial, dialled
from tests.core.meeting import Meeting
from tests.core.world import World

CALLED = "0000000a"


@pytest.fixture
def meeting(world: World) -> Meeting:
    """Somebody whom the bridge had called has the floor, and is not as it came."""
    made = Meeting(world, 2)
    dial(world, CALLED)
    _, channel = answer(world, CALLED)
    made.ids.append(CALLED)
    made.channels.append(channel)
    made.act("rename", participant=CALLED, name="Xã Tân Lập")
    made.act("gain", participant=CALLED, direction="in", db=6)
    made.act("deafen", participant=CALLED, on=True)
    made.act("floor", participant=CALLED)
    return made


def moved(meeting: Meeting, fault: str) -> do.Move:
    """The order was given; what became of it nobody knows."""
    move = next(e for e in meeting.act("move", participant=CALLED, to="1002") if isinstance(e, do.Move))
    meeting.world.happen(do.EffectFailed(at=meeting.world.at, effect=move, fault=fault))
    return move


def done(world: World, move: do.Move) -> None:
    world.members[move.channel] = replace(world.members[move.channel], room="1002", muted=move.muted)


def cut(world: World, seconds: float = 5) -> None:
    world.switch_down()
    world.tick(seconds)
    world.switch_up()


def here(world: World, room: str) -> Participant:
    known = world.bridge.whereabouts(CALLED)
    assert known
    assert (known[0].number, known[1].joined_at > 0) == (room, True)
    return known[1]


def as_it_was(p: Participant) -> None:
    assert (p.name, p.gain_in, p.deafened, p.dialled) == ("Xã Tân Lập", 6.0, True, True)


def breaks(world: World, channel: str) -> None:
    room = world.members.pop(channel).room
    world.say(events.Left(at=world.at, participant=CALLED, channel=channel, room=room))
    world.say(events.HungUp(at=world.at, channel=channel, kind="terminal", ident=CALLED, cause=102))


@pytest.mark.parametrize("away", [5, 70])
def test_a_move_that_was_done_though_its_answer_was_lost(meeting: Meeting, away: float) -> None:
    world = meeting.world
    move = moved(meeting, AsteriskDown.error_id)
    done(world, move)
    cut(world, away)
    as_it_was(here(world, "1002"))
    world.wait(1)
    assert (meeting.conference.awaiting, meeting.direction.focus) == ({}, "")
    world.tick(100)
    breaks(world, move.channel)
    world.wait(3)
    (call,) = world.bridge.dial_out
    assert (call.room, call.state) == ("1002", "dialling")


@pytest.mark.parametrize("away", [5, 30, 70])
def test_a_move_that_was_not_done(meeting: Meeting, away: float) -> None:
    world = meeting.world
    moved(meeting, AsteriskDown.error_id)
    cut(world, away)
    p = here(world, "1001")
    as_it_was(p)
    assert (meeting.direction.focus, p.muted, meeting.conference.awaiting) == (CALLED, False, {})
    assert "1002" not in world.bridge.conferences or not world.bridge.conferences["1002"].entering


def test_one_that_hung_up_meanwhile_is_in_no_room(meeting: Meeting) -> None:
    world = meeting.world
    move = moved(meeting, AsteriskDown.error_id)
    del world.members[move.channel]
    cut(world)
    begun = len(world.log)
    world.wait(100)
    assert world.bridge.whereabouts(CALLED) is None
    assert meeting.direction.focus == ""
    assert dialled(world.log[begun:]) == [CALLED], "nobody heard why its call is over"


def test_an_order_that_was_not_answered_and_not_done(meeting: Meeting) -> None:
    world = meeting.world
    move = moved(meeting, TimedOut.error_id)
    world.wait(61)
    as_it_was(here(world, "1001"))
    assert meeting.direction.focus == CALLED
    breaks(world, move.channel)
    assert [(call.id, call.room) for call in world.bridge.dial_out] == [(CALLED, "1001")]


def test_a_link_that_was_lost_before_the_clock_was_set_back_tells_nothing_of_what_comes_after(meeting: Meeting) -> None:
    world = meeting.world
    cut(world)
    world.at -= 3600  # NTP
    world.wait(30)
    moved(meeting, TimedOut.error_id)
    world.wait(61)
    as_it_was(here(world, "1001"))


def test_an_order_that_was_answered_late(meeting: Meeting) -> None:
    world = meeting.world
    move = moved(meeting, TimedOut.error_id)
    world.wait(7)
    done(world, move)
    world.say(events.Left(at=world.at, participant=CALLED, channel=move.channel, room="1001"))
    world.say_joined(move.channel)
    as_it_was(here(world, "1002"))
    assert (meeting.conference.awaiting, meeting.direction.focus) == ({}, "")


def test_one_that_the_switch_has_elsewhere_is_moved_there(meeting: Meeting) -> None:
    """Somebody did it past control, or control took it back too early."""
    world = meeting.world
    channel = meeting.channels[-1]
    world.switch_down()
    world.members[channel] = replace(world.members[channel], room="1002")
    world.switch_up()
    as_it_was(here(world, "1002"))
    assert meeting.direction.focus == ""
    assert world.told[CALLED]["room"] == "1002"
    assert not [n for n in world.log if isinstance(n, do.Notice) and n.code == "asterisk_back" and n.level != "info"]


def account_of(world: World, channel: str) -> Participant:
    """Whose call this is; it has an account."""
    known = world.bridge.whereabouts(world.members[channel].participant)
    assert known
    known[1].terminal = "xa7"
    return known[1]


def test_who_is_moved_to_where_its_terminal_was_lately_hears_what_it_heard(world: World) -> None:
    world.moves = True
    there, meeting = Meeting(world, 1), Meeting(world, 1, room="1002")
    early = world.come("1001")
    account_of(world, early)
    there.act("gain", participant=world.members[early].participant, direction="in", db=-6)
    world.leave(early)
    world.tick(60)
    p = account_of(world, world.come("1002"))
    meeting.act("deafen", participant=p.id, on=True)
    orders = meeting.act("move", participant=p.id, to="1001")
    assert (p.room, p.deafened, p.gain_in) == ("1001", True, 0.0)
    assert not [e for e in orders if isinstance(e, do.Deafen | do.Gain)]
    again = there.act("deafen", participant=p.id, on=False)
    assert [e.on for e in again if isinstance(e, do.Deafen)] == [False]


@pytest.mark.parametrize("by_us", [True, False])
def test_who_is_moved_back_keeps_what_was_changed_meanwhile(world: World, by_us: bool) -> None:
    world.moves = by_us
    there, meeting = Meeting(world, 1), Meeting(world, 1, room="1002")
    channel = world.come("1001")
    p = account_of(world, channel)

    def move(old: Meeting, to: str) -> None:
        if by_us:
            old.act("move", participant=p.id, to=to)
        else:  # by Asterisk's command line
            world.members[channel] = replace(world.members[channel], room=to)
            world.say_joined(channel)

    move(there, "1002")
    meeting.act("deafen", participant=p.id, on=True)
    meeting.act("gain", participant=p.id, direction="out", db=3)
    move(meeting, "1001")
    assert (p.room, p.deafened, p.gain_out) == ("1001", True, 3.0)

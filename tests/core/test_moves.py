"""Whoever is moved into another room while the link to the switch breaks, or the switch does not answer, is where the
switch has it, and what it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcu.core import events
from mcu.core import effects as do
from mcu.core.roster import Participant
from mcu.errors import AsteriskDown, TimedOut
from tests.core.meeting import Meeting
from tests.core.test_redial import answer, dial, dialled
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

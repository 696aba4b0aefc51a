"""Single people: chair, names, moves, drops, help; and levels, locks, ends of the room as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.roster import RoomConfig
from mcu.errors import AsteriskDown, BadRequest, Conflict, McuError, ParticipantNotFound, RoomNotFound
from tests.core.meeting import Meeting
from tests.core.world import World, ident


@pytest.fixture
def meeting(world: World) -> Meeting:
    return Meeting(world)


def arrive(world: World, channel: str) -> None:
    """A moved call reaches the other room, in the order in which Asterisk tells it."""
    member = world.members[channel]
    known = world.bridge.whereabouts(member.participant)
    assert known
    world.say(events.Left(at=world.at, participant=member.participant, channel=channel, room=member.room))
    world.members[channel] = replace(member, room=known[0].number, subscribed=known[1].key)
    world.say_joined(channel)


def test_a_new_name_is_told_and_shown(meeting: Meeting) -> None:
    who = meeting.ids[0]
    meeting.act("rename", participant=who, name="  UBND\nxã  Bình Minh ")
    assert meeting.world.told[who]["name"] == "UBND xã Bình Minh"
    tiles = meeting.world.views["1001"].scene.tiles
    assert "UBND xã Bình Minh" in [tile.name for tile in tiles]
    with pytest.raises(BadRequest, match="nothing to show"):
        meeting.act("rename", participant=who, name="\u200b")


def test_ears_and_levels(meeting: Meeting) -> None:
    who, channel = meeting.ids[1], meeting.channels[1]
    assert meeting.act("deafen", participant=who, on=True)[0] == do.Deafen(room="1001", channel=channel, on=True)
    assert meeting.world.told[who]["deafened"] is True
    assert not [e for e in meeting.act("deafen", participant=who, on=True) if isinstance(e, do.Deafen)]
    gain = do.Gain(room="1001", channel=channel, direction="out", db=4.5)
    assert meeting.act("gain", participant=who, direction="out", db=4.5)[0] == gain
    assert (meeting.world.told[who]["gain_in"], meeting.world.told[who]["gain_out"]) == (0.0, 4.5)
    meeting.world.happen(do.EffectFailed(at=meeting.world.at, effect=gain, fault="bad_request"))
    assert meeting.world.told[who]["gain_out"] == 0.0
    for db in (float("nan"), float("inf"), 21, -20.5, "3", True):
        with pytest.raises(BadRequest):
            meeting.act("gain", participant=who, direction="in", db=db)
    with pytest.raises(BadRequest, match="in, out"):
        meeting.act("gain", participant=who, direction="up", db=1)


def test_all_microphones_but_the_chairs(meeting: Meeting) -> None:
    meeting.act("chair", participant=meeting.ids[0])
    meeting.act("mute_all", on=True)
    assert meeting.muted() == [False, True, True, True]
    meeting.act("mute_all", on=True, except_chair=False)
    assert meeting.muted() == [True] * 4
    meeting.act("mute_all", on=False, only=[meeting.ids[2], "deadbeef"])
    assert meeting.muted() == [True, True, False, True]


def test_help_is_a_queue_and_a_notice(meeting: Meeting) -> None:
    meeting.act("help", participant=meeting.ids[1])
    meeting.act("help", participant=meeting.ids[1])
    assert [asking["participant"] for asking in meeting.told["help"]] == [meeting.ids[1]]
    assert meeting.notices().count("help") == 1
    (notice,) = [e for e in meeting.world.log if isinstance(e, do.Notice)]
    assert notice.data["room"] == notice.room
    assert notice.text.startswith(f"{notice.data['name']} in room")
    meeting.act("help", participant=meeting.ids[1], on=False)
    assert meeting.told["help"] == []


def test_the_dropped_go_and_the_conference_ends_with_the_last(meeting: Meeting) -> None:
    meeting.act("drop", participant=meeting.ids[0])
    assert len(meeting.world.members) == 3
    meeting.act("drop_all")
    assert not meeting.world.members
    ended = meeting.events("conference.ended")
    assert [event["id"] for event in ended] == [meeting.events("conference.began")[0]["id"]]


def test_an_end_takes_everybody_calls_and_lock(meeting: Meeting) -> None:
    world = meeting.world
    meeting.act("lock", on=True)
    meeting.act("floor", participant=meeting.ids[1])
    _, at_the_door = world.enter("1001")
    meeting.act("end")
    assert not world.members
    assert at_the_door not in world.at_the_door
    assert len(meeting.events("conference.ended")) == 1
    fresh = Meeting(world, 1)
    assert (fresh.direction.mode, fresh.muted(), fresh.conference.room.locked) == ("free", [False], False)
    assert len(meeting.events("conference.began")) == 2


# --- from room to room


def test_one_is_moved_and_nothing_is_left_of_it_where_it_was(meeting: Meeting) -> None:
    world, (a, b, *_) = meeting.world, meeting.ids
    meeting.act("floor", participant=a)
    move = next(e for e in meeting.act("move", participant=a, to="1002") if isinstance(e, do.Move))
    assert move == do.Move(
        room="1001", channel=meeting.channel(a), participant=a, to="1002", view="v-1002-hd", muted=False
    )
    assert a not in meeting.conference.present
    arrive(world, meeting.channel(a))
    other = world.bridge.conferences["1002"]
    assert list(other.present) == [a]
    assert world.told[a]["room"] == "1002"
    assert (meeting.direction.focus, meeting.conference.awaiting) == ("", {})
    world.leave(meeting.channel(a))
    assert "1002" not in world.bridge.conferences or not world.bridge.conferences["1002"].present
    assert b in meeting.conference.present


def test_a_move_that_fails_leaves_everything_as_it_was(meeting: Meeting) -> None:
    world, a = meeting.world, meeting.ids[0]
    meeting.act("chair", participant=a)
    meeting.act("floor", participant=a)
    world.tick(3)
    before = meeting.direction
    move = next(e for e in meeting.act("move", participant=a, to="1002") if isinstance(e, do.Move))
    world.happen(do.EffectFailed(at=world.at, effect=move, fault="bad_request"))
    assert a in meeting.conference.present
    assert meeting.direction == before
    assert meeting.conference.present[a].chair is True
    assert world.told[a]["role"] == "chair"
    assert meeting.events("conference.ended") == []
    world.leave(meeting.channel(a))
    assert a not in meeting.conference.present


def test_the_last_one_that_is_moved_ends_the_conference_behind_it(world: World) -> None:
    meeting = Meeting(world, 1)
    channel = meeting.channels[0]
    meeting.act("move", participant=meeting.ids[0], to="1002")
    assert meeting.events("conference.ended") == []
    arrive(world, channel)
    assert [e["room"] for e in meeting.events("conference.ended")] == ["1001"]
    assert [e["room"] for e in meeting.events("conference.began")] == ["1001", "1002"]


def test_a_move_into_a_room_where_microphones_are_closed(meeting: Meeting) -> None:
    world = meeting.world
    other = Meeting(world, 2, "1002")
    other.act("floor", participant=other.ids[0])
    meeting.act("move", participant=meeting.ids[0], to="1002")
    arrive(world, meeting.channels[0])
    assert world.members[meeting.channels[0]].muted is True


def test_where_nobody_can_be_moved(meeting: Meeting) -> None:
    world, a = meeting.world, meeting.ids[0]
    with pytest.raises(RoomNotFound):
        meeting.act("move", participant=a, to="77")
    with pytest.raises(Conflict, match="already"):
        meeting.act("move", participant=a, to="1001")
    with pytest.raises(BadRequest):
        meeting.act("move", participant=a, to="../1002")
    world.act("lock", number="1002", on=True)
    with pytest.raises(Conflict, match="locked"):
        meeting.act("move", participant=a, to="1002")
    world.act("lock", number="1002", on=False)
    config = RoomConfig(number="1002", name="Nhỏ", capacity=1)
    world.command(commands.PutRoom(at=world.at, config=config))
    Meeting(world, 1, "1002")
    with pytest.raises(Conflict, match="full"):
        meeting.act("move", participant=a, to="1002")
    assert a in meeting.conference.present


# --- the room


def test_a_meeting_that_has_an_end_is_given_more_time(meeting: Meeting) -> None:
    world = meeting.world
    with pytest.raises(Conflict, match="no end"):
        meeting.act("extend", minutes=10)
    ends_at = world.at + 20 * 60
    world.command(commands.SetEnd(at=world.at, number="1001", ends_at=ends_at))
    assert meeting.told["ends_at"] == ends_at
    meeting.act("extend", minutes=15)
    assert meeting.told["ends_at"] == ends_at + 15 * 60
    meeting.act("drop_all")
    assert Meeting(world, 1).told["ends_at"] == ends_at + 15 * 60  # a new run of the same meeting
    world.command(commands.SetEnd(at=world.at, number="1001", ends_at=None))
    assert meeting.told["ends_at"] is None
    for minutes in (0, -5, 1.5, True, 10**9):
        with pytest.raises(BadRequest):
            meeting.act("extend", minutes=minutes)


def test_a_locked_presentation_stays_and_a_second_one_is_dismissed(meeting: Meeting) -> None:
    world = meeting.world
    first = world.present(meeting.channels[0])
    meeting.act("lock_presentation", on=True)
    second = world.present(meeting.channels[1])
    world.tick(0)
    assert first in world.members
    assert second not in world.members
    meeting.act("lock_presentation", on=False)
    third = world.present(meeting.channels[1])
    world.tick(0)
    assert third in world.members
    assert first not in world.members


def test_a_presentation_is_nobody(meeting: Meeting) -> None:
    slides = ident(meeting.world, meeting.world.present(meeting.channels[0]))
    for name, more in (("broadcast", {}), ("chair", {}), ("hand", {}), ("rename", {"name": "x"})):
        with pytest.raises(BadRequest, match="presentation"):
            meeting.act(name, participant=slides, **more)
    meeting.act("floor", participant=meeting.ids[1])
    meeting.act("roll_call")
    assert slides not in meeting.direction.names()
    meeting.act("drop", participant=slides)
    assert slides not in meeting.conference.present


@pytest.mark.parametrize("name", ["deafen", "drop", "drop_all", "end", "lock", "mute", "mute_all", "move"])
def test_what_takes_asterisk_is_refused_without_it(meeting: Meeting, name: str) -> None:
    given: dict[str, Any] = {"participant": meeting.ids[0]} if name in ("deafen", "drop", "mute", "move") else {}
    given |= {"on": True} if name in ("deafen", "lock", "mute", "mute_all") else {}
    given |= {"to": "1002"} if name == "move" else {}
    meeting.world.switch_down()
    before = meeting.direction, meeting.conference.room.locked, len(meeting.conference.present)
    with pytest.raises(AsteriskDown):
        meeting.act(name, **given)
    assert (meeting.direction, meeting.conference.room.locked, len(meeting.conference.present)) == before


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("chair", {}, BadRequest),
        ("admit", {}, BadRequest),
        ("admit", {"participant": "deadbeef", "all": True}, BadRequest),
        ("admit", {"participant": "deadbeef"}, ParticipantNotFound),
        ("refuse", {"participant": "deadbeef"}, ParticipantNotFound),
        ("lock", {"on": None}, BadRequest),
        ("mute_all", {"on": True, "only": "all"}, BadRequest),
        ("mute_all", {"on": True, "only": ["x" * 8]}, BadRequest),
        ("undo", {"steps": 3}, BadRequest),
    ],
)
def test_what_is_asked_wrongly_is_refused(
    meeting: Meeting, name: str, arguments: dict[str, object], error: type[McuError]
) -> None:
    effects = len(meeting.world.log)
    with pytest.raises(error) as refused:
        meeting.act(name, **arguments)
    assert " " in refused.value.detail
    assert len(meeting.world.log) == effects


# --- what the switch did not do


def fails(world: World, effects: list[do.Effect], kind: type[do.Effect], fault: str) -> do.Effect:
    effect = next(e for e in effects if isinstance(e, kind))
    world.happen(do.EffectFailed(at=world.at, effect=effect, fault=fault))
    return effect


@pytest.mark.parametrize(
    ("act", "arguments", "kind"),
    [
        ("deafen", {"on": True}, do.Deafen),
        ("gain", {"direction": "in", "db": 6}, do.Gain),
        ("gain", {"direction": "out", "db": -6}, do.Gain),
    ],
    ids=["ears", "in", "out"],
)
def test_what_got_no_answer_is_sent_again_when_it_is_asked_for_again(
    meeting: Meeting, act: str, arguments: dict[str, Any], kind: type[do.Effect]
) -> None:
    given = {"participant": meeting.ids[0], **arguments}
    first = fails(meeting.world, meeting.act(act, **given), kind, "timed_out")
    assert [e for e in meeting.act(act, **given) if isinstance(e, kind)] == [first]
    assert [e for e in meeting.act(act, **given) if isinstance(e, kind)] == []  # it was done
    meeting.world.switch_down()
    told = len(meeting.world.log)
    meeting.world.switch_up()
    assert [e for e in meeting.world.log[told:] if isinstance(e, kind)] == []


@pytest.mark.parametrize(("fault", "dropped"), [("bad_request", False), ("participant_not_found", True)])
def test_a_drop_that_was_not_carried_out_is_no_drop(meeting: Meeting, fault: str, dropped: bool) -> None:
    a = meeting.ids[0]
    effects = meeting.world.bridge.handle(
        commands.Act(at=meeting.world.at, number="1001", name="drop", arguments={"participant": a})
    )
    assert meeting.conference.present[a].dropped is True
    fails(meeting.world, effects, do.Kick, fault)
    assert meeting.conference.present[a].dropped is dropped


def test_a_host_is_one_only_where_its_site_presides(meeting: Meeting) -> None:
    world, (a, b, *_) = meeting.world, meeting.ids
    world.moves = True
    Meeting(world, 1, "1002")
    config = replace(world.bridge.rooms["1002"].config, presiding_site_id=7)
    world.command(commands.PutRoom(at=world.at, config=config))
    meeting.conference.present[a].came_as = "host"
    meeting.conference.present[b].site = 7
    meeting.act("move", participant=a, to="1002")
    other = world.bridge.conferences["1002"]
    assert (other.direction.chair, world.told[a]["role"]) == ("", "")
    meeting.act("move", participant=b, to="1002")
    assert (other.direction.chair, world.told[b]["role"]) == (b, "chair")
    assert other.present[b].came_as == "host"


def test_a_host_whose_move_fails_is_host_still(meeting: Meeting) -> None:
    world, a = meeting.world, meeting.ids[0]
    meeting.conference.present[a].came_as = "host"
    fails(world, meeting.act("move", participant=a, to="1002"), do.Move, "bad_request")
    assert (meeting.conference.present[a].came_as, world.told[a]["role"]) == ("host", "host")

"""Broadcast, floor, lecture, voice, free talk and hands: who is seen and heard by all."""

from __future__ import annotations

import pytest

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.errors import AsteriskDown, BadRequest, Conflict, McuError, ParticipantNotFound
from tests.core.meeting import Meeting
from tests.core.world import World


@pytest.fixture
def meeting(world: World) -> Meeting:
    return Meeting(world)


def test_a_broadcast_leaves_sound_as_it_is(meeting: Meeting) -> None:
    meeting.act("mute", participant=meeting.ids[2], on=True)
    meeting.act("broadcast", participant=meeting.ids[1])
    assert (meeting.direction.mode, meeting.direction.focus) == ("broadcast", meeting.ids[1])
    assert meeting.muted() == [False, False, True, False]
    assert meeting.told["mode"] == "broadcast"


def test_the_floor_opens_one_microphone_and_the_chairs_stays(meeting: Meeting) -> None:
    chair, a, b, _ = meeting.ids
    meeting.act("chair", participant=chair)
    meeting.act("floor", participant=a)
    assert meeting.muted() == [False, False, True, True]
    meeting.act("floor", participant=b)
    assert meeting.muted() == [False, True, False, True]
    assert meeting.direction.focus == b
    meeting.act("free_talk")
    assert meeting.muted() == [False] * 4
    assert (meeting.direction.mode, meeting.direction.focus, meeting.direction.closed) == ("free", "", False)


def test_a_chair_that_was_muted_stays_so_while_others_have_the_floor(meeting: Meeting) -> None:
    chair, a, _, _ = meeting.ids
    meeting.act("chair", participant=chair)
    meeting.act("mute", participant=chair, on=True)
    meeting.act("floor", participant=a)
    assert meeting.muted() == [True, False, True, True]


def test_free_talk_leaves_muted_whom_an_operator_had_muted(meeting: Meeting) -> None:
    a, b, c, d = meeting.ids
    meeting.act("mute", participant=c, on=True)
    meeting.act("floor", participant=c)
    assert meeting.muted() == [True, True, False, True]
    meeting.act("lecture", participant=d, mute=True)
    meeting.act("voice")
    meeting.act("broadcast", participant=a)
    assert meeting.muted() == [True, True, True, False]
    meeting.act("free_talk")
    assert meeting.muted() == [False, False, True, False]
    meeting.act("floor", participant=a)
    meeting.act("free_talk", open=True)
    assert meeting.muted() == [False] * 4
    assert b in meeting.conference.present


def test_an_operators_word_during_a_mode_outlives_it(meeting: Meeting) -> None:
    a, b, c, d = meeting.ids
    meeting.act("mute", participant=d, on=True)
    meeting.act("floor", participant=a)
    meeting.act("mute", participant=b, on=True)  # noisy: shall stay closed
    meeting.act("mute", participant=d, on=False)  # may speak, too
    assert meeting.muted() == [False, True, True, False]
    meeting.act("free_talk")
    assert meeting.muted() == [False, True, False, False]
    assert c in meeting.conference.present


def test_who_comes_while_microphones_are_closed_is_muted_and_then_open(meeting: Meeting) -> None:
    meeting.act("floor", participant=meeting.ids[0])
    meeting.act("broadcast", participant=meeting.ids[1])
    meeting.come()
    assert meeting.muted() == [False, True, True, True, True]
    meeting.act("free_talk")
    assert meeting.muted() == [False] * 5


def test_who_comes_then_stays_muted_where_joiners_are(meeting: Meeting) -> None:
    meeting.act("mute_joiners", on=True)
    meeting.act("floor", participant=meeting.ids[0])
    meeting.come()
    meeting.act("free_talk")
    assert meeting.muted() == [False] * 4 + [True]
    meeting.come()
    assert meeting.muted() == [False] * 4 + [True, True]


def test_who_was_let_in_before_the_mode_began_is_muted_when_it_arrives(world: World) -> None:
    meeting = Meeting(world, 2)
    _, channel = world.enter("1001")
    meeting.act("floor", participant=meeting.ids[0])
    world.join(channel)
    assert world.members[channel].muted is True
    _, late = world.enter("1001")
    meeting.act("free_talk")
    world.join(late)
    assert world.members[late].muted is False


def test_a_lecture_closes_microphones_only_when_asked_to(meeting: Meeting) -> None:
    meeting.act("lecture", participant=meeting.ids[0])
    assert meeting.muted() == [False] * 4
    meeting.act("lecture", participant=meeting.ids[0], mute=True)
    assert meeting.muted() == [False, True, True, True]


def test_hands_are_a_queue_and_the_floor_takes_the_first(meeting: Meeting) -> None:
    world, (a, b, c, _) = meeting.world, meeting.ids
    with pytest.raises(Conflict, match="nobody has raised a hand"):
        meeting.act("floor_next")
    for who in (b, c, a):
        world.at += 1
        meeting.act("hand", participant=who, on=True)
    meeting.act("hand", participant=b, on=True)  # again: it keeps its place
    assert [entry["participant"] for entry in meeting.told["hands"]] == [b, c, a]
    assert world.told[b]["hand"] is True
    meeting.act("floor_next")
    assert meeting.direction.focus == b
    assert world.told[b]["hand"] is False
    meeting.act("floor", participant=a)
    assert [entry.participant for entry in meeting.direction.hands] == [c]
    meeting.act("hand", participant=c, on=False)
    meeting.act("hand", participant=b)
    meeting.act("hands_down")
    assert meeting.direction.hands == ()


def test_a_mode_outlives_whom_it_was_about_and_operators_hear_of_it(meeting: Meeting) -> None:
    meeting.act("floor", participant=meeting.ids[1])
    meeting.leave(meeting.ids[1])
    assert (meeting.direction.mode, meeting.direction.focus) == ("floor", "")
    assert meeting.muted() == [True, True, True]
    assert meeting.notices().count("focus_left") == 1
    (left,) = [e for e in meeting.world.log if isinstance(e, do.Notice) and e.code == "focus_left"]
    assert left.data == {"room": left.room, "mode": "floor"}
    meeting.act("free_talk")
    assert meeting.notices().count("focus_left") == 1
    assert meeting.muted() == [False] * 3


def test_a_new_chair_has_its_microphone_back(meeting: Meeting) -> None:
    a, b, c, d = meeting.ids
    meeting.act("chair", participant=a)
    meeting.act("mute", participant=d, on=True)
    meeting.act("floor", participant=b)
    meeting.act("chair", participant=c)
    assert meeting.muted() == [True, False, False, True]
    assert meeting.world.told[c]["role"] == "chair"
    assert meeting.world.told[a]["role"] == ""
    meeting.act("chair", participant=d)
    assert meeting.muted() == [True, False, True, True]
    meeting.act("chair", participant=None)
    assert meeting.told["chair"] == ""


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("broadcast", {}, BadRequest),
        ("broadcast", {"participant": 7}, BadRequest),
        ("broadcast", {"participant": "deadbeef"}, ParticipantNotFound),
        ("floor", {"participant": None}, BadRequest),
        ("floor", {"site": "x"}, BadRequest),
        ("floor", {"site": 4}, ParticipantNotFound),
        ("lecture", {"participant": "deadbeef", "mute": 1}, BadRequest),
        ("voice", {"hold": float("nan")}, BadRequest),
        ("voice", {"hold": True}, BadRequest),
        ("voice", {"hold": 1e9}, BadRequest),
        ("free_talk", {"open": "yes"}, BadRequest),
        ("free_talk", {"more": 1}, BadRequest),
        ("hand", {"participant": "deadbeef"}, ParticipantNotFound),
        ("dance", {}, BadRequest),
    ],
)
def test_what_is_asked_wrongly_is_refused_and_changes_nothing(
    meeting: Meeting, name: str, arguments: dict[str, object], error: type[McuError]
) -> None:
    before, effects = meeting.direction, len(meeting.world.log)
    with pytest.raises(error) as refused:
        meeting.act(name, **arguments)
    assert " " in refused.value.detail
    assert meeting.direction is before
    assert len(meeting.world.log) == effects


def test_nobody_in_the_room_is_a_conflict(world: World) -> None:
    with pytest.raises(Conflict, match="nobody is in room 1002"):
        Meeting(world, 0, "1002").act("free_talk")


def test_without_asterisk_no_microphone_can_be_closed_but_a_broadcast_can_begin(meeting: Meeting) -> None:
    meeting.world.switch_down()
    with pytest.raises(AsteriskDown):
        meeting.act("floor", participant=meeting.ids[0])
    assert meeting.told["mode"] == "free"
    meeting.act("broadcast", participant=meeting.ids[0])
    assert meeting.told["mode"] == "broadcast"


def test_microphones_that_were_ordered_while_the_link_broke_are_closed_when_it_is_back(meeting: Meeting) -> None:
    world = meeting.world
    command = [e for e in _unheard(meeting, "floor", participant=meeting.ids[0]) if isinstance(e, do.Mute)]
    assert len(command) == 3
    assert meeting.muted() == [False] * 4
    world.switch_down()
    for effect in command:
        world.happen(do.EffectFailed(at=world.at, effect=effect, fault="asterisk_down"))
    assert meeting.direction.focus == meeting.ids[0]
    world.switch_up()
    assert meeting.muted() == [False, True, True, True]
    meeting.act("free_talk")
    assert meeting.muted() == [False] * 4


def test_ears_and_levels_that_were_ordered_while_the_link_broke_are_set_when_it_is_back(meeting: Meeting) -> None:
    world, who = meeting.world, meeting.ids[0]
    orders = [
        *_unheard(meeting, "deafen", participant=who, on=True),
        *_unheard(meeting, "gain", participant=who, direction="out", db=3),
    ]
    orders = [effect for effect in orders if isinstance(effect, do.Deafen | do.Gain)]
    world.switch_down()
    for effect in orders:
        world.happen(do.EffectFailed(at=world.at, effect=effect, fault="timed_out"))
    told = len(world.log)
    world.switch_up()
    assert [e for e in world.log[told:] if isinstance(e, do.Deafen | do.Gain)] == orders
    told = len(world.log)
    world.switch_down()
    world.switch_up()
    assert not [e for e in world.log[told:] if isinstance(e, do.Deafen | do.Gain)]


def test_a_host_is_the_chair_if_nobody_is(meeting: Meeting) -> None:
    world = meeting.world
    for _ in range(2):
        _, channel = world.enter("1001")
        known = world.bridge.whereabouts(world.at_the_door[channel][0])
        assert known
        known[1].came_as = "host"
        world.join(channel)
    first, second = list(meeting.conference.present)[-2:]
    assert meeting.direction.chair == first
    assert (world.told[first]["role"], world.told[second]["role"]) == ("chair", "host")


def test_a_microphone_that_the_switch_refused_counts_as_it_is(meeting: Meeting) -> None:
    world = meeting.world
    refused = next(e for e in _unheard(meeting, "floor", participant=meeting.ids[0]) if isinstance(e, do.Mute))
    world.happen(do.EffectFailed(at=world.at, effect=refused, fault="bad_request"))
    p = next(p for p in meeting.conference.present.values() if p.channel == refused.channel)
    assert p.closed is False
    meeting.act("mute", participant=p.id, on=True)
    assert world.members[p.channel].muted is True


def test_orders_that_cross_their_confirmations_are_not_lost(meeting: Meeting) -> None:
    world, (a, b, *_) = meeting.world, meeting.ids
    orders = [
        effect
        for who in (a, b, a)
        for effect in _unheard(meeting, "floor", participant=who)
        if isinstance(effect, do.Mute)
    ]
    for effect in orders:
        who = world.members[effect.channel].participant
        world.carry_out([effect])
        world.happen(events.Talking(at=world.at, participant=who, channel=effect.channel, room="1001", on=False))
    assert meeting.muted() == [False, True, True, True]
    assert [p.closed for p in meeting.conference.present.values()] == [False, True, True, True]
    assert [p.orders for p in meeting.conference.present.values()] == [0] * 4


def _unheard(meeting: Meeting, name: str, **arguments: object) -> list[do.Effect]:
    """What follows from an act, with nobody to carry it out yet."""
    world = meeting.world
    return world.bridge.handle(commands.Act(at=world.at, number="1001", name=name, arguments=arguments))

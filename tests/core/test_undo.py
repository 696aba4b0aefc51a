"""Taking acts back: direction, microphones, layout and lock as before, as far as people are still there."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.core import commands
from mcu.core import effects as do
from mcu.core.directory.sites import Directory, Site
from mcu.core.undo import MOST
from mcu.errors import Conflict
from tests.core.meeting import Meeting
from tests.core.world import World


@pytest.fixture
def meeting(world: World) -> Meeting:
    return Meeting(world)


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("broadcast", {"participant": 1}),
    ("floor", {"participant": 1}),
    ("lecture", {"participant": 2, "mute": True}),
    ("voice", {"hold": 1.5}),
    ("roll_call", {}),
    ("view", {"viewer": 0, "participant": 3}),
    ("browse", {"viewer": 0, "seconds": 5}),
    ("panes", {"rules": [{"show": "loudest", "rank": 1}, {"show": "turning"}]}),
    ("layout", {"layout": "2x2"}),
    ("mute", {"participant": 0, "on": True}),
    ("mute_all", {"on": True}),
    ("mute_joiners", {"on": True}),
    ("deafen", {"participant": 3, "on": True}),
    ("gain", {"participant": 3, "direction": "in", "db": -6}),
    ("lock", {"on": True}),
    ("lock_presentation", {"on": True}),
    ("banner", {"text": "Giải lao 10 phút", "scroll": True}),
    ("banner", {"text": "Xin chờ", "participant": 2}),
    ("chair", {"participant": 3}),
    ("rename", {"participant": 1, "name": "UBND xã"}),
    ("hands_down", {}),
]


def state(meeting: Meeting) -> Any:
    world = meeting.world
    room = meeting.conference.room
    sound = [(p.id, p.name, p.deafened, p.gain_in, p.gain_out) for p in meeting.conference.present.values()]
    return meeting.direction, meeting.muted(), room.config, room.locked, sound, set(world.locked)


@pytest.mark.parametrize(("name", "arguments"), ACTS, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("mode", ["free", "floor"])
def test_each_act_is_taken_back(meeting: Meeting, name: str, arguments: dict[str, Any], mode: str) -> None:
    meeting.act("hand", participant=meeting.ids[2])
    meeting.act("mute", participant=meeting.ids[2], on=True)
    if mode == "floor":
        meeting.act("floor", participant=meeting.ids[3])
    before, undo = state(meeting), meeting.told["undo"]
    given = {key: meeting.ids[value] if key in ("participant", "viewer") else value for key, value in arguments.items()}
    meeting.act(name, **given)
    assert state(meeting) != before
    assert meeting.told["undo"] == name
    meeting.act("undo")
    assert state(meeting) == before
    assert meeting.told["undo"] == undo


def test_acts_are_taken_back_from_the_last_to_the_first(meeting: Meeting) -> None:
    states = [state(meeting)]
    for name, arguments in ACTS[:8]:
        given = {
            key: meeting.ids[value] if key in ("participant", "viewer") else value for key, value in arguments.items()
        }
        meeting.act(name, **given)
        states.append(state(meeting))
    for expected in reversed(states[:-1]):
        meeting.act("undo")
        assert state(meeting) == expected
    with pytest.raises(Conflict, match="nothing"):
        meeting.act("undo")


def test_only_so_many_are_kept(meeting: Meeting) -> None:
    for n in range(MOST + 5):
        meeting.act("mute", participant=meeting.ids[0], on=n % 2 == 0)
    for _ in range(MOST):
        meeting.act("undo")
    with pytest.raises(Conflict):
        meeting.act("undo")


def test_an_act_that_changes_nothing_is_nothing_to_take_back(meeting: Meeting) -> None:
    meeting.act("broadcast", participant=meeting.ids[0])
    meeting.act("mute", participant=meeting.ids[0], on=False)
    meeting.act("free_talk")
    meeting.act("free_talk")
    meeting.act("undo")
    assert meeting.direction.mode == "broadcast"


def test_who_has_left_is_not_brought_back(meeting: Meeting) -> None:
    gone = meeting.ids[1]
    meeting.act("floor", participant=gone)
    meeting.act("broadcast", participant=meeting.ids[0])
    meeting.leave(gone)
    meeting.act("undo")
    assert (meeting.direction.mode, meeting.direction.focus) == ("floor", "")
    meeting.act("undo")
    assert meeting.direction.mode == "free"
    assert meeting.muted() == [False] * 3


def test_hands_that_went_up_since_stay_up(meeting: Meeting) -> None:
    world, (a, b, c, _) = meeting.world, meeting.ids
    meeting.act("hand", participant=a)
    meeting.act("floor", participant=a)
    world.at += 1
    meeting.act("hand", participant=b)
    assert meeting.told["undo"] == "floor"  # a hand is its own to take down
    meeting.act("undo")
    assert [asking.participant for asking in meeting.direction.hands] == [a, b]
    assert c in meeting.conference.present


def test_who_came_on_the_roll_since_is_on_it_after_undo(meeting: Meeting) -> None:
    meeting.world.bridge.directory = Directory([Site(id=5, name="Năm")])
    meeting.act("roll_call", sites=[5])
    meeting.act("roll_call_mark", entry=0, mark="absent")
    world = meeting.world
    _, channel = world.enter("1001")
    known = world.bridge.whereabouts(world.at_the_door[channel][0])
    assert known
    known[1].site = 5
    world.join(channel)
    meeting.act("undo")
    roll = meeting.direction.roll_call
    assert roll
    assert (roll.entries[0].mark, roll.entries[0].participant) == ("", known[1].id)


@pytest.mark.parametrize("name", ["hand", "help", "drop", "extend"])
def test_what_cannot_be_taken_back_is_not_listed(meeting: Meeting, name: str) -> None:
    meeting.world.command(commands.SetEnd(at=meeting.world.at, number="1001", ends_at=meeting.world.at + 600))
    given = {"minutes": 5} if name == "extend" else {"participant": meeting.ids[0]}
    meeting.act("broadcast", participant=meeting.ids[1])
    meeting.act(name, **given)
    assert meeting.told["undo"] == "broadcast"


def test_a_change_of_the_room_s_settings_is_an_act_too(meeting: Meeting) -> None:
    world = meeting.world
    world.command(commands.ChangeRoom(at=world.at, number="1001", layout="2x2", locked=True))
    world.act("mute", participant=meeting.ids[0], on=True)
    meeting.act("undo")
    assert meeting.muted()[0] is False
    meeting.act("undo")
    room = meeting.conference.room
    assert (room.config.layout, room.locked, world.locked) == ("auto", False, set())
    stored = [e for e in world.log if isinstance(e, do.StoreLayout)]
    assert [e.layout for e in stored] == ["auto"]


def test_what_the_switch_refused_is_taken_back_unless_something_was_done_since(meeting: Meeting) -> None:
    world = meeting.world
    meeting.act("mute_all", on=True)
    top = meeting.conference.done.top
    assert top
    meeting.act("broadcast", participant=meeting.ids[0])
    world.command(commands.TakeBack(at=world.at, number="1001", step=top.number))
    assert meeting.direction.mode == "broadcast"
    meeting.act("undo")
    world.command(commands.TakeBack(at=world.at, number="1001", step=top.number))
    assert meeting.muted() == [False] * 4


def test_a_step_that_is_no_longer_the_latest_is_left(meeting: Meeting) -> None:
    meeting.act("mute_joiners", on=True)
    first = meeting.told["undo_step"]
    meeting.act("broadcast", participant=meeting.ids[0])
    with pytest.raises(Conflict, match="since"):
        meeting.act("undo", step=first)
    meeting.act("undo", step=meeting.told["undo_step"])
    meeting.act("undo", step=first)
    assert not meeting.direction.mute_joiners
    assert meeting.told["undo_step"] == 0


def test_who_left_and_is_back_from_another_room_is_in_the_steps_since(meeting: Meeting) -> None:
    world, (a, b, *_) = meeting.world, meeting.ids
    world.moves = True
    meeting.act("deafen", participant=b, on=True)
    meeting.act("move", participant=a, to="1002")
    world.act("move", number="1002", participant=a, to="1001")
    meeting.act("floor", participant=a)
    meeting.act("mute", participant=a, on=True)
    for _ in range(2):
        meeting.act("undo")
    assert (meeting.direction.mode, meeting.muted()) == ("free", [False] * 4)

"""Views, browsing, panes and banners, as they are ordered; what is then seen is tested with the views."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.core.acts import registry
from mcu.errors import BadRequest, ParticipantNotFound
from tests.core.meeting import Meeting
from tests.core.world import World


@pytest.fixture
def meeting(world: World) -> Meeting:
    return Meeting(world)


def test_one_views_another_until_it_does_not(meeting: Meeting) -> None:
    a, b, c, _ = meeting.ids
    meeting.act("view", viewer=a, participant=b)
    meeting.act("view", viewer=c, participant=b)
    assert meeting.told["views"] == {a: b, c: b}
    meeting.act("view", viewer=a, participant=None)
    assert meeting.told["views"] == {c: b}
    meeting.leave(b)
    assert meeting.told["views"] == {}


def test_browsing_ends_viewing_and_the_other_way_round(meeting: Meeting) -> None:
    a, b, c, d = meeting.ids
    meeting.act("view", viewer=a, participant=b)
    meeting.act("browse", viewer=a, participants=[b, c], seconds=5)
    assert meeting.told["views"] == {}
    assert meeting.told["browse"] == [{"viewer": a, "participants": [b, c], "seconds": 5.0, "at": b}]
    meeting.act("browse", viewer=None)
    assert [turning["viewer"] for turning in meeting.told["browse"]] == [a, ""]
    meeting.act("view", viewer=a, participant=d)
    assert [turning["viewer"] for turning in meeting.told["browse"]] == [""]
    meeting.act("stop_browse", viewer=None)
    assert meeting.told["browse"] == []


def test_rules_for_panes_are_told_as_they_were_given(meeting: Meeting) -> None:
    rules: list[dict[str, Any]] = [
        {"show": "participant", "participant": meeting.ids[0]},
        {"show": "loudest", "rank": 2},
        {"show": "turning", "participants": [meeting.ids[1]], "seconds": 4.0},
        {"show": "presentation"},
        {"show": "blank"},
        {"show": "auto"},
    ]
    meeting.act("panes", rules=rules)
    assert meeting.told["panes"] == rules
    meeting.act("panes", rules=[])
    assert meeting.told["panes"] == []


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"show": "me"},
        {"show": "participant"},
        {"show": "participant", "participant": "x"},
        {"show": "loudest", "rank": 0},
        {"show": "loudest", "rank": 1.5},
        {"show": "turning", "seconds": float("nan")},
        {"show": "turning", "seconds": 0},
        {"show": "turning", "participants": "all"},
        {"show": "blank", "rank": 1},
        {"show": ["auto"]},
        "auto",
    ],
)
def test_rules_that_are_none_are_refused(meeting: Meeting, rule: Any) -> None:
    with pytest.raises(BadRequest):
        meeting.act("panes", rules=[rule])
    with pytest.raises(ParticipantNotFound):
        meeting.act("panes", rules=[{"show": "participant", "participant": "deadbeef"}])
    with pytest.raises(BadRequest, match="at most 64"):
        meeting.act("panes", rules=[{"show": "auto"}] * 65)
    assert meeting.direction.panes == ()


def test_text_stays_for_its_time(meeting: Meeting) -> None:
    meeting.act("banner", text="Nghỉ\tgiải lao", seconds=30)
    meeting.act("banner", text="Mời đồng chí phát biểu", participant=meeting.ids[1], scroll=True)
    told = meeting.told
    assert (told["banner"]["text"], told["banner"]["scroll"]) == ("Nghỉ giải lao", False)
    assert told["banner"]["until"] == meeting.world.at + 30
    meeting.world.wait(29)
    assert meeting.direction.banner
    meeting.world.wait(2)
    assert meeting.told["banner"] is None
    assert list(meeting.told["banners"]) == [meeting.ids[1]]
    meeting.act("banner", text="", participant=meeting.ids[1])
    assert meeting.told["banners"] == {}
    with pytest.raises(BadRequest, match="at most 200"):
        meeting.act("banner", text="x" * 201)


def test_a_layout_is_the_rooms(meeting: Meeting) -> None:
    meeting.act("layout", layout="2x2")
    assert meeting.world.bridge.describe_room("1001")["layout"] == "2x2"
    with pytest.raises(BadRequest):
        meeting.act("layout", layout="no such")
    with pytest.raises(BadRequest):
        meeting.act("layout", layout=["2x2"])


def test_layout_and_lock_can_be_set_before_anybody_is_there(world: World) -> None:
    meeting = Meeting(world, 0, "1002")
    meeting.act("layout", layout="2x2")
    meeting.act("lock", on=True)
    room = world.bridge.describe_room("1002")
    assert (room["layout"], room["locked"]) == ("2x2", True)
    assert "1002" not in world.bridge.conferences


def test_every_act_says_what_it_takes() -> None:
    # fmt: off
    assert set(registry.SCHEMAS) == {
        "broadcast", "floor", "floor_next", "lecture", "voice", "free_talk", "roll_call", "roll_call_next",
        "roll_call_to", "roll_call_mark", "roll_call_end", "view", "browse", "stop_browse", "panes", "layout", "mute",
        "mute_all", "mute_joiners", "deafen", "gain", "lock", "lock_presentation", "admit", "refuse", "banner", "chair",
        "rename", "move", "drop", "drop_all", "end", "extend", "hand", "hands_down", "help", "undo",
    }
    # fmt: on
    for arguments in registry.SCHEMAS.values():
        for declared in arguments.values():
            assert declared["help"]
            assert declared["required"] != ("default" in declared)


def test_who_is_left_over_takes_no_turns_of_those_who_were_named(meeting: Meeting) -> None:
    a, b, c, d = meeting.ids
    meeting.act("browse", viewer=a, participants=[b, c])
    meeting.act("browse", viewer=None, participants=[b])
    meeting.act("browse", viewer=d)
    rules = [{"show": "turning", "participants": [b]}, {"show": "turning", "participants": [b, c]}, {"show": "turning"}]
    meeting.act("panes", rules=rules)
    meeting.leave(b)
    assert {who: turning.participants for who, turning in meeting.direction.browse.items()} == {a: (c,), d: ()}
    assert [rule.show for rule in meeting.direction.panes] == ["auto", "turning", "turning"]
    meeting.leave(c)
    assert {who: turning.participants for who, turning in meeting.direction.browse.items()} == {d: ()}
    assert [rule.show for rule in meeting.direction.panes] == ["auto", "auto", "turning"]

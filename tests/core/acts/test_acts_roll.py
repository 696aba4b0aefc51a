"""Roll call: in the order of the invitation, there or not, marked, and gone on with."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory, Site
from mcu.errors import BadRequest, Conflict, ParticipantNotFound
from tests.core.meeting import Meeting
from tests.core.world import World

SITES = {1: "Xã An Phú", 2: "Xã Bình Minh", 3: "Xã Cửa Lò"}


@pytest.fixture
def meeting(world: World) -> Meeting:
    """A chair, site 1 and 3 of those invited, and a guest."""
    world.bridge.directory = Directory(
        [Site(id=n, name=name) for n, name in SITES.items()],
        [TerminalAccount(name=f"xa{n}", password="secret-enough", site=n) for n in SITES],
    )
    world.bridge.invited["1001"] = (3, 2, 1)
    made = Meeting(world, 4)
    for who, site in zip(made.ids, (None, 1, 3, None), strict=True):
        at_site(made, who, site)
    made.act("chair", participant=made.ids[0])
    return made


def at_site(meeting: Meeting, who: str, site: int | None) -> None:
    p = meeting.conference.present[who]
    p.site, p.terminal = site, f"xa{site}" if site else ""


def roll(meeting: Meeting) -> list[tuple[str, str, str]]:
    told: dict[str, Any] = meeting.told["roll_call"]
    return [(entry["participant"], entry["name"], entry["mark"]) for entry in told["entries"]]


def test_the_invited_sites_are_called_in_order_then_who_else_is_there(meeting: Meeting) -> None:
    chair, an_phu, cua_lo, guest = meeting.ids
    meeting.act("roll_call")
    names = [(who, name) for who, name, _ in roll(meeting)]
    assert names == [
        (cua_lo, SITES[3]), ("", SITES[2]), (an_phu, SITES[1]), (chair, "Huế"), (guest, "Huế"),
    ]  # fmt: skip
    assert (meeting.told["mode"], meeting.told["focus"], meeting.told["roll_call"]["at"]) == ("roll_call", cua_lo, 0)
    assert meeting.muted() == [False, True, False, True]


def test_one_who_is_not_there_can_be_called_and_marked_absent_and_then_comes(meeting: Meeting) -> None:
    _, an_phu, _, _ = meeting.ids
    meeting.act("roll_call")
    meeting.act("roll_call_next", mark="present")
    assert meeting.direction.focus == ""
    assert meeting.muted() == [False, True, True, True]
    assert "focus_left" not in meeting.notices()
    meeting.act("roll_call_mark", entry=1, mark="absent")
    late = meeting.come_from(2)
    assert roll(meeting)[1] == (late, SITES[2], "absent")
    assert meeting.direction.focus == late  # it is the one that is called
    assert meeting.muted() == [False, True, True, True, False]
    meeting.act("roll_call_next", mark="present")
    assert meeting.direction.focus == an_phu
    assert [mark for _, _, mark in roll(meeting)] == ["present", "present", "", "", ""]


def test_the_end_gives_microphones_back_and_the_marks_stay(meeting: Meeting) -> None:
    meeting.act("mute", participant=meeting.ids[3], on=True)
    meeting.act("roll_call")
    for _ in range(5):
        meeting.act("roll_call_next", mark="present")
    assert (meeting.direction.mode, meeting.direction.focus) == ("free", "")
    assert meeting.muted() == [False, False, False, True]
    assert [mark for _, _, mark in roll(meeting)] == ["present"] * 5
    for name in ("roll_call_next", "roll_call_end"):
        with pytest.raises(Conflict, match="at its end"):
            meeting.act(name)
    meeting.act("roll_call_to", entry=2)
    assert meeting.direction.mode == "roll_call"
    meeting.act("roll_call_end")
    assert meeting.muted() == [False, False, False, True]


def test_the_chairs_microphone_is_open_even_if_it_was_muted(meeting: Meeting) -> None:
    meeting.act("mute", participant=meeting.ids[0], on=True)
    meeting.act("roll_call")
    assert meeting.muted()[0] is False
    meeting.act("roll_call_end")
    assert meeting.muted()[0] is True


def test_a_broadcast_in_between_does_not_end_the_roll(meeting: Meeting) -> None:
    meeting.act("roll_call")
    meeting.act("broadcast", participant=meeting.ids[3])
    meeting.act("roll_call_next")
    assert (meeting.direction.mode, meeting.told["roll_call"]["at"]) == ("roll_call", 1)


def test_only_those_who_are_named_are_called(meeting: Meeting) -> None:
    _, an_phu, _, guest = meeting.ids
    meeting.act("roll_call", sites=[2, 1], participants=[guest, an_phu])
    assert [who for who, _, _ in roll(meeting)] == ["", an_phu, guest]


def test_one_who_is_called_and_leaves_stays_on_the_roll(meeting: Meeting) -> None:
    cua_lo = meeting.ids[2]
    meeting.act("roll_call")
    meeting.leave(cua_lo)
    assert meeting.direction.focus == ""
    assert roll(meeting)[0] == ("", SITES[3], "")
    again = meeting.come_from(3)
    assert roll(meeting)[0] == (again, SITES[3], "")
    assert meeting.direction.focus == again


def test_the_roll_of_a_room_nobody_is_invited_to_is_who_is_there(world: World) -> None:
    meeting = Meeting(world, 2)
    meeting.act("roll_call")
    assert [who for who, _, _ in roll(meeting)] == meeting.ids


def test_what_cannot_be_called(meeting: Meeting) -> None:
    for name in ("roll_call_next", "roll_call_end"):
        with pytest.raises(Conflict, match="no roll was called"):
            meeting.act(name)
    with pytest.raises(BadRequest, match="there is no site 99"):
        meeting.act("roll_call", sites=[99])
    with pytest.raises(ParticipantNotFound):
        meeting.act("roll_call", participants=["deadbeef"])
    with pytest.raises(Conflict, match="nobody to be called"):
        meeting.act("roll_call", participants=[])
    with pytest.raises(BadRequest, match="at most 1000"):
        meeting.act("roll_call", sites=list(range(2000)))
    meeting.act("roll_call")
    for entry in (5, -1, True, "1", None):
        with pytest.raises(BadRequest):
            meeting.act("roll_call_to", entry=entry)
    with pytest.raises(BadRequest, match="present, absent"):
        meeting.act("roll_call_mark", entry=0, mark="late")


def test_another_terminal_of_the_site_answers_where_the_one_on_the_roll_has_left(meeting: Meeting) -> None:
    first = meeting.ids[1]
    second = meeting.come_from(1)
    meeting.act("roll_call", sites=[1, 2])
    assert roll(meeting)[0][0] == first
    meeting.act("roll_call_next", mark="present")
    meeting.leave(first)
    meeting.act("roll_call_to", entry=0)
    assert roll(meeting)[0] == (second, SITES[1], "present")
    assert meeting.direction.focus == second
    assert meeting.conference.present[second].closed is False


def test_a_terminal_that_is_called_by_itself_does_not_answer_for_its_site(meeting: Meeting) -> None:
    chair, first = meeting.ids[:2]
    second = meeting.come_from(1)
    meeting.act("roll_call", participants=[chair, first, second])
    meeting.leave(first)
    meeting.act("roll_call_next")
    assert [who for who, _, _ in roll(meeting)] == [chair, "", second]
    assert meeting.direction.focus == ""

"""A name that somebody was given for this conference is kept when its line breaks, or it dials in again."""

from __future__ import annotations

import pytest

from mcu.core import effects as do
from mcu.core.roster import Participant
from tests.core.called import FIRST, answer, dial, dialled, hang_up
from tests.core.meeting import Meeting
from tests.core.test_returns import come_back, restarted
from tests.core.world import World


@pytest.fixture
def meeting(world: World) -> Meeting:
    made = Meeting(world)
    for n, who in enumerate(made.ids, 1):
        made.conference.present[who].site, made.conference.present[who].terminal = n, f"xa{n}"
    return made


def known(world: World, who: str) -> Participant:
    found = world.bridge.whereabouts(who)
    assert found
    return found[1]


def test_a_site_that_is_called_again_has_the_name_that_it_was_given(world: World) -> None:
    meeting = Meeting(world, 1)
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    meeting.act("rename", participant=FIRST, name="Phòng họp 2")
    for _ in range(2):
        world.tick(100)
        notices = [e.text for e in hang_up(world, channel, 102) if isinstance(e, do.Notice)]
        assert "Phòng họp 2" in notices[0]
        assert dialled(world.tick(3)) == [FIRST]
        got, channel = answer(world, FIRST)
        assert got.name == known(world, FIRST).name == world.told[FIRST]["name"] == "Phòng họp 2"
    meeting.act("undo")
    assert known(world, FIRST).name == "Xã a"
    world.tick(100)
    hang_up(world, channel, 102)
    world.tick(3)
    assert answer(world, FIRST)[0].name == "Xã a"


def test_who_dials_in_again_has_the_name_that_it_was_given(meeting: Meeting) -> None:
    meeting.act("rename", participant=meeting.ids[0], name="Phòng họp 2")
    for _ in range(2):
        meeting.leave(meeting.ids[0])
        meeting.ids[0] = come_back(meeting, 1)
        meeting.ids.pop()
        meeting.channels[0] = known(meeting.world, meeting.ids[0]).channel
        assert meeting.world.told[meeting.ids[0]]["name"] == "Phòng họp 2"


def test_another_terminal_of_the_site_has_its_own_name(meeting: Meeting) -> None:
    meeting.act("rename", participant=meeting.ids[0], name="Phòng họp 2")
    meeting.leave(meeting.ids[0])
    assert meeting.world.told[come_back(meeting, 1, "laptop")]["name"] == "Huế"


def test_a_name_that_was_corrected_in_the_directory_meanwhile_counts(meeting: Meeting) -> None:
    """Nobody had given it another one."""
    known(meeting.world, meeting.ids[0]).name = "Huees"
    meeting.leave(meeting.ids[0])
    assert meeting.world.told[come_back(meeting, 1)]["name"] == "Huế"


@pytest.mark.parametrize("control_too", [False, True])
def test_whom_a_restart_of_asterisk_took_has_it_again(meeting: Meeting, control_too: bool) -> None:
    meeting.act("rename", participant=meeting.ids[0], name="Phòng họp 2")
    if control_too:
        meeting = restarted(meeting)
    world = meeting.world
    assert known(world, meeting.ids[0]).name == "Phòng họp 2"
    world.switch_down()
    world.members.clear()
    world.legs.clear()
    world.switch_up()
    assert world.bridge.whereabouts(meeting.ids[0]) is None
    assert known(world, come_back(meeting, 1)).name == "Phòng họp 2"

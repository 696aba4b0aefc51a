"""Who leaves and comes back, to a meeting in which something is ordered of it: after a hang-up, a restart of Asterisk,
a restart of control."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mcu.core import commands, events, runs
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.direction import recall
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.overrides import Overrides
from mcu.core.directory.sites import Directory, Site
from mcu.core.entry.answers import Admit, Refuse
from mcu.core.roster import Memory, RoomConfig
from mcu.errors import Conflict
from tests.core.meeting import Meeting
from tests.core.world import World, catalogue, ident


@pytest.fixture
def meeting(world: World) -> Meeting:
    made = Meeting(world)
    for n, who in enumerate(made.ids, 1):
        made.conference.present[who].site, made.conference.present[who].terminal = n, f"xa{n}"
    return made


def come_back(meeting: Meeting, site: int, terminal: str = "") -> str:
    """The same site dials in, as somebody new."""
    world = meeting.world
    _, channel = world.enter("1001")
    known = world.bridge.whereabouts(world.at_the_door[channel][0])
    assert known
    known[1].site, known[1].terminal = site, terminal or f"xa{site}"
    world.join(channel)
    meeting.ids.append(ident(world, channel))
    return meeting.ids[-1]


def test_who_had_the_floor_has_it_again(meeting: Meeting) -> None:
    a, b, *_ = meeting.ids
    meeting.act("mute", participant=a, on=True)
    meeting.act("floor", participant=a)
    meeting.act("view", viewer=b, participant=a)
    meeting.leave(a)
    assert meeting.direction.focus == ""
    meeting.world.wait(500)
    back = come_back(meeting, 1)
    assert (meeting.direction.focus, meeting.direction.views) == (back, {b: back})
    assert meeting.muted() == [True, True, True, False]
    meeting.act("free_talk")
    assert meeting.muted() == [False, False, False, True]  # as it was before


def test_another_terminal_of_the_site_will_do(meeting: Meeting) -> None:
    meeting.act("chair", participant=meeting.ids[1])
    meeting.leave(meeting.ids[1])
    back = come_back(meeting, 2, "laptop")
    assert meeting.direction.chair == back
    assert meeting.world.told[back]["role"] == "chair"


def test_a_place_that_was_given_away_is_gone(meeting: Meeting) -> None:
    a, b, c, _ = meeting.ids
    meeting.act("floor", participant=a)
    meeting.act("hand", participant=c)
    meeting.leave(a)
    meeting.leave(c)
    meeting.act("floor", participant=b)
    come_back(meeting, 1)
    assert meeting.direction.focus == b
    asking = come_back(meeting, 3)
    assert [one.participant for one in meeting.direction.hands] == [asking]


def test_a_place_is_kept_for_ten_minutes(meeting: Meeting) -> None:
    meeting.act("broadcast", participant=meeting.ids[0])
    meeting.leave(meeting.ids[0])
    meeting.world.wait(601)
    come_back(meeting, 1)
    assert meeting.direction.focus == ""


def test_strangers_take_nobodys_place(world: World) -> None:
    meeting = Meeting(world)
    meeting.act("broadcast", participant=meeting.ids[0])
    meeting.leave(meeting.ids[0])
    meeting.come()
    assert meeting.direction.focus == ""


def test_levels_and_ears_are_as_they_were(meeting: Meeting) -> None:
    a = meeting.ids[0]
    meeting.act("deafen", participant=a, on=True)
    meeting.act("gain", participant=a, direction="in", db=-9)
    meeting.act("mute", participant=a, on=True)
    meeting.leave(a)
    back = come_back(meeting, 1)
    told = meeting.world.told[back]
    assert (told["deafened"], told["gain_in"], told["muted"]) == (True, -9.0, True)


def test_one_that_is_expected_keeps_its_place_until_it_is_given_up(meeting: Meeting) -> None:
    world, a = meeting.world, meeting.ids[0]
    meeting.act("floor", participant=a)
    meeting.conference.expect(a)
    meeting.leave(a)
    assert meeting.direction.focus == a
    meeting.conference.give_up(a)
    world.bridge.touch("1001")
    world.tick(0)
    assert meeting.direction.focus == ""


def test_everybody_is_back_after_a_restart_of_asterisk(meeting: Meeting) -> None:
    world, (_, b, c, _) = meeting.world, meeting.ids
    meeting.act("chair", participant=c)
    meeting.act("floor", participant=b)
    meeting.act("lock", on=True)
    began = meeting.conference.id
    world.switch_down()
    world.members.clear()
    world.legs.clear()
    world.locked.clear()
    world.switch_up()
    assert meeting.conference.id == began
    assert meeting.direction.focus == b
    back = [_let_through(meeting, n) for n in (1, 2, 3, 4)]
    assert meeting.conference.id == began
    assert (meeting.direction.focus, meeting.direction.chair) == (back[1], back[2])
    assert meeting.muted() == [True, False, False, True]
    assert meeting.conference.awaiting == {}
    assert world.locked == {"1001"}


def _let_through(meeting: Meeting, site: int) -> str:
    """Through the door of a locked room, as those who are called."""
    room = meeting.conference.room
    locked, room.locked = room.locked, False
    world = meeting.world
    _, channel = world.enter("1001")
    room.locked = locked
    known = world.bridge.whereabouts(world.at_the_door[channel][0])
    assert known
    known[1].site, known[1].terminal = site, f"xa{site}"
    world.join(channel)
    meeting.ids.append(ident(world, channel))
    return meeting.ids[-1]


def test_nobody_is_expected_for_ever_after_a_restart(meeting: Meeting) -> None:
    world = meeting.world
    world.switch_down()
    world.members.clear()
    world.legs.clear()
    world.switch_up()
    world.wait(119)
    assert meeting.events("conference.ended") == []
    world.wait(30)
    assert len(meeting.events("conference.ended")) == 1
    assert "1001" not in world.bridge.conferences


def test_the_last_one_who_hung_up_while_the_link_was_cut_is_not_waited_for(meeting: Meeting) -> None:
    world = meeting.world
    world.started = "2026-11-22 07:00:01"
    world.switch_down()
    world.switch_up()
    world.switch_down()
    world.members.clear()
    world.switch_up()
    assert meeting.events("conference.ended")
    again = Meeting(world)
    world.started = "2026-11-22 07:30:00"
    world.switch_down()
    world.members.clear()
    world.switch_up()
    assert set(again.conference.awaiting) == set(again.ids)


def test_those_whom_a_restart_took_get_into_their_locked_meeting(meeting: Meeting) -> None:
    world = meeting.world
    accounts = [TerminalAccount(name=f"xa{n}", password="x", display=f"Xã {n}", site=n) for n in (1, 2, 7)]
    world.bridge.directory = Directory([Site(id=n, name=f"Xã {n}") for n in (1, 2, 7)], accounts)
    meeting.act("lock", on=True)
    assert isinstance(world.enter("1001", endpoint="t-xa1")[0], Refuse)
    world.switch_down()
    world.members.clear()
    world.legs.clear()
    world.locked.clear()
    world.switch_up()
    answer, channel = world.enter("1001", endpoint="t-xa1")
    assert isinstance(answer, Admit)
    assert answer.brought  # past Asterisk's own lock
    world.join(channel)
    assert world.locked == {"1001"}
    assert isinstance(world.enter("1001", endpoint="t-xa2")[0], Admit)
    assert isinstance(world.enter("1001", endpoint="t-xa7")[0], Refuse)  # was not there
    assert isinstance(world.enter("1001", door="guest", endpoint="anonymous")[0], Refuse)
    world.wait(130)
    assert isinstance(world.enter("1001", endpoint="t-xa3")[0], Refuse)


def test_one_that_hung_up_while_the_link_was_cut_has_left(meeting: Meeting) -> None:
    world, a = meeting.world, meeting.ids[0]
    meeting.act("broadcast", participant=a)
    world.switch_down()
    del world.members[meeting.channels[0]]
    world.switch_up()
    assert (meeting.direction.focus, a in meeting.conference.present) == ("", False)


def test_a_newcomer_while_the_link_was_cut_is_muted_where_microphones_are_closed(meeting: Meeting) -> None:
    world = meeting.world
    meeting.act("floor", participant=meeting.ids[0])
    world.switch_down()
    channel = "PJSIP/guest-0badcafe"
    world.members[channel] = events.Member(
        participant="0badcafe", channel=channel, room="1001", name="Lạ", number="", muted=False, talking=False
    )
    world.switch_up()
    assert world.members[channel].muted is True


def test_who_comes_back_brings_nobody_along_who_has_left_since(meeting: Meeting) -> None:
    a, b, c, d = meeting.ids
    meeting.act("view", viewer=b, participant=a)
    meeting.act("browse", viewer=a, participants=[b, c])
    meeting.leave(a)
    meeting.leave(b)
    back = come_back(meeting, 1)
    assert meeting.direction.views == {}
    assert meeting.direction.browse[back].participants == (c,)
    assert meeting.direction.names() <= {back, c, d}


# --- control's own restart


def restarted(meeting: Meeting) -> Meeting:
    """Another process with the record of this one, as the database gives it back."""
    old = meeting.world
    stored = [e.data for e in old.log if isinstance(e, do.StoreDirection)][-1]
    data = json.loads(json.dumps(stored))
    world = World(at=old.at)
    world._numbers = old._numbers  # ids are never given twice
    world.bridge = Bridge(catalogue())
    world.members, world.legs, world.locked = old.members, old.legs, old.locked
    for number in ("1001", "1002"):
        config = RoomConfig(number=number, name=f"Phòng {number}")
        world.command(commands.PutRoom(at=world.at, config=config, locked=number in world.locked))
    conference = meeting.conference
    world.bridge.directory = Directory([Site(id=n, name=f"Xã {n}") for n in range(1, 5)])
    world.bridge.resume("1001", conference.id, conference.began_at, data)
    made = Meeting(world, 0)
    made.ids, made.channels = meeting.ids, meeting.channels
    world.switch_up()
    return made


@pytest.mark.parametrize("resumed", [True, False])
def test_what_a_terminal_is_kept_to_holds_after_controls_restart(world: World, *, resumed: bool) -> None:
    limits = Overrides(kbit_to_terminal=256)
    account = TerminalAccount(name="xa1", password="x", display="Xã 1", overrides=limits, site=1)
    directory = world.bridge.directory = Directory([Site(id=1, name="Xã 1")], [account])
    _, channel = world.enter("1001", endpoint="t-xa1")
    world.join(channel)
    who = ident(world, channel)
    before, conference = world.bridge.whereabouts(who), world.bridge.conferences["1001"]
    assert before
    assert before[1].bound_kbps == 192
    anew = World(at=world.at, members={channel: replace(world.members[channel], channel="PJSIP/h323-00000001")})
    anew.bridge.directory = directory
    if resumed:
        anew.bridge.resume("1001", conference.id, conference.began_at, runs.record(conference))
    anew.bridge.memories[who] = Memory(joined_at=world.at, kind="terminal", room="1001", site=1, terminal="xa1")
    anew.switch_up()
    after = anew.bridge.whereabouts(who)
    assert after
    assert (after[1].bound_kbps, after[1].rate_class) == (192, before[1].rate_class)


def test_a_roll_call_goes_on_where_it_was(meeting: Meeting) -> None:
    meeting.act("mute", participant=meeting.ids[3], on=True)
    meeting.act("rename", participant=meeting.ids[1], name="Xã Hai")
    meeting.act("gain", participant=meeting.ids[1], direction="out", db=6)
    meeting.act("roll_call")
    meeting.act("roll_call_next", mark="present")
    before, began = meeting.direction, meeting.conference.id
    again = restarted(meeting)
    assert (again.direction, again.conference.id) == (before, began)
    assert again.events("conference.began") == []
    assert again.muted() == [True, False, True, True]
    p = again.conference.present[again.ids[1]]
    assert (p.name, p.gain_out, p.site, p.terminal) == ("Xã Hai", 6.0, 2, "xa2")
    again.act("roll_call_next", mark="absent")
    assert again.direction.focus == again.ids[2]
    again.act("roll_call_end")
    assert again.muted() == [False, False, False, True]


def test_who_left_or_came_while_control_was_away(meeting: Meeting) -> None:
    world = meeting.world
    meeting.act("floor", participant=meeting.ids[0])
    del world.members[meeting.channels[0]]
    channel = "PJSIP/guest-0badcafe"
    world.members[channel] = events.Member(
        participant="0badcafe", channel=channel, room="1001", name="Lạ", number="", muted=False, talking=False
    )
    again = restarted(meeting)
    assert (again.direction.mode, again.direction.focus) == ("floor", "")
    assert again.world.members[channel].muted is True
    back = come_back(again, 1)
    assert again.direction.focus == back


def test_what_was_done_before_controls_restart_can_be_taken_back_after_it(meeting: Meeting) -> None:
    a, b, c, _ = meeting.ids
    meeting.act("gain", participant=b, direction="in", db=-6)
    meeting.act("rename", participant=b, name="Xã Hai")
    meeting.act("floor", participant=a)
    meeting.act("view", viewer=a, participant=c)
    meeting.act("lock", on=True)
    steps = list(meeting.conference.done)
    again = restarted(meeting)
    assert list(again.conference.done) == steps
    for _ in range(3):
        again.act("undo")
    assert (again.direction.mode, again.muted(), again.world.locked) == ("free", [False] * 4, set())
    again.act("undo")
    again.act("undo")
    p = again.conference.present[b]
    assert (p.name, p.gain_in) == (steps[1].names[b], 0.0)
    with pytest.raises(Conflict, match="nothing"):
        again.act("undo")


def test_who_left_while_control_was_away_is_not_brought_back(meeting: Meeting) -> None:
    a, b, *_ = meeting.ids
    meeting.act("floor", participant=a)
    meeting.act("floor", participant=b)
    del meeting.world.members[meeting.channels[0]]
    again = restarted(meeting)
    again.act("undo")
    assert (again.direction.mode, again.direction.focus) == ("floor", "")
    again.act("undo")
    assert (again.direction.mode, again.muted()) == ("free", [False] * 3)


def test_a_conference_that_ended_while_control_was_away(meeting: Meeting) -> None:
    began = meeting.conference.id
    meeting.act("broadcast", participant=meeting.ids[0])
    meeting.world.members.clear()
    again = restarted(meeting)
    assert [e["id"] for e in again.events("conference.ended")] == [began]
    assert again.world.bridge.conferences == {}


def test_a_record_of_another_version_is_read_as_far_as_it_is_known() -> None:
    direction = recall({"mode": "floor", "focus": "0badcafe", "people": {}, "later": 1})
    assert (direction.mode, direction.focus, direction.closed) == ("floor", "0badcafe", False)

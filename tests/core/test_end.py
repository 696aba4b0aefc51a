"""What ends with a meeting or a room, and what outlives it: sites on their way, those in the lobby, the planned end."""

from __future__ import annotations

import pytest

from mcu.core import commands, events, runs
from mcu.core import effects as do
from mcu.core.bridge import HANG_UP_AGAIN, Bridge
from mcu.core.conference import ENTRY_TIMEOUT
from mcu.core.roster import RoomConfig
from mcu.core.test_session import HOLD
from mcu.errors import Conflict
from tests.core.called import FIRST, SECOND, answer, at_the_door, dial, dialled, hang_up, here, world_of
from tests.core.world import World, catalogue, ident


@pytest.fixture
def world() -> World:
    return world_of()


def stays_over(world: World) -> bool:
    """Nobody is called or comes back, whatever time brings."""
    called = [site for seconds in (2, 20, 100, 300) for site in dialled(world.tick(seconds))]
    return not called and not here(world) and "1001" not in world.bridge.conferences and not list(world.bridge.dial_out)


def restart_asterisk(world: World) -> None:
    world.started = "t0"
    world.bridge.links.switch_started = "t0"
    world.switch_down()
    world.members.clear()
    world.started = "t1"
    world.at += 3
    world.switch_up()


@pytest.mark.parametrize("name", ["end", "drop_all"])
def test_sites_that_asterisks_restart_took_are_called_no_more(world: World, name: str) -> None:
    for site in (FIRST, SECOND):
        dial(world, site)
        answer(world, site)
    world.come("1001")  # and one that dialled in: nobody waits for it either
    restart_asterisk(world)
    assert not here(world)
    world.act(name)
    assert [e.data["room"] for e in world.log if isinstance(e, do.Tell) and e.event == "conference.ended"] == ["1001"]
    assert stays_over(world)


@pytest.mark.parametrize("name", ["end", "drop_all"])
def test_one_whose_line_broke_and_nobody_has_said_so_yet_is_called_no_more(world: World, name: str) -> None:
    """Asterisk tells that it left the room, then the chair's order comes, then why it left."""
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.tick(100)
    member = world.members.pop(channel)
    world.happen(events.Left(at=world.at, participant=FIRST, channel=channel, room=member.room))
    world.act(name)
    world.happen(events.HungUp(at=world.at, channel=channel, kind="terminal", ident=FIRST, cause=102))
    assert stays_over(world)


def test_a_lost_site_of_another_room_is_none_of_it(world: World) -> None:
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.come("1002")
    world.tick(100)
    hang_up(world, channel, 102)
    world.command(commands.Act(at=world.at, number="1002", name="end", arguments={}))
    assert dialled(world.tick(2)) == [FIRST]


def test_a_room_into_which_sites_are_only_being_called(world: World) -> None:
    dial(world, FIRST)
    assert "1001" not in world.bridge.conferences
    world.act("end")
    assert stays_over(world)
    with pytest.raises(Conflict, match="nobody is in room 1001"):
        world.act("end")


def test_who_is_at_the_door_is_not_called_again_though_the_end_of_its_call_is_never_told(world: World) -> None:
    dial(world, FIRST)
    _, channel = at_the_door(world, FIRST)
    assert list(world.bridge.conferences["1001"].entering) == [FIRST]
    assert do.HangUp(room="1001", channel=channel) in world.act("end")
    assert stays_over(world)


def test_the_chair_may_order_while_all_are_on_their_way_back(world: World) -> None:
    dial(world, FIRST)
    answer(world, FIRST)
    world.command(commands.SetEnd(at=world.at, number="1001", ends_at=world.at + 600))
    restart_asterisk(world)
    world.act("extend", minutes=10)
    world.act("mute_joiners", on=True)
    direction = world.bridge.conferences["1001"].direction
    assert (direction.ends_at, direction.mute_joiners) == (world.at - 3 + 1200, True)


def end_unheard(world: World) -> do.KickAll:
    """The chair ends the meeting, and Asterisk has not done any of it yet."""
    effects = world.bridge.handle(commands.Act(at=world.at, number="1001", name="end", arguments={}))
    (kick,) = [effect for effect in effects if isinstance(effect, do.KickAll)]
    return kick


def test_who_is_to_go_goes_though_asterisk_did_not_answer(world: World) -> None:
    dial(world, FIRST)
    answer(world, FIRST)
    kick = end_unheard(world)
    world.happen(do.EffectFailed(at=world.at, effect=kick, fault="timed_out"))
    assert do.HangUp(room="1001", channel=kick.channels[0]) in world.log
    assert stays_over(world)


def test_who_is_to_go_and_is_still_there_is_hung_up(world: World) -> None:
    """ConfBridge says yes of one who is still on its way into the mix, and does nothing."""
    dial(world, FIRST)
    answer(world, FIRST)
    kick = end_unheard(world)
    world.wait(HANG_UP_AGAIN - 0.1)
    assert here(world)
    world.wait(0.2)
    assert do.HangUp(room="1001", channel=kick.channels[0]) in world.log
    assert stays_over(world)


@pytest.mark.parametrize("told_first", [True, False])
def test_who_is_to_go_goes_when_the_link_is_back(world: World, told_first: bool) -> None:
    dial(world, FIRST)
    _, called = answer(world, FIRST)
    other = world.come("1001")
    unanswered = do.EffectFailed(at=world.at, effect=end_unheard(world), fault="asterisk_down")
    if told_first:
        world.switch = False
        world.bridge.handle(unanswered)
        world.switch_down()
    else:
        world.switch_down()
        world.happen(unanswered)
    world.tick(20)
    assert set(world.members) == {called, other}
    world.switch_up()
    assert not here(world)
    assert stays_over(world)


def test_one_whom_asterisk_will_not_send_out_stays(world: World) -> None:
    channel = world.come("1001")
    kick = end_unheard(world)
    world.happen(do.EffectFailed(at=world.at, effect=kick, fault="bad_request"))
    world.wait(20)
    world.switch_down()
    world.switch_up()
    assert set(world.members) == {channel}


def test_a_test_session_outlives_a_drop_of_all(world: World) -> None:
    world.command(commands.BeginTest(at=world.at, number="1001"))
    world.come("1001")
    world.act("drop_all")
    assert list(world.bridge.conferences["1001"].awaiting) == [HOLD]
    world.act("end")
    assert stays_over(world)


def test_a_meetings_end_outlives_a_restart_of_control_and_then_one_of_asterisk(world: World) -> None:
    """It is the room's as long as the meeting is on, not only that of the conference that was found again."""
    ends_at = world.at + 3600
    world.command(commands.SetEnd(at=world.at, number="1001", ends_at=ends_at))
    world.come("1001")
    was = world.bridge.conferences["1001"]
    again = World(Bridge(catalogue()), at=world.at + 10)
    again.bridge.resume("1001", was.id, was.began_at, runs.record(was))
    again.switch_up()  # nobody is there any more
    again.wait(300)
    assert "1001" not in again.bridge.conferences
    again.come("1001")
    again.act("extend", minutes=30)
    assert again.bridge.conferences["1001"].direction.ends_at == ends_at + 1800


# --- a room that is deleted


def waiting_before(world: World, room: str) -> str:
    config = RoomConfig(number=room, name="Chờ", lobby="all")
    world.command(commands.PutRoom(at=world.at, config=config))
    _, channel = world.enter(room)
    assert channel in world.waiting
    return world.waiting[channel].participant


def lobby_left(world: World) -> list[object]:
    return [e.data["participant"] for e in world.log if isinstance(e, do.Tell) and e.event == "lobby.left"]


def test_who_waits_before_a_room_that_is_deleted_is_sent_away(world: World) -> None:
    visitor = waiting_before(world, "1003")
    world.command(commands.RemoveRoom(at=world.at, number="1003"))
    assert not world.waiting
    assert lobby_left(world) == [visitor]
    assert world.bridge.whereabouts(visitor) is None
    assert world.bridge.crowd("1003") == (0, 0)


def test_who_waits_before_a_room_that_is_deleted_while_asterisk_is_away_is_sent_away_when_it_is_back(
    world: World,
) -> None:
    visitor = waiting_before(world, "1003")
    world.switch_down()
    world.command(commands.RemoveRoom(at=world.at, number="1003"))
    assert lobby_left(world) == [visitor]
    world.switch_up()
    assert not world.waiting


# --- a clock that is set back


def test_nobody_is_expected_for_hours_because_the_clock_was_set_back(world: World) -> None:
    world.come("1001")
    world.act("lock", on=True)
    restart_asterisk(world)
    room = world.bridge.rooms["1001"]
    room.locked = False
    world.enter("1001")  # at the door, and never heard of again
    room.locked = True
    world.at_the_door.clear()
    conference = world.bridge.conferences["1001"]
    assert (len(conference.awaiting), len(conference.entering)) == (1, 1)
    world.tick(-7 * 3600)  # a hardware clock that kept local time
    assert (len(conference.awaiting), len(conference.entering)) == (1, 1)  # nobody is given up for that either
    world.wait(ENTRY_TIMEOUT + 1)
    assert not conference.entering
    world.wait(61)
    assert "1001" not in world.bridge.conferences
    assert not world.bridge.rooms["1001"].locked
    assert world.bridge.crowd("1001") == (0, 0)


def test_one_who_left_before_the_clock_was_set_back_has_its_place_again(world: World) -> None:
    world.come("1001")
    speaker = ident(world, channel := world.come("1001"))
    world.bridge.conferences["1001"].present[speaker].site = 7
    world.act("floor", participant=speaker)
    world.leave(channel)
    world.tick(-7 * 3600)
    _, back = world.enter("1001")
    world.bridge.conferences["1001"].entering[world.at_the_door[back][0]].site = 7
    world.join(back)
    assert world.bridge.conferences["1001"].direction.focus == ident(world, back)


def test_who_speaks_presents_or_asks_after_the_clock_was_set_back_is_the_latest(world: World) -> None:
    first, second = world.come("1001"), world.come("1001")
    world.talk(first, True)
    world.talk(first, False)
    slides = world.present(first)
    world.act("hand", participant=ident(world, first))
    world.tick(-7 * 3600)
    world.tick(1)
    world.talk(second, True)
    world.talk(second, False)
    conference = world.bridge.conferences["1001"]
    people = [conference.present[ident(world, channel)] for channel in (first, second)]
    assert people[0].spoke_at < people[1].spoke_at
    other = world.present(second)  # the last one takes over
    world.tick(0)
    assert (slides in world.members, other in world.members) == (False, True)
    world.act("hand", participant=ident(world, second))
    hands = conference.direction.hands
    assert [hand.participant for hand in sorted(hands, key=lambda hand: hand.since)] == [p.id for p in people]
    assert conference.since is not None
    assert conference.since <= world.at


def test_a_banner_ends_in_its_time_whatever_the_clock_is_set_to(world: World) -> None:
    viewer = ident(world, world.come("1001"))
    world.act("banner", text="Nghỉ 5 phút", seconds=60)
    world.act("banner", participant=viewer, text="Mời phát biểu", seconds=30)
    world.tick(-7 * 3600)
    world.wait(31)
    direction = world.bridge.conferences["1001"].direction
    assert (direction.banner is not None, direction.banners) == (True, {})
    world.wait(30)
    assert world.bridge.conferences["1001"].direction.banner is None

"""A site whose call breaks is called again, and is who it was when it comes back."""

from __future__ import annotations

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.dialling.dialout import STABLE
from mcu.core.dialling.targets import target_of
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory, Site
from mcu.core.entry.answers import Admit, EntryRequest
from tests.core.called import FIRST, SECOND, answer, at_the_door, dial, dialled, hang_up, here, world_of
from tests.core.world import World


def test_a_site_whose_line_breaks_is_called_again_and_told_so(world: World) -> None:
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.tick(100)
    effects = hang_up(world, channel, 102)
    assert [n.code for n in effects if isinstance(n, do.Notice)] == ["site_lost"]
    (lost,) = [n for n in effects if isinstance(n, do.Notice)]
    assert "unreachable" in lost.text
    assert (lost.data["reason"], lost.data["again"]) == ("unreachable", True)
    assert lost.data["name"]
    assert lost.data["name"] in lost.text
    (call,) = world.bridge.dial_out
    assert (call.id, call.state, call.lost) == (FIRST, "waiting", True)
    assert dialled(world.tick(2)) == [FIRST]
    answer(world, FIRST)
    assert here(world) == [FIRST]
    assert not list(world.bridge.dial_out)


def test_who_hangs_up_or_is_sent_out_is_not_called_again(world: World) -> None:
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    hang_up(world, channel, 16)
    dial(world, SECOND)
    answer(world, SECOND)
    world.act("drop", participant=SECOND)
    assert here(world) == []
    assert not any(dialled(world.tick(seconds)) for seconds in (2, 20, 100))
    assert "1001" not in world.bridge.conferences


def test_who_came_by_itself_is_not_called(world: World) -> None:
    channel = world.come("1001")
    hang_up(world, channel, 102)
    assert not list(world.bridge.dial_out)


def test_it_is_given_up_after_so_many_attempts(world: World) -> None:
    stays = world.come("1001")
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.tick(STABLE)
    hang_up(world, channel, 102)
    conference = world.bridge.conferences["1001"]
    assert FIRST in conference.awaiting
    codes = []
    for _ in range(2):
        (call,) = world.bridge.dial_out
        due = world.bridge.due()
        assert due is not None
        assert dialled(world.tick(due - world.at)) == [FIRST]
        effects = world.happen(events.DialFailed(at=world.at, participant=FIRST, cause=17))
        codes = [n.code for n in effects if isinstance(n, do.Notice)]
    assert (call.state, call.describe()["reason"], codes) == ("failed", "busy", ["call_failed"])
    world.tick(0)
    assert FIRST not in conference.awaiting
    assert stays in world.members


def test_a_line_that_breaks_again_and_again_uses_up_the_attempts(world: World) -> None:
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.tick(STABLE)
    for _ in range(2):
        hang_up(world, channel, 102)
        assert dialled(world.tick(2)) == [FIRST]
        _, channel = answer(world, FIRST)
        world.tick(5)
    hang_up(world, channel, 102)
    assert not any(dialled(world.tick(seconds)) for seconds in (2, 20, 100))
    assert here(world) == []


def test_no_redial_where_it_is_switched_off() -> None:
    world = world_of(redials=0)
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.tick(STABLE)
    hang_up(world, channel, 102)
    assert not list(world.bridge.dial_out)
    world.wait(60)
    assert "1001" not in world.bridge.conferences


def test_one_that_dials_in_by_itself_is_not_called_any_more(world: World) -> None:
    world.come("1001")
    account = TerminalAccount(name="lang", address="10.0.0.9", site=7)
    world.bridge.directory = Directory([Site(id=7, name="Xã Lăng")], [account])
    world.command(
        commands.CallTerminal(
            at=world.at, number="1001", participant=FIRST, target=target_of(account), terminal="lang", name="Xã Lăng",
            site=7,
        )
    )  # fmt: skip
    _, channel = answer(world, FIRST)
    world.tick(STABLE)
    world.act("floor", participant=FIRST)
    hang_up(world, channel, 102)
    request = EntryRequest(
        channel="PJSIP/k-lang-000000aa", uniqueid="y", number="1001", door="known", endpoint="k-lang", caller_name="",
        caller_number="", video="",
    )  # fmt: skip
    got, effects = world.bridge.enter(request, at=world.at, participant=SECOND, guests=True, language="vi")
    assert isinstance(got, Admit)
    world.carry_out(effects)
    world.at_the_door[request.channel] = SECOND, "1001", "", ""
    world.join(request.channel)
    assert not list(world.bridge.dial_out)
    assert dialled(world.tick(100)) == []
    assert world.bridge.conferences["1001"].direction.focus == SECOND


def test_an_operator_stops_the_attempts(world: World) -> None:
    world.come("1001")
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.tick(STABLE)
    hang_up(world, channel, 102)
    world.command(commands.EndCall(at=world.at, call=FIRST))
    assert FIRST not in world.bridge.conferences["1001"].awaiting
    assert dialled(world.tick(100)) == []


def test_one_that_vanished_between_door_and_room_is_called_again(world: World) -> None:
    dial(world, FIRST)
    at_the_door(world, FIRST)
    world.wait(70)
    assert [c.id for c in world.bridge.dial_out] == [FIRST]


def test_a_timer_between_leaving_and_hanging_up_takes_nobody_for_lost(world: World) -> None:
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.tick(STABLE + 10)
    del world.members[channel]
    world.happen(events.Left(at=world.at, participant=FIRST, channel=channel, room="1001"))
    world.tick(0.003)
    world.happen(events.HungUp(at=world.at, channel=channel, kind="terminal", ident=FIRST, cause=16))
    assert not list(world.bridge.dial_out)
    assert FIRST not in world.bridge.conferences["1001"].awaiting


def test_one_that_left_and_whose_hang_up_was_never_told_is_called_again_in_the_end(world: World) -> None:
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.tick(STABLE + 10)
    del world.members[channel]
    world.happen(events.Left(at=world.at, participant=FIRST, channel=channel, room="1001"))
    world.wait(59)
    assert not list(world.bridge.dial_out)
    world.wait(2)
    assert [(call.id, call.state) for call in world.bridge.dial_out] == [(FIRST, "waiting")]


def test_a_clock_that_is_set_back_loses_nobody_who_just_left(world: World) -> None:
    dial(world, FIRST)
    _, channel = answer(world, FIRST)
    world.tick(STABLE + 10)
    del world.members[channel]
    world.happen(events.Left(at=world.at, participant=FIRST, channel=channel, room="1001"))
    world.tick(-2)
    assert not list(world.bridge.dial_out)


def test_whom_the_door_waited_for_in_vain_is_nobodys_id_any_more(world: World) -> None:
    world.come("1001")
    _, channel = world.enter("1001")
    who = world.at_the_door[channel][0]
    assert world.bridge.knows(who)
    world.wait(61)
    assert not world.bridge.knows(who)

"""Calls that the MCU makes, on paper: the switch's answers are told to core, its instructions are looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.dialling.targets import parse_target
from mcu.core.entry.answers import Admit, EntryAnswer, EntryRequest, Refuse
from mcu.errors import AsteriskDown, Conflict, NotFound, RoomNotFound
from tests.core.world import World

TARGET = parse_target("h323:2001@10.0.0.7")
CALL = "0000abcd"


@pytest.fixture
def world() -> World:
    world = World()
    world.switch_up()
    return world


def dial(world: World, call: str = CALL, **more: Any) -> list[do.Effect]:
    given: dict[str, Any] = {"number": "1001", "target": TARGET, "name": "Xã Hòa Bình"} | more
    return world.command(commands.CallTerminal(at=world.at, participant=call, **given))


def told(effects: list[do.Effect]) -> list[str]:
    return [str(e.data["state"]) for e in effects if isinstance(e, do.Tell) and e.event == "call.changed"]


def fail(world: World, cause: int, call: str = CALL) -> list[do.Effect]:
    return world.happen(events.DialFailed(at=world.at, participant=call, cause=cause))


def answer(world: World, call: str = CALL) -> EntryAnswer:
    request = EntryRequest(
        channel="PJSIP/h323-00000001", uniqueid="x.1", number=call, door="dialled", endpoint="h323",
        caller_name="", caller_number="", video="h264 profile-level-id=42e01f;packetization-mode=1",
    )  # fmt: skip
    got, effects = world.bridge.enter(request, at=world.at, participant="ffffffff", guests=False, language="vi")
    world.carry_out(effects)
    return got


def test_the_terminal_is_called_and_comes_in_under_its_own_name(world: World) -> None:
    effects = dial(world)
    assert do.DialTerminal(room="1001", participant=CALL, target=TARGET, caller="Phòng 1001") in effects
    assert told(effects) == ["dialling"]
    got = answer(world)
    assert isinstance(got, Admit)
    assert (got.participant, got.room, got.name) == (CALL, "1001", "Xã Hòa Bình")
    assert not list(world.bridge.dial_out)


def test_whom_an_operator_calls_gets_into_a_locked_room_without_guests(world: World) -> None:
    world.command(commands.ChangeRoom(at=world.at, number="1001", guests=False))
    world.act("lock", on=True)
    dial(world)
    assert isinstance(answer(world), Admit)


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (17, "busy"),
        (19, "no_answer"),
        (20, "unreachable"),
        (34, "unreachable"),
        (21, "refused"),
        (1, "not_found"),
        (88, "codec"),
        (0, "failed"),
    ],
)
def test_the_true_reason_is_told(world: World, cause: int, reason: str) -> None:
    dial(world)
    effects = fail(world, cause)
    (tell,) = [e for e in effects if isinstance(e, do.Tell) and e.event == "call.changed"]
    assert (tell.data["state"], tell.data["reason"]) == ("failed", reason)
    (notice,) = [e for e in effects if isinstance(e, do.Notice)]
    assert notice.code == "call_failed"
    assert "Xã Hòa Bình" in notice.text
    assert (notice.data["name"], notice.data["reason"], notice.data["room"]) == ("Xã Hòa Bình", reason, notice.room)


def test_it_is_called_again_with_growing_pauses_and_then_given_up(world: World) -> None:
    dial(world, tries=2)
    pauses = []
    for _ in range(2):
        assert told(fail(world, 17)) == ["waiting"]
        due = world.bridge.due()
        assert due is not None
        pauses.append(due - world.at)
        assert [e for e in world.tick(due - world.at) if isinstance(e, do.DialTerminal)]
    assert pauses == [10, 20]
    assert told(fail(world, 17)) == ["failed"]
    assert not any(isinstance(e, do.DialTerminal) for e in world.tick(3600))


def test_an_answer_that_is_lost_counts_as_none(world: World) -> None:
    dial(world)
    due = world.bridge.due()
    assert due is not None
    assert told(world.tick(due - world.at)) == ["failed"]


def test_a_hang_up_of_the_ringing_channel_is_a_failure(world: World) -> None:
    dial(world)
    gone = events.HungUp(at=world.at, channel="PJSIP/h323-00000001", kind="terminal", ident=CALL, cause=17)
    assert told(world.happen(gone)) == ["failed"]


def test_an_operator_ends_repeats_and_clears_it(world: World) -> None:
    dial(world)
    effects = world.command(commands.EndCall(at=world.at, call=CALL))
    assert do.StopDialling(room="1001", participant=CALL) in effects
    assert isinstance(answer(world), Refuse)  # it answered in the same moment
    dial(world)
    fail(world, 17)
    again = world.command(commands.CallAgain(at=world.at, call=CALL))
    assert any(isinstance(e, do.DialTerminal) for e in again)
    fail(world, 17)
    effects = world.command(commands.EndCall(at=world.at, call=CALL))
    assert not any(isinstance(e, do.StopDialling) for e in effects)
    with pytest.raises(NotFound):
        world.command(commands.EndCall(at=world.at, call=CALL))


def test_one_terminal_is_not_called_twice_at_once(world: World) -> None:
    dial(world)
    with pytest.raises(Conflict):
        dial(world, call="0000beef")
    fail(world, 17)
    dial(world, call="0000beef")
    assert [c.id for c in world.bridge.dial_out] == ["0000beef"]


def test_without_room_or_switch_nobody_is_called(world: World) -> None:
    with pytest.raises(RoomNotFound):
        dial(world, number="4711")
    world.switch_down()
    with pytest.raises(AsteriskDown):
        dial(world)


def test_after_asterisk_was_away_it_is_called_again(world: World) -> None:
    dial(world, tries=1)
    world.switch_down()
    world.tick(30)
    world.switch_up()
    assert [(c.state, c.tries) for c in world.bridge.dial_out] == [("dialling", 1)]
    assert len([e for e in world.log if isinstance(e, do.DialTerminal)]) == 2


def test_a_deleted_room_calls_nobody(world: World) -> None:
    dial(world)
    effects = world.command(commands.RemoveRoom(at=world.at, number="1001"))
    assert do.StopDialling(room="1001", participant=CALL) in effects
    assert not list(world.bridge.dial_out)


def test_a_clock_that_is_set_back_ends_no_ringing(world: World) -> None:
    dial(world)
    effects = world.tick(-2)
    assert not [e for e in effects if isinstance(e, do.DialTerminal)]
    assert world.bridge.dial_out.get(CALL).state == "dialling"
    world.wait(61)  # and is given up no later for it
    assert world.bridge.dial_out.get(CALL).state != "dialling"


def test_no_more_are_called_than_the_room_holds(world: World) -> None:
    room = world.bridge.room("1001")
    room.config = replace(room.config, capacity=1)
    dial(world)
    with pytest.raises(Conflict, match="full"):
        dial(world, "0000000f", target=parse_target("h323:2002@10.0.0.7"))


def test_one_whom_our_own_door_turned_away_is_not_called_again(world: World) -> None:
    dial(world, tries=3)
    room = world.bridge.room("1001")
    room.config = replace(room.config, capacity=1)
    world.come("1001")
    refused = answer(world)
    assert isinstance(refused, Refuse)
    call = world.bridge.dial_out.get(CALL)
    assert (call.state, call.describe()["reason"]) == ("failed", "busy")
    fail(world, 17)  # the end of that channel
    begun = len(world.log)
    world.wait(200)
    assert not [e for e in world.log[begun:] if isinstance(e, do.DialTerminal)]
    (notice,) = [e for e in world.log if isinstance(e, do.Notice) and e.code == "call_failed"]
    assert "no place is left" in notice.text
    assert notice.data["reason"] == "no_place"
    world.command(commands.CallAgain(at=world.at, call=CALL))
    # It heard only now to its end why it could not come in.
    world.happen(
        events.HungUp(at=world.at, channel="PJSIP/h323-00000001", kind="terminal", ident=CALL, cause=refused.cause)
    )
    assert call.state == "dialling"

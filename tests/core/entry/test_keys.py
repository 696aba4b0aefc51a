"""What is asked for by voice and answered by keys: a number after a bare address, and a room's PIN."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.core import commands
from mcu.core import effects as do
from mcu.core.entry.answers import Admit, Ask, EntryAnswer, EntryRequest, Refuse
from mcu.core.entry.pins import CLOSED_FOR, MOST_WRONG, TRIES, WINDOW
from mcu.core.roster import RoomConfig
from tests.core.world import World


@pytest.fixture
def world(world: World) -> World:
    """With a room that has a PIN."""
    world.command(commands.PutRoom(at=world.at, config=RoomConfig(number="2001", name="Kín", pin="4711")))
    return world


def asks(world: World, number: str, **more: Any) -> tuple[EntryAnswer, list[do.Effect]]:
    request = EntryRequest(
        channel="PJSIP/anonymous-00000001", uniqueid="1.0", number=number, door=more.pop("door", "guest"),
        endpoint="anonymous", caller_name="Huế", caller_number="", video="", **more,
    )  # fmt: skip
    return world.bridge.enter(request, at=world.at, participant="0badf00d", guests=True, language="vi")


def test_who_calls_an_address_alone_is_asked_for_the_number(world: World) -> None:
    assert asks(world, "")[0] == Ask(want="number", prompts=("mcu-welcome", "mcu-enter-number"), language="vi")
    answer, _ = asks(world, "1001", number_tries=1)
    assert isinstance(answer, Admit)
    assert answer.room == "1001"


def test_a_wrong_number_may_be_keyed_in_again_whether_it_was_dialled_or_keyed_in(world: World) -> None:
    again = Ask(want="number", prompts=("mcu-unknown-number", "mcu-enter-number"), language="vi")
    refused = Refuse(prompt="mcu-unknown-number", cause=1, language="vi")
    assert asks(world, "77", number_tries=1)[0] == again
    assert asks(world, "77", number_tries=3)[0] == refused
    assert asks(world, "", number_tries=3)[0] == refused
    assert asks(world, "77")[0] == again


def test_strangers_are_asked_for_the_pin_until_it_is_right(world: World) -> None:
    assert asks(world, "2001")[0] == Ask(want="pin", prompts=("mcu-enter-pin",), language="vi")
    again = Ask(want="pin", prompts=("mcu-wrong-pin", "mcu-enter-pin"), language="vi")
    assert asks(world, "2001", pin="4710", pin_tries=1)[0] == again
    assert asks(world, "2001", pin="", pin_tries=2)[0] == again
    assert isinstance(asks(world, "2001", pin="4711", pin_tries=3)[0], Admit)


def test_after_three_wrong_pins_the_call_ends(world: World) -> None:
    answer, _ = asks(world, "2001", pin="0000", pin_tries=TRIES)
    assert answer == Refuse(prompt="mcu-goodbye", cause=21, language="vi")


@pytest.mark.parametrize("door", ["terminal", "known"])
def test_whom_the_bridge_knows_needs_no_pin(world: World, door: str) -> None:
    assert isinstance(asks(world, "2001", door=door)[0], Admit)


def test_a_number_alone_proves_nothing(world: World) -> None:
    world.command(commands.ChangeRoom(at=world.at, number="2001", guests=False))
    assert isinstance(asks(world, "2001", door="named")[0], Ask)
    assert isinstance(asks(world, "2001", door="named", pin="4711", pin_tries=1)[0], Admit)
    assert isinstance(asks(world, "2001", door="guest")[0], Refuse)


def test_a_lock_comes_before_the_pin(world: World) -> None:
    world.act("lock", number="2001", on=True)
    assert asks(world, "2001")[0] == Refuse(prompt="mcu-room-locked", cause=21, language="vi")


def test_a_room_that_is_guessed_at_looks_as_if_it_were_not_there(world: World) -> None:
    told: list[do.Effect] = []
    for _ in range(MOST_WRONG + 1):
        assert not told
        world.at += 1
        told = asks(world, "2001", pin="0000", pin_tries=1)[1]
    (notice,) = [one for one in told if isinstance(one, do.Notice)]
    assert (notice.code, notice.room) == ("pin_guessed", "2001")
    assert notice.data == {"room": "2001", "wrong": MOST_WRONG + 1, "minutes": 10}
    assert asks(world, "2001")[0] == asks(world, "9999")[0]
    assert asks(world, "2001", number_tries=1)[0] == asks(world, "9999", number_tries=1)[0]
    assert asks(world, "2001", pin="4711", pin_tries=1)[0] == asks(world, "9999", pin="4711", pin_tries=1)[0]
    assert isinstance(asks(world, "2001", door="terminal")[0], Admit)
    world.at += CLOSED_FOR
    assert isinstance(asks(world, "2001")[0], Ask)


def test_guesses_long_ago_do_not_count(world: World) -> None:
    for _ in range(3 * MOST_WRONG):
        world.at += WINDOW / MOST_WRONG
        assert asks(world, "2001", pin="0000", pin_tries=1)[1] == []


def test_a_new_pin_counts_at_once_and_opens_a_room_that_was_guessed_at(world: World) -> None:
    for _ in range(MOST_WRONG + 1):
        asks(world, "2001", pin="0000", pin_tries=1)
    world.command(commands.ChangeRoom(at=world.at, number="2001", pin="123456"))
    assert isinstance(asks(world, "2001", pin="123456", pin_tries=1)[0], Admit)
    world.command(commands.ChangeRoom(at=world.at, number="2001", pin=""))
    assert isinstance(asks(world, "2001")[0], Admit)


def test_nobody_sees_the_pin_in_what_is_told(world: World) -> None:
    assert world.bridge.describe_room("2001")["asks_pin"] is True
    assert "4711" not in repr(world.bridge.describe_room("2001")) + repr(world.bridge.rooms["2001"].config)

"""A room's rules of entry: who is let in, by which PIN, how many, and in which language all that is said."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.core import commands
from mcu.core import effects as do
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory, Site
from mcu.core.entry.answers import Admit, Ask, EntryAnswer, EntryRequest, Refuse
from mcu.core.entry.pins import CLOSED_FOR, MOST_WRONG
from mcu.core.roster import RoomConfig
from tests.core.world import World

HUE, VINH, NAM_DAN = 1, 2, 3


@pytest.fixture
def world(world: World) -> World:
    """With three sites, of which Huế presides over room 3001 and Vinh is invited to it."""
    world.bridge.directory = Directory(
        [Site(id=HUE, name="Huế"), Site(id=VINH, name="Vinh"), Site(id=NAM_DAN, name="Nam Đàn", parent=VINH)],
        [
            TerminalAccount(name="hue", password="p", site=HUE),
            TerminalAccount(name="vinh", password="p", site=VINH),
            TerminalAccount(name="namdan", password="p", site=NAM_DAN),
            TerminalAccount(name="le", password="p"),
        ],
    )
    world.bridge.invited = {"3001": (VINH,)}
    return world


def room(world: World, **rules: Any) -> None:
    config = RoomConfig(number="3001", name="Giao ban", presiding_site_id=HUE, **rules)
    world.command(commands.PutRoom(at=world.at, config=config))


def asks(world: World, number: str = "3001", door: str = "terminal", who: str = "vinh", **more: Any) -> EntryAnswer:
    return told(world, number, door, who, **more)[0]


def told(
    world: World, number: str = "3001", door: str = "terminal", who: str = "vinh", **more: Any
) -> tuple[EntryAnswer, list[do.Effect]]:
    request = EntryRequest(
        channel=f"PJSIP/{who}-00000001", uniqueid="1.0", number=number, door=door, caller_name="", caller_number="",
        endpoint="anonymous" if door == "guest" else f"t-{who}", video="", **more,
    )  # fmt: skip
    return world.bridge.enter(request, at=world.at, participant="0badf00d", guests=True, language="vi")


def refused(answer: EntryAnswer) -> str:
    return answer.prompt if isinstance(answer, Refuse) else ""


def role(answer: EntryAnswer) -> str:
    assert isinstance(answer, Admit), answer
    return answer.role


def test_known_terminals_only(world: World) -> None:
    room(world, entry="known")
    assert refused(asks(world, door="guest")) == "mcu-no-guests"
    assert role(asks(world, who="le")) == ""
    assert role(asks(world, door="known")) == ""
    assert role(asks(world, door="named")) == ""


def test_terminals_of_invited_sites_only(world: World) -> None:
    room(world, entry="list")
    assert refused(asks(world, door="guest")) == "mcu-no-guests"
    assert refused(asks(world, who="le")) == "mcu-not-invited"
    assert refused(asks(world, who="namdan")) == "mcu-not-invited"  # a site below one that is invited is another one
    assert role(asks(world, who="vinh")) == ""
    assert role(asks(world, who="hue")) == "host"
    world.bridge.invited = {"3001": (VINH, NAM_DAN)}
    assert role(asks(world, who="namdan")) == ""


def test_with_a_strangers_name_nobody_passes_for_an_invited_site(world: World) -> None:
    room(world, entry="list")
    request = EntryRequest(
        channel="PJSIP/anonymous-00000001", uniqueid="1.0", number="3001", door="guest", endpoint="t-vinh",
        caller_name="vinh", caller_number="vinh", video="",
    )  # fmt: skip
    answer, _ = world.bridge.enter(request, at=world.at, participant="0badf00d", guests=True, language="vi")
    assert refused(answer) == "mcu-no-guests"


def test_a_pin_for_everybody(world: World) -> None:
    room(world, entry="pin", pin="4711")
    for door in ("terminal", "known", "named", "guest"):
        assert isinstance(asks(world, door=door), Ask)
        assert role(asks(world, door=door, pin="4711", pin_tries=1)) in ("guest", "host")


def test_a_room_that_wants_a_pin_and_has_none_is_closed(world: World) -> None:
    room(world, entry="pin")
    assert refused(asks(world)) == refused(asks(world, door="guest")) == "mcu-not-open"


@pytest.mark.parametrize(("keyed", "expected"), [("4711", "guest"), ("815100", "host")])
def test_both_pins_answer_one_question(world: World, keyed: str, expected: str) -> None:
    room(world, pin="4711", host_pin="815100")
    assert asks(world, door="guest") == Ask(want="pin", prompts=("mcu-enter-pin",), language="vi")
    assert role(asks(world, door="guest", pin=keyed, pin_tries=1)) == expected
    again = asks(world, door="guest", pin="0000", pin_tries=1)
    assert isinstance(again, Ask)
    assert again.prompts == ("mcu-wrong-pin", "mcu-enter-pin")


def test_who_has_no_pin_where_only_the_host_has_one_presses_the_pound_key(world: World) -> None:
    room(world, host_pin="815100")
    asked = Ask(want="pin", prompts=("mcu-enter-host-pin",), language="vi")
    assert asks(world, door="guest") == asked
    assert role(asks(world, door="guest", pin="", pin_tries=1)) == "guest"
    assert role(asks(world, door="guest", pin="815100", pin_tries=1)) == "host"
    again = asks(world, door="guest", pin="1234", pin_tries=1)
    assert isinstance(again, Ask)
    assert again.prompts == ("mcu-wrong-pin", "mcu-enter-host-pin")
    assert role(asks(world)) == ""  # a known terminal is not asked


def test_where_everybody_needs_a_pin_the_pound_key_alone_is_none(world: World) -> None:
    room(world, entry="pin", host_pin="815100")
    assert isinstance(asks(world, pin="", pin_tries=1), Ask)
    assert role(asks(world, pin="815100", pin_tries=1)) == "host"


def test_the_terminal_of_the_presiding_site_is_host_whatever_pin_it_has(world: World) -> None:
    room(world, entry="pin", pin="4711")
    assert role(asks(world, who="hue", pin="4711", pin_tries=1)) == "host"


def test_a_room_has_a_capacity_of_its_own(world: World) -> None:
    room(world, capacity=2)
    world.enter("3001")
    world.enter("3001")
    answer, out = told(world)
    assert refused(answer) == "mcu-room-full"
    assert [(n.code, "its capacity" in n.text) for n in out if isinstance(n, do.Notice)] == [("room_full", True)]


def test_a_room_speaks_its_own_language(world: World) -> None:
    room(world, language="en", pin="4711", guests=True)
    answer = asks(world, door="guest")
    assert isinstance(answer, Ask)
    assert answer.language == "en"
    admitted = asks(world)
    assert isinstance(admitted, Admit)
    assert admitted.language == "en"
    world.act("lock", number="3001", on=True)
    locked = asks(world)
    assert isinstance(locked, Refuse)
    assert (locked.prompt, locked.language) == ("mcu-room-locked", "en")


def test_a_room_that_is_guessed_at_is_not_there_whatever_else_it_is(world: World) -> None:
    """Neither its lock, nor its language, nor that it is full shows; nor to terminals that must have the PIN, too."""
    room(world, entry="pin", pin="4711", language="en", capacity=1)
    for _ in range(MOST_WRONG + 1):
        asks(world, pin="0000", pin_tries=1)
    for door in ("guest", "terminal"):
        for more in ({}, {"number_tries": 1}, {"number_tries": 3}, {"pin": "4711", "pin_tries": 1}):
            assert asks(world, door=door, **more) == asks(world, "9999", door=door, **more)
    world.act("lock", number="3001", on=True)
    assert asks(world, door="guest") == asks(world, "9999", door="guest")
    world.at += CLOSED_FOR
    assert refused(asks(world, door="guest")) == "mcu-room-locked"


def test_who_comes_in_is_muted_where_that_is_the_rule_but_not_who_presides(world: World) -> None:
    room(world, mute_joiners=True)
    vinh, hue = asks(world), asks(world, who="hue")
    assert isinstance(vinh, Admit)
    assert isinstance(hue, Admit)
    assert (vinh.muted, hue.muted) == (True, False)

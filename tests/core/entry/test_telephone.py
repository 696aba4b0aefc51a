"""Calls from the telephone network: asked for a room, known by their number, and no more trusted than that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory, Site
from mcu.core.directory.trunk import Trunk
from mcu.core.entry.answers import Admit, Ask, EntryAnswer, EntryRequest, Refuse
from mcu.core.roster import RoomConfig
from tests.core.world import World

VINH = 2
OURS = "02383123456"


@pytest.fixture
def world(world: World) -> World:
    """With a trunk, and a site whose head has a telephone."""
    boss = TerminalAccount(name="boss", protocol="phone", alias="0912345678", site=VINH, display="Chủ tịch Vinh")
    world.bridge.directory = Directory([Site(id=VINH, name="Vinh")], [boss], Trunk(number=OURS, country="84"))
    return world


def room(world: World, number: str = "3001", **rules: Any) -> None:
    world.command(commands.PutRoom(at=world.at, config=RoomConfig(number=number, name="Giao ban", **rules)))


def calls(world: World, number: str = "3001", caller: str = "+84912345678", **more: Any) -> EntryAnswer:
    request = EntryRequest(
        channel="PJSIP/sip-trunk-00000001", uniqueid="1.0", number=number, door="trunk", endpoint="sip-trunk",
        caller_name="", caller_number=caller, video="", **more,
    )  # fmt: skip
    return world.bridge.enter(request, at=world.at, participant="0badf00d", guests=False, language="vi")[0]


def prompts(answer: EntryAnswer) -> tuple[str, ...]:
    assert isinstance(answer, Ask), answer
    return answer.prompts


def test_who_calls_our_number_is_welcomed_and_asked_for_a_room(world: World) -> None:
    for told in (OURS, "+842383123456", "842383123456"):
        assert prompts(calls(world, told)) == ("mcu-welcome", "mcu-enter-number")
    assert prompts(calls(world, "02383999999"))[0] == "mcu-unknown-number"


def test_what_is_keyed_in_is_taken_as_it_is(world: World) -> None:
    room(world, OURS)  # nobody reaches it by dialling, but by keys
    assert prompts(calls(world, OURS))[0] == "mcu-welcome"
    assert isinstance(calls(world, OURS, number_tries=1), Admit)


def test_a_number_of_the_line_s_leads_to_the_room_that_has_it(world: World) -> None:
    room(world, "02383000111")
    assert isinstance(calls(world, "+842383000111"), Admit)


def test_a_site_s_telephone_comes_in_as_its_site(world: World) -> None:
    room(world, entry="known")
    answer = calls(world)
    assert isinstance(answer, Admit)
    assert answer.name == "Chủ tịch Vinh"
    (visitor,) = world.bridge.conferences["3001"].everyone()
    assert (visitor.site, visitor.terminal, visitor.number) == (VINH, "boss", "0912345678")
    refused = calls(world, caller="0900000000")
    assert isinstance(refused, Refuse)
    assert refused.prompt == "mcu-no-guests"


def test_a_caller_s_number_saves_nobody_the_pin(world: World) -> None:
    room(world, pin="4711")
    assert prompts(calls(world))[0] == "mcu-enter-pin"
    assert prompts(calls(world, caller="0900000000"))[0] == "mcu-enter-pin"
    assert isinstance(calls(world, pin="4711", pin_tries=1), Admit)


def test_the_picture_tells_nobody_s_whole_number(world: World) -> None:
    room(world)
    room(world, "3002", language="en")
    told = calls(world, caller="+84900000001"), calls(world, "3002", caller="+84900000001")
    assert [answer.name for answer in told if isinstance(answer, Admit)] == ["Điện thoại …001", "Telephone …001"]
    (visitor,) = world.bridge.conferences["3001"].everyone()
    assert visitor.number == "0900000001"


def test_a_caller_s_number_makes_nobody_the_chair(world: World) -> None:
    room(world, presiding_site_id=VINH)
    answer = calls(world)
    assert isinstance(answer, Admit)
    assert answer.role == ""
    room(world, "3002", presiding_site_id=VINH, pin="4711", host_pin="1147")
    roles = [calls(world, "3002", pin=pin, pin_tries=1) for pin in ("4711", "1147")]
    assert [answer.role for answer in roles if isinstance(answer, Admit)] == ["guest", "host"]


def test_telephones_come_in_where_strangers_by_sip_may_not_but_not_where_the_room_says_no(world: World) -> None:
    room(world)
    assert isinstance(calls(world, caller="0900000000"), Admit)
    room(world, "3002", guests=False)
    assert isinstance(calls(world, "3002", caller="0900000000"), Refuse)


def test_control_that_was_restarted_knows_whose_telephone_waits(world: World) -> None:
    room(world, lobby="all")
    channel = "PJSIP/sip-trunk-00000001"
    waits = events.Member(
        participant="0badcafe", channel=channel, room="3001", name="Chủ tịch Vinh", number="+84912345678", muted=False,
        talking=False,
    )  # fmt: skip
    world.waiting[channel] = waits
    world.switch_up()
    visitor = world.bridge.conferences["3001"].lobby["0badcafe"]
    assert (visitor.site, visitor.terminal, visitor.kind) == (VINH, "boss", "named")
    assert visitor.number == "0912345678"  # as it was at the door
    world.waiting[channel] = replace(waits, participant="0badf00d", number="+84900000001")
    world.switch_up()
    stranger = world.bridge.conferences["3001"].lobby["0badf00d"]
    assert (stranger.site, stranger.kind, stranger.number) == (None, "guest", "0900000001")


def test_a_lost_registration_is_told_once_and_so_is_its_return(world: World) -> None:
    def told(registered: bool) -> list[str]:
        effects = world.happen(events.TrunkTold(at=world.at, registered=registered))
        return [effect.code for effect in effects if isinstance(effect, do.Notice)]

    assert [told(registered) for registered in (True, False, False, True, True)] == [
        [], ["trunk_away"], [], ["trunk_back"], [],
    ]  # fmt: skip

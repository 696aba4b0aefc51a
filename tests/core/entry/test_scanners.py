"""Addresses from which wrong numbers and PINs come one after the other."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.core import commands
from mcu.core import effects as do
from mcu.core.entry.answers import Ask, EntryAnswer, EntryRequest, Refuse
from mcu.core.entry.scanners import CLOSED_FOR, MOST_ADDRESSES, MOST_IN_HOUR, MOST_IN_MINUTE, Scanners, network
from mcu.core.roster import RoomConfig
from tests.core.world import World

SOURCE = "192.0.2.7"


@pytest.fixture
def scanners() -> Scanners:
    return Scanners()


def codes(effects: list[do.Effect]) -> list[str]:
    return [effect.code for effect in effects if isinstance(effect, do.Notice)]


def test_ten_in_a_minute_close_an_address_for_ten_minutes(scanners: Scanners) -> None:
    for n in range(MOST_IN_MINUTE - 1):
        assert scanners.wrong(SOURCE, 100.0 + n) == []
        assert not scanners.closed(SOURCE, 100.0 + n)
    told = scanners.wrong(SOURCE, 110.0)
    assert codes(told) == ["scanner"]
    assert [n.data for n in told if isinstance(n, do.Notice)] == [{"address": SOURCE, "others": 0, "minutes": 10}]
    assert scanners.closed(SOURCE, 110.0)
    assert scanners.closed(SOURCE, 110.0 + CLOSED_FOR - 1)
    assert not scanners.closed("192.0.2.8", 110.0)
    assert not scanners.closed(SOURCE, 110.0 + CLOSED_FOR)
    assert scanners.wrong(SOURCE, 111.0 + CLOSED_FOR) == []  # and it begins anew


def test_a_slow_one_is_noticed_within_the_hour(scanners: Scanners) -> None:
    told = [codes(scanners.wrong(SOURCE, 100.0 + 100 * n)) for n in range(MOST_IN_HOUR)]
    assert told == [[]] * (MOST_IN_HOUR - 1) + [["scanner"]]


def test_people_who_mistype_are_let_be(scanners: Scanners) -> None:
    for n in range(500):
        assert scanners.wrong(SOURCE, 100.0 + 130 * n) == []


def test_a_clock_that_is_set_back_closes_nothing_for_ever(scanners: Scanners) -> None:
    for _ in range(MOST_IN_MINUTE):
        scanners.wrong(SOURCE, 1_000_000.0)
    assert scanners.closed(SOURCE, 1_000_000.0)
    assert not scanners.closed(SOURCE, 1000.0)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:1::7", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("terminal.example", ""),
    ],
)
def test_what_counts_as_one_source(address: str, counted: str) -> None:
    assert network(address) == counted


def test_who_has_no_address_is_nobodys_fault(scanners: Scanners) -> None:
    for _ in range(100):
        assert scanners.wrong("", 100.0) == []
    assert not scanners.closed("", 100.0)


def test_memory_is_bounded_and_who_scans_now_stays_in_it(scanners: Scanners) -> None:
    for n in range(3 * MOST_ADDRESSES):
        scanners.wrong(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", 100.0)
        if n % 1000 == 0:
            scanners.wrong(SOURCE, 100.0)
    assert len(scanners) == MOST_ADDRESSES
    assert scanners.closed(SOURCE, 100.0)


def test_many_scanners_make_one_notice_a_minute(scanners: Scanners) -> None:
    told: list[do.Effect] = []
    for n in range(50):
        for _ in range(MOST_IN_MINUTE):
            told += scanners.wrong(f"192.0.2.{n}", 100.0 + n / 10)
    assert len(told) == 1
    for _ in range(MOST_IN_MINUTE):
        told += scanners.wrong("198.51.100.1", 200.0)
    last = told[-1]
    assert isinstance(last, do.Notice)
    assert "198.51.100.1" in last.text
    assert "49 other" in last.text


def asks(world: World, number: str, door: str = "guest", source: str = SOURCE, **more: Any) -> EntryAnswer:
    request = EntryRequest(
        channel="PJSIP/anonymous-00000001", uniqueid="1.0", number=number, door=door, endpoint="anonymous",
        caller_name="", caller_number="", video="", source=source, **more,
    )  # fmt: skip
    return world.bridge.enter(request, at=world.at, participant="0badf00d", guests=True, language="vi")[0]


def test_a_scanner_gets_the_same_answer_at_once_whatever_it_dials(world: World) -> None:
    world.command(commands.PutRoom(at=world.at, config=RoomConfig(number="2001", name="Kín", pin="4711")))
    for n in range(MOST_IN_MINUTE):
        assert isinstance(asks(world, f"90{n}"), Ask)
    at_once = Refuse(prompt="", cause=1, language="vi")
    tried = [asks(world, "1001"), asks(world, "9999"), asks(world, ""), asks(world, "2001", pin="4711", pin_tries=1)]
    assert tried == [at_once] * 4
    assert asks(world, "1001", source="192.0.2.9") != at_once
    assert asks(world, "1001", door="terminal") != at_once
    world.at += CLOSED_FOR
    assert asks(world, "1001") != at_once


def test_wrong_pins_count_and_no_keys_at_all_do_not(world: World) -> None:
    world.command(commands.PutRoom(at=world.at, config=RoomConfig(number="2001", name="Kín", pin="4711")))
    for _ in range(50):
        asks(world, "", number_tries=1)
        asks(world, "2001")
    assert not world.bridge.scanners.closed(SOURCE, world.at)
    for _ in range(MOST_IN_MINUTE):
        asks(world, "2001", pin="0000", pin_tries=1)
    assert world.bridge.scanners.closed(SOURCE, world.at)


def test_known_terminals_are_never_scanners(world: World) -> None:
    for n in range(5 * MOST_IN_MINUTE):
        asks(world, f"9{n:03}", door="terminal")
    assert len(world.bridge.scanners) == 0

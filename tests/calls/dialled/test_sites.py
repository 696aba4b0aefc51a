"""Sites are called by their terminals in turn, again when their call breaks, and left alone when they hang up."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.calls.dialled.light import LightSite, sites
from tests.calls.seating import Seat
from tests.product import Mcu
from tests.waiting import until_in_thread

Tree = Callable[[str, int], tuple[int, list[tuple[str, str]]]]


@pytest.fixture
def tree(mcu: Mcu) -> Iterator[Tree]:
    """``tree(name, terminals)`` makes a site with so many that register: its id, their names and passwords."""
    made: list[tuple[str, dict[str, Any]]] = []

    def make(name: str, terminals: int) -> tuple[int, list[tuple[str, str]]]:
        site = int(mcu.bus.call("site.create", name=name)["id"])
        made.append(("site.delete", {"id": site}))
        word = secrets.token_hex(4)  # a contact outlives its account, and a later one of that name has it
        accounts = [(f"t{word}_{n}", f"mat khau {n}") for n in range(terminals)]
        for n, (account, password) in enumerate(accounts):
            mcu.bus.call("terminal.create", name=account, password=password, site=site, position=n)
            made.append(("terminal.delete", {"name": account}))
        return site, accounts

    yield make
    for method, args in reversed(made):
        mcu.bus.call(method, **args)


def calls(mcu: Mcu, room: str) -> list[dict[str, Any]]:
    return list(mcu.bus.call("call.list", room=room))


async def dial(mcu: Mcu, room: str, site: LightSite, **more: Any) -> str:
    made = await asyncio.to_thread(mcu.bus.call, "call.dial", room=room, address=site.uri, name=site.name, **more)
    return str(made["id"])


async def test_a_site_whose_call_breaks_comes_back_and_one_that_hangs_up_does_not(mcu: Mcu, room: str) -> None:
    async with sites(2) as (breaks, stays):
        first, second = await dial(mcu, room, breaks), await dial(mcu, room, stays)
        await until_in_thread(lambda: {p["id"] for p in mcu.people(room)} == {first, second}, "both are there")
        breaks.hang_up(38)
        await until_in_thread(lambda: breaks.calls == 2 and len(mcu.people(room)) == 2, "it is called again, and there")
        assert {p["id"] for p in mcu.people(room)} == {first, second}
        texts = [n["text"] for n in mcu.bus.call("status")["notices"] if n["code"] == "site_lost"]
        assert any(breaks.name in text and "unreachable" in text for text in texts), texts
        breaks.hang_up(16)
        await until_in_thread(lambda: len(mcu.people(room)) == 1, "it has left")
        await asyncio.to_thread(mcu.bus.call, "room.act", room=room, act="drop", participant=second)
        await until_in_thread(lambda: mcu.people(room) == [] and calls(mcu, room) == [], "nobody is there, or called")
        assert (breaks.calls, stays.calls) == (2, 1)


async def test_the_next_terminal_is_tried_when_one_fails(mcu: Mcu, seat: Seat, room: str, tree: Tree) -> None:
    """The first of its terminals is registered nowhere; the second one is, and answers."""
    site, accounts = tree("Xã Lộc Trì", 2)
    probe = await seat(0, dial=None, user=accounts[1][0], password=accounts[1][1])
    await probe.registered()
    made = await asyncio.to_thread(mcu.bus.call, "call.dial", room=room, site=site)
    assert (made["site"], made["name"], made["terminal"]) == (site, "Xã Lộc Trì", accounts[0][0])
    await until_in_thread(lambda: len(mcu.people(room)) == 1, "it is there")
    (person,) = mcu.people(room)
    assert (person["site"], person["terminal"], person["dialled"]) == (site, accounts[1][0], True)
    await until_in_thread(lambda: calls(mcu, room) == [], "its call is none that is still made")


async def test_why_no_terminal_of_a_site_came(mcu: Mcu, room: str, tree: Tree) -> None:
    site, accounts = tree("Xã Phú Lương", 2)
    await asyncio.to_thread(mcu.bus.call, "call.dial", room=room, site=site)
    await until_in_thread(lambda: [c["state"] for c in calls(mcu, room)] == ["failed"], "it has failed")
    (call,) = calls(mcu, room)
    assert (call["terminal"], call["reason"]) == (accounts[1][0], "unreachable")


async def test_all_invited_sites_that_are_not_there_are_called(mcu: Mcu, room: str, tree: Tree) -> None:
    here, _ = tree("Xã Hương Sơn", 1)
    empty, _ = tree("Xã không thiết bị", 0)
    mcu.bus.call("room.set_sites", number=room, sites=[empty, here])
    answer = await asyncio.to_thread(mcu.bus.call, "call.all", room=room, who="all")
    assert [call["site"] for call in answer["calls"]] == [here]
    assert answer["skipped"] == [{"site": empty, "reason": "no_terminal"}]
    await until_in_thread(lambda: [c["state"] for c in calls(mcu, room)] == ["failed"], "it has failed")
    ended = await asyncio.to_thread(mcu.bus.call, "call.end_all", room=room)
    assert ended["ended"] == [answer["calls"][0]["id"]]
    assert calls(mcu, room) == []

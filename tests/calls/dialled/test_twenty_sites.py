"""Twenty sites are called together, played by SIPp: who can come comes, why the others do not is told, and once nothing
is in their way any more they come too."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from mcu.bus import connect
from tests.calls.dialled import sipp
from tests.calls.dialled.test_sites import calls
from tests.product import Mcu
from tests.waiting import until_in_thread

# What a site answers, and the word for it; one more is where nobody listens at all.
REASONS = {
    "486 Busy Here": "busy",
    "480 Temporarily Unavailable": "no_answer",
    "603 Decline": "refused",
    "488 Not Acceptable Here": "codec",
    "503 Service Unavailable": "unreachable",
}
SILENT = 35  # s until a request that nothing answers is given up: timer B, RFC 3261 17.1.1.2, is 32 s


async def invited(mcu: Mcu, room: str, addresses: list[str]) -> dict[str, int]:
    """A site with a terminal for each address: the address's site."""
    bus = await connect(mcu.home / "run" / "control.sock")
    try:
        sites = await sipp.known(bus, addresses)
        await bus.call("room.set_sites", number=room, sites=sites)
    finally:
        bus.close()
    return dict(zip(addresses, sites, strict=True))


async def call_all(mcu: Mcu, room: str) -> dict[str, Any]:
    return dict(await asyncio.to_thread(mcu.bus.call, "call.all", room=room, who="all"))


def present(mcu: Mcu, room: str) -> set[int]:
    return {person["site"] for person in mcu.people(room)}


def talking(mcu: Mcu, room: str, sites: sipp.SippSites) -> set[int]:
    """Who speaks, while the first of ``sites`` is told to, again and again: what it says is soon over."""
    sites.speak(sites.addresses[0])
    return {person["site"] for person in mcu.people(room) if person["talking"]}


def state(mcu: Mcu, room: str) -> dict[int, str]:
    """Of each site that is called: why it did not come, or where its call stands."""
    return {call["site"]: call["reason"] if call["state"] == "failed" else call["state"] for call in calls(mcu, room)}


async def test_twenty_sites_are_called_and_who_does_not_come_is_called_again(own_mcu: Mcu, room: str) -> None:
    mcu, at = own_mcu, sipp.addresses(20)
    refusing, rings, silent, good = at[:5], at[5], at[6], at[7:]
    async with sipp.running(good) as come:
        ident = await invited(mcu, room, at)
        expected = {ident[address]: reason for address, reason in zip(refusing, REASONS.values(), strict=True)}
        async with contextlib.AsyncExitStack() as stack:
            others = [
                await stack.enter_async_context(sipp.running([address], answer))
                for address, answer in zip([*refusing, rings], [*REASONS, "180 Ringing"], strict=True)
            ]
            answer = await call_all(mcu, room)
            assert [call["site"] for call in answer["calls"]] == list(ident.values())
            await until_in_thread(
                lambda: present(mcu, room) == {ident[address] for address in good}, "those who can are there"
            )
            await until_in_thread(lambda: expected.items() <= state(mcu, room).items(), "why the others are not")
            assert state(mcu, room)[ident[rings]] == "dialling"
            (ring,) = [call["id"] for call in calls(mcu, room) if call["site"] == ident[rings]]
            await asyncio.to_thread(mcu.bus.call, "call.end", call=ring)
            expected[ident[silent]] = "unreachable"
            await until_in_thread(
                lambda: state(mcu, room) == expected, "nobody answered at the silent one", SILENT + 25
            )
            for each in others:
                await each.finished()
                assert [len(each.calls(address)) for address in each.addresses] == [1]
        assert [len(come.calls(address)) for address in good] == [1] * len(good)

        # Now nothing is in their way. One is called again by itself, the others with all who are not there.
        async with sipp.running(at[:7]) as late:
            (busy,) = [call["id"] for call in calls(mcu, room) if call["site"] == ident[refusing[0]]]
            await asyncio.to_thread(mcu.bus.call, "call.again", call=busy)
            await until_in_thread(lambda: ident[refusing[0]] in present(mcu, room), "the one that was busy is there")
            answer = await call_all(mcu, room)
            assert {call["site"] for call in answer["calls"]} == {ident[address] for address in at[1:7]}
            assert {skipped["reason"] for skipped in answer["skipped"]} == {"present"}
            await until_in_thread(
                lambda: present(mcu, room) == set(ident.values()) and calls(mcu, room) == [], "all are there"
            )
            await until_in_thread(
                lambda: talking(mcu, room, late) == {ident[at[0]]}, "one is told to speak, and speaks"
            )
            await asyncio.to_thread(mcu.bus.call, "room.act", room=room, act="end")
            await until_in_thread(lambda: mcu.people(room) == [], "nobody is there")
            for each in (come, late):
                await each.finished()  # each of their calls was ended by a BYE
                assert [len(each.calls(address)) for address in each.addresses] == [1] * len(each.addresses)

"""Asterisk dies in a meeting that is closed to others: who was in it comes back, and nobody else gets in."""

from __future__ import annotations

import asyncio

from tests.calls.dialled.light import sites
from tests.calls.dialled.test_sites import calls, dial
from tests.calls.seating import Seat
from tests.calls.turned_away import turned_away
from tests.product import Mcu
from tests.waiting import until_in_thread

_SITES = 3


def _confbridge(mcu: Mcu, room: str) -> tuple[str, str]:
    """How many are in the room, and whether it is locked: ConfBridge's own word."""
    for line in mcu.console("confbridge list").splitlines():
        match line.split():  # its columns: conference, users, marked users, locked, muted
            case [number, users, _, locked, *_] if number == room:
                return users, locked
    return "0", "No"


async def test_a_locked_room_is_locked_after_a_restart_of_asterisk(own_mcu: Mcu, seat: Seat, room: str) -> None:
    async with sites(_SITES) as there:
        ids = {site.name: await dial(own_mcu, room, site) for site in there}
        await until_in_thread(lambda: len(own_mcu.people(room)) == _SITES, "all are there", 30)
        await asyncio.to_thread(own_mcu.bus.call, "room.act", room=room, act="lock", on=True)
        early, late = await seat(0, dial=None), await seat(1, dial=None)
        assert await turned_away(early, room) >= 400, "the room is locked"

        killed = own_mcu.kill("asterisk")
        await until_in_thread(
            lambda: own_mcu.started_anew("asterisk", killed) and own_mcu.ready(), "Asterisk is back", 60
        )
        # While those who belong here are still on their way, and the room may be empty.
        assert await turned_away(early, room) >= 400, "a newcomer got in before those who were in"
        await until_in_thread(lambda: all(site.up and site.calls == 2 for site in there), "all are called again", 60)
        await until_in_thread(lambda: {p["name"]: p["id"] for p in own_mcu.people(room)} == ids, "all are in again", 60)
        await until_in_thread(lambda: _confbridge(own_mcu, room) == (str(_SITES), "Yes"), "locked in Asterisk, too")
        assert own_mcu.bus.call("room.show", number=room)["locked"]
        assert await turned_away(late, room) >= 400, "a newcomer got in"
        assert {p["name"]: p["id"] for p in own_mcu.people(room)} == ids
        assert calls(own_mcu, room) == []
        assert [site.calls for site in there] == [2] * _SITES

        await asyncio.to_thread(own_mcu.bus.call, "room.act", room=room, act="lock", on=False)
        await late.dial(room)
        await until_in_thread(lambda: len(own_mcu.people(room)) == _SITES + 1, "open again")

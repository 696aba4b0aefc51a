"""Asterisk and control die together in a meeting, as by a power cut: its sites are called back, and it goes on."""

from __future__ import annotations

import asyncio
import os
import signal

from tests.calls.dialled.light import sites
from tests.calls.dialled.test_sites import calls, dial
from tests.calls.seating import Seat
from tests.calls.turned_away import turned_away
from tests.product import Mcu
from tests.waiting import until_in_thread

_SITES = 3


async def test_a_meeting_goes_on_after_a_power_cut(own_mcu: Mcu, seat: Seat, room: str) -> None:
    async with sites(_SITES) as there:
        ids = {site.name: await dial(own_mcu, room, site) for site in there}
        await until_in_thread(lambda: len(own_mcu.people(room)) == _SITES, "all are there", 30)
        speaker = there[1]

        async def act(name: str, /, **arguments: object) -> None:
            await asyncio.to_thread(own_mcu.bus.call, "room.act", room=room, act=name, **arguments)

        await act("rename", participant=ids[speaker.name], name="Phòng họp 2")
        await act("floor", participant=ids[speaker.name])
        await act("lock", on=True)
        names = {person["id"]: person["name"] for person in own_mcu.people(room)}
        before = await asyncio.to_thread(own_mcu.bus.call, "room.direction", room=room)
        await asyncio.to_thread(own_mcu.bus.call, "terminal.list")  # read after all that is to be written

        os.kill(own_mcu.supervisor, signal.SIGSTOP)  # neither is back before both are gone
        try:
            asterisk, control = own_mcu.kill("asterisk"), own_mcu.kill("control")
        finally:
            os.kill(own_mcu.supervisor, signal.SIGCONT)
        await until_in_thread(
            lambda: (
                own_mcu.started_anew("asterisk", asterisk)
                and own_mcu.started_anew("control", control)
                and own_mcu.ready()
            ),
            "both are back",
            60,
        )
        await until_in_thread(lambda: all(site.up and site.calls == 2 for site in there), "all are called again", 60)
        await until_in_thread(
            lambda: {p["id"]: p["name"] for p in own_mcu.people(room)} == names, "all are in again", 60
        )
        muted = {p["id"]: p["id"] != ids[speaker.name] for p in own_mcu.people(room)}
        await until_in_thread(
            lambda: {p["id"]: p["muted"] for p in own_mcu.people(room)} == muted, "microphones are as they were"
        )
        after = await asyncio.to_thread(own_mcu.bus.call, "room.direction", room=room)
        kept = ("conference", "mode", "focus")
        assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
        assert own_mcu.bus.call("room.show", number=room)["locked"]
        assert await turned_away(await seat(0, dial=None), room) >= 400, "a newcomer got in"
        assert calls(own_mcu, room) == []

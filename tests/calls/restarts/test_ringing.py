"""Control dies while sites ring: each rings on, once, and what becomes of it is what control learns that follows."""

from __future__ import annotations

import asyncio
import os
import signal

from tests.calls.dialled.light import sites
from tests.calls.dialled.test_sites import calls, dial
from tests.product import Mcu
from tests.waiting import until_in_thread


async def test_calls_that_ring_outlive_control(own_mcu: Mcu, room: str) -> None:
    async with sites(5) as there:
        early, late, busy, away, ended = there
        for site in there:
            site.answers = False
        ids = {site: await dial(own_mcu, room, site) for site in there}
        await until_in_thread(lambda: all(site.calls == 1 for site in there), "all ring")
        await until_in_thread(lambda: {c["state"] for c in calls(own_mcu, room)} == {"dialling"}, "and are listed so")

        await asyncio.to_thread(own_mcu.bus.call, "terminal.list")  # behind it, the calls are in the record
        os.kill(own_mcu.supervisor, signal.SIGSTOP)  # control stays away until one has answered
        try:
            killed = own_mcu.kill("control")
            early.pick_up()
            # It is at the door, where nobody answers yet.
            await until_in_thread(
                lambda: "mcu-entry" in own_mcu.console("core show channels concise"), "its answer came"
            )
        finally:
            os.kill(own_mcu.supervisor, signal.SIGCONT)
        await until_in_thread(
            lambda: own_mcu.started_anew("control", killed) and own_mcu.ready(), "control is back", 60
        )
        await until_in_thread(
            lambda: [p["id"] for p in own_mcu.people(room)] == [ids[early]], "who answered meanwhile is there"
        )
        ringing = {ids[site]: "dialling" for site in (late, busy, away, ended)}
        await until_in_thread(
            lambda: {call["id"]: call["state"] for call in calls(own_mcu, room)} == ringing, "the others ring on"
        )

        late.pick_up()
        busy.refuse(486, "Busy Here")
        away.refuse(480, "Temporarily Unavailable")
        await asyncio.to_thread(own_mcu.bus.call, "call.end", call=ids[ended])
        await until_in_thread(
            lambda: {p["id"] for p in own_mcu.people(room)} == {ids[early], ids[late]}, "both are there"
        )
        await until_in_thread(lambda: ended.cancelled == 1, "the one that was called off rings no more")
        failed = {(ids[busy], "failed", "busy"), (ids[away], "failed", "no_answer")}
        await until_in_thread(
            lambda: {(c["id"], c["state"], c["reason"]) for c in calls(own_mcu, room)} == failed, "the true reasons"
        )
        assert [site.calls for site in there] == [1] * 5, "each was called once"
        assert [site.cancelled for site in there] == [0, 0, 0, 0, 1]

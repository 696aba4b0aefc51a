"""When the last one has left, nothing of the meeting is left: no channel, no leg, no port that listens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from pathlib import Path

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.product import Mcu, alive
from tests.waiting import until


def _channels(mcu: Mcu) -> list[str]:
    """All but the pair that speaks a room's announcements, which is Asterisk's own and lasts as long as the room."""
    lines = mcu.console("core show channels concise").splitlines()
    return [line.split("!")[0] for line in lines if "!" in line and not line.startswith("CBAnn/")]


def _ports(mcu: Mcu, process: str) -> int:
    """UDP sockets that a process holds in the ranges for media."""
    ranges = {f"{port:04X}" for port in (*mcu.rtp_ports, *mcu.mixer_rtp_ports)}
    inodes = {
        fields[9]
        for line in Path("/proc/net/udp").read_text().splitlines()[1:]
        if (fields := line.split())[1].split(":")[1] in ranges
    }
    own = set()
    for link in Path(f"/proc/{mcu.pid(process)}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            own.add(os.readlink(link))
    return len(inodes & {name.removeprefix("socket:[").removesuffix("]") for name in own if name.startswith("socket:")})


async def test_nothing_is_left_of_a_meeting(own_mcu: Mcu, seat: Seat, room: str) -> None:
    chance = random.Random(5)
    people = [await seat(number, watch=number == 0) for number in range(4)]
    own_mcu.await_(lambda: _ports(own_mcu, "mixer") > 0, 10, "media ports in the mixer")
    own_mcu.await_(lambda: len(_channels(own_mcu)) > 4, 10, "legs in Asterisk")
    for _ in range(20):  # they come and go, some sooner than their legs stand
        restless = chance.choice(people[1:])
        if restless.call.up:
            await restless.hang_up()
        else:
            await restless.dial(room)
        await asyncio.sleep(chance.choice((0.0, 0.02, 0.3)))
    for terminal in people[1:]:
        if not terminal.call.up:
            await terminal.dial(room)
    own_mcu.await_(
        lambda: len(own_mcu.bus.call("room.show", number=room)["participants"]) == 4, 10, "four people again"
    )
    # Four terminals with a leg each, and one leg of the view's one class.
    with contextlib.suppress(AssertionError):
        own_mcu.await_(lambda: len(_channels(own_mcu)) == 9, 10, "nine channels")
    assert len(_channels(own_mcu)) == 9, _channels(own_mcu)
    await people[0].until(
        lambda: set(people[0].colours(auto(4))) == {terminal.colour for terminal in people},
        8,
        "all four in the picture",
    )
    for terminal in people:
        await terminal.hang_up()
    own_mcu.await_(lambda: _channels(own_mcu) == [], 10, "no channel in Asterisk")
    own_mcu.await_(lambda: _ports(own_mcu, "mixer") == 0, 10, "no media port in the mixer")
    own_mcu.await_(lambda: _ports(own_mcu, "asterisk") == 0, 10, "no media port in Asterisk")


async def test_a_killed_supervisor_takes_all_along(own_mcu: Mcu, seat: Seat) -> None:
    """Nothing goes on unwatched, holding the ports that the next start needs."""
    await seat(0)
    pids = own_mcu.pids()
    os.kill(own_mcu.supervisor, signal.SIGKILL)
    await until(lambda: not any(alive(pid) for pid in pids.values()), "the end of all processes", 10)
    own_mcu.start()
    await (await seat(1)).sees(auto(1), ["green"])

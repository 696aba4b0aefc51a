"""Light sites of a bench: invited, called, speaking in turn and gone again; SIPp plays them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from bench import meeting
from mcu.bus import Peer
from tests.calls.dialled import sipp
from tests.product import Mcu

PAUSE = 0.1  # s: the next one begins before the one before has ended, as people do
OTHER_ROOM = "2001"
TONE = 950  # Hz, of the one who speaks there
Row = tuple[str, object]


@contextlib.asynccontextmanager
async def called(mcu: Mcu, bus: Peer, count: int) -> AsyncIterator[sipp.SippSites]:
    """So many sites in the tree, invited, and listening on their addresses."""
    async with sipp.running(sipp.addresses(count)) as sites:
        await bus.call("room.set_sites", number=meeting.ROOM, sites=await sipp.known(bus, sites.addresses))
        yield sites


async def people(bus: Peer) -> list[dict[str, Any]]:
    return list((await bus.call("room.show", number=meeting.ROOM))["participants"])


async def talk(sites: sipp.SippSites, seconds: float) -> int:
    """They speak in turn, one beginning every PAUSE: how many turns there were."""
    turns, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        sites.speak(sites.addresses[turns % len(sites.addresses)])
        await asyncio.sleep(PAUSE)
        turns += 1
    return turns


class Dialling:
    """What the bus says of calls: when each was begun, how many failed."""

    def __init__(self) -> None:
        self.begun: list[float] = []
        self.failed = 0

    def hear(self, event: str, data: dict[str, Any]) -> None:
        if event == "call.changed" and data["state"] == "dialling":
            self.begun.append(time.monotonic())
        elif event == "call.failed":
            self.failed += 1

    def most(self) -> int:
        """Calls begun within the busiest second."""
        return max((sum(1 for at in self.begun if since <= at < since + 1) for since in self.begun), default=0)

    def rows(self) -> list[Row]:
        span = self.begun[-1] - self.begun[0]
        rate = (len(self.begun) - 1) / span if span else 0.0
        return [
            ("calls begun a second; in the busiest one", f"{rate:.1f}; {self.most()}"),
            ("calls begun, failed", f"{len(self.begun)}, {self.failed}"),
        ]


async def elsewhere(bus: Peer, over: asyncio.Event) -> list[float]:
    """Seconds that each act takes in another room, one after the other until it is over."""
    there = (await bus.call("room.show", number=OTHER_ROOM))["participants"]
    (one,) = [person for person in there if person["name"] == "Site 14"]
    took: list[float] = []
    while not over.is_set():
        begun = time.perf_counter()
        await bus.call("room.act", room=OTHER_ROOM, act="mute", participant=one["id"], on=len(took) % 2 == 0)
        took.append(time.perf_counter() - begun)
        await asyncio.sleep(0.02)
    return took


async def ended(mcu: Mcu, bus: Peer, sites: sipp.SippSites) -> list[Row]:
    """The chair ends the meeting: how long until nobody is there, whether anything is left of it, and what who runs
    another meeting notices."""
    over = asyncio.Event()
    await bus.call("room.create", number=OTHER_ROOM, name="Other", guests=True)
    async with meeting.seat(mcu, 12, tone=TONE) as voice, meeting.seat(mcu, 13, tone=0, listen=True) as ear:
        await voice.dial(OTHER_ROOM)
        await ear.dial(OTHER_ROOM)
        await asyncio.sleep(3)
        acts = asyncio.create_task(elsewhere(bus, over))
        await asyncio.sleep(0.5)
        since, begun = time.time(), time.monotonic()
        await bus.call("room.act", timeout=60, room=meeting.ROOM, act="end")
        answered = time.monotonic() - begun
        async with asyncio.timeout(60):
            while await people(bus):
                await asyncio.sleep(0.05)
        gone = time.monotonic() - begun
        over.set()
        took = await acts
        await asyncio.sleep(0.5)
        holes = [hole.seconds for hole in ear.ear.holes(TONE, since, time.time() - 0.2)]
    await sites.finished()  # each had its BYE, and no call went otherwise than it should
    while not (left := mcu.console("core show channels count").splitlines()[0]).startswith("0 "):
        if time.monotonic() - begun > 60:
            break
        await asyncio.sleep(0.1)
    return [
        ("the meeting is ended: answered; nobody is in it", f"{answered:.1f} s; {gone:.1f} s"),
        ("mute in another room meanwhile: answered", meeting.summary(took)),
        ("the sound there: holes, the longest", f"{len(holes)}, {1000 * max(holes, default=0):.0f} ms"),
        ("the sites saw of it", f"{sum(len(sites.calls(at)) for at in sites.addresses)} calls, each with its BYE"),
        ("left in Asterisk", left),
    ]

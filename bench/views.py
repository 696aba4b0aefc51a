"""Personal views: what it costs the mixer and Asterisk that n of a meeting each see a picture of their own.

Phases without and with them take turns in one run, so that another load on the machine falls on both.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics

from bench import meeting
from mcu.core.limits import Limits
from tests.product import Mcu


async def _cores(mcu: Mcu, seconds: float) -> dict[str, float]:
    await asyncio.sleep(2)  # legs are up or down, the first keyframes are sent
    before = meeting.usage(mcu)
    await asyncio.sleep(seconds)
    return meeting.share(before, meeting.usage(mcu))


async def bench(options: argparse.Namespace) -> None:
    alone = min(options.views, Limits().personal, options.terminals)
    async with meeting.product() as mcu, contextlib.AsyncExitStack() as stack:
        for number in range(options.terminals):
            terminal = await stack.enter_async_context(meeting.seat(mcu, number))
            await terminal.dial(meeting.ROOM)
        await asyncio.sleep(3)  # joins are over
        people = [person["id"] for person in mcu.bus.call("room.show", number=meeting.ROOM)["participants"]]
        without: list[dict[str, float]] = []
        full: list[dict[str, float]] = []
        composed: list[dict[str, float]] = []
        for _ in range(options.rounds):
            without.append(await _cores(mcu, options.seconds))
            for n, viewer in enumerate(people[:alone]):
                seen = people[(n + 1) % len(people)]
                mcu.bus.call("room.act", room=meeting.ROOM, act="view", viewer=viewer, participant=seen)
            full.append(await _cores(mcu, options.seconds))
            for viewer in people[:alone]:
                mcu.bus.call("room.act", room=meeting.ROOM, act="view", viewer=viewer, participant=None)
                text = "Đề nghị các điểm cầu tắt micro khi không phát biểu"
                mcu.bus.call("room.act", room=meeting.ROOM, act="banner", participant=viewer, text=text, scroll=True)
            composed.append(await _cores(mcu, options.seconds))
            for viewer in people[:alone]:
                mcu.bus.call("room.act", room=meeting.ROOM, act="banner", participant=viewer, text="")
        rows = []
        for name in ("mixer", "asterisk", "control"):
            base = statistics.median(cores[name] for cores in without)
            rows.append((name, base, *(100 * _more(name, some, without) / alone for some in (full, composed))))
        meeting.show(
            f"{alone} personal views beside {options.terminals} terminals",
            ("process", "cores without", "% of a core each, a site full screen", "% each, the layout with a text"),
            rows,
        )


def _more(name: str, some: list[dict[str, float]], without: list[dict[str, float]]) -> float:
    """Median over the rounds of what a phase took more than the one before it."""
    return statistics.median(a[name] - b[name] for a, b in zip(some, without, strict=True))


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", terminals=6, views=4, seconds=6, rounds=3)

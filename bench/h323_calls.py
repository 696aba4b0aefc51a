"""H.323 calls: one after the other, ten at once, and a hundred that stay. Set-up times, CPU and memory of the gateway.
The aim: sound within half a second of Setup, in the median.

The terminals tell and hear all that terminals do but send no sound or picture. ``--video 1`` gives those of the first
two parts a picture, too; ``--pace`` is how many of the hundred call in a second.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

from bench import meeting
from tests.probe.h323_light import LightTerminal
from tests.product import Mcu

# One address makes all these calls; the limits that a lone scanner meets are lifted for it.
LIMITS = {"MCU_H323__CONNECTIONS_PER_ADDRESS": "1000", "MCU_H323__CONNECTIONS_PER_MINUTE": "1000000"}


def resident(pid: int) -> float:
    """MiB of a process that are in memory now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 2**20


def channels(mcu: Mcu) -> int:
    """Asterisk's. Raises RuntimeError when it says nothing of them."""
    said = mcu.console("core show channels count")
    found = re.search(r"^(\d+) active channel", said, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"Asterisk says {said!r}")
    return int(found[1])


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def bench(options: argparse.Namespace) -> None:
    async with meeting.product(**LIMITS) as mcu:
        pid = mcu.pid("h323")
        rows: list[tuple[str, object]] = []
        async with terminal(mcu, options.video, 0) as first:  # what is imported and compiled by a first call
            await first.dial(meeting.ROOM)
        await idle(mcu)
        memory = resident(pid)

        before, done = meeting.usage(mcu), []
        for number in range(options.row):
            async with terminal(mcu, options.video, number) as caller:
                await caller.dial(meeting.ROOM)
                done.append(caller)
        await idle(mcu)
        rows += timed(f"{options.row} calls in a row", done)
        rows.append(("  CPU of the gateway, ms a call", 1000 * spent(mcu, before) / len(done)))

        async with contextlib.AsyncExitStack() as stack:
            before = meeting.usage(mcu)
            many = [await stack.enter_async_context(terminal(mcu, options.video, n)) for n in range(options.once)]
            await asyncio.gather(*(caller.dial(meeting.ROOM) for caller in many))
            rows += timed(f"{options.once} at once", many)
            rows.append(("  CPU of the gateway, ms a call", 1000 * spent(mcu, before) / len(many)))
        await idle(mcu)
        after_row = resident(pid)

        async with contextlib.AsyncExitStack() as stack:
            before = meeting.usage(mcu)
            crowd, dialling = [], []
            for number in range(options.crowd):
                caller = await stack.enter_async_context(terminal(mcu, 0, number))
                crowd.append(caller)
                dialling.append(asyncio.create_task(caller.dial(meeting.ROOM)))
                await asyncio.sleep(1 / options.pace)
            await asyncio.gather(*dialling)
            rows += timed(f"{options.crowd} that stay, {options.pace} a second, sound only", crowd)
            rows.append(("  CPU of the gateway, ms a call", 1000 * spent(mcu, before) / len(crowd)))
            full, still = resident(pid), meeting.usage(mcu)
            await asyncio.sleep(options.seconds)
            cpu, span = spent(mcu, still), meeting.usage(mcu).at - still.at
            cores = meeting.share(still, meeting.usage(mcu))
            rows += [
                ("calls that are still up", sum(caller.up for caller in crowd)),
                ("CPU of the gateway, ms a second, all calls idle", 1000 * cpu / span),
                ("  s an hour of one idle call", 3600 * cpu / span / len(crowd)),
                ("memory of the gateway, MiB: after a first call", memory),
                ("  after the calls in a row and at once", after_row),
                (f"  with {len(crowd)} calls", full),
            ]
        await idle(mcu)
        rows += [
            ("  after their end", resident(pid)),
            ("calls in the gateway, channels in Asterisk", f"{mcu.bus.call('h323.status')['calls']}, {channels(mcu)}"),
        ]
        meeting.show("H.323 calls", ("from Setup to", "measured"), rows)
        meeting.show_cpu(f"CPU, cores, {len(crowd)} calls idle", cores)


def terminal(mcu: Mcu, video: int, number: int) -> LightTerminal:
    """Each second one has H.245 on a connection of its own."""
    return LightTerminal(mcu.h323, tunnelling=number % 2 == 0, video=bool(video), name=f"Light {number}")


def timed(title: str, callers: Sequence[LightTerminal]) -> list[tuple[str, object]]:
    sound = [caller.heard_at - caller.setup_at for caller in callers]
    return [
        (f"{title}: Connect", meeting.summary([caller.connected_at - caller.setup_at for caller in callers])),
        ("  all channels open", meeting.summary([caller.open_at - caller.setup_at for caller in callers])),
        ("  first packet of sound", meeting.summary(sound)),
    ]


def spent(mcu: Mcu, before: meeting.Usage) -> float:
    """CPU seconds of the gateway since then."""
    return meeting.usage(mcu).seconds["h323"] - before.seconds["h323"]


async def idle(mcu: Mcu) -> None:
    """Until no call is left, in the gateway, in Asterisk or in the room. Raises AssertionError after 20 s."""
    for _ in range(100):
        status = mcu.bus.call("h323.status")
        if not status["calls"] and not status["connections"] and not channels(mcu):
            return
        await asyncio.sleep(0.2)
    left = mcu.console("core show channels concise")
    raise AssertionError(f"calls are left: {mcu.bus.call('h323.status')}\n{left}")


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", row=50, once=10, crowd=100, pace=4, seconds=20, video=0)

"""Bursts of tiny H.245 messages beside honest calls: how long the set-up of an honest call takes meanwhile.

Strangers, each from an address of its own, make a call that begins as it should and then pour thousands of round trip
delay requests into it at once, in the tunnel or on a connection of H.245's own, and begin again when they are cut off.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from bench import meeting
from bench.h323_calls import LIMITS, idle
from mcu.h323 import per
from tests.calls.h323.rubbish import stranger
from tests.probe.h323_light import LightTerminal
from tests.product import Mcu

_TINY = per.encode_h245(("request", ("roundTripDelayRequest", {"sequenceNumber": 1})))


async def _attack(gateway: tuple[str, int], options: argparse.Namespace, running: Any) -> tuple[int, int]:
    bursts = cut = 0

    async def attacker(chance: random.Random) -> None:
        nonlocal bursts, cut
        while running.value:
            with contextlib.suppress(OSError, TimeoutError):
                async with LightTerminal(
                    gateway, tunnelling=chance.random() < 0.5, name="Burst", host=stranger(chance)
                ) as caller:
                    await caller.begin("2001")
                    if await caller.answered():
                        caller.pour(_TINY, options.burst)
                        bursts += 1
                        await asyncio.sleep(1)
                        cut += not caller.up

    async with asyncio.TaskGroup() as group:
        for number in range(options.attackers):
            group.create_task(attacker(random.Random(number)))
    return bursts, cut


def attack(gateway: tuple[str, int], options: argparse.Namespace, running: Any) -> tuple[int, int]:
    """In a process of its own; how many bursts there were, and after how many the call was ended."""
    return asyncio.run(_attack(gateway, options, running))


async def honest(mcu: Mcu, seconds: float) -> tuple[list[float], list[str]]:
    """Set-up times, Setup to the first packet of sound; what failed."""
    loop, found, failures = asyncio.get_running_loop(), list[float](), list[str]()
    end = loop.time() + seconds
    while loop.time() < end:
        async with LightTerminal(mcu.h323, tunnelling=len(found) % 2 == 0, name="Honest") as caller:
            try:
                await caller.dial(meeting.ROOM)
                found.append(caller.heard_at - caller.setup_at)
            except (OSError, TimeoutError) as fault:
                failures.append(repr(fault))
        await asyncio.sleep(0.2)
    return found, failures


async def bench(options: argparse.Namespace) -> None:
    async with meeting.product(**LIMITS) as mcu, contextlib.AsyncExitStack() as stack:
        mcu.bus.call("room.create", number="2001", name="Other", guests=True)
        await honest(mcu, 1)
        quiet, first = await honest(mcu, options.seconds)
        processes = multiprocessing.get_context("spawn")
        running = stack.enter_context(processes.Manager()).Value("i", 1)
        pool = stack.enter_context(ProcessPoolExecutor(1, processes))
        attacking = asyncio.get_running_loop().run_in_executor(pool, attack, mcu.h323, options, running)
        await asyncio.sleep(2)  # until it has started
        before = meeting.usage(mcu)
        under, second = await honest(mcu, options.seconds)
        cores = meeting.share(before, meeting.usage(mcu))["h323"]
        running.value = 0
        bursts, cut = await attacking
        rows: list[tuple[str, object]] = [
            (f"honest calls in quiet, {len(quiet)}", meeting.summary(quiet)),
            (f"  during {bursts} bursts of {options.burst} messages, {len(under)}", meeting.summary(under)),
            ("  that failed", first + second or "none"),
            ("bursts after which the call was ended", cut),
            ("gateway, cores meanwhile", cores),
        ]
        meeting.show("Bursts of H.245", ("Setup to sound", "measured"), rows)
        await idle(mcu)


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", attackers=5, burst=8000, seconds=15)

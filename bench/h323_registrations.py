"""Power comes back: hundreds of terminals look for our gatekeeper and register at once. How long until all are in.

The gatekeeper runs in a process of its own with an account for each; every terminal has an address of its own, signs by
H.235.1, and asks again when it hears nothing, as H.225.0 table 18 has it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import random
import signal
import time
from multiprocessing.connection import Connection

import structlog

from bench import meeting
from mcu.h323.media import Address
from mcu.h323.ras import Account, Gatekeeper, Policy
from mcu.h323.ras.outside import OutsideGatekeeper
from mcu.h323.ras.requests import Membership
from mcu.h323.ras.udp import GatekeeperServer, Here


def _password(number: int) -> str:
    return f"mật khẩu {number}"


def serve(terminals: int, pipe: Connection) -> None:
    """The gatekeeper, until SIGTERM; tells its port, and at last its CPU time and what it dropped."""

    async def run() -> None:
        accounts = [Account(name=f"xa{n}", aliases=(str(20_000 + n),), password=_password(n)) for n in range(terminals)]
        gatekeeper = Gatekeeper(Policy(), accounts, here=Here("127.0.0.1"))
        server = GatekeeperServer(gatekeeper, lambda event: None)
        pipe.send((await server.start("127.0.0.1", 0)).port)
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
        await ended.wait()
        pipe.send((time.process_time(), len(gatekeeper.registry), gatekeeper.throttled))
        server.stop()

    asyncio.run(run())


async def terminal(port: int, number: int, wait: float, took: list[float]) -> OutsideGatekeeper:
    await asyncio.sleep(wait)
    host = f"127.80.{number // 250}.{1 + number % 250}"
    place = Address(host, 1720)
    member = Membership(
        gatekeeper=None, aliases=(str(20_000 + number),), signalling=place, ras=place, password=_password(number)
    )
    client = OutsideGatekeeper(f"127.0.0.1:{port}", member, lambda event: None)
    begun = time.monotonic()
    client.start(host)
    while client.joined is None:
        await asyncio.sleep(0.005)
    took.append(time.monotonic() - begun)
    return client


async def bench(options: argparse.Namespace) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(options.terminals, theirs))
    process.start()
    port = await asyncio.to_thread(ours.recv)
    took: list[float] = []
    begun = time.monotonic()
    waits = (random.random() * options.within for _ in range(options.terminals))
    clients = await asyncio.gather(*(terminal(port, n, wait, took) for n, wait in enumerate(waits)))
    whole = time.monotonic() - begun
    os.kill(process.pid or 0, signal.SIGTERM)
    cpu, registered, throttled = await asyncio.to_thread(ours.recv)
    await asyncio.to_thread(process.join)
    await asyncio.gather(*(client.stop() for client in clients))
    rows: list[tuple[str, object]] = [
        (f"{options.terminals} terminals within {options.within} s: all registered after, s", whole),
        ("GRQ to RCF", meeting.summary(took)),
        ("registered at the end, dropped by the limit", f"{registered}, {throttled}"),
        ("CPU of the gatekeeper with its start, ms a terminal", 1000 * cpu / options.terminals),
    ]
    meeting.show("Registrations", ("what", "measured"), rows)


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", terminals=400, within=2)

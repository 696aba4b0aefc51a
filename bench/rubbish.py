"""A minute of rubbish beside a meeting: noise from a terminal and from strangers, and H.264 with wrong bits."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import socket
import time

from bench import meeting
from tests.calls.rubbish.noise import packet
from tests.calls.tiles import auto


async def bench(options: argparse.Namespace) -> None:
    async with meeting.product() as mcu, contextlib.AsyncExitStack() as stack:
        people = []
        for number in range(4):
            terminal = await stack.enter_async_context(meeting.seat(mcu, number, watch=number < 2, listen=number < 2))
            await terminal.dial(meeting.ROOM)
            people.append(terminal)
        first, second, noisy, flipping = people
        tiles, colours = auto(4), [terminal.colour for terminal in people]
        await first.sees(tiles, colours, seconds=15)
        before, pids, chance = meeting.usage(mcu), mcu.pids(), random.Random(4)
        begun, packets = time.time(), 0
        pictures = first.screen.pictures
        flipping.camera.flip_bits = 0.2
        stranger = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        ports = [*mcu.rtp_ports, *mcu.mixer_rtp_ports]
        while time.time() < begun + options.seconds:
            for port in chance.sample(ports, 20):
                stranger.sendto(packet(chance), ("127.0.0.1", port))
            for _ in range(10):
                noisy.video.send_raw(packet(chance))
                noisy.sound.send_raw(packet(chance))
            packets += 40
            await asyncio.sleep(0.02)
        after, span = meeting.usage(mcu), time.time() - begun
        holes = first.ear.holes(second.tone, begun, time.time()) + second.ear.holes(first.tone, begun, time.time())
        meeting.show(
            f"{span:.0f} s of rubbish, {packets} packets",
            ("what", "measured"),
            [
                ("pictures a second at an innocent terminal", (first.screen.pictures - pictures) / span),
                ("its tiles and its neighbour's are right", first.colours(tiles)[:2] == colours[:2]),
                ("longest hole between the innocent, ms", 1000 * max((hole.seconds for hole in holes), default=0.0)),
                ("processes started anew", [name for name in pids if mcu.pids().get(name) != pids[name]] or "none"),
            ],
        )
        meeting.show_cpu("CPU, cores", meeting.share(before, after))


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", seconds=60)

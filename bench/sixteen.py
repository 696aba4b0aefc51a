"""Sixteen terminals, 640x360 at 30 a second each, in one picture of 1280x720 at 30: what arrives, and what it costs."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time

import numpy as np

from bench import meeting
from tests.calls.tiles import auto
from tests.probe import stamp
from tests.probe.pump import shared
from tests.probe.screen import Rect


class TileRates:
    """Counts, tile by tile, how many different pictures of its terminal a composed picture shows."""

    def __init__(self, tiles: list[Rect]) -> None:
        self.pictures = 0
        self.changes = [0] * len(tiles)
        self.unread = [0] * len(tiles)
        self.on = False
        self._tiles = tiles
        self._last: list[int | None] = [None] * len(tiles)

    def look(self, luma: stamp.Picture, _: float) -> None:
        if not self.on:
            return
        self.pictures += 1
        for number, rect in enumerate(self._tiles):
            counter = stamp.read(stamp.crop(luma, rect))
            if counter is None:
                self.unread[number] += 1
            elif counter != self._last[number]:
                self.changes[number] += 1
                self._last[number] = counter


async def bench(options: argparse.Namespace) -> None:
    tiles = auto(options.terminals)
    async with meeting.product() as mcu, contextlib.AsyncExitStack() as stack:
        rates = TileRates(tiles)
        terminals = []
        for number in range(options.terminals):
            terminal = await stack.enter_async_context(meeting.seat(mcu, number, watch=number == 0, kbps=options.kbps))
            await terminal.dial(meeting.ROOM)
            terminals.append(terminal)
        viewer = terminals[0]
        await viewer.sees(tiles, [terminal.colour for terminal in terminals], seconds=20)
        viewer.screen.on_picture = rates.look
        await asyncio.sleep(3)  # joins are over, encoders and clips run evenly
        begun, before, rates.on = time.time(), meeting.usage(mcu), True
        counted = [terminal.video.log.frames for terminal in terminals]
        sent = [terminal.video.sent_octets for terminal in terminals]
        await asyncio.sleep(options.seconds)
        after, rates.on, span = meeting.usage(mcu), False, time.time() - begun
        received = [(t.video.log.frames - n) / span for t, n in zip(terminals, counted, strict=True)]
        upstream = [(t.video.sent_octets - n) * 8 / span / 1000 for t, n in zip(terminals, sent, strict=True)]
        per_tile = [changes / span for changes in rates.changes]
        meeting.show(
            f"{options.terminals} terminals in one picture, {span:.0f} s",
            ("what", "least", "median", "most"),
            [
                (
                    "pictures a second at each terminal",
                    min(received),
                    float(np.median(received)),
                    max(received),
                ),
                (
                    "pictures a second in each tile",
                    min(per_tile),
                    float(np.median(per_tile)),
                    max(per_tile),
                ),
                ("kbit/s that each terminal sends", min(upstream), float(np.median(upstream)), max(upstream)),
            ],
        )
        unread = sum(rates.unread) / max(1, rates.pictures * len(tiles))
        print(
            f"decoded at terminal 1: {rates.pictures / span:.2f} a second, {viewer.screen.size}, "
            f"{viewer.video.log.missing_since(begun)} packets missing, {unread:.1%} of counters unreadable, "
            f"the probes' clock slipped by {shared().slip(begun) * 1000:.0f} ms at most"
        )
        meeting.show_cpu("CPU, cores", meeting.share(before, after))


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", terminals=16, seconds=25, kbps=700)

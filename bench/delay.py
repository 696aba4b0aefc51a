"""Delay through the whole MCU: a picture's counter in and out again, and a burst of sound from terminal to terminal."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time

from bench import meeting
from tests.calls.tiles import auto
from tests.probe import Terminal, stamp
from tests.probe.pump import shared

_BURST = 1250  # Hz


class PictureDelay:
    """From a picture's last packet sent to the last packet of the composed picture that first shows its counter."""

    def __init__(self, viewer: Terminal, source: Terminal, tile: tuple[float, float, float, float]) -> None:
        self.measured: list[float] = []
        self._source, self._tile = source, tile
        self._last: int | None = None
        viewer.screen.on_picture = self._look

    def _look(self, luma: stamp.Picture, arrival: float) -> None:
        counter = stamp.read(stamp.crop(luma, self._tile))
        if counter is None or counter == self._last:
            return
        sent = self._source.camera.sent_at.get(counter)
        if self._last is not None and sent is not None and 0 < arrival - sent < 2:
            self.measured.append(arrival - sent)
        self._last = counter


async def _sound(speaker: Terminal, listener: Terminal, bursts: int) -> list[float]:
    """Added one-way delay of each burst: from its first sample at the one to the same sample at the other."""
    measured = []
    speaker.voice.change(0)
    for _ in range(bursts):
        await asyncio.sleep(0.7)  # so that each burst begins in silence
        since, count = time.time(), len(speaker.voice.bursts)
        speaker.voice.burst(_BURST)
        while (onset := listener.ear.onset(_BURST, since)) is None and time.time() < since + 3:
            await asyncio.sleep(0.1)
        if onset is not None and len(speaker.voice.bursts) > count:
            measured.append(onset - (speaker.voice.bursts[count] - 0.020))
    return measured


async def bench(options: argparse.Namespace) -> None:
    async with meeting.product() as mcu, contextlib.AsyncExitStack() as stack:
        terminals = []
        for number in range(options.terminals):
            terminal = await stack.enter_async_context(meeting.seat(mcu, number, watch=number == 0, listen=True))
            await terminal.dial(meeting.ROOM)
            terminals.append(terminal)
        tiles = auto(len(terminals))
        viewer, source = terminals[0], terminals[-1]
        source.camera.interval *= 1.007  # so that it sends at every phase of the mixer's clock
        await viewer.sees(tiles, [terminal.colour for terminal in terminals], seconds=15)
        picture = PictureDelay(viewer, source, tiles[-1])
        shared().late = 0.0
        await asyncio.sleep(options.seconds)
        viewer.screen.on_picture = None
        for terminal in terminals[2:]:
            terminal.voice.change(0)
        sound = await _sound(terminals[1], viewer, options.bursts)
        meeting.show(
            f"one-way delay with {len(terminals)} terminals",
            ("what", "count", "measured"),
            [
                ("picture: last packet in, last packet out", len(picture.measured), meeting.summary(picture.measured)),
                ("sound: first sample in, first sample out", len(sound), meeting.summary(sound)),
            ],
        )
        print(f"the probes' clock slipped by {shared().late * 1000:.0f} ms at most")


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", terminals=4, seconds=15, bursts=40)

"""Viewers without a picture of their own join a meeting: the CPU that each of them adds, process by process."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time

from bench import meeting
from tests.probe import Offer


async def bench(options: argparse.Namespace) -> None:
    async with meeting.product() as mcu, contextlib.AsyncExitStack() as stack:
        for number in range(options.meeting):
            sitting = await stack.enter_async_context(meeting.seat(mcu, number))
            await sitting.dial(meeting.ROOM)
        await asyncio.sleep(3)  # joins are over
        before = meeting.usage(mcu)
        await asyncio.sleep(options.seconds)
        alone = meeting.share(before, meeting.usage(mcu))
        viewers = []
        for number in range(options.viewers):
            viewer = meeting.seat(mcu, number, tone=0, offer=Offer(video_direction="recvonly"))
            await stack.enter_async_context(viewer)
            await viewer.dial(meeting.ROOM)
            viewers.append(viewer)
        await asyncio.sleep(3)
        begun, counted = time.time(), [viewer.video.log.frames for viewer in viewers]
        before = meeting.usage(mcu)
        await asyncio.sleep(options.seconds)
        span = time.time() - begun
        crowded = meeting.share(before, meeting.usage(mcu))
        rates = [(v.video.log.frames - n) / span for v, n in zip(viewers, counted, strict=True)]
        missing = sum(viewer.video.log.missing_since(begun) for viewer in viewers)
        meeting.show(
            f"{options.viewers} viewers beside {options.meeting} terminals in the picture",
            ("process", "cores without", "cores with", "% of a core for each"),
            [
                (name, alone[name], crowded[name], 100 * (crowded[name] - alone[name]) / options.viewers)
                for name in crowded
                if name in alone
            ],
        )
        print(
            f"pictures a second at the viewers: {min(rates):.1f} to {max(rates):.1f}, {missing} packets missing in all"
        )


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", viewers=50, meeting=4, seconds=20)

"""Terminals join a running meeting one by one: INVITE to the first composed picture that can be decoded.

``--pause`` is the time in milliseconds between one's leaving and the next one's joining. Below 500 newcomers wait for
each other: the shared encoder makes a keyframe at most every half second.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from bench import meeting
from tests.probe import ClipFormat, palette


async def bench(options: argparse.Namespace) -> None:
    pictures: list[float] = []
    answers: list[float] = []
    async with meeting.product() as mcu, contextlib.AsyncExitStack() as stack:
        for number in range(options.meeting):
            sitting = await stack.enter_async_context(meeting.seat(mcu, number))
            await sitting.dial(meeting.ROOM)
        for number in range(options.joins):
            colour, tone = palette(number)
            form = ClipFormat(colour, kbps=700, frames=300)
            await asyncio.sleep(options.pause / 1000)
            async with meeting.seat(mcu, number, watch=True, tone=tone, clip=form) as newcomer:
                await newcomer.dial(meeting.ROOM)
                answers.append(newcomer.call.answered_at - newcomer.call.invited_at)
                pictures.append(await newcomer.first_picture(15))
    meeting.show(
        f"{len(pictures)} joins into a meeting of {options.meeting}",
        ("from INVITE to", "measured"),
        [("200 OK", meeting.summary(answers)), ("first decodable picture", meeting.summary(pictures))],
    )


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", joins=50, meeting=4, pause=700)

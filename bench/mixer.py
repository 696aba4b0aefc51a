"""The mixer alone, called directly: CPU a leg and a view leg, delay from picture in to picture out.

    python -m bench.mixer [--legs 16] [--viewers 16] [--seconds 8]

Legs send 640x360 at 30 pictures and 600 kbit/s a second. CPU is the mixer process's, as parts of one core, and by the
names of its threads; what a leg costs is the difference it makes, and what a view leg costs is the difference in what
is neither decoding, composing nor encoding. The delay runs from a picture's last packet sent to the last packet of the
composed picture that first shows its counter; up to a tick of 33 ms is in it, by chance. On a busy machine the probes
come late themselves: `chrt -r 20` in front puts them and the mixer before everybody else.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import statistics

from bench.delay import PictureDelay
from tests.mixer.rig import HD, Rig
from tests.probe import ClipFormat, Terminal, palette
from tests.probe.pump import shared
from tests.probe.screen import Rect


def grid(people: int) -> list[Rect]:
    side = math.ceil(math.sqrt(people))
    return [(n % side / side, n // side / side, 1 / side, 1 / side) for n in range(people)]


class Meter:
    """CPU of the mixer since the last reading, as parts of one core."""

    def __init__(self, rig: Rig, seconds: float) -> None:
        self._rig, self._seconds = rig, seconds

    async def read(self, what: str) -> tuple[float, float]:
        """In all, and without what the engine's stages took."""
        await asyncio.sleep(1)  # what the change itself cost is not of interest
        total, before = self._rig.mixer.cpu_seconds(), await self._parts()
        await asyncio.sleep(self._seconds)
        used = (self._rig.mixer.cpu_seconds() - total) / self._seconds
        parts = {name: (value - before.get(name, 0)) / self._seconds for name, value in (await self._parts()).items()}
        shares = ", ".join(f"{name} {share:.3f}" for name, share in sorted(parts.items()) if share >= 0.001)
        print(f"{what:44} {used:6.3f} core   {self._rig.mixer.rss_mb():4.0f} MB   ({shares})", flush=True)
        return used, used - sum(share for name, share in parts.items() if name.startswith("("))

    async def _parts(self) -> dict[str, float]:
        """Seconds so far: of threads that have a name of their own, and what the engine says of its stages."""
        parts = self._rig.mixer.thread_seconds()
        stats = (await self._rig.control.call("mixer.status"))["stats"]
        views = stats["views"]
        parts["(decode)"] = sum(source["decode_ns"] for source in stats["sources"]) / 1e9
        parts["(compose)"] = sum(view["compose_ns"] for view in views) / 1e9
        parts["(encode)"] = sum(rate["encode_ns"] for view in views for rate in view["classes"]) / 1e9
        return parts


def told(what: str, measured: list[float]) -> None:
    if not measured:
        print(f"{what:44} nothing measured")
        return
    ordered = sorted(1000 * value for value in measured)
    p95 = ordered[int(len(ordered) * 0.95)]
    print(f"{what:44} median {statistics.median(ordered):.1f} ms, 95 % below {p95:.1f} ms, {len(ordered)} pictures")


async def bench(options: argparse.Namespace) -> None:
    async with Rig() as rig, contextlib.AsyncExitStack() as stack:
        meter = Meter(rig, options.seconds)
        idle, _ = await meter.read("no calls")

        names = [f"bench{number:03}" for number in range(options.legs)]
        legs: list[Terminal] = []
        for number, name in enumerate(names):
            clip = ClipFormat(palette(number)[0], kbps=600, frames=300)
            leg = await stack.enter_async_context(rig.leg(palette(number)[0], clip=clip))
            await leg.dial(f"leg-{name}")
            leg.voice.paused = True  # Asterisk's holding bridge sends no sound
            legs.append(leg)
        hidden, _ = await meter.read(f"{options.legs} legs, none seen")
        print(f"{'  a leg':44} {(hidden - idle) / options.legs:6.4f} core")

        await rig.control.put("1001", names, grid(len(names)))
        first = await stack.enter_async_context(rig.viewer(watch=True))
        await first.dial("view-1001-hd")
        first.camera.on, first.voice.paused = False, True
        await first.first_picture()
        _, seen = await meter.read(f"{options.legs} legs, all seen by one viewer")

        viewers = []
        for _ in range(options.viewers):
            viewer = await stack.enter_async_context(Terminal(rig.mixer.address, watch=False, listen=False))
            await viewer.dial("view-1001-hd")
            viewer.camera.on, viewer.voice.paused = False, True
            viewers.append(viewer)
        _, many = await meter.read(f"{options.viewers} viewers more")
        print(f"{'  a view leg':44} {(many - seen) / options.viewers:6.4f} core")
        await asyncio.gather(*(viewer.hang_up() for viewer in viewers))

        rect = grid(len(names))[-1]
        delay = PictureDelay(first, legs[-1], rect)
        await asyncio.sleep(options.seconds)
        told(f"delay, {options.legs} legs seen", delay.measured)
        await asyncio.gather(*(leg.hang_up() for leg in legs[:-1]))
        await rig.control.put("1001", [names[-1]], [(0.0, 0.0, 1.0, 1.0)], [HD])
        await asyncio.sleep(1)
        delay = PictureDelay(first, legs[-1], (0.0, 0.0, 1.0, 1.0))
        await asyncio.sleep(options.seconds)
        told("delay, one leg", delay.measured)

        answers = []
        for number in range(20):
            async with rig.leg("red") as leg:
                await leg.dial(f"leg-quick{number}")
                answers.append(leg.call.answered_at - leg.call.invited_at)
        told("INVITE to 200", answers)
        print(f"{'the probes overslept at most':44} {1000 * shared().late:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--legs", type=int, default=16)
    parser.add_argument("--viewers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=8.0)
    asyncio.run(bench(parser.parse_args()))


if __name__ == "__main__":
    main()

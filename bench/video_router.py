"""What a terminal's video costs Asterisk: pairs and fan-out through the video router, and the floor without it.

    python -m bench.video_router [--terminals 20] [--seconds 10]

Every terminal speaks G.711 in one ConfBridge room. In the *floor* its video goes up and Asterisk drops it; in a *pair*
it goes to a leg of its own in a holding bridge and the leg's comes back; in the *fan-out* one leg's goes to all, and
their own, smaller, is dropped. Then single terminals join such a fan-out: how long until the publisher is asked for a
keyframe, and until the first packet is there.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from tests.asterisk.module.switch import Switch, build
from tests.asterisk.module.terminal import Terminal

FPS = 30
SIZE = 1080  # octets of a packet
FULL = 5  # packets of a picture: 5 x 1080 x 8 x 30 = 1.3 Mbit/s
SMALL = 2  # 0.5 Mbit/s
SILENCE = b"\xff" * 160  # 20 ms of G.711 mu-law


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def speak(terminals: list[Terminal]) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        for terminal in terminals:
            terminal.speak(SILENCE)
        due += 0.02
        await asyncio.sleep(due - loop.time())


async def gather(switch: Switch, scenario: str, count: int) -> tuple[list[Terminal], list[Terminal]]:
    """The terminals in the room, and the legs beside it."""
    terminals = [await Terminal(f"t{i}", switch.sip).open() for i in range(count)]
    beside = {"floor": 0, "pair": count, "fan-out": 1}[scenario]
    legs = [await Terminal(f"l{i}", switch.sip).open() for i in range(beside)]
    for i, leg in enumerate(legs):
        await leg.dial("leg", X_Publish=f"m-{i}", **({"X_Subscribe": f"p-{i}"} if scenario == "pair" else {}))
        leg.video.start(FPS, FULL, SIZE)
    for i, terminal in enumerate(terminals):
        wiring = {
            "floor": {},
            "pair": {"X_Publish": f"p-{i}", "X_Subscribe": f"m-{i}"},
            "fan-out": {"X_Publish": f"p-{i}", "X_Subscribe": "m-0"},
        }[scenario]
        await terminal.dial("room", X_Room="1", **wiring)
        terminal.video.start(FPS, SMALL if scenario == "fan-out" else FULL, SIZE)
    return terminals, legs


async def measure(switch: Switch, scenario: str, count: int, seconds: float) -> float:
    """% of a core for each terminal."""
    assert switch.process
    terminals, legs = await gather(switch, scenario, count)
    speaking = asyncio.create_task(speak([*terminals, *legs]))
    await asyncio.sleep(2)  # joins are over
    before, cpu, begun = [len(t.video.received) for t in terminals], cpu_seconds(switch.process.pid), time.monotonic()
    await asyncio.sleep(seconds)
    span = time.monotonic() - begun
    spent = cpu_seconds(switch.process.pid) - cpu
    pictures = [(len(t.video.received) - n) / FULL / span for t, n in zip(terminals, before, strict=True)]
    speaking.cancel()
    for one in [*terminals, *legs]:
        await one.close()
    share = 100 * spent / span / count
    print(
        f"{scenario:8} {share:6.2f} % of a core for each terminal, "
        f"{statistics.mean(pictures):4.1f} pictures a second shown to it"
    )
    return share


async def first_pictures(switch: Switch, calls: int = 10) -> None:
    """From the INVITE on."""
    leg = await Terminal("leg", switch.sip).open()
    await leg.dial("leg", X_Publish="m-0")
    leg.video.start(FPS, FULL, SIZE)
    asked, shown = [], []
    for number in range(calls):
        terminal = await Terminal(f"j{number}", switch.sip).open()
        requests = len(leg.video.keyframe_requests)
        begun = time.monotonic()
        await terminal.dial("room", X_Room="1", X_Subscribe="m-0")
        await terminal.video.until(lambda terminal=terminal: terminal.video.received)
        await leg.video.until(lambda requests=requests: len(leg.video.keyframe_requests) > requests)
        shown.append(terminal.video.received[0].arrived - begun)
        asked.append(leg.video.keyframe_requests[requests] - begun)
        await terminal.close()
        await asyncio.sleep(0.6)  # beyond the limit on keyframe requests
    await leg.close()
    for name, times in (("keyframe asked", asked), ("first packet", shown)):
        print(
            f"{name:14} {1000 * statistics.median(times):5.1f} ms after the INVITE (median), "
            f"{1000 * max(times):5.1f} ms at worst"
        )


async def bench(count: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="video-router-") as folder:
        switch = Switch(Path(folder) / "switch", build(Path(folder) / "res_video_router.so"))
        switch.start()
        try:
            shares = {name: await measure(switch, name, count, seconds) for name in ("floor", "pair", "fan-out")}
            await first_pictures(switch)
        finally:
            switch.stop()
    for name in ("pair", "fan-out"):
        more, times = shares[name] - shares["floor"], shares[name] / shares["floor"]
        print(f"{name}: {more:+.2f} % against the floor, {times:.1f} times")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--terminals", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    asyncio.run(bench(options.terminals, options.seconds))

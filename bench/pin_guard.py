"""A room's PIN attacked by real calls, until the room closes: is it told by time from a room that is not there?

Calls to the closed room and to a missing one take turns, each pair from a fresh address; the time from INVITE to final
response is what a caller can measure before anything is said. The largest distance between the two distributions
(Kolmogorov and Smirnov) is set beside those that chance alone makes out of the same times.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections.abc import Sequence

from bench import meeting
from tests.calls.door.attack import Answer, close, ring

ROOM, MISSING = "4001", "987654321"
_SHUFFLES = 2000


async def bench(options: argparse.Namespace) -> None:
    async with meeting.product() as mcu:
        mcu.bus.call("room.create", number=ROOM, name="Kín", pin="4711", language="en")
        await close(mcu, ROOM, ["127.0.8.1", "127.0.8.2", "127.0.8.3"])
        closed = [n for n in mcu.bus.call("status")["notices"] if n["code"] == "pin_guessed"]
        assert closed, "the room is still open"
        answers: dict[str, list[Answer]] = {ROOM: [], MISSING: []}
        for n in range(options.calls):
            for number in (ROOM, MISSING) if n % 2 else (MISSING, ROOM):
                answers[number].append(await ring(mcu, f"127.0.{10 + n // 200}.{1 + n % 200}", number))
        rows = []
        for name, number in (("closed", ROOM), ("missing", MISSING)):
            times = sorted(1000 * one.seconds for one in answers[number])
            rows.append((name, statistics.median(times), times[len(times) // 20], times[-1 - len(times) // 20]))
        meeting.show(f"{options.calls} calls each", ("room", "median ms", "p5", "p95"), rows)
        ours, theirs = ([one.seconds for one in answers[number]] for number in (ROOM, MISSING))
        distance = _distance(ours, theirs)
        by_chance = sorted(_by_chance([*ours, *theirs], len(ours)) for _ in range(_SHUFFLES))
        more = sum(1 for one in by_chance if one >= distance) / _SHUFFLES
        print(f"distance of the distributions {distance:.2f}; chance alone makes one as large in {100 * more:.0f} %")
        told = [{(one.status, one.provisional, one.words) for one in answers[number]} for number in (ROOM, MISSING)]
        print("words and statuses:", "the same" if told[0] == told[1] else "THEY DIFFER")


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    def share(values: Sequence[float], limit: float) -> float:
        return sum(1 for value in values if value <= limit) / len(values)

    return max(abs(share(one, limit) - share(other, limit)) for limit in (*one, *other))


def _by_chance(times: list[float], first: int) -> float:
    random.shuffle(times)
    return _distance(times[:first], times[first:])


if __name__ == "__main__":
    meeting.run(bench, __doc__ or "", calls=60)

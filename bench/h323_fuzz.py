"""A hundred thousand wrong Setup, TerminalCapabilitySet, OpenLogicalChannel and RegistrationRequest messages.

Half are altered values written again, half wrong octets (one in ten as large as a message may be). Prints whatever was
neither a value nor Garbled, the slowest messages, and the memory before and after. Fails if there was a crash.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections import Counter
from pathlib import Path

from mcu.errors import Garbled
from mcu.h323 import per
from tests.h323 import vectors
from tests.h323.per import mutate

NAMES = ("setup", "terminalCapabilitySet", "openLogicalChannel", "registrationRequest")


def resident() -> float:
    """MiB of this process in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="start from every captured message, not from those four")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    per.prepare()
    good = [(v.kind, v.octets) for v in vectors.distinct() if options.all or v.name.rpartition("_")[2] in NAMES]
    values = {octets: getattr(per, f"decode_{kind}")(octets) for kind, octets in good}
    gc.collect()
    before, begun, counts = resident(), time.time(), Counter[str]()
    slowest: list[tuple[float, str, str]] = []
    for number in range(options.messages):
        kind, octets = chance.choice(good)
        wrong: bytes | None
        if number % 2:
            try:
                wrong = mutate.structured(chance, kind, octets)
            except Exception as crash:
                counts["crashes in writing"] += 1
                print(f"CRASH writing {kind} of {octets.hex()}: {crash!r}")
                continue
            if wrong is None:
                counts["altered, refused when written"] += 1
                continue
            counts["altered, written"] += 1
        else:
            wrong = (mutate.swell if number % 20 == 0 else chance.choice(mutate.OCTETS))(chance, octets)
            counts["wrong octets"] += 1
        started = time.process_time()
        try:
            shown = per.text(getattr(per, f"decode_{kind}")(wrong))
            result = "a value"
            if not shown.isascii() or len(shown) > 200_000:
                raise ValueError(f"a text of {len(shown)} characters")
        except Garbled as reason:
            result = str(reason)
        except Exception as crash:
            counts["crashes in reading"] += 1
            result = f"CRASH {crash!r}"
            print(f"{result} reading {kind} {wrong.hex()}")
        counts["read" if result == "a value" else "garbled"] += 1
        slowest.append((1000 * (time.process_time() - started), result[:60], f"{kind} {len(wrong)} {wrong[:48].hex()}"))
        if len(slowest) > 1000:
            slowest = sorted(slowest, reverse=True)[:5]
        if number % 100 == 0 and getattr(per, f"decode_{kind}")(octets) != values[octets]:
            counts["good messages read wrong"] += 1
    took = time.time() - begun
    gc.collect()
    print(f"{options.messages} messages from {len(good)} good ones in {took:.0f} s")
    for what, count in sorted(counts.items()):
        print(f"  {count:8} {what}")
    print(f"resident: {before:.1f} MiB before, {resident():.1f} MiB after; the slowest to read and show, CPU:")
    for spent, result, message in sorted(slowest, reverse=True)[:5]:
        print(f"  {spent:6.1f} ms  {result}  {message}")
    sys.exit(any("crash" in what or "wrong" in what.removeprefix("wrong octets") for what in counts))


if __name__ == "__main__":
    main()

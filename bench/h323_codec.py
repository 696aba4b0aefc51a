"""What reading and writing one H.323 message costs, and all messages of a call; beside it pycrate's own codec."""

from __future__ import annotations

import argparse
import functools
import marshal
import resource
import time
from collections.abc import Callable
from typing import Any

from mcu.h323 import per
from tests.h323 import vectors

MESSAGES = (
    ("setup", "video264"),
    ("terminalCapabilitySet", "video264"),
    ("terminalCapabilitySet", "opal"),
    ("openLogicalChannel", "video264"),
    ("openLogicalChannelAck", "video264"),
    ("miscellaneousCommand", "video264"),
    ("registrationRequest", "gk_direct"),
    ("admissionRequest", "gk_direct"),
)


def cost(work: Callable[[Any], object], value: Any, rounds: int) -> float:
    """CPU milliseconds of one call, the best of five rows."""
    rows = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(rounds):
            work(value)
        rows.append((time.process_time() - begun) / rounds)
    return 1000 * min(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    begun, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    per.prepare()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"loading the types: {time.process_time() - begun:.2f} s, {grown / 1024:.0f} MiB")
    from tests.h323.per import stock

    print("ms CPU                          octets    read   write    text  pycrate's read  a copy out of a cache")
    for name, folder in MESSAGES:
        vector = vectors.pick(name, folder)
        decode, encode = getattr(per, f"decode_{vector.kind}"), getattr(per, f"encode_{vector.kind}")
        value = decode(vector.octets)
        stocked = cost(functools.partial(stock.decode, vector.kind), vector.octets, rounds)
        print(
            f"{name:22}{folder:10}{len(vector.octets):6}{cost(decode, vector.octets, rounds):8.3f}"
            f"{cost(encode, value, rounds):8.3f}{cost(per.text, value, rounds):8.3f}{stocked:16.3f}"
            f"{cost(marshal.loads, marshal.dumps(value), rounds):12.4f}"
        )
    print("\nall messages of a capture, each read once and written once")
    for folder in vectors.FOLDERS:
        begun = time.process_time()
        for _ in range(5):
            for vector in vectors.load(folder):
                value = getattr(per, f"decode_{vector.kind}")(vector.octets)
                getattr(per, f"encode_{vector.kind}")(value)
        print(f"{folder:24}{len(vectors.load(folder)):5} messages{(time.process_time() - begun) * 200:8.2f} ms")


if __name__ == "__main__":
    main()

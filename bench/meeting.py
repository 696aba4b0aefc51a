"""What the benches share: a product of their own, terminals in a room, CPU of processes, tables.

Run a bench from the project's root: ``python -m bench.sixteen``. None needs root.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.probe import ClipFormat, Terminal, palette
from tests.product import Mcu

ROOM = "2000"
_TICKS = os.sysconf("SC_CLK_TCK")


@contextlib.asynccontextmanager
async def product(**environment: str) -> AsyncIterator[Mcu]:
    """A running MCU with room 2000, open to guests; settings as variables of the environment."""
    mcu = Mcu(**environment)
    try:
        mcu.start()
        mcu.bus.call("room.create", number=ROOM, name="Bench", guests=True)
        yield mcu
    finally:
        mcu.stop()


def seat(mcu: Mcu, number: int, *, kbps: int = 700, **options: object) -> Terminal:
    """A terminal with a busy 640x360 picture at 30 a second; it decodes nothing unless ``watch=True``."""
    colour, tone = palette(number)
    given: dict[str, object] = {
        "colour": colour, "tone": tone, "display": f"Site {number + 1}", "watch": False, "listen": False,
        "clip": ClipFormat(colour, kbps=kbps, frames=300),
    }  # fmt: skip
    return Terminal(mcu.sip, **(given | options))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU time of the product's processes and of this one, in seconds since each began."""

    at: float
    seconds: dict[str, float]


def usage(mcu: Mcu) -> Usage:
    pids = {**mcu.pids(), "probes": os.getpid()}
    return Usage(time.monotonic(), {name: _cpu_seconds(pid) for name, pid in pids.items()})


def share(before: Usage, after: Usage) -> dict[str, float]:
    """Cores used by each process between the two, 1.0 being one whole core."""
    span = after.at - before.at
    return {
        name: (after.seconds[name] - before.seconds[name]) / span for name in after.seconds if name in before.seconds
    }


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads and its ended children: proc(5), fields 14 to 17."""
    total = 0.0
    for each in (pid, *_children(pid)):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
            total += sum(int(value) for value in fields[11:13]) / _TICKS
    return total


def _children(pid: int) -> list[int]:
    """gunicorn's workers count with their master."""
    with contextlib.suppress(FileNotFoundError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def quantile(values: Sequence[float], part: float) -> float:
    """The value that ``part`` of all do not exceed, of at least one value."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def summary(values: Sequence[float]) -> str:
    """Median, 95 % and worst in milliseconds."""
    if not values:
        return "nothing measured"
    parts = (statistics.median(values), quantile(values, 0.95), max(values))
    return "median {:.0f} ms, p95 {:.0f} ms, worst {:.0f} ms".format(*(1000 * part for part in parts))


def show(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    table = Table(title=title)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row))
    Console(width=110).print(table)


def show_cpu(title: str, cores: dict[str, float]) -> None:
    show(title, ("process", "cores"), [*cores.items(), ("sum without probes", sum(cores.values()) - cores["probes"])])


def run(bench: Callable[[argparse.Namespace], Awaitable[None]], description: str, **numbers: int) -> None:
    """Start a bench; each of ``numbers`` becomes an option with that default."""
    parser = argparse.ArgumentParser(description=description)
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")

    async def whole() -> None:
        await bench(parser.parse_args())

    asyncio.run(whole())

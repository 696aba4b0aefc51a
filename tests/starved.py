"""How long this machine kept programs from running, by the kernel's own count.

Of each thread: the time that it was ready to run and another ran instead (schedstat, second number, nanoseconds;
Documentation/scheduler/sched-stats.rst). Of a virtual machine's processors: the time that the host had them run
something else (/proc/stat, "steal", proc(5)), which no thread's count knows of.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")  # s, the unit of /proc/stat
_STEAL = 8  # the column of a processor's line, its name being the first


def threads(pid: int | str) -> dict[int, int]:
    """ns by thread of a process, empty when it is gone; "self" is this one."""
    found = {}
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            found[int(task.name)] = int((task / "schedstat").read_text().split()[1])
    return found


def stolen() -> dict[str, float]:
    """s by processor."""
    lines = (line.split() for line in Path("/proc/stat").read_text().splitlines())
    return {line[0]: int(line[_STEAL]) * _TICK for line in lines if line[0][:3] == "cpu" and line[0] != "cpu"}


def stolen_since(before: dict[str, float]) -> float:
    """s of the processor that the host took most from."""
    return max((now - before.get(name, 0.0) for name, now in stolen().items()), default=0.0)

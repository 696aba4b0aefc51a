"""How long programs were kept from running, so that a deadline judges the product and not a crowded machine.

Linux counts for each thread the time that it was ready to run and another ran instead (schedstat, second number,
nanoseconds; Documentation/scheduler/sched-stats.rst). On a machine with a core to spare it is next to nothing.
What Python itself withholds from the probes' pump comes on top.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from tests.probe.pump import shared
from tests.product import Mcu


class Starvation:
    """Counts from its making on; a process started later counts from its start.

    ``processes`` are names as in Mcu.pids(); this process, with the probes in it, always counts.
    """

    def __init__(self, mcu: Mcu, *processes: str) -> None:
        self._mcu, self._processes = mcu, processes
        self._begun = time.time()
        self._before = self._waited()

    def seconds(self) -> float:
        """For each process its most starved thread, added up over the processes, since one may wait for the other, and
        the longest that the pump came late."""
        worst: dict[int, int] = {}
        for (pid, thread), waited in self._waited().items():
            grown = waited - self._before.get((pid, thread), 0)
            worst[pid] = max(worst.get(pid, 0), grown)
        return sum(worst.values()) / 1e9 + shared().slip(self._begun)

    def _waited(self) -> dict[tuple[int, int], int]:
        pids = self._mcu.pids()
        found = {}
        for pid in (os.getpid(), *(pids[name] for name in self._processes if name in pids)):
            for task in Path(f"/proc/{pid}/task").glob("*"):
                with contextlib.suppress(OSError):
                    found[pid, int(task.name)] = int((task / "schedstat").read_text().split()[1])
        return found

"""How long programs were kept from running (tests/starved.py), so that a deadline judges the product and not a crowded
machine: next to nothing where there is a core to spare. What Python itself withholds from the probes' pump comes on
top.
"""

from __future__ import annotations

import os
import time

from tests import starved
from tests.probe.pump import shared
from tests.product import Mcu


class Starvation:
    """Counts from its making on; a process started later counts from its start.

    ``processes`` are names as in Mcu.pids(); this process, with the probes in it, always counts.
    """

    def __init__(self, mcu: Mcu, *processes: str) -> None:
        self._mcu, self._processes = mcu, processes
        self._begun = time.time()
        self._before, self._stolen = self._waited(), starved.stolen()

    def seconds(self) -> float:
        """For each process its most starved thread, added up over the processes, since one may wait for the other, the
        longest that the pump came late, and what the host took of this machine."""
        worst: dict[int, int] = {}
        for (pid, thread), waited in self._waited().items():
            grown = waited - self._before.get((pid, thread), 0)
            worst[pid] = max(worst.get(pid, 0), grown)
        return sum(worst.values()) / 1e9 + shared().slip(self._begun) + starved.stolen_since(self._stolen)

    def _waited(self) -> dict[tuple[int, int], int]:
        pids = self._mcu.pids()
        return {
            (pid, thread): waited
            for pid in (os.getpid(), *(pids[name] for name in self._processes if name in pids))
            for thread, waited in starved.threads(pid).items()
        }

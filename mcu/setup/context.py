"""What every step of the set-up is given."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from mcu.setup.command import Runner
from mcu.setup.places import Places
from mcu.setup.progress import Console
from mcu.setup.versions import Versions


@dataclass(frozen=True)
class Context:
    places: Places
    versions: Versions
    runner: Runner
    console: Console
    for_tests: bool
    jobs: int = field(default_factory=lambda: max(len(os.sched_getaffinity(0)), 1))

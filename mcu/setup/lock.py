"""One set-up at a time in one cache."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mcu.errors import SetupError
from mcu.setup.progress import Console


@contextmanager
def only_one(file: Path, console: Console) -> Iterator[int]:
    """Hold the lock; while another process has it, say so and wait.

    Gives the descriptor: the kernel frees the lock when the last process that has it ends.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = file.open("a+")
    except OSError as error:
        raise SetupError(
            f"the cache {file.parent} can't be written ({error.strerror}): set MCU_CACHE to a folder that can"
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            console.say(f"another set-up is at work (process {handle.read().strip() or '?'}): waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        handle.truncate()
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        yield handle.fileno()

"""Ports that tests give to servers, below the ephemeral range and each test run's own: one that is bound to 0, closed
and used again may meanwhile have been taken by anybody's outgoing connection."""

from __future__ import annotations

import fcntl
import itertools
import os
import socket
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO

_FIRST, _SLOT, _SLOTS = 7000, 200, 20  # tests/product.py's begin at 11000
_held: list[IO[str]] = []  # locked until this process ends


def free_port() -> int:
    """On loopback, for TCP and UDP; not given again before all others of this process were."""
    ports = _ports()
    for _ in range(_SLOT):
        port = next(ports)
        if _is_free(port):
            return port
    raise RuntimeError(f"{_SLOT} ports are taken")


@lru_cache(maxsize=1)
def _ports() -> Iterator[int]:
    folder = Path(tempfile.gettempdir()) / f"mcu-test-servers-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for number in range(_SLOTS):
        file = (folder / f"{number}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        _held.append(file)
        first = _FIRST + number * _SLOT
        return itertools.cycle(range(first, first + _SLOT))
    raise RuntimeError("no ports are left for another test run")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as trial:
            if kind == socket.SOCK_STREAM:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True

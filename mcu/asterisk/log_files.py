"""Asterisk's log kept from filling the disk. Its own rotation keeps every old file, and nothing starts it."""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog

from mcu.asterisk.process import remote_command
from mcu.config import Settings

LARGEST = 10 * 1024 * 1024  # octets; with KEPT the same as for our own processes (mcu/log.py)
KEPT = 5
LOG = "asterisk.log"  # as asterisk-conf/logger.conf.j2 has it
OUTPUT = "asterisk.out"  # what it prints, mostly before its log is open

log = structlog.get_logger()


async def keep_small(settings: Settings, largest: int = LARGEST) -> None:
    """Begin a new log if the present one is large; the oldest goes. Raises as ``remote_command`` does."""
    file, output = settings.log_dir / LOG, settings.log_dir / OUTPUT
    try:
        if _size(output) > largest:
            shutil.copyfile(output, _old(output, 1))
            output.open("wb").close()  # it is written at its end, wherever that is (O_APPEND)
        if _size(file) > largest:
            for n in range(KEPT, 0, -1):
                older, newer = _old(file, n), _old(file, n - 1) if n > 1 else file
                if newer.exists():
                    newer.replace(older)
    except OSError as fault:
        log.warning("asterisk.log_not_rotated", reason=str(fault))
    if not file.exists():  # also when it could not be told the last time
        await remote_command(settings, "logger reload")


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _old(file: Path, n: int) -> Path:
    return file.with_name(f"{file.name}.{n}")

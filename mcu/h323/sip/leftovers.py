"""Dialogs that a gateway left behind when it was killed: its successor hangs them up, or their terminals would stand in
the rooms as cards until Asterisk refreshes the sessions (45 s, RFC 4028 with its least interval of 90 s)."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

_MOST = 5000
# Added to the number of the last request that was written down, when the dialog began: a call of weeks makes fewer, and
# a gap is no error (RFC 3261 12.2.2).
_FURTHER = 1_000_000


@dataclass(frozen=True, slots=True)
class Dialog:
    """What a BYE needs (RFC 3261 12.2.1.1)."""

    call_id: str
    local: str  # From, with our tag
    remote: str  # To, with theirs
    target: str  # request URI
    sequence: int


def write(file: Path, dialogs: Iterable[Dialog]) -> None:
    """By renaming, so that a reader never finds a half. A full disk is no reason to refuse calls."""
    fresh = file.with_name(f".{file.name}.new")
    with contextlib.suppress(OSError):
        fresh.unlink(missing_ok=True)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as made:
            json.dump([asdict(dialog) for dialog in dialogs], made)
        fresh.rename(file)


def read(file: Path) -> list[Dialog]:
    """What was written last; nothing where there is no file, or one that makes no sense."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return [
            Dialog(
                call_id=str(one["call_id"]), local=str(one["local"]), remote=str(one["remote"]),
                target=str(one["target"]), sequence=int(one["sequence"]) + _FURTHER,
            )
            for one in found[:_MOST]
        ]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return []

"""Where a command's questions go: control's bus on this machine, or a bridge elsewhere over REST."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from mcu.bus import BlockingClient
from mcu.errors import ControlDown

# Seconds that an answer may take where it is more than reading memory: files of 200 sites, calls that are paced.
_PATIENCE = {
    "site.import": 120.0,
    "site.rollout": 600.0,
    "site.export": 60.0,
    "call.all": 120.0,
    "call.end_all": 60.0,
    "test.start": 120.0,
    "conference.minutes": 60.0,
    "savings.report": 60.0,
    "backup.make": 600.0,
}
_PROMPT = 10.0
_LOOK_UP = 0.2  # s after which a reader of events gets to look whether it should go on

Event = tuple[str, dict[str, Any]]


class Link(Protocol):
    """What a session speaks through. ``resumes``: events go on after a gap where they were, or say ``resync``."""

    resumes: bool

    def call(self, name: str, /, **args: Any) -> Any:
        """The result of a call on the bus, whichever way it went; raises McuError."""

    def events(self) -> Iterator[Event]:
        """Everything that happens, ``("", {})`` while nothing does, until ``close``; raises Unavailable when the link
        ends. ``resync`` says that something may have been missed."""

    def close(self) -> None:
        """For good; may come from another thread than the one that reads events."""


def patience(name: str) -> float:
    """Seconds to wait for the answer to ``name``."""
    return _PATIENCE.get(name, _PROMPT)


class BusLink:
    """Control on this machine. Its socket is the owner's alone, so nobody has to say who they are."""

    resumes = False

    def __init__(self, path: Path, limit: float | None = None) -> None:
        self._path = path
        self._limit = limit
        self._clients: dict[float, BlockingClient] = {}
        self._closing = threading.Event()

    def call(self, name: str, /, **args: Any) -> Any:
        seconds = min(patience(name), self._limit or patience(name))
        if seconds not in self._clients:
            self._clients[seconds] = BlockingClient(self._path, timeout=seconds)
        try:
            return self._clients[seconds].call(name, **args)
        except ControlDown as fault:
            raise _here(fault) from None

    def events(self) -> Iterator[Event]:
        try:
            for event in BlockingClient(self._path, timeout=_PROMPT).events(look_up=_LOOK_UP):
                if self._closing.is_set():
                    return
                yield event
        except ControlDown as fault:
            raise _here(fault) from None

    def close(self) -> None:
        self._closing.set()
        for client in self._clients.values():
            client.close()
        self._clients.clear()


def _here(fault: ControlDown) -> ControlDown:
    return ControlDown(f"{fault.detail}; start it with `mcu run`, or name a bridge elsewhere with --server")

"""Calls to the control process from many threads: a small pool of blocking bus clients."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mcu.bus import BlockingClient
from mcu.core.permissions import METHODS
from mcu.core.roles import Actor
from mcu.errors import Busy, ControlDown, Unavailable

_PATIENT = 4  # calls that take long, at a time


class ControlLink:
    """At most ``size`` calls at a time; a control that was restarted is found again at the next call."""

    def __init__(self, path: Path, who: Callable[[], Actor], size: int = 8, timeout: float = 5.0) -> None:
        """``who`` tells on whose behalf a call is made; control checks what they may."""
        self._path = path
        self.who = who
        self._timeout = timeout
        self._places = threading.BoundedSemaphore(size)
        self._patient = threading.BoundedSemaphore(_PATIENT)
        self._lock = threading.Lock()
        self._idle: list[BlockingClient] = []
        self._closed = False

    def call(self, name: str, /, **args: Any) -> Any:
        """The result. Raises what control answered with, ControlDown, TimedOut, or Unavailable (all links busy)."""
        args["by"] = self.who().describe()
        try:
            return self._call(name, args)
        except ControlDown:
            self.close_idle()  # the others lead to the same dead process
            if METHODS[name].changes:
                raise
            return self._call(name, args)  # what changes nothing may be sent a second time

    def call_patiently(self, name: str, seconds: float, /, **args: Any) -> Any:
        """As ``call``, over a link of its own: what takes long must not hold up the others."""
        args["by"] = self.who().describe()
        if not self._patient.acquire(timeout=self._timeout):
            raise Busy("too much that takes long is asked at once", begun=False)
        try:
            with BlockingClient(self._path, timeout=seconds) as client:
                return client.call(name, **args)
        finally:
            self._patient.release()

    def close_idle(self) -> None:
        """Drop the links that nobody uses now; after this every call starts on a fresh one."""
        with self._lock:
            idle, self._idle = self._idle, []
        for client in idle:
            client.close()

    def close(self) -> None:
        """Keep no link any more: one that is in use now is closed after its call. May be called twice."""
        self._closed = True
        self.close_idle()

    def _call(self, name: str, args: dict[str, Any]) -> Any:
        if not self._places.acquire(timeout=self._timeout):
            raise Unavailable("too many requests are waiting for the control process", begun=False)
        try:
            with self._lock:
                client = self._idle.pop() if self._idle else BlockingClient(self._path, timeout=self._timeout)
            try:
                return client.call(name, **args)
            finally:
                with self._lock:
                    self._idle.append(client)
                if self._closed:
                    self.close_idle()
        finally:
            self._places.release()

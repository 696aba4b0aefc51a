"""The newest still of each room, so that twenty open panels cost the mixer no more than one."""

from __future__ import annotations

import base64
import binascii
import threading
import time
from dataclasses import dataclass, field

from mcu.errors import McuError, NotFound, Unavailable

from .control_link import ControlLink

_FRESH = 0.7  # seconds; the panel asks once a second
_MAX_ROOMS = 256


@dataclass(slots=True)
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    at: float = 0.0
    jpeg: bytes = b""
    fault: McuError | None = None


_Key = tuple[str, int, tuple[object, ...]]


class StillCache:
    def __init__(self, control: ControlLink) -> None:
        self._control = control
        self._lock = threading.Lock()
        self._entries: dict[_Key, _Entry] = {}

    def jpeg(self, room: str, width: int) -> bytes:
        """The room's composed picture, ``width`` pixels wide, at most 0.7 s old.

        Raises NotFound when the room has no picture now, RoomNotFound, MixerDown, ControlDown, TimedOut.
        """
        who = self._control.who()
        # What one may see another may not: they share a picture only where the same bounds hold for both.
        bounds = (who.role == "chair", who.branch, who.room) if who.bounded else ()
        entry = self._entry((room, width, bounds))
        with entry.lock:  # one asks, the others wait for the same answer
            if time.monotonic() - entry.at >= _FRESH:
                entry.jpeg, entry.fault = b"", None
                try:
                    entry.jpeg = self._ask(room, width)
                except McuError as fault:
                    entry.fault = fault
                entry.at = time.monotonic()
            if entry.fault is not None:
                raise type(entry.fault)(entry.fault.detail)
            return entry.jpeg

    def _entry(self, key: _Key) -> _Entry:
        with self._lock:
            if key not in self._entries and len(self._entries) >= _MAX_ROOMS:
                self._entries.pop(min(self._entries, key=lambda k: self._entries[k].at))
            return self._entries.setdefault(key, _Entry())

    def _ask(self, room: str, width: int) -> bytes:
        answer = self._control.call("room.still", number=room, width=width)
        coded = answer.get("jpeg") if isinstance(answer, dict) else None
        if not coded:
            raise NotFound("the room has no picture now")
        try:
            return base64.b64decode(coded, validate=True)
        except (binascii.Error, ValueError, TypeError):
            raise Unavailable("the mixer sent something that is no picture") from None

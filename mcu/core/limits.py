"""How many may take part: calls are refused before those that run suffer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mcu.core import effects as do
from mcu.core.entry.answers import Refuse

ROOM_FULL = "mcu-room-full"
BRIDGE_FULL = "mcu-bridge-full"

NOTICE_EVERY = 60.0  # s; sites that dial again and again must not fill the list of notices

# Q.850: user busy (SIP 486), and switching equipment congestion (SIP 503: later, or elsewhere)
_BUSY, _CONGESTION = 17, 42


@dataclass(frozen=True, slots=True)
class Limits:
    """Members, those at the door included."""

    room: int = 250
    bridge: int = 500
    personal: int = 8  # in one room, who see a picture of their own


class Fullness:
    """What a full room or bridge answers, and tells the operators."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._told: dict[str, float] = {}  # when, by room; the bridge is ""

    def full(self, in_room: int, in_all: int, capacity: int = 0) -> str:
        """The prompt that says what is full; empty if one more has a place. ``capacity``: the room's own limit."""
        if in_all >= self.limits.bridge:
            return BRIDGE_FULL
        return ROOM_FULL if in_room >= min(self.limits.room, capacity or self.limits.room) else ""

    def places(self, in_room: int, in_all: int, capacity: int = 0) -> int:
        """For how many more who count in all already: the room's places are what they take."""
        if in_all >= self.limits.bridge:
            return 0
        return max(0, min(self.limits.room, capacity or self.limits.room) - in_room)

    def check(
        self, room: str, in_room: int, in_all: int, capacity: int = 0, *, at: float, language: str
    ) -> tuple[Refuse, list[do.Effect]] | None:
        """The answer and the notice for one more who wants in, or None if there is a place."""
        full = self.full(in_room, in_all, capacity)
        if full == BRIDGE_FULL:
            text = f"The bridge is full: {in_all} take part, and no more may (limits.members)"
            answer = Refuse(prompt=full, cause=_CONGESTION, language=language)
            return answer, self._tell("", "bridge_full", text, {"people": in_all}, at)
        if full == ROOM_FULL:
            whose = "its capacity" if 0 < capacity <= self.limits.room else "limits.room_members"
            text = f"Room {room} is full: {in_room} take part, and no more may ({whose})"
            answer = Refuse(prompt=full, cause=_BUSY, language=language)
            return answer, self._tell(room, "room_full", text, {"room": room, "people": in_room}, at)
        return None

    def _tell(self, room: str, code: str, text: str, data: Mapping[str, Any], at: float) -> list[do.Effect]:
        if 0 <= at - self._told.get(room, float("-inf")) < NOTICE_EVERY:
            return []
        self._told = {told: when for told, when in self._told.items() if 0 <= at - when < NOTICE_EVERY} | {room: at}
        return [do.Notice(room=room, level="warning", code=code, text=text, data=data)]

"""PINs of rooms: what one looks like, and who guesses too often.

A PIN is for strangers: terminals that registered or are known by their address, and those that we call ourselves, have
shown who they are.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping

from mcu.core import effects as do
from mcu.core.roster import Role

PIN = re.compile(r"[0-9]{4,12}")
TRIES = 3  # in one call

WINDOW = 600.0  # s in which wrong PINs are counted
MOST_WRONG = 20  # of one room in that time; at one more it is closed
CLOSED_FOR = 600.0  # s


class PinGuard:
    """Wrong PINs by room. One that is guessed at looks to strangers as if it were not there; others come in as ever."""

    def __init__(self) -> None:
        self._wrong: dict[str, list[float]] = {}
        self._closed: dict[str, float] = {}  # since when

    def closed(self, room: str, at: float) -> bool:
        since = self._closed.get(room)
        if since is None:
            return False
        if 0 <= at - since < CLOSED_FOR:
            return True
        del self._closed[room]
        return False

    def whose(self, room: str, pins: Mapping[Role, str], keyed: str, at: float) -> tuple[Role, list[do.Effect]]:
        """The role whose PIN it was ("" where it is none's), and a notice if this guess was one too many.

        ``pins``: of each role, the first that fits wins; an empty one is none. All are compared, so that the time tells
        nothing.
        """
        fits = [role for role, pin in pins.items() if hmac.compare_digest(pin.encode(), keyed.encode()) and pin]
        if fits:
            return fits[0], []
        lately = [when for when in self._wrong.get(room, ()) if 0 <= at - when < WINDOW]
        self._wrong[room] = lately = [*lately, at]
        if len(lately) <= MOST_WRONG:
            return "", []
        del self._wrong[room]
        self._closed[room] = at
        text = f"Room {room} is closed to strangers for {CLOSED_FOR / 60:.0f} minutes: {len(lately)} wrong PINs"
        data = {"room": room, "wrong": len(lately), "minutes": round(CLOSED_FOR / 60)}
        return "", [do.Notice(room=room, level="warning", code="pin_guessed", text=text, data=data)]

    def forget(self, room: str) -> None:
        """Its PIN was changed, or it is gone."""
        self._wrong.pop(room, None)
        self._closed.pop(room, None)

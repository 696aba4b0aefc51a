"""Keys that are pressed one after the other, put together; a pause ends what was begun. And how many orders of one
keypad are carried out: each is told to all who look on, and answered by a voice."""

from __future__ import annotations

from typing import Any

PAUSE = 3.0  # s between two keys of one entry
LONGEST = 16  # keys; a PIN has up to 12
MOST = 1024  # participants that are in the middle of an entry, or gave an order lately
MOST_ORDERS, WITHIN = 6, 10.0  # of one participant; s
VOICE_EVERY = 1.0  # s; who presses "louder" three times is told so once


class Keypads:
    """Of all participants, by id."""

    def __init__(self) -> None:
        self._typed: dict[str, tuple[str, float]] = {}
        self._ordered: dict[str, tuple[float, ...]] = {}
        self._told: dict[str, float] = {}

    def press(self, participant: str, key: str, at: float) -> str:
        """What this one has keyed in so far, the new key included."""
        typed, last = self._typed.pop(participant, ("", 0.0))
        if not 0 <= at - last <= PAUSE:
            typed = ""
        typed = (typed + key)[-LONGEST:]
        self._typed[participant] = typed, at
        _keep(self._typed)
        return typed

    def may_order(self, participant: str, at: float) -> bool:
        """Whether one more order is not too many; it is counted."""
        lately = tuple(when for when in self._ordered.pop(participant, ()) if 0 <= at - when < WITHIN)
        allowed = len(lately) < MOST_ORDERS
        self._ordered[participant] = (*lately, at) if allowed else lately
        _keep(self._ordered)
        return allowed

    def may_speak(self, participant: str, at: float) -> bool:
        """Whether the last word to this one was long enough ago; the next one is spoken now."""
        told = self._told.pop(participant, float("-inf"))
        allowed = not 0 <= at - told < VOICE_EVERY
        self._told[participant] = at if allowed else told
        _keep(self._told)
        return allowed

    def clear(self, participant: str) -> None:
        """What it keyed in was understood, or it has left."""
        self._typed.pop(participant, None)


def _keep(latest_last: dict[str, Any]) -> None:
    while len(latest_last) > MOST:
        del latest_last[next(iter(latest_last))]

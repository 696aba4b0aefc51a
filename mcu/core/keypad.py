"""Keys that are pressed one after the other, put together; a pause ends what was begun."""

from __future__ import annotations

PAUSE = 3.0  # s between two keys of one entry
LONGEST = 16  # keys; a PIN has up to 12
MOST = 1024  # participants that are in the middle of an entry


class Keypads:
    """Of all participants, by id."""

    def __init__(self) -> None:
        self._typed: dict[str, tuple[str, float]] = {}

    def press(self, participant: str, key: str, at: float) -> str:
        """What this one has keyed in so far, the new key included."""
        typed, last = self._typed.pop(participant, ("", 0.0))
        if not 0 <= at - last <= PAUSE:
            typed = ""
        typed = (typed + key)[-LONGEST:]
        self._typed[participant] = typed, at
        while len(self._typed) > MOST:
            del self._typed[next(iter(self._typed))]
        return typed

    def clear(self, participant: str) -> None:
        """What it keyed in was understood, or it has left."""
        self._typed.pop(participant, None)

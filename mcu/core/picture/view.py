"""One view of a room, as the mixer has it: put when what it shows or who takes it changes, dropped when not wanted."""

from __future__ import annotations

from collections.abc import Collection

from mcu.core import effects as do
from mcu.core.picture.rates import ALL_CLASSES
from mcu.core.picture.scene import Scene

VIEW_GRACE = 5.0  # seconds that a class stays although nobody takes it: the next one in finds a running picture
STILL_WIDTHS = 64, 1920  # pixels of a still picture
RETRY = 1.0  # seconds until a failed subscription or view.put is tried again

# What is added to the room's number; no number has letters. The presentation by itself; the picture for who sees that
# beside it; what the chair sees while all others see one site; the card of the lobby; a participant's own, with its id.
SLIDES, PEOPLE, CHAIR, WAITING, OWN = "s", "p", "c", "w", "x"


def room_of(view: str) -> str:
    """The room that a view of this name shows: the digits that it begins with."""
    return view[: len(view) - len(view.lstrip("0123456789"))]


class View:
    """One view. ``grace``: seconds that a class of it outlives who took it."""

    def __init__(self, room: str, suffix: str = "", grace: float = 0.0) -> None:
        self.room, self.name = room, room + suffix
        self.seats: tuple[str, ...] = ()  # who sits where, for who decides on that
        self._grace = grace
        self._unused_since: dict[str, float | None] = {}  # the classes there are; None while somebody takes one
        self._put: do.PutView | None = None  # as the mixer has it
        self._put_at = 0.0  # after a failure: not again before this

    def __bool__(self) -> bool:
        return bool(self._put or self._unused_since)

    @property
    def put(self) -> bool:
        return self._put is not None

    @property
    def classes(self) -> list[str]:
        """The rate classes of it that are there, the best first."""
        return [name for name in ALL_CLASSES if name in self._unused_since]

    def take(self, used: Collection[str], at: float) -> None:
        """These classes of it are wanted now."""
        for name in used:
            self._unused_since[name] = None
        for name, since in list(self._unused_since.items()):
            if name in used:
                continue
            if since is None and self._grace:
                self._unused_since[name] = at
            elif since is None or not 0 <= at - since < self._grace:
                del self._unused_since[name]

    def show(self, scene: Scene, at: float, mixer: bool) -> list[do.Effect]:
        """What makes the mixer show it so; nothing where it does already, or there is no ``mixer``."""
        put = do.PutView(
            room=self.room, view=self.name, scene=scene, classes=tuple(ALL_CLASSES[name] for name in self.classes)
        )
        if not mixer or put == self._put or at < self._put_at <= at + RETRY:
            return []
        self._put, self._put_at = put, 0.0
        return [put]

    def drop(self, mixer: bool) -> list[do.Effect]:
        """Nobody wants it."""
        there = self._put or self._put_at  # one that failed by a time-out may be there all the same
        self._put, self._put_at = None, 0.0
        # With the mixer away nobody can be told: its next hello tells which views it still has.
        return [do.DropView(room=self.room, view=self.name)] if there and mixer else []

    def forget(self) -> None:
        """Another mixer, or the same again: what it shows is not known."""
        self._put, self._put_at = None, 0.0

    def put_failed(self, at: float) -> None:
        self._put, self._put_at = None, at + RETRY

    def due(self, mixer: bool) -> list[float]:
        """When time alone changes something."""
        times = [since + self._grace for since in self._unused_since.values() if since is not None]
        return [*times, self._put_at] if mixer and self._put_at else times

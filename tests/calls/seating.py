"""The type of the fixture ``seat``."""

from __future__ import annotations

from typing import Any, Protocol

from tests.probe import Terminal


class Seat(Protocol):
    async def __call__(self, number: int, dial: str | None = ..., **options: Any) -> Terminal:
        """The ``number``-th terminal of the test, in the room unless ``dial`` says something else."""

"""Writing many small steps in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from mcu.models.database import Database

Step = Callable[[Session], None]


def write(database: Database, steps: Sequence[Step]) -> None:
    """All in order, or none. Raises Unavailable, and what a step raises."""
    with database.session(writing=True) as session:
        for step in steps:
            step(session)

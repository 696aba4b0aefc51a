"""The rows of the times that a meeting takes place, made by its rule, and made anew when that is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from mcu.models.tables import MeetingRow, OccurrenceRow


class Planned(NamedTuple):
    """By the rule."""

    planned_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Replan:
    """In place of all that is only planned after ``since`` these ``times``."""

    times: Sequence[Planned]
    since: datetime
    successor: Callable[[datetime], datetime | None]  # which of the times one is now that was moved
    exdates: Callable[[MeetingRow], list[str]] | None = None  # of the row as it is by then; None leaves them


def put_in_place(session: Session, ident: int, replan: Replan) -> None:
    """Of a meeting whose rule was changed."""
    by_rule = {time.planned_at: time for time in replan.times}
    mine = select(OccurrenceRow).where(OccurrenceRow.meeting_id == ident)
    taken = set(session.scalars(select(OccurrenceRow.planned_at).where(OccurrenceRow.meeting_id == ident)))
    planned = mine.where(OccurrenceRow.state == "planned", OccurrenceRow.begins_at >= replan.since)
    for row in session.scalars(planned.order_by(OccurrenceRow.planned_at)):
        moved = row.begins_at != row.planned_at
        if (time := by_rule.get(row.planned_at)) is not None:
            row.ends_at = row.ends_at if moved else time.ends_at  # one that was moved keeps its place
            continue
        now = replan.successor(row.planned_at) if moved else None
        if now is None or now not in by_rule or now in taken:
            session.delete(row)
        else:
            row.planned_at = now
            taken.add(now)
    if replan.exdates is None:  # whoever says what is cancelled says what is not, too
        gone = mine.where(OccurrenceRow.state == "cancelled", OccurrenceRow.begins_at >= replan.since)
        for row in session.scalars(gone).all():
            if row.planned_at in by_rule:
                row.state = "planned"
    session.flush()
    put(session, ident, replan.times)


def put(session: Session, ident: int, times: Sequence[Planned]) -> None:
    """Add those of a meeting's times that are not there yet."""
    if not times:
        return
    there = select(OccurrenceRow.planned_at).where(
        OccurrenceRow.meeting_id == ident,
        OccurrenceRow.planned_at >= times[0].planned_at,
        OccurrenceRow.planned_at <= times[-1].planned_at,
    )
    known = set(session.scalars(there))
    session.add_all(
        OccurrenceRow(
            meeting_id=ident, planned_at=t.planned_at, begins_at=t.planned_at, ends_at=t.ends_at, state="planned"
        )
        for t in times
        if t.planned_at not in known
    )

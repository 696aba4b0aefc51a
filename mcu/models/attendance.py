"""Who was in which room, and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, delete, func, select, update

from mcu.models.database import Database
from mcu.models.tables import AttendanceRow

STAYS_KEPT = 100_000


def arrive(database: Database, stay: AttendanceRow) -> None:
    """Begin a stay, unless this participant's stay in this room is under way (control was restarted)."""
    with database.session(writing=True) as session:
        if session.scalar(
            _open().where(AttendanceRow.participant == stay.participant, AttendanceRow.room == stay.room)
        ):
            return
        session.add(stay)
        session.flush()
        newest = session.scalar(select(func.max(AttendanceRow.id))) or 0
        session.execute(delete(AttendanceRow).where(AttendanceRow.id <= newest - STAYS_KEPT))


def depart(database: Database, participant: str, room: str, at: datetime) -> None:
    """End a stay."""
    with database.session(writing=True) as session:
        session.execute(
            update(AttendanceRow)
            .where(
                AttendanceRow.left_at.is_(None), AttendanceRow.participant == participant, AttendanceRow.room == room
            )
            .values(left_at=at)
        )


def close_others(database: Database, present: Collection[str], at: datetime) -> None:
    """End the stays of all but those present: they left while nobody was there to write it down."""
    with database.session(writing=True) as session:
        for stay in session.scalars(_open()):
            if stay.participant not in present:
                stay.left_at = at


def under_way(database: Database) -> list[AttendanceRow]:
    """The stays that have not ended."""
    with database.session() as session:
        return list(session.scalars(_open().order_by(AttendanceRow.joined_at, AttendanceRow.id)))


def stays(database: Database, room: str, since: datetime) -> list[AttendanceRow]:
    """All stays in a room that ended after ``since`` or last, in order of joining."""
    with database.session() as session:
        found = select(AttendanceRow).where(
            AttendanceRow.room == room, AttendanceRow.left_at.is_(None) | (AttendanceRow.left_at >= since)
        )
        return list(session.scalars(found.order_by(AttendanceRow.joined_at, AttendanceRow.id)))


def _open() -> Select[AttendanceRow]:
    return select(AttendanceRow).where(AttendanceRow.left_at.is_(None))

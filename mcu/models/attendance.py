"""Who was in which room, and when. What takes a session is one step of control's record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from mcu.models import conferences
from mcu.models.database import Database
from mcu.models.tables import AttendanceRow, ConferenceRow


def arrive(session: Session, stay: AttendanceRow) -> None:
    """Begin a stay, unless this participant's stay in this room is under way (control was restarted)."""
    if session.scalar(_open().where(AttendanceRow.participant == stay.participant, AttendanceRow.room == stay.room)):
        return
    stay.site_id = conferences.known_site(session, stay.site_id)
    if stay.conference_id is not None and not conferences.there(session, ConferenceRow, stay.conference_id):
        stay.conference_id = None
    session.add(stay)


def depart(
    session: Session,
    participant: str,
    room: str,
    at: datetime,
    reason: str = "",
    quality: Mapping[str, Any] | None = None,
) -> None:
    """End a stay. ``quality``: what its line was like."""
    for stay in session.scalars(_open().where(AttendanceRow.participant == participant, AttendanceRow.room == room)):
        stay.left_at, stay.reason = max(at, stay.joined_at), reason[:32]
        if quality:
            stay.quality = dict(quality)


def close_others(session: Session, present: Collection[str], at: datetime) -> None:
    """End the stays of all but those present: they left while nobody was there to write it down."""
    for stay in session.scalars(_open()):
        if stay.participant not in present:
            stay.left_at, stay.reason = max(at, stay.joined_at), "unseen"


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

"""What has been kept long enough goes: history of meetings, the audit, notices, what programs were told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from mcu.models import schedule
from mcu.models.database import Database
from mcu.models.tables import (
    AttendanceRow,
    AuditRow,
    ConferenceEventRow,
    ConferenceRow,
    ConferenceSiteRow,
    DeliveryRow,
    IdempotencyRow,
    NoticeRow,
    OccurrenceRow,
    SiteTestRow,
)

AT_ONCE = 500  # rows of each table in one transaction: nobody waits long for the write lock
# What goes with a conference. The database would take all of it along at once: of 500 large ones a million rows.
_PARTS = (ConferenceEventRow, AttendanceRow, ConferenceSiteRow, SiteTestRow)


def forget(database: Database, before: datetime) -> int:
    """Delete what ended before that moment, AT_ONCE of each kind at most; how many rows that were. Begin again until it
    is 0.

    A conference that goes on stays, and so do a stay that lasts and an event that is still to be delivered.
    """
    with database.session(writing=True) as session:
        gone = _conferences(session, before)
        alone = AttendanceRow.conference_id.is_(None)  # from before conferences were kept
        gone += _some(session, AttendanceRow.id, alone & (AttendanceRow.left_at < before))
        gone += _some(session, ConferenceEventRow.id, (ConferenceEventRow.at < before) & _over(ConferenceEventRow))
        gone += _some(session, AuditRow.id, AuditRow.at < before)
        gone += _some(session, NoticeRow.id, NoticeRow.at < before)
        over = OccurrenceRow.state.not_in(schedule.OPEN)
        gone += _some(session, OccurrenceRow.id, (OccurrenceRow.ends_at < before) & over)
        last = select(func.max(DeliveryRow.id)).group_by(DeliveryRow.webhook_id)  # see mcu.models.webhooks
        done = DeliveryRow.next_at.is_(None) & DeliveryRow.id.not_in(last)
        gone += _some(session, DeliveryRow.id, (DeliveryRow.at < before) & done)
        old = select(IdempotencyRow.who, IdempotencyRow.key).where(IdempotencyRow.at < before).limit(AT_ONCE)
        for who, key in session.execute(old).all():
            session.execute(delete(IdempotencyRow).where(IdempotencyRow.who == who, IdempotencyRow.key == key))
            gone += 1
    return gone


def _conferences(session: Session, before: datetime) -> int:
    """Some, the longest ago first: all parts of each, and then the conference itself."""
    old = select(ConferenceRow.id).where(ConferenceRow.ended_at < before)
    found = list(session.scalars(old.order_by(ConferenceRow.ended_at, ConferenceRow.id).limit(AT_ONCE)))
    gone = 0
    for conference in found:
        for part in _PARTS:
            gone += _some(session, part.id, part.conference_id == conference, AT_ONCE - gone)
            if gone >= AT_ONCE:
                return gone
        session.execute(delete(ConferenceRow).where(ConferenceRow.id == conference))
        gone += 1
        if gone >= AT_ONCE:
            break
    return gone


def _some(
    session: Session, key: InstrumentedAttribute[Any], which: ColumnElement[bool], most: int | None = None
) -> int:
    found = list(session.scalars(select(key).where(which).order_by(key).limit(AT_ONCE if most is None else most)))
    if found:
        session.execute(delete(key.class_).where(key.in_(found)))
    return len(found)


def _over(events: type[ConferenceEventRow]) -> ColumnElement[bool]:
    """Of a conference that has ended; one that has lasted for longer than all is kept keeps its story."""
    ended = select(ConferenceRow.id).where(ConferenceRow.ended_at.is_not(None))
    return events.conference_id.in_(ended)

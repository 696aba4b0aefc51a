"""Planned meetings, and each time that one takes place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from mcu.models.tables.base import Base, NfcString, Timestamp, now


class MeetingRow(Base):
    """A planned meeting, once or repeated (RFC 5545 3.3.10). Its time is that of the wall clock in its zone."""

    __tablename__ = "meetings"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    uid: Mapped[str] = mapped_column(String(64), unique=True)  # RFC 5545 3.8.4.7
    sequence: Mapped[int] = mapped_column(default=0)  # RFC 5545 3.8.7.4
    room: Mapped[str] = mapped_column(ForeignKey("rooms.number", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(NfcString(128))
    begins: Mapped[str] = mapped_column(String(19))  # "2026-11-22T08:00:00", wall clock in zone
    zone: Mapped[str] = mapped_column(String(48))  # "Asia/Ho_Chi_Minh"
    minutes: Mapped[int]
    rrule: Mapped[str] = mapped_column(String(256), default="")
    exdates: Mapped[list[str]] = mapped_column(JSON, default=list)
    call_before: Mapped[int | None]  # minutes before the begin at which its sites are called; NULL: not called
    warn_before: Mapped[int] = mapped_column(default=10)  # minutes before the end
    ends: Mapped[bool] = mapped_column(default=False, server_default=false())  # everybody is disconnected at the end
    created_by: Mapped[str] = mapped_column(NfcString(64), default="")
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)


class OccurrenceRow(Base):
    """One time that a meeting takes place. Its state says what was done for it already, whoever was restarted."""

    __tablename__ = "occurrences"
    __table_args__ = (
        UniqueConstraint("meeting_id", "planned_at", name="uq_occurrences_meeting_id"),
        CheckConstraint(
            "state in ('planned', 'called', 'running', 'warned', 'ended', 'cancelled', 'missed')", name="state"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id", ondelete="CASCADE"))
    planned_at: Mapped[datetime] = mapped_column(Timestamp)  # by the rule: RFC 5545's RECURRENCE-ID
    begins_at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    ends_at: Mapped[datetime] = mapped_column(Timestamp)
    state: Mapped[str] = mapped_column(String(12), default="planned")

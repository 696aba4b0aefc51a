"""Conferences, one row a run of a room, and everything that is kept of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from mcu.models.tables.base import Base, NfcString, Timestamp


class ConferenceRow(Base):
    """One run of a room, from the first join to the end. ``direction`` is what its chair and operators have ordered, by
    which control goes on after its own restart."""

    __tablename__ = "conferences"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # "<room>-<ms since the epoch>"
    room: Mapped[str] = mapped_column(String(16), index=True)
    # Of the room as it was then: its number may be another room's later. NULL: everybody's; NOBODYS (see base.py): of a
    # room or a branch that is gone. No foreign key: see mcu.models.sites.delete_site.
    branch_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(NfcString(64))
    began_at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Timestamp)
    test: Mapped[bool] = mapped_column(default=False, server_default=false())
    direction: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    occurrence_id: Mapped[int | None] = mapped_column(ForeignKey("occurrences.id", ondelete="SET NULL"))
    # Of a test session that is on, its sites in order: by it control goes on with the session after its own restart.
    testing: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class ConferenceEventRow(Base):
    """Something that happened in a conference, for its minutes."""

    __tablename__ = "conference_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conference_id: Mapped[str] = mapped_column(ForeignKey("conferences.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Timestamp)
    kind: Mapped[str] = mapped_column(String(48))
    participant: Mapped[str] = mapped_column(String(8), default="")
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="SET NULL"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ConferenceSiteRow(Base):
    """One site in one conference, as it was then: whether it was invited, how many sat there, what the roll call found,
    and, since the conference ended, what was true of the site. It outlives the site."""

    __tablename__ = "conference_sites"
    __table_args__ = (UniqueConstraint("conference_id", "site_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conference_id: Mapped[str] = mapped_column(ForeignKey("conferences.id", ondelete="CASCADE"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(NfcString(64), default="")
    position: Mapped[int | None]  # in the order of the roll call; None: not invited
    people: Mapped[int | None]
    mark: Mapped[str] = mapped_column(String(8), default="")  # present, absent, or empty
    usual: Mapped[int | None]  # SiteRow.people; None: the conference has not ended, the site's own row counts
    distance_km: Mapped[float | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    presides: Mapped[bool] = mapped_column(default=False, server_default=false())


class SiteTestRow(Base):
    """What a test session found at one site, and who signed it off."""

    __tablename__ = "site_tests"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conference_id: Mapped[str] = mapped_column(ForeignKey("conferences.id", ondelete="CASCADE"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(NfcString(64))
    at: Mapped[datetime] = mapped_column(Timestamp)
    verdict: Mapped[str] = mapped_column(String(16))  # good, poor, failed
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    signed_by: Mapped[str] = mapped_column(NfcString(64), default="")
    signed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    note: Mapped[str] = mapped_column(NfcString(256), default="")


class AttendanceRow(Base):
    """One terminal's stay in a room; ``left_at`` is empty while it lasts. Control finds its rooms again by it too."""

    __tablename__ = "attendance"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    participant: Mapped[str] = mapped_column(String(8))
    room: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(NfcString(64))
    number: Mapped[str] = mapped_column(NfcString(64))
    kind: Mapped[str] = mapped_column(String(16))
    joined_at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    left_at: Mapped[datetime | None] = mapped_column(Timestamp, index=True)
    conference_id: Mapped[str | None] = mapped_column(
        ForeignKey("conferences.id", ondelete="CASCADE"), index=True
    )  # NULL in rows from before conferences were kept
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="SET NULL"))
    terminal: Mapped[str] = mapped_column(String(32), default="", server_default="")
    quality: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")  # loss, delay, rate
    reason: Mapped[str] = mapped_column(String(32), default="", server_default="")  # why it left
    # Of ConferenceSiteRow, where the site was deleted since; no foreign key, for both go with the conference.
    conference_site_id: Mapped[int | None]

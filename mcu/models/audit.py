"""Who did what: rows that are only ever added, and read newest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mcu.models.database import Database
from mcu.models.tables import AuditRow, ConferenceRow, MeetingRow
from mcu.models.tables.base import NOBODYS


def add(session: Session, columns: Mapping[str, Any], conference: str = "") -> None:
    """Keep one act; the columns are AuditRow's. The row is made here, for one that was rolled back is spent.

    ``conference``: the one that the act was about, whose room that is instead of whose it is now.
    """
    row = AuditRow(**columns)
    if conference:
        about = session.get(ConferenceRow, conference)
        row.branch_id = about.branch_id if about else NOBODYS
    session.add(row)


def acts(
    database: Database,
    *,
    room: str = "",
    login: str = "",
    act: str = "",
    since: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[AuditRow]:
    """The newest first; ``before``: only rows with a smaller id than this."""
    wanted = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if room:
        wanted = wanted.where(AuditRow.room == room)
    if login:
        wanted = wanted.where(AuditRow.login == login)
    if act:
        wanted = wanted.where(AuditRow.act == act)
    if since is not None:
        wanted = wanted.where(AuditRow.at >= since)
    if before is not None:
        wanted = wanted.where(AuditRow.id < before)
    with database.session() as session:
        return list(session.scalars(wanted))


def branches(database: Database, idents: Collection[int]) -> dict[int, int | None]:
    """Of these acts, the branch that the room was of."""
    wanted = select(AuditRow.id, AuditRow.branch_id).where(AuditRow.id.in_(idents))
    with database.session() as session:
        return {row[0]: row[1] for row in session.execute(wanted)}


def meeting_room(database: Database, meeting: int) -> str:
    """The room of a planned meeting; empty if there is none."""
    with database.session() as session:
        return session.scalar(select(MeetingRow.room).where(MeetingRow.id == meeting)) or ""

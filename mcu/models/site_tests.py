"""What test sessions found, and who signed it off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from mcu.errors import NotFound
from mcu.models.conferences import known_site
from mcu.models.database import Database
from mcu.models.tables import ConferenceRow, SiteTestRow
from mcu.models.tables.base import now


def mark_test(session: Session, conference: str) -> None:
    """This conference is a test session: a step of control's record."""
    if row := session.get(ConferenceRow, conference):
        row.test = True


def keep(session: Session, conference: str, testing: Mapping[str, Any] | None) -> None:
    """What control goes on by after its own restart; None: the session is over. A step of control's record."""
    if row := session.get(ConferenceRow, conference):
        row.testing = dict(testing) if testing is not None else None


def found(
    session: Session, conference: str, site: int, name: str, at: datetime, verdict: str, report: Mapping[str, Any]
) -> None:
    """A site was looked at: a step of control's record. A later look takes an earlier one's place and signature."""
    if session.get(ConferenceRow, conference) is None:
        return
    row = session.scalar(_one(conference, site))
    if row is None:
        row = SiteTestRow(conference_id=conference, site_id=known_site(session, site), name=name)
        session.add(row)
    row.at, row.verdict, row.report = at, verdict, dict(report)
    row.signed_by, row.signed_at, row.note = "", None, ""


def of(database: Database, conference: str) -> list[SiteTestRow]:
    """In the order in which they were looked at. Raises NotFound for a conference that is not there."""
    with database.session() as session:
        if session.get(ConferenceRow, conference) is None:
            raise NotFound(f"there is no conference {conference[:40]}")
        rows = select(SiteTestRow).where(SiteTestRow.conference_id == conference).order_by(SiteTestRow.id)
        return list(session.scalars(rows))


def sign(database: Database, conference: str, site: int, login: str, note: str) -> SiteTestRow:
    """Raises NotFound for a site that was not looked at."""
    with database.session(writing=True) as session:
        row = session.scalar(_one(conference, site))
        if row is None:
            raise NotFound(f"site {site} was not looked at in conference {conference[:40]}")
        row.signed_by, row.signed_at, row.note = login, now(), note
        session.flush()
        session.expunge(row)
        return row


def _one(conference: str, site: int) -> Select[SiteTestRow]:
    return select(SiteTestRow).where(SiteTestRow.conference_id == conference, SiteTestRow.site_id == site)

"""All that is kept of conferences, as reports want it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from mcu.models.conferences import get
from mcu.models.database import Database
from mcu.models.tables import (
    AttendanceRow,
    AuditRow,
    ConferenceEventRow,
    ConferenceRow,
    ConferenceSiteRow,
    MeetingRow,
    OccurrenceRow,
    SiteRow,
    SiteTestRow,
)

MOST_EVENTS = 20_000  # the last ones: some 4 MB as JSON
_SEAT = (  # as Seat has them
    ConferenceSiteRow.id, ConferenceSiteRow.conference_id, ConferenceSiteRow.site_id, ConferenceSiteRow.name,
    ConferenceSiteRow.people, ConferenceSiteRow.usual, ConferenceSiteRow.distance_km, ConferenceSiteRow.latitude,
    ConferenceSiteRow.longitude,
)  # fmt: skip


class Story(NamedTuple):
    """All that is kept of one conference."""

    conference: ConferenceRow
    events: list[ConferenceEventRow]
    stays: list[AttendanceRow]
    counts: list[ConferenceSiteRow]  # those that were invited in the order of the roll call, then others
    sites: dict[int, SiteRow]  # those that were there, were invited, or are above one of these
    meeting: MeetingRow | None  # the planned one that it was
    tests: list[SiteTestRow]
    audit: list[AuditRow]  # acts in the room while it was on


def story(database: Database, ident: str) -> Story:
    """Raises NotFound."""
    with database.session() as session:
        row = get(session, ident)
        mine = ConferenceEventRow.conference_id == ident
        latest = select(ConferenceEventRow).where(mine).order_by(ConferenceEventRow.id.desc()).limit(MOST_EVENTS)
        events = list(reversed(list(session.scalars(latest))))
        there = select(AttendanceRow).where(AttendanceRow.conference_id == ident)
        stays = list(session.scalars(there.order_by(AttendanceRow.joined_at, AttendanceRow.id)))
        told = select(ConferenceSiteRow).where(ConferenceSiteRow.conference_id == ident)
        others = ConferenceSiteRow.position.is_(None)
        counts = list(session.scalars(told.order_by(others, ConferenceSiteRow.position, ConferenceSiteRow.id)))
        wanted = {s.site_id for s in stays if s.site_id is not None}
        wanted |= {c.site_id for c in counts if c.site_id is not None}
        acts = select(AuditRow).where(AuditRow.room == row.room, AuditRow.at >= row.began_at)
        if row.ended_at is not None:
            acts = acts.where(AuditRow.at <= row.ended_at)
        audit = list(session.scalars(acts.order_by(AuditRow.id)))
        tests = list(session.scalars(select(SiteTestRow).where(SiteTestRow.conference_id == ident)))
        return Story(row, events, stays, counts, _tree(session, wanted), _meeting(session, row), tests, audit)


def meeting_titles(database: Database, idents: Collection[str]) -> dict[str, str]:
    """Of those conferences that were planned meetings."""
    wanted = (
        select(ConferenceRow.id, MeetingRow.title)
        .join(OccurrenceRow, OccurrenceRow.id == ConferenceRow.occurrence_id)
        .join(MeetingRow, MeetingRow.id == OccurrenceRow.meeting_id)
        .where(ConferenceRow.id.in_(idents))
    )
    with database.session() as session:
        return {row.id: row.title for row in session.execute(wanted)}


class Count(NamedTuple):
    sites: int  # and terminals of none
    people: int  # as entered


def counts(database: Database, idents: Collection[str]) -> dict[str, Count]:
    """Of each conference how many were there."""
    of_site = func.count(AttendanceRow.site_id.distinct())
    who = AttendanceRow.number + "\n" + AttendanceRow.name  # as in exchange.minutes: strangers may have one number
    of_none = func.count(case((AttendanceRow.site_id.is_(None), who)).distinct())
    there = (
        select(AttendanceRow.conference_id, of_site + of_none)
        .where(AttendanceRow.conference_id.in_(idents))
        .group_by(AttendanceRow.conference_id)
    )
    sat = (
        select(ConferenceSiteRow.conference_id, func.sum(ConferenceSiteRow.people))
        .where(ConferenceSiteRow.conference_id.in_(idents))
        .group_by(ConferenceSiteRow.conference_id)
    )
    with database.session() as session:
        sites: dict[str, int] = {str(ident): int(count) for ident, count in session.execute(there)}
        people: dict[str, int] = {str(ident): int(count or 0) for ident, count in session.execute(sat)}
    return {ident: Count(sites.get(ident, 0), people.get(ident, 0)) for ident in idents}


class Seat(NamedTuple):
    """What is kept of a site with a conference. A year has some 100,000: no rows that a session looks after."""

    id: int
    conference: str
    site: int | None  # None: it was deleted since
    name: str
    people: int | None  # None: nobody said
    usual: int | None  # None: the conference has not ended, the site's own row counts
    distance_km: float | None
    latitude: float | None
    longitude: float | None


class Stretch(NamedTuple):
    """How long a site was in a conference."""

    conference: str
    room: str
    site: int | None  # None: it was deleted since
    joined_at: datetime
    left_at: datetime | None
    seat: Seat | None


def stretches(database: Database, since: datetime, until: datetime) -> list[Stretch]:
    """Of all sites in all conferences that began within this span, tests aside."""
    kept = ConferenceSiteRow
    counted = (kept.conference_id == ConferenceRow.id) & (
        (kept.site_id == AttendanceRow.site_id) | (kept.id == AttendanceRow.conference_site_id)
    )
    stay = (ConferenceRow.id, ConferenceRow.room, AttendanceRow.site_id, AttendanceRow.joined_at, AttendanceRow.left_at)
    wanted = (
        select(*stay, *_SEAT)
        .join(AttendanceRow, AttendanceRow.conference_id == ConferenceRow.id)
        .join(kept, counted, isouter=True)
        .where(_within(since, until))
        .where(AttendanceRow.site_id.is_not(None) | AttendanceRow.conference_site_id.is_not(None))
        .order_by(ConferenceRow.began_at, ConferenceRow.id, AttendanceRow.id)
    )
    with database.session() as session:
        return [
            Stretch._make((*row[: len(stay)], Seat._make(row[len(stay) :]) if row[len(stay)] is not None else None))
            for row in session.execute(wanted)
        ]


def presiding(database: Database, since: datetime, until: datetime) -> dict[str, Seat]:
    """Of conferences that began within this span and have ended, the site that presided then."""
    wanted = (
        select(*_SEAT)
        .join(ConferenceRow, ConferenceRow.id == ConferenceSiteRow.conference_id)
        .where(_within(since, until), ConferenceSiteRow.presides.is_(True))
    )
    with database.session() as session:
        return {seat.conference: seat for seat in map(Seat._make, session.execute(wanted))}


def _within(since: datetime, until: datetime) -> ColumnElement[bool]:
    return (ConferenceRow.began_at >= since) & (ConferenceRow.began_at < until) & ConferenceRow.test.is_(False)


def _meeting(session: Session, row: ConferenceRow) -> MeetingRow | None:
    occurrence = session.get(OccurrenceRow, row.occurrence_id) if row.occurrence_id is not None else None
    return session.get(MeetingRow, occurrence.meeting_id) if occurrence is not None else None


def _tree(session: Session, wanted: set[int]) -> dict[int, SiteRow]:
    """These sites and all above them."""
    found: dict[int, SiteRow] = {}
    while wanted:
        rows = list(session.scalars(select(SiteRow).where(SiteRow.id.in_(wanted))))
        found |= {row.id: row for row in rows}
        wanted = {row.parent_id for row in rows if row.parent_id is not None} - found.keys()
    return found

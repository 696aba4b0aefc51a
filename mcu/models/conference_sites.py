"""Sites as each conference has them: who is invited, what is true of a site when the conference ends, and what stays
when the site goes. Every function is a step of a transaction."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mcu.models.tables import AttendanceRow, ConferenceRow, ConferenceSiteRow, RoomRow, RoomSiteRow, SiteRow


def of(session: Session, conference: str, site: int) -> ConferenceSiteRow | None:
    """The row, made if there is none; None where the conference or the site is not there."""
    mine = ConferenceSiteRow.conference_id == conference
    row = session.scalar(select(ConferenceSiteRow).where(mine, ConferenceSiteRow.site_id == site))
    known = session.get(SiteRow, site)
    if row is None and known is not None and session.get(ConferenceRow, conference) is not None:
        row = ConferenceSiteRow(conference_id=conference, site_id=site, name=known.name, people=None, mark="")
        session.add(row)
        session.flush()
    return row


def invite(session: Session, conference: str, room: str) -> None:
    """Who is invited to the room now is invited to this conference, whoever is invited to the next one."""
    listed = select(SiteRow).join(RoomSiteRow, RoomSiteRow.site_id == SiteRow.id).where(RoomSiteRow.room == room)
    sites = list(session.scalars(listed.order_by(RoomSiteRow.position, RoomSiteRow.site_id)))
    there = list(session.scalars(select(ConferenceSiteRow).where(ConferenceSiteRow.conference_id == conference)))
    known = {row.site_id: row for row in there if row.site_id is not None}
    for position, site in enumerate(sites):
        row = known.pop(site.id, None)
        if row is None:
            row = ConferenceSiteRow(conference_id=conference, site_id=site.id, people=None, mark="")
            session.add(row)
        row.name, row.position = site.name, position
    for row in known.values():
        row.position = None
        if row.people is None and not row.mark:
            session.delete(row)
    session.flush()


def keep(session: Session, conference: ConferenceRow) -> None:
    """It ends: how far its sites are and how many usually sit there is from now on as it is now, for its minutes and
    for reports of savings, whatever becomes of the sites."""
    stays = select(AttendanceRow.site_id).where(AttendanceRow.conference_id == conference.id)
    rows = select(ConferenceSiteRow.site_id).where(ConferenceSiteRow.conference_id == conference.id)
    room = session.get(RoomRow, conference.room)
    presiding = room.presiding_site_id if room else None
    sites = {site for site in (*session.scalars(stays.distinct()), *session.scalars(rows), presiding) if site}
    for site in sorted(sites):
        if row := of(session, conference.id, site):
            _figures(session, row, site, presides=site == presiding)


def outlive(session: Session, site: int) -> None:
    """Before a site goes: conferences keep what they know of it, and whose its stays were."""
    stays = select(AttendanceRow.conference_id).where(AttendanceRow.site_id == site)
    for conference in session.scalars(stays.where(AttendanceRow.conference_id.is_not(None)).distinct()).all():
        if conference is None or (row := of(session, conference, site)) is None:
            continue
        session.execute(
            update(AttendanceRow)
            .where(AttendanceRow.conference_id == conference, AttendanceRow.site_id == site)
            .values(conference_site_id=row.id)
        )
    mine = select(ConferenceSiteRow).where(ConferenceSiteRow.site_id == site, ConferenceSiteRow.usual.is_(None))
    for row in session.scalars(mine).all():
        chaired = select(RoomRow.presiding_site_id).join(ConferenceRow, ConferenceRow.room == RoomRow.number)
        presiding = session.scalar(chaired.where(ConferenceRow.id == row.conference_id))
        _figures(session, row, site, presides=site == presiding)
    session.flush()


def _figures(session: Session, row: ConferenceSiteRow, site: int, *, presides: bool) -> None:
    if (known := session.get(SiteRow, site)) is None:
        return
    row.name, row.usual, row.presides = known.name, known.people, presides
    row.distance_km, row.latitude, row.longitude = known.distance_km, known.latitude, known.longitude

"""Sites as each conference has them: who is invited, what is true of a site when the conference ends, and what stays
when the site goes. Every function is a step of a transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, literal, select, update
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
        row, known = of(session, conference.id, site), session.get(SiteRow, site)
        if row is not None and known is not None:
            row.presides = site == presiding
            for name, value in _figures(known).items():
                setattr(row, name, value)


def outlive(session: Session, site: int) -> None:
    """Before a site goes: conferences keep what they know of it, and whose its stays were."""
    known = session.get(SiteRow, site)
    if known is None:
        return
    session.flush()
    stays = (AttendanceRow.site_id == site, AttendanceRow.conference_id.is_not(None))
    kept = select(ConferenceSiteRow.conference_id).where(ConferenceSiteRow.site_id == site)
    attended = select(AttendanceRow.conference_id, literal(site), literal(known.name), literal("")).distinct()
    missing = attended.where(*stays, AttendanceRow.conference_id.not_in(kept))
    session.execute(insert(ConferenceSiteRow).from_select(["conference_id", "site_id", "name", "mark"], missing))
    of_this = ConferenceSiteRow.conference_id == AttendanceRow.conference_id, ConferenceSiteRow.site_id == site
    whose = select(ConferenceSiteRow.id).where(*of_this).scalar_subquery()
    unread = {"synchronize_session": False}  # nothing of these rows is in the session's hands
    session.execute(update(AttendanceRow).where(*stays).values(conference_site_id=whose), execution_options=unread)
    chaired = select(ConferenceRow.id).join(RoomRow, RoomRow.number == ConferenceRow.room)
    chaired = chaired.where(RoomRow.presiding_site_id == site)
    session.execute(
        update(ConferenceSiteRow)
        .where(ConferenceSiteRow.site_id == site, ConferenceSiteRow.usual.is_(None))
        .values(presides=ConferenceSiteRow.conference_id.in_(chaired), **_figures(known)),
        execution_options=unread,
    )
    session.expire_all()


def _figures(known: SiteRow) -> dict[str, Any]:
    return {
        "name": known.name,
        "usual": known.people,
        "distance_km": known.distance_km,
        "latitude": known.latitude,
        "longitude": known.longitude,
    }

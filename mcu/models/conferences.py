"""Conferences: begin and end, what their chair ordered, what happened, who was there, what the roll call found.

What takes a session is one step of control's record, which writes many of them in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mcu.errors import NotFound
from mcu.models import conference_sites
from mcu.models.database import Database
from mcu.models.tables import AttendanceRow, ConferenceEventRow, ConferenceRow, RoomRow, SiteRow
from mcu.models.tables.base import NOBODYS

# --- steps of the record ----------------------------------------------------------------------------------------------


def began(session: Session, ident: str, room: str, name: str, at: datetime) -> None:
    """A conference that is there already (control was restarted) goes on."""
    row = session.get(ConferenceRow, ident)
    if row is None:
        made = ConferenceRow(id=ident, room=room, name=name, began_at=at, ended_at=None, test=False, direction={})
        standing = session.get(RoomRow, room)
        made.branch_id = standing.branch_id if standing else NOBODYS
        session.add(made)
        session.flush()  # what follows refers to it
        conference_sites.invite(session, ident, room)
    else:
        row.ended_at = None


def ended(session: Session, ident: str, at: datetime) -> None:
    """What was ordered in it ends with it; what is true of its sites stays."""
    if row := session.get(ConferenceRow, ident):
        row.ended_at, row.direction, row.testing = max(at, row.began_at), {}, None
        conference_sites.keep(session, row)


def direct(session: Session, ident: str, direction: Mapping[str, Any]) -> None:
    if row := session.get(ConferenceRow, ident):
        row.direction = dict(direction)


def mark(session: Session, ident: str, site: int, found: str) -> None:
    """What the roll call found of a site: "present", "absent", or nothing."""
    if row := conference_sites.of(session, ident, site):
        row.mark = found


def happened(session: Session, event: ConferenceEventRow) -> None:
    if there(session, ConferenceRow, event.conference_id):
        event.site_id = known_site(session, event.site_id)
        session.add(event)


def close_but(session: Session, going_on: Collection[str], at: datetime) -> None:
    """All but these have ended, while nobody was there to write it down: at the latest when the last one left."""
    for row in session.scalars(select(ConferenceRow).where(ConferenceRow.ended_at.is_(None))):
        if row.id not in going_on:
            last = select(func.max(AttendanceRow.left_at)).where(AttendanceRow.conference_id == row.id)
            ended(session, row.id, session.scalar(last) or at)


def known_site(session: Session, site: int | None) -> int | None:
    """None for a site that was deleted meanwhile."""
    return site if site is not None and there(session, SiteRow, site) else None


def there(session: Session, kind: type[ConferenceRow | SiteRow], key: str | int) -> bool:
    """Asked once in a transaction of some hundred steps: the session forgets rows that nobody holds."""
    known: set[tuple[type, str | int]] = session.info.setdefault("there", set())
    if (kind, key) not in known:
        if session.get(kind, key) is None:
            return False
        known.add((kind, key))
    return True


# --- what is asked ----------------------------------------------------------------------------------------------------


def going_on(database: Database) -> list[ConferenceRow]:
    """Those without an end, oldest first."""
    with database.session() as session:
        found = select(ConferenceRow).where(ConferenceRow.ended_at.is_(None))
        return list(session.scalars(found.order_by(ConferenceRow.began_at, ConferenceRow.id)))


def conference(database: Database, ident: str) -> ConferenceRow:
    """Raises NotFound."""
    with database.session() as session:
        return get(session, ident)


def page(
    database: Database,
    *,
    room: str | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[ConferenceRow]:
    """The latest first. ``since`` and ``before`` bound the begin; ``after``: begin and id of the last one seen."""
    wanted = select(ConferenceRow)
    if room is not None:
        wanted = wanted.where(ConferenceRow.room == room)
    if since is not None:
        wanted = wanted.where(ConferenceRow.began_at >= since)
    if before is not None:
        wanted = wanted.where(ConferenceRow.began_at < before)
    if after is not None:
        at, ident = after
        earlier = ConferenceRow.began_at < at
        wanted = wanted.where(earlier | (ConferenceRow.began_at == at) & (ConferenceRow.id < ident))
    with database.session() as session:
        newest_first = wanted.order_by(ConferenceRow.began_at.desc(), ConferenceRow.id.desc())
        return list(session.scalars(newest_first.limit(limit)))


class Whose(NamedTuple):
    """Of a conference: its room, whose that was, and whether it is the room that has the number now."""

    room: str
    branch: int | None
    stands: bool


def whose(database: Database, idents: Collection[str]) -> dict[str, Whose]:
    """Of those that are there."""
    standing = (RoomRow.number == ConferenceRow.room) & (RoomRow.created_at <= ConferenceRow.began_at)
    wanted = select(ConferenceRow.id, ConferenceRow.room, ConferenceRow.branch_id, RoomRow.number)
    wanted = wanted.join(RoomRow, standing, isouter=True).where(ConferenceRow.id.in_(idents))
    with database.session() as session:
        return {row[0]: Whose(row[1], row[2], row[3] is not None) for row in session.execute(wanted)}


def count_people(database: Database, ident: str, site: int, people: int | None) -> None:
    """How many sat at a site; None: nobody said. Raises NotFound for the conference and for the site."""
    with database.session(writing=True) as session:
        get(session, ident)
        row = conference_sites.of(session, ident, site)
        if row is None:
            raise NotFound(f"there is no site {site}")
        row.people = people


def get(session: Session, ident: str) -> ConferenceRow:
    """Raises NotFound."""
    row = session.get(ConferenceRow, ident)
    if row is None:
        raise NotFound(f"there is no conference {ident[:40]}")
    return row

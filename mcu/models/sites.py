"""Rows of sites, of the terminals that stand there, and of who is invited to a room. Every function is one transaction;
what takes a session is a step of a larger one (an import)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mcu.errors import BadRequest, Conflict, NotFound
from mcu.models import conference_sites
from mcu.models.database import Database
from mcu.models.rows import find_room
from mcu.models.tables import AuditRow, ConferenceRow, RoomRow, RoomSiteRow, SiteRow, UserRow
from mcu.models.tables.base import NOBODYS

DEEPEST = 50  # levels; a country has five or six
_NAMED = 5  # rooms that a refusal names


def sites(database: Database) -> list[SiteRow]:
    with database.session() as session:
        return list(session.scalars(select(SiteRow).order_by(SiteRow.id)))


def invited(database: Database) -> dict[str, tuple[int, ...]]:
    """Of every room that invites anybody, the sites in the order of the roll call."""
    found: dict[str, tuple[int, ...]] = {}
    with database.session() as session:
        ordered = select(RoomSiteRow).order_by(RoomSiteRow.room, RoomSiteRow.position, RoomSiteRow.site_id)
        for row in session.scalars(ordered):
            found[row.room] = (*found.get(row.room, ()), row.site_id)
    return found


def add_site(database: Database, values: Mapping[str, Any]) -> SiteRow:
    """Columns of SiteRow. Raises Conflict for a code that is taken and NotFound for a parent that is not there."""
    with database.session(writing=True) as session:
        return insert(session, values)


def change_site(database: Database, ident: int, values: Mapping[str, Any]) -> SiteRow:
    """Raises NotFound, and Conflict for a code that is taken or a parent that lies under the site itself."""
    with database.session(writing=True) as session:
        row = find(session, ident)
        _check(session, values, ident)
        for column, value in values.items():
            setattr(row, column, value)
        return row


def delete_site(database: Database, ident: int, *, branch: bool = False) -> int:
    """How many are gone: the site or, with ``branch``, all under it too. Its terminals stay, and stand nowhere.

    Raises NotFound, and Conflict where sites are under it, or somebody's account or a room is for it: a room of no
    branch would be everybody's.
    """
    with database.session(writing=True) as session:
        above = find(session, ident).parent_id
        gone = _under(session, ident)
        if len(gone) > 1 and not branch:
            raise Conflict(f"{len(gone) - 1} sites are under this one; delete the branch, or move them first")
        held = select(UserRow.login).where(UserRow.branch_id.in_(gone)).order_by(UserRow.login)
        if login := session.scalar(held):
            raise Conflict(f"the account of {login} is for this branch of the tree; change it first")
        if held_rooms := list(session.scalars(select(RoomRow.number).where(RoomRow.branch_id.in_(gone)))):
            raise Conflict(f"{_named(held_rooms)} of this branch of the tree; change or delete them first")
        for kept in (ConferenceRow, AuditRow):  # what was of this branch is of the one above
            own = kept.branch_id.in_(gone)
            session.execute(update(kept).where(own).values(branch_id=NOBODYS if above is None else above))
        for one in reversed(gone):  # what is under a site goes before it
            conference_sites.outlive(session, one)
            session.execute(delete(SiteRow).where(SiteRow.id == one))
        return len(gone)


def room_sites(database: Database, number: str) -> list[int]:
    """Raises RoomNotFound."""
    with database.session() as session:
        find_room(session, number)
        ordered = select(RoomSiteRow.site_id).where(RoomSiteRow.room == number)
        return list(session.scalars(ordered.order_by(RoomSiteRow.position, RoomSiteRow.site_id)))


def set_room_sites(database: Database, number: str, idents: Sequence[int]) -> None:
    """These and no others, in this order; in the conference that is on there, too. Raises RoomNotFound, and NotFound
    for a site that is not there."""
    with database.session(writing=True) as session:
        find_room(session, number)
        there = set(session.scalars(select(SiteRow.id).where(SiteRow.id.in_(idents))))
        if missing := [ident for ident in idents if ident not in there]:
            raise NotFound(f"there is no site {missing[0]}")
        session.execute(delete(RoomSiteRow).where(RoomSiteRow.room == number))
        session.add_all(
            RoomSiteRow(room=number, site_id=ident, position=position) for position, ident in enumerate(idents)
        )
        session.flush()
        on = select(ConferenceRow.id).where(ConferenceRow.room == number, ConferenceRow.ended_at.is_(None))
        for conference in session.scalars(on).all():
            conference_sites.invite(session, conference, number)


def insert(session: Session, values: Mapping[str, Any]) -> SiteRow:
    """See add_site."""
    _check(session, values, None)
    row = SiteRow(**values)
    session.add(row)
    session.flush()
    return row


def find(session: Session, ident: int) -> SiteRow:
    """Raises NotFound."""
    if (row := session.get(SiteRow, ident)) is None:
        raise NotFound(f"there is no site {ident}")
    return row


def _check(session: Session, values: Mapping[str, Any], ident: int | None) -> None:
    before = find(session, ident) if ident is not None else None
    name = values.get("name", before.name if before else "")
    under = values.get("parent_id", before.parent_id if before else None)
    if "name" in values or "parent_id" in values:
        beside = select(SiteRow.id, SiteRow.name).where(SiteRow.parent_id.is_not_distinct_from(under))
        for other_id, other_name in session.execute(beside):
            # Without case, as sites are looked for.
            if other_id != ident and other_name.casefold() == name.casefold():
                raise Conflict(f"there is a site {other_name} in that place already")
    if (code := values.get("code")) is not None:
        other = session.scalar(select(SiteRow).where(SiteRow.code == code))
        if other is not None and other.id != ident:
            raise Conflict(f"{code} is the code of {other.name} already")
    parent = values.get("parent_id")
    seen: set[int] = set()
    while parent is not None and parent not in seen:
        if parent == ident:
            raise Conflict("a site cannot stand under itself")
        seen.add(parent)
        parent = find(session, parent).parent_id
    if seen and len(seen) + _levels(session, ident) > DEEPEST:
        raise BadRequest(f"the tree has at most {DEEPEST} levels")


def _levels(session: Session, ident: int | None) -> int:
    """Of what is moved, the site itself and all under it; 1 for a site that is new."""
    levels, row = 1, [] if ident is None else [ident]
    while row := list(session.scalars(select(SiteRow.id).where(SiteRow.parent_id.in_(row)))) if row else []:
        levels += 1
    return levels


def _under(session: Session, ident: int) -> list[int]:
    """The site itself and all under it, each after the one that it is under."""
    found = [ident]
    for one in found:  # it grows while it is gone through
        under = session.scalars(select(SiteRow.id).where(SiteRow.parent_id == one).order_by(SiteRow.id))
        found += [child for child in under if child not in found]
    return found


def _named(rooms: list[str]) -> str:
    """The first of them, and how many more."""
    first = sorted(rooms, key=lambda number: (len(number), number))
    more = len(first) - _NAMED
    listed = ", ".join(first[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"rooms {listed} are" if len(first) > 1 else f"room {listed} is"

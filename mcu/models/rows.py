"""Reading and writing rows, as the processes need it. Every function takes the database and is one transaction.

What has an order by its letters is sorted here: PostgreSQL's depends on the language that it was set up in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from mcu.errors import Conflict, NotFound, RoomExists, RoomNotFound
from mcu.models.database import Database
from mcu.models.tables import ConferenceRow, NoticeRow, RoomRow, SiteRow, TerminalRow, UserRow

NOTICES_KEPT = 1000


def rooms(database: Database) -> list[RoomRow]:
    with database.session() as session:
        return sorted(session.scalars(select(RoomRow)), key=lambda row: (len(row.number), row.number))


def add_room(database: Database, room: RoomRow) -> None:
    """Raises RoomExists, and Conflict where a terminal has the number."""
    with database.session(writing=True) as session:
        if session.get(RoomRow, room.number) is not None:
            raise RoomExists(f"there is a room {room.number} already")
        if other := session.scalar(select(TerminalRow.name).where(TerminalRow.alias == room.number)):
            raise Conflict(f"{room.number} is the number of terminal {other} already")
        session.add(room)


def find_room(session: Session, number: str) -> RoomRow:
    """Raises RoomNotFound."""
    row = session.get(RoomRow, number)
    if row is None:
        raise RoomNotFound(f"there is no room {number[:16]}")
    return row


def change_room(database: Database, number: str, **values: str | bool) -> None:
    """Set columns of a room. Raises RoomNotFound."""
    with database.session(writing=True) as session:
        row = find_room(session, number)
        for column, value in values.items():
            setattr(row, column, value)
        if "branch_id" in values:  # the conference that is on is of the branch, too
            on = (ConferenceRow.room == number) & ConferenceRow.ended_at.is_(None)
            session.execute(update(ConferenceRow).where(on).values(branch_id=row.branch_id))


def check_unheld(database: Database, number: str) -> None:
    """Raises Conflict for a room that somebody's account is for: whoever chairs it would chair nothing."""
    with database.session() as session:
        held = select(UserRow.login).where(UserRow.room == number).order_by(UserRow.login)
        if login := session.scalar(held):
            raise Conflict(f"the account of {login} is for this room; change it first")


def delete_room(database: Database, number: str) -> None:
    """A room that is not there is none afterwards either. See check_unheld."""
    with database.session(writing=True) as session:
        session.execute(delete(RoomRow).where(RoomRow.number == number))


def terminals(database: Database) -> list[TerminalRow]:
    with database.session() as session:
        return sorted(session.scalars(select(TerminalRow)), key=lambda row: row.name)


def add_terminal(database: Database, terminal: TerminalRow) -> None:
    """Raises Conflict if the name or the number is taken, and NotFound for a site that is not there."""
    with database.session(writing=True) as session:
        if session.get(TerminalRow, terminal.name) is not None:
            raise Conflict(f"there is a terminal {terminal.name} already")
        check_terminal(session, terminal)
        session.add(terminal)


def terminal(database: Database, name: str) -> TerminalRow:
    """Raises NotFound."""
    with database.session() as session:
        if (row := session.get(TerminalRow, name)) is None:
            raise NotFound(f"there is no terminal {name[:32]}")
        return row


def change_terminal(database: Database, terminal: TerminalRow) -> None:
    """Put ``terminal`` in the place of the row of its name. Raises NotFound and Conflict."""
    with database.session(writing=True) as session:
        row = session.get(TerminalRow, terminal.name)
        if row is None:
            raise NotFound(f"there is no terminal {terminal.name[:32]}")
        check_terminal(session, terminal)
        terminal.created_at = row.created_at
        session.merge(terminal)


def check_terminal(session: Session, terminal: TerminalRow) -> None:
    """One number leads to one place, whether that is a terminal or a room. Raises Conflict, and NotFound where there is
    no such site."""
    if terminal.site_id is not None and session.get(SiteRow, terminal.site_id) is None:
        raise NotFound(f"there is no site {terminal.site_id}")
    if terminal.alias is None:
        return
    taken = select(TerminalRow.name).where(TerminalRow.alias == terminal.alias, TerminalRow.name != terminal.name)
    if other := session.scalar(taken):
        raise Conflict(f"{terminal.alias} is the number of terminal {other} already")
    if session.get(RoomRow, terminal.alias) is not None:
        raise Conflict(f"{terminal.alias} is a room's number already")


def delete_terminal(database: Database, name: str) -> None:
    """Raises NotFound."""
    with database.session(writing=True) as session:
        row = session.get(TerminalRow, name)
        if row is None:
            raise NotFound(f"there is no terminal {name[:32]}")
        session.delete(row)


def add_notice(
    database: Database, *, at: datetime, level: str, code: str, text: str, data: Mapping[str, Any] | None = None
) -> None:
    """Kept up to NOTICES_KEPT; the oldest go. ``data``: JSON."""
    with database.session(writing=True) as session:
        session.add(NoticeRow(at=at, level=level, code=code, text=text, data=dict(data or {})))
        session.flush()
        newest = session.scalar(select(func.max(NoticeRow.id))) or 0
        session.execute(delete(NoticeRow).where(NoticeRow.id <= newest - NOTICES_KEPT))


def latest_notices(database: Database, count: int) -> list[NoticeRow]:
    """The latest, oldest of them first."""
    with database.session() as session:
        newest = session.scalars(select(NoticeRow).order_by(NoticeRow.id.desc()).limit(count))
        return list(reversed(list(newest)))

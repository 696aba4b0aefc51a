"""Planned meetings and the times that they take place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mcu.errors import Conflict, NotFound
from mcu.models.database import Database
from mcu.models.planned import Planned, Replan, put, put_in_place
from mcu.models.rows import find_room
from mcu.models.tables import ConferenceRow, MeetingRow, OccurrenceRow

OPEN = ("planned", "called", "running", "warned")
_OURS = ("called", "running", "warned")


# --- meetings ---------------------------------------------------------------------------------------------------------


def meeting(database: Database, ident: int) -> MeetingRow:
    """Raises NotFound."""
    with database.session() as session:
        return _get(session, ident)


def meetings(database: Database, *, room: str | None = None, after: int = 0, limit: int = 1000) -> list[MeetingRow]:
    """In order of their ids, from the one after ``after`` on."""
    wanted = select(MeetingRow).where(MeetingRow.id > after)
    if room is not None:
        wanted = wanted.where(MeetingRow.room == room)
    with database.session() as session:
        return list(session.scalars(wanted.order_by(MeetingRow.id).limit(limit)))


def add_meeting(database: Database, row: MeetingRow, times: Sequence[Planned]) -> MeetingRow:
    """It has its id then. Raises RoomNotFound."""
    with database.session(writing=True) as session:
        find_room(session, row.room)
        session.add(row)
        session.flush()
        put(session, row.id, times)
        return row


def change_meeting(
    database: Database, ident: int, values: Mapping[str, Any], replan: Replan | None = None
) -> MeetingRow:
    """Set columns; without ``replan`` its times stay. Raises NotFound, RoomNotFound, and Conflict where another room is
    wanted while it is on."""
    with database.session(writing=True) as session:
        row = _get(session, ident)
        if "room" in values and values["room"] != row.room:
            find_room(session, str(values["room"]))
            on = select(OccurrenceRow.id).where(OccurrenceRow.meeting_id == ident, OccurrenceRow.state.in_(_OURS))
            if session.scalar(on) is not None:
                raise Conflict("this meeting is on: it cannot go to another room now")
        exdates = replan.exdates(row) if replan is not None and replan.exdates is not None else None
        for column, value in values.items():
            setattr(row, column, value)
        if exdates is not None:
            row.exdates = exdates
        row.sequence += 1  # RFC 5545 3.8.7.4: calendars take the revision with the higher number
        if replan is not None:
            put_in_place(session, ident, replan)
        return row


def delete_meeting(database: Database, ident: int) -> MeetingRow:
    """With all its times; what it was. Raises NotFound."""
    with database.session(writing=True) as session:
        row = _get(session, ident)
        session.delete(row)
        return row


# --- the times that they take place ---------------------------------------------------------------------------------


def occurrences(
    database: Database, ident: int, *, since: datetime | None = None, limit: int = 1000
) -> list[OccurrenceRow]:
    """Of one meeting, those that end after ``since``, in order."""
    wanted = select(OccurrenceRow).where(OccurrenceRow.meeting_id == ident)
    if since is not None:
        wanted = wanted.where(OccurrenceRow.ends_at > since)
    with database.session() as session:
        return list(session.scalars(wanted.order_by(OccurrenceRow.begins_at, OccurrenceRow.id).limit(limit)))


def next_of_each(database: Database, idents: Sequence[int], since: datetime) -> dict[int, OccurrenceRow]:
    """By meeting, the first that ends after ``since`` and is not cancelled."""
    wanted = (
        select(OccurrenceRow)
        .where(OccurrenceRow.meeting_id.in_(idents), OccurrenceRow.ends_at > since, OccurrenceRow.state.in_(OPEN))
        .order_by(OccurrenceRow.begins_at.desc(), OccurrenceRow.id.desc())
    )
    with database.session() as session:
        return {row.meeting_id: row for row in session.scalars(wanted)}


def plan(database: Database, times: Mapping[int, Sequence[Planned]]) -> None:
    """Add those times of meetings that are not there yet."""
    with database.session(writing=True) as session:
        for ident, of_meeting in times.items():
            if session.get(MeetingRow, ident) is not None:  # else it was deleted meanwhile
                put(session, ident, of_meeting)


def open_until(database: Database, until: datetime) -> list[tuple[OccurrenceRow, MeetingRow]]:
    """For which something is still to be done, of those that begin before ``until``."""
    wanted = (
        select(OccurrenceRow, MeetingRow)
        .join(MeetingRow, MeetingRow.id == OccurrenceRow.meeting_id)
        .where(OccurrenceRow.state.in_(OPEN), OccurrenceRow.begins_at < until)
        .order_by(OccurrenceRow.begins_at, OccurrenceRow.id)
    )
    with database.session() as session:
        return [(row, of) for row, of in session.execute(wanted)]


def in_room(database: Database, room: str, since: datetime, before: datetime) -> list[tuple[OccurrenceRow, MeetingRow]]:
    """All that are to take place in a room and touch this span."""
    wanted = (
        select(OccurrenceRow, MeetingRow)
        .join(MeetingRow, MeetingRow.id == OccurrenceRow.meeting_id)
        .where(MeetingRow.room == room, OccurrenceRow.state.in_(OPEN))
        .where(OccurrenceRow.ends_at > since, OccurrenceRow.begins_at < before)
    )
    with database.session() as session:
        return [(row, of) for row, of in session.execute(wanted)]


def of_another(database: Database, conference: str, occurrence: int) -> bool:
    """Whether a conference is a test session, or was held for another meeting or at another time of it."""
    with database.session() as session:
        row = session.get(ConferenceRow, conference)
        return row is not None and (row.test or row.occurrence_id not in (None, occurrence))


def move_occurrence(
    database: Database, ident: int, planned_at: datetime, begins_at: datetime, ends_at: datetime
) -> MeetingRow:
    """What is only planned takes place then instead. Raises NotFound, and Conflict for one that is on or over."""
    with database.session(writing=True) as session:
        row = _get(session, ident)
        found = _planned(session, ident, planned_at)
        if found is None:
            raise NotFound(f"meeting {ident} does not take place then")
        found.begins_at, found.ends_at = begins_at, ends_at
        row.sequence += 1
        return row


def cancel_occurrence(
    database: Database, ident: int, planned_at: datetime, without: Callable[[MeetingRow], list[str]]
) -> MeetingRow:
    """``without``: the meeting's exdates with this one among them, asked here, so that of two that are cancelled at
    once neither is lost. Raises what it raises, NotFound, and Conflict for one that is on or over. One that is too far
    ahead has no row yet."""
    with database.session(writing=True) as session:
        row = _get(session, ident)
        found = _planned(session, ident, planned_at)
        row.exdates = without(row)
        if found is not None:
            found.state = "cancelled"
        row.sequence += 1
        return row


# --- steps of the record ----------------------------------------------------------------------------------------------


def advance(session: Session, ident: int, state: str, ends_at: datetime) -> None:
    """What was done for an occurrence; one that was cancelled or deleted meanwhile stays so."""
    row = session.get(OccurrenceRow, ident)
    if row is not None and row.state in OPEN:
        row.state, row.ends_at = state, ends_at


def belongs(session: Session, conference: str, occurrence: int) -> None:
    """This conference is that occurrence's."""
    row = session.get(ConferenceRow, conference)
    if row is not None and session.get(OccurrenceRow, occurrence) is not None:
        row.occurrence_id = occurrence


# --- within -----------------------------------------------------------------------------------------------------------


def _planned(session: Session, ident: int, planned_at: datetime) -> OccurrenceRow | None:
    mine = OccurrenceRow.meeting_id == ident
    found = session.scalar(select(OccurrenceRow).where(mine, OccurrenceRow.planned_at == planned_at))
    if found is not None and found.state != "planned":
        raise Conflict(f"this one is {found.state}, so it stays as it is")
    return found


def _get(session: Session, ident: int) -> MeetingRow:
    row = session.get(MeetingRow, ident)
    if row is None:
        raise NotFound(f"there is no meeting {ident}")
    return row

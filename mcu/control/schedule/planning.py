"""From meetings' rules to the times that they take place, in the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog

from mcu.core.planning import recurrence
from mcu.core.planning.recurrence import Plan
from mcu.core.planning.schedule import Occurrence
from mcu.errors import BadRequest
from mcu.models import Database
from mcu.models import schedule as rows
from mcu.models.planned import Planned
from mcu.models.tables import MeetingRow, OccurrenceRow

log = structlog.get_logger("mcu.control")

PLANNED_AHEAD = timedelta(days=92)  # rows are made of the times in this span; of later ones only the rule is known
_PAGE = 500


def plan_of(row: MeetingRow) -> Plan:
    return Plan(
        begins=datetime.fromisoformat(row.begins),
        zone=row.zone,
        minutes=row.minutes,
        rrule=row.rrule,
        exdates=tuple(datetime.fromisoformat(text) for text in row.exdates),
    )


def times(plan: Plan, now: datetime) -> list[Planned]:
    """Those that end after ``now`` and begin within PLANNED_AHEAD; at least the next one, however far away it is."""
    length = timedelta(minutes=plan.minutes)
    since = now - length
    found = recurrence.moments(plan, since, now + PLANNED_AHEAD)
    if not found:
        found = recurrence.moments(plan, since, now + recurrence.LOOK_AHEAD)[:1]
    if not found and plan.begins > now.replace(tzinfo=None):
        found = [recurrence.moment(plan.begins, recurrence.zone_info(plan.zone))]
    return [Planned(at, at + length) for at in found if at + length > now]


def by_rule(plan: Plan, planned_at: datetime) -> bool:
    """Whether this is one of the plan's times, and not excepted."""
    return bool(recurrence.moments(plan, planned_at, planned_at + timedelta(seconds=1)))


def plan_ahead(database: Database, now: datetime) -> None:
    """Make the rows of all meetings' coming times. A rule that cannot be read is logged and left."""
    after = 0
    while page := rows.meetings(database, after=after, limit=_PAGE):
        after = page[-1].id
        coming = {}
        for row in page:
            try:
                coming[row.id] = times(plan_of(row), now)
            except (BadRequest, ValueError) as fault:
                log.warning("control.meeting_unreadable", meeting=row.id, reason=str(fault))
        rows.plan(database, coming)


def occurrence_of(row: OccurrenceRow, meeting: MeetingRow) -> Occurrence:
    return Occurrence(
        id=row.id,
        meeting=meeting.id,
        room=meeting.room,
        title=meeting.title,
        begins_at=row.begins_at.timestamp(),
        ends_at=row.ends_at.timestamp(),
        state=row.state,  # type: ignore[arg-type]  # the table holds no others
        call_before=meeting.call_before,
        warn_before=meeting.warn_before,
        ends=meeting.ends,
    )


def wall_of(at: datetime, zone: str) -> datetime:
    """What the wall clock there shows."""
    return at.astimezone(recurrence.zone_info(zone)).replace(tzinfo=None, fold=0)


def utc(wall: datetime, zone: str) -> datetime:
    return recurrence.moment(wall, recurrence.zone_info(zone)).astimezone(UTC)

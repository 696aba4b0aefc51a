"""From rows to the report of savings."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime

from mcu.config import Savings
from mcu.core import savings
from mcu.core.savings import Assumptions, Location, Visit
from mcu.exchange.minutes import Span, merged, seconds_of
from mcu.exchange.savings import SavingsReport
from mcu.models import Database, rows, sites, story
from mcu.models.tables import SiteRow


def savings_of(
    database: Database,
    since: datetime,
    until: datetime,
    given: Savings,
    zone: str,
    branch: Container[int] | None = None,
) -> SavingsReport:
    """Of conferences that began within this span, each as it was when it ended. ``branch``: of these sites alone."""
    chaired = {room.number: room.presiding_site_id for room in rows.rooms(database)}
    now_there = {row.id: _now(row) for row in sites.sites(database)}
    presided = story.presiding(database, since, until)
    spans: dict[tuple[str, int], list[Span]] = {}
    about: dict[tuple[str, int], tuple[story.Stretch, Location]] = {}
    gone: dict[str, int] = {}  # sites that were deleted are told apart by their names
    now = datetime.now(UTC)
    for one in story.stretches(database, since, until):
        place = _then(one.seat, gone) if one.seat is not None and one.seat.usual is not None else None
        place = place or now_there.get(one.site or 0)
        if place is None or (branch is not None and place.id not in branch):
            continue
        key = one.conference, place.id
        left_at = max(one.joined_at, one.left_at or now)
        spans.setdefault(key, []).append(Span(since=one.joined_at.timestamp(), until=left_at.timestamp()))
        about[key] = one, place
    visits = [
        Visit(
            conference=one.conference,
            presiding=_then(presided[one.conference], gone)
            if one.conference in presided
            else now_there.get(chaired.get(one.room) or 0)
            if one.seat is None or one.seat.usual is None
            else None,
            site=place,
            seconds=seconds_of(merged(spans[key])),
            people=one.seat.people if one.seat else None,
        )
        for key, (one, place) in about.items()
    ]
    assumed = Assumptions(**given.model_dump())
    return SavingsReport(
        since=since.timestamp(),
        until=until.timestamp(),
        zone=zone,
        assumptions=assumed,
        found=savings.report(visits, assumed),
    )


def _now(row: SiteRow) -> Location:
    """Of a conference that has not ended."""
    return Location(
        id=row.id,
        name=row.name,
        distance_km=row.distance_km,
        latitude=row.latitude,
        longitude=row.longitude,
        usual=row.people,
    )


def _then(seat: story.Seat, gone: dict[str, int]) -> Location:
    """As it was when the conference ended."""
    return Location(
        id=seat.site if seat.site is not None else gone.setdefault(seat.name, -seat.id),
        name=seat.name,
        distance_km=seat.distance_km or 0.0,
        latitude=seat.latitude,
        longitude=seat.longitude,
        usual=seat.usual or 0,
    )

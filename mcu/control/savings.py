"""From rows to the report of savings."""

from __future__ import annotations

from datetime import UTC, datetime

from mcu.config import Savings
from mcu.core import savings
from mcu.core.savings import Assumptions, Location, Visit
from mcu.exchange.minutes import Span, merged
from mcu.exchange.savings import SavingsReport
from mcu.models import Database, rows, sites, story


def savings_of(database: Database, since: datetime, until: datetime, given: Savings, zone: str) -> SavingsReport:
    """Of conferences that began within this span."""
    presiding = {room.number: room.presiding_site_id for room in rows.rooms(database)}
    places = {
        row.id: Location(
            id=row.id,
            name=row.name,
            distance_km=row.distance_km,
            latitude=row.latitude,
            longitude=row.longitude,
            usual=row.people,
        )
        for row in sites.sites(database)
    }
    spans: dict[tuple[str, int], list[Span]] = {}
    about: dict[tuple[str, int], story.Stretch] = {}
    now = datetime.now(UTC)
    for one in story.stretches(database, since, until):
        key = one.conference, one.site
        left_at = max(one.joined_at, one.left_at or now)
        spans.setdefault(key, []).append(Span(since=one.joined_at.timestamp(), until=left_at.timestamp()))
        about[key] = one
    visits = [
        Visit(
            conference=one.conference,
            presiding=presiding.get(one.room),
            site=one.site,
            seconds=sum(span.until - span.since for span in merged(spans[key])),
            people=one.people,
        )
        for key, one in about.items()
    ]
    assumed = Assumptions(**given.model_dump())
    return SavingsReport(
        since=since.timestamp(),
        until=until.timestamp(),
        zone=zone,
        assumptions=assumed,
        found=savings.report(visits, places, assumed),
    )

"""A meeting as a calendar file (RFC 5545) that calendar programs take up, repeated times and all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vRecur

from mcu.core.planning.recurrence import Plan, zone_info

_PRODUCT = "-//MCU//Lịch họp//VI"
# Programs that know the zone by its name take their own rules; for the others these years are written out.
_ZONE_YEARS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One time that is not when the rule says, both by the wall clock."""

    planned: datetime
    begins: datetime
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    uid: str
    sequence: int  # higher after each change (RFC 5545 3.8.7.4)
    title: str
    plan: Plan
    location: str
    description: str
    created_at: datetime
    moved: tuple[Moved, ...] = ()


def calendar_file(invitation: Invitation) -> str:
    """The file's text, lines folded and ended as RFC 5545 3.1 wants them."""
    plan, zone = invitation.plan, zone_info(invitation.plan.zone)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    main = _event(invitation, zone, plan.begins, plan.minutes)
    if plan.rrule:
        main.add("rrule", vRecur.from_ical(plan.rrule))
    for excepted in plan.exdates:
        main.add("exdate", excepted.replace(tzinfo=zone))
    calendar.add_component(main)
    for one in invitation.moved:
        again = _event(invitation, zone, one.begins, one.minutes)
        if plan.rrule:
            again.add("recurrence-id", one.planned.replace(tzinfo=zone))
            calendar.add_component(again)
        else:  # it takes place once: then that is when
            calendar.subcomponents.remove(main)
            calendar.add_component(again)
    begins = min([plan.begins, *(one.begins for one in invitation.moved)])
    calendar.add_missing_timezones(date(begins.year, 1, 1), date(begins.year + _ZONE_YEARS, 1, 1))
    # The zones first: RFC 5545 leaves the order open, and some programs read from top to bottom.
    calendar.subcomponents.sort(key=lambda component: component.name != "VTIMEZONE")
    return str(calendar.to_ical(), "utf-8")


def _event(invitation: Invitation, zone: ZoneInfo, begins: datetime, minutes: int) -> Event:
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.created_at.astimezone(UTC).replace(microsecond=0))
    event.add("summary", invitation.title)
    event.add("dtstart", begins.replace(tzinfo=zone))
    event.add("duration", timedelta(minutes=minutes))
    event.add("location", invitation.location)
    event.add("description", invitation.description)
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    return event

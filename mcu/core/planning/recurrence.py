"""When a planned meeting takes place: recurrence rules of RFC 5545 (3.3.10) by the wall clock of the meeting's zone.

A wall clock that is put forward skips some times and one that is put back shows some twice. As RFC 5545 3.3.5 wants it,
a time that does not exist is read with the offset before the change, and of a time that comes twice the first is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from mcu.errors import BadRequest

MOST_TIMES = 1000  # that COUNT may ask for
LOOK_AHEAD = timedelta(days=366 * 9)  # 29 February comes every 4 years, and over 2100 every 8
LONGEST_RULE = 256
_LONGEST_MEETING = 24 * 60  # minutes
_LAST_YEAR = 2199

_NUMBERS = r"[+-]?\d{1,3}(,[+-]?\d{1,3})*"
_PARTS = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}(T\d{6}Z?)?",
    "BYDAY": r"[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU)(,[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU))*",
    "BYMONTHDAY": _NUMBERS,
    "BYMONTH": _NUMBERS,
    "BYSETPOS": _NUMBERS,
    "WKST": "MO|TU|WE|TH|FR|SA|SU",
}
_RANGES = {"BYMONTHDAY": (-31, 31), "BYMONTH": (1, 12), "BYSETPOS": (-366, 366)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``begins`` and ``exdates`` are of the wall clock in ``zone``, without an offset."""

    begins: datetime
    zone: str
    minutes: int
    rrule: str = ""  # RFC 5545 3.3.10, empty: once
    exdates: tuple[datetime, ...] = ()


def zone_info(name: str) -> ZoneInfo:
    """Raises BadRequest for a zone that the IANA database does not have."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # of no such file, of "../x", of a directory
        raise BadRequest(f"zone {name[:48]!r} is none: give one as Asia/Ho_Chi_Minh") from None


def wall_time(text: str, what: str = "begins") -> datetime:
    """ "2026-11-22T08:00" or with seconds, of the wall clock. Raises BadRequest."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{what} must be a day and time as 2026-11-22T08:00") from None
    if found.tzinfo is not None:
        raise BadRequest(f"{what} is of the wall clock in the meeting's zone: leave out the offset")
    if not 2000 <= found.year <= _LAST_YEAR:
        raise BadRequest(f"{what} must be in the years 2000 to {_LAST_YEAR}")
    return found.replace(microsecond=0)


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """In UTC."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def check(plan: Plan) -> Plan:
    """The plan with its rule in plain form (UNTIL in UTC). Raises BadRequest that says what is wrong."""
    zone = zone_info(plan.zone)
    if not 1 <= plan.minutes <= _LONGEST_MEETING:
        raise BadRequest(f"minutes must be from 1 to {_LONGEST_MEETING}")
    parts = _parse(plan.rrule, zone)
    rule = ";".join(f"{key}={value}" for key, value in parts.items())
    plain = Plan(
        begins=plan.begins, zone=plan.zone, minutes=plan.minutes, rrule=rule, exdates=tuple(sorted(set(plan.exdates)))
    )
    try:
        first = next(_by_rule(plain, plain.begins + LOOK_AHEAD), None)
    except ValueError as fault:
        raise BadRequest(f"rrule: {str(fault)[:80]}") from None
    if first is None:
        raise BadRequest("rrule: there is no day that it means, or UNTIL is before the begin")
    if first != plain.begins:  # RFC 5545 3.8.5.3 leaves open what such a rule means
        raise BadRequest(f"begins is not a time that rrule means; the first one is {first.isoformat()}")
    if all(time in plain.exdates for time in wall_times(plain, plain.begins + LOOK_AHEAD)):
        raise BadRequest("every time of this meeting is cancelled")
    return plain


def wall_times(plan: Plan, before: datetime) -> Iterator[datetime]:
    """All times by the wall clock that are not excepted and come before ``before``, in order."""
    return (time for time in _by_rule(plan, before) if time not in plan.exdates)


def moments(plan: Plan, since: datetime, before: datetime) -> list[datetime]:
    """When it begins, in UTC, of those that do in this span: ``since`` is within it, ``before`` is not."""
    zone = zone_info(plan.zone)
    # A day more than asked for: no zone is as far from UTC, and a change of its clock is less.
    found = (moment(time, zone) for time in wall_times(plan, before.replace(tzinfo=None) + timedelta(days=1)))
    return [at for at in found if since <= at < before]


def takes_place(plan: Plan, wall: datetime) -> bool:
    """Whether it is one of the rule's times that is not excepted."""
    return any(time == wall for time in wall_times(plan, wall + timedelta(seconds=1)))


def _by_rule(plan: Plan, before: datetime) -> Iterator[datetime]:
    """COUNT and UNTIL are ours: without an end of the search, a rule that means no day would be sought to year 9999."""
    if not plan.rrule:
        return iter([plan.begins] if plan.begins < before else [])
    zone = zone_info(plan.zone)
    parts = _parse(plan.rrule, zone)
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    last = before - timedelta(seconds=1)
    if until:
        ends = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        last = min(last, ends.replace(fold=0))
    rule = rrulestr(";".join(f"{key}={value}" for key, value in parts.items()), dtstart=plan.begins)
    times: Iterator[datetime] = iter(rule.replace(until=last))
    return islice(times, int(count)) if count else times


def _parse(rule: str, zone: ZoneInfo) -> dict[str, str]:
    """Name and value of each part; FREQ is first, as RFC 2445's readers want it."""
    text = rule.strip().upper().removeprefix("RRULE:").rstrip(";")
    if not text:
        return {}
    if len(text) > LONGEST_RULE:
        raise BadRequest(f"rrule: at most {LONGEST_RULE} characters")
    parts: dict[str, str] = {}
    for part in text.split(";"):
        key, _, value = part.partition("=")
        if key not in _PARTS:
            raise BadRequest(f"rrule: {key[:16]!r} is not supported; known: {', '.join(_PARTS)}")
        if key in parts:
            raise BadRequest(f"rrule: {key} is given twice")
        if not re.fullmatch(_PARTS[key], value, re.ASCII):
            known = f"; known: {_PARTS[key].replace('|', ', ')}" if re.fullmatch(r"[A-Z|]+", _PARTS[key]) else ""
            raise BadRequest(f"rrule: {key}={value[:32]!r} is no value for it{known}")
        parts[key] = value
    _check_parts(parts)
    if until := parts.get("UNTIL"):
        parts["UNTIL"] = _until(until, zone)
    return {"FREQ": parts.pop("FREQ"), **parts}


def _check_parts(parts: Mapping[str, str]) -> None:
    if "FREQ" not in parts:
        raise BadRequest("rrule: FREQ is missing (DAILY, WEEKLY, MONTHLY or YEARLY)")
    if "COUNT" in parts and "UNTIL" in parts:
        raise BadRequest("rrule: COUNT and UNTIL exclude each other")
    if int(parts.get("COUNT", 1)) > MOST_TIMES:
        raise BadRequest(f"rrule: COUNT is {MOST_TIMES} at most")
    for key, (least, most) in _RANGES.items():
        for value in map(int, filter(None, parts.get(key, "").split(","))):
            if value == 0 or not least <= value <= most:
                raise BadRequest(f"rrule: {key} has {value}, which is none")
    if re.search(r"\d", parts.get("BYDAY", "")) and parts["FREQ"] not in ("MONTHLY", "YEARLY"):
        raise BadRequest("rrule: BYDAY with a number is for MONTHLY and YEARLY")
    if re.search(r"(^|[^\d])[+-]?0+[A-Z]", parts.get("BYDAY", "")):
        raise BadRequest("rrule: BYDAY counts from 1")
    if "BYMONTHDAY" in parts and parts["FREQ"] == "WEEKLY":
        raise BadRequest("rrule: BYMONTHDAY is not for WEEKLY")
    if "BYSETPOS" in parts and not {"BYDAY", "BYMONTHDAY", "BYMONTH"} & parts.keys():
        raise BadRequest("rrule: BYSETPOS chooses among the days of another BY part")


def _until(text: str, zone: ZoneInfo) -> str:
    """In UTC, as RFC 5545 wants it beside a begin with a zone; a day alone is meant to its end."""
    try:
        if text.endswith("Z"):
            found = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        elif "T" in text:
            found = moment(datetime.strptime(text, "%Y%m%dT%H%M%S"), zone)
        else:
            found = moment(datetime.strptime(text + "T235959", "%Y%m%dT%H%M%S"), zone)
    except (ValueError, OverflowError):
        raise BadRequest(f"rrule: UNTIL={text} is no day") from None
    if not 2000 <= found.year <= _LAST_YEAR + 1:
        raise BadRequest(f"rrule: UNTIL must be in the years 2000 to {_LAST_YEAR}")
    return found.strftime("%Y%m%dT%H%M%SZ")

"""What calls about planned meetings carry: arguments, checked, and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mcu.control import arguments as arg
from mcu.core.planning import recurrence
from mcu.core.planning.recurrence import LONGEST_RULE, Plan
from mcu.errors import BadRequest
from mcu.models.tables import MeetingRow, OccurrenceRow

Args = dict[str, Any]
PLAN = ("begins", "zone", "minutes", "rrule", "exdates")
_MOST_EXDATES = 1000
OPTIONS: dict[str, Any] = {"call_before": None, "warn_before": 10, "ends": False}


def options(args: Args) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "call_before" in args:
        given = args["call_before"]
        found["call_before"] = None if given is None else arg.whole(args, "call_before", 0, 24 * 60, 0)
    if args.get("warn_before") is not None:
        found["warn_before"] = arg.whole(args, "warn_before", 0, 240, 10)
    if args.get("ends") is not None:
        found["ends"] = arg.flag(args, "ends")
    return found


def plan_in(args: Args, before: Plan | None, zone: str) -> Plan:
    """As it is asked for; what is not given stays as it was ``before``."""
    given = {key: value for key, value in args.items() if value is not None}
    kept = before.begins if before is not None and "begins" not in given else None
    return Plan(
        begins=kept or recurrence.wall_time(arg.text(given, "begins")),
        zone=arg.text(given, "zone", zone),
        minutes=arg.whole(given, "minutes", 1, 24 * 60, before.minutes if before else 60),
        rrule=arg.text(given, "rrule", before.rrule if before else "")[: LONGEST_RULE + 1],
        exdates=_exdates(given["exdates"]) if "exdates" in given else before.exdates if before else (),
    )


def _exdates(given: object) -> tuple[datetime, ...]:
    if not isinstance(given, list) or len(given) > _MOST_EXDATES or not all(isinstance(one, str) for one in given):
        raise BadRequest(f"exdates must be a list of at most {_MOST_EXDATES} times as 2026-11-22T08:00")
    return tuple(recurrence.wall_time(one, "exdates") for one in given)


def columns(plan: Plan) -> dict[str, Any]:
    return {
        "begins": plan.begins.isoformat(),
        "zone": plan.zone,
        "minutes": plan.minutes,
        "rrule": plan.rrule,
        "exdates": [one.isoformat() for one in plan.exdates],
    }


def describe(row: MeetingRow) -> dict[str, Any]:
    keys = (
        "id", "uid", "sequence", "room", "title", "begins", "zone", "minutes", "rrule", "exdates", "call_before",
        "warn_before", "ends", "created_by",
    )  # fmt: skip
    return {**{key: getattr(row, key) for key in keys}, "created_at": row.created_at.timestamp()}


def time_of(row: OccurrenceRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    moments = {key: getattr(row, key).timestamp() for key in ("planned_at", "begins_at", "ends_at")}
    return {**moments, "state": row.state, "moved": row.begins_at != row.planned_at}

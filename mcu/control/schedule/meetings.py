"""Planned meetings over the bus."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control import pages
from mcu.control.access.gate import actor
from mcu.control.controller import Controller
from mcu.control.records.record import moment
from mcu.control.schedule.invitation import invitation
from mcu.control.schedule.meeting_arguments import OPTIONS, PLAN, columns, describe, options, plan_in, time_of
from mcu.control.schedule.planning import PLANNED_AHEAD, by_rule, occurrence_of, plan_of, times, utc, wall_of
from mcu.control.schedule.scheduler import Scheduler
from mcu.core.languages import first_of
from mcu.core.planning import recurrence
from mcu.core.planning.recurrence import Plan
from mcu.core.planning.replanning import successor
from mcu.core.planning.schedule import overlaps
from mcu.errors import BadRequest, NotFound
from mcu.exchange.calendar import calendar_file
from mcu.models import schedule as rows
from mcu.models.planned import Planned, Replan
from mcu.models.tables import MeetingRow

Args = dict[str, Any]
SHOWN = 20  # coming times in meeting.show
_WARNED = 5  # overlaps that are told


class Meetings:
    def __init__(self, controller: Controller, scheduler: Scheduler) -> None:
        self._control = controller
        self._record = controller.record
        self._scheduler = scheduler

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "meeting.list": self.list_,
            "meeting.show": self.show,
            "meeting.create": self.create,
            "meeting.change": self.change,
            "meeting.delete": self.delete,
            "meeting.cancel_occurrence": self.cancel_occurrence,
            "meeting.move_occurrence": self.move_occurrence,
            "meeting.calendar": self.calendar,
        }

    async def list_(self, peer: Peer, args: Args) -> dict[str, Any]:
        """In order of their ids, each with the next time that it takes place."""
        room = arg.number(args, "room") if args.get("room") is not None else None
        limit, after = pages.limit_in(args), pages.after_row(args, digits=9) or 0
        found = await self._record.write(rows.meetings, room=room, after=after, limit=limit + 1)
        page, more = pages.cut(found, limit, lambda row: str(row.id))
        coming = await self._record.write(rows.next_of_each, [row.id for row in page], moment(time.time()))
        items = [{**describe(row), "next": time_of(coming.get(row.id))} for row in page]
        return {"items": items, "next": more}

    async def show(self, peer: Peer, args: Args) -> dict[str, Any]:
        return await self._shown(await self._meeting(args))

    async def create(self, peer: Peer, args: Args) -> dict[str, Any]:
        plan = recurrence.check(plan_in(args, None, self._control.settings.schedule.zone))
        now = moment(time.time())
        coming = times(plan, now)
        if not coming:
            raise BadRequest("this meeting is over already")
        row = MeetingRow(
            uid=f"{uuid.uuid4()}@mcu",
            sequence=0,
            room=arg.number(args, "room"),
            title=arg.shown(args, "title"),
            created_by=actor().login,
            **columns(plan),
            **{**OPTIONS, **options(args)},
        )
        self._control.bridge.room(row.room)
        return await self._shown(await self._write(rows.add_meeting, row, coming))

    async def change(self, peer: Peer, args: Args) -> dict[str, Any]:
        """What is given; times that are only planned follow, what is on or over stays as it is."""
        row = await self._meeting(args)
        values: dict[str, Any] = options(args)
        if args.get("title") is not None:
            values["title"] = arg.shown(args, "title")
        if args.get("room") is not None:
            values["room"] = arg.number(args, "room")
            self._control.bridge.room(values["room"])
        replan = None
        now = moment(time.time())
        if any(args.get(key) is not None for key in PLAN):
            before, plan = plan_of(row), plan_in(args, plan_of(row), row.zone)
            if kept := args.get("exdates") is None:
                plan = replace(plan, exdates=_excepted(before, plan, row))
            plan = recurrence.check(plan)
            values |= columns(plan)
            if kept:
                del values["exdates"]  # as they are by then: one may be cancelled meanwhile
            replan = Replan(
                times=await self._coming(row, before, plan, now),
                since=now,
                successor=lambda planned_at: _successor(before, plan, planned_at),
                exdates=(lambda then: [one.isoformat() for one in _excepted(before, plan, then)]) if kept else None,
            )
        if not values:
            raise BadRequest("nothing to change")
        return await self._shown(await self._write(rows.change_meeting, row.id, values, replan))

    async def delete(self, peer: Peer, args: Args) -> None:
        await self._write(rows.delete_meeting, arg.ident(args))

    async def cancel_occurrence(self, peer: Peer, args: Args) -> dict[str, Any]:
        """The one that was to begin at ``begins``, by the rule and the wall clock."""
        row, plan, wall = await self._one(args)

        def without(now: MeetingRow) -> list[str]:
            plan = plan_of(now)
            _takes_place(now, plan, wall)
            exdates: list[str] = columns(recurrence.check(replace(plan, exdates=(*plan.exdates, wall))))["exdates"]
            return exdates

        return await self._shown(await self._write(rows.cancel_occurrence, row.id, utc(wall, plan.zone), without))

    async def move_occurrence(self, peer: Peer, args: Args) -> dict[str, Any]:
        """The one that was to begin at ``begins`` begins at ``to`` instead, and lasts ``minutes`` if they are given."""
        row, plan, wall = await self._one(args)
        begins_at = utc(recurrence.wall_time(arg.text(args, "to"), "to"), plan.zone)
        minutes = arg.whole(args, "minutes", 1, 24 * 60, plan.minutes)
        ends_at = begins_at + timedelta(minutes=minutes)
        if ends_at <= moment(time.time()):
            raise BadRequest("to: that is over already")
        planned_at = utc(wall, plan.zone)
        await self._record.write(
            rows.plan, {row.id: [Planned(planned_at, planned_at + timedelta(minutes=plan.minutes))]}
        )
        changed = await self._write(rows.move_occurrence, row.id, planned_at, begins_at, ends_at)
        return await self._shown(changed, moved_to=begins_at)

    async def calendar(self, peer: Peer, args: Args) -> dict[str, Any]:
        row = await self._meeting(args)
        found = await self._record.write(rows.occurrences, row.id)
        room, settings = self._control.bridge.room(row.room).config, self._control.settings
        language = first_of(room.language, settings.asterisk.language)
        written = calendar_file(invitation(row, found, room.name, settings, language))
        return {"ics": written, "name": f"meeting-{row.id}.ics"}

    # --- within -------------------------------------------------------------------------------------------------

    async def _meeting(self, args: Args) -> MeetingRow:
        return await self._record.write(rows.meeting, arg.ident(args))

    async def _one(self, args: Args) -> tuple[MeetingRow, Plan, datetime]:
        row = await self._meeting(args)
        plan, wall = plan_of(row), recurrence.wall_time(arg.text(args, "begins"))
        _takes_place(row, plan, wall)
        return row, plan, wall

    async def _coming(self, row: MeetingRow, before: Plan, plan: Plan, now: datetime) -> list[Planned]:
        """By the rule, and those that were moved out of the span that rows are made for and still take place."""
        found = {time.planned_at: time for time in times(plan, now)}
        length = timedelta(minutes=plan.minutes)
        for known in await self._record.write(rows.occurrences, row.id, since=now):
            at = _successor(before, plan, known.planned_at)
            if at is not None and by_rule(plan, at):
                found.setdefault(at, Planned(at, at + length))
        return [found[at] for at in sorted(found)]

    async def _shown(self, row: MeetingRow, moved_to: datetime | None = None) -> dict[str, Any]:
        """``warnings``: of all its times, or of the one that is ``moved_to`` somewhere."""
        now = moment(time.time())
        coming = await self._record.write(rows.occurrences, row.id, since=now, limit=SHOWN)
        return {
            **describe(row),
            "next": next((time_of(one) for one in coming if one.state in rows.OPEN), None),
            "occurrences": [time_of(one) for one in coming],
            "warnings": await self._warnings(row, now, moved_to),
        }

    async def _warnings(self, row: MeetingRow, now: datetime, only: datetime | None) -> list[dict[str, Any]]:
        """Other meetings (or other times of this one) that want the room while this one has it."""
        there = await self._record.write(rows.in_room, row.room, now, now + PLANNED_AHEAD)
        found = overlaps(occurrence_of(one, of) for one, of in there)
        told = []
        for first, second in found:
            for own, other in ((first, second), (second, first)):
                if own.meeting != row.id or (only is not None and own.begins_at != only.timestamp()):
                    continue
                begins = wall_of(moment(other.begins_at), row.zone).strftime("%Y-%m-%d %H:%M")
                text = f"room {row.room} is wanted by {other.title!r} too, at {begins}"
                told.append({
                    "code": "overlap", "text": text, "meeting": other.meeting, "title": other.title,
                    "begins_at": other.begins_at, "ends_at": other.ends_at,
                })  # fmt: skip
                break
        return told[:_WARNED]

    async def _write(self, work: Callable[..., MeetingRow], *args: Any) -> MeetingRow:
        """What ``work`` makes of a meeting, in the table and in the schedule's hands."""
        row = await self._record.write(work, *args)
        self._scheduler.changed()
        self._control.tell("meeting.changed", {"meeting": row.id, "room": row.room})
        return row


def _takes_place(row: MeetingRow, plan: Plan, wall: datetime) -> None:
    """Raises NotFound."""
    if not recurrence.takes_place(plan, wall):
        raise NotFound(f"meeting {row.id} does not begin at {wall.isoformat()}")


def _excepted(before: Plan, plan: Plan, row: MeetingRow) -> tuple[datetime, ...]:
    """What is cancelled of a series stays so, at whatever hour it is held from now on."""
    if not plan.rrule:
        return plan_of(row).exdates
    return tuple(sorted({successor(before, plan, one) or one for one in plan_of(row).exdates}))


def _successor(before: Plan, plan: Plan, planned_at: datetime) -> datetime | None:
    """Of a time in UTC. What takes place once is held when it is said to be: nothing takes the place of what was."""
    if by_rule(plan, planned_at):
        return planned_at
    if not (before.rrule and plan.rrule):
        return None
    found = successor(before, plan, wall_of(planned_at, before.zone))
    return utc(found, plan.zone) if found is not None else None

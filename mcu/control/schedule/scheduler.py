"""The schedule at work: looks at what is due, does it, and keeps that it was done.

What is done stands in the occurrence's row, so a new control process goes on where the last one was. Each step is first
done and then kept: one that was cut off between the two is done again, and each is such that this changes nothing (who
is there is not called, an end that is set is set again).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

import structlog

from mcu.control.controller import Controller
from mcu.control.records.record import moment
from mcu.control.schedule.planning import occurrence_of, plan_ahead
from mcu.control.schedule.steps import Steps
from mcu.core.planning import schedule
from mcu.core.planning.schedule import Occurrence
from mcu.core.roles import Actor
from mcu.errors import McuError, Unavailable
from mcu.models import schedule as rows

log = structlog.get_logger("mcu.control")

LOOK_EVERY = 20.0  # s at most: how late a change of the clock is noticed
PLAN_EVERY = 3600.0  # s
AHEAD = timedelta(days=2)  # what is kept in memory
CLOCK_SET = 2.0  # s: a clock that NTP slews (500 ppm) strays 0.01 s between two looks
CLOCK_LEAPT, SETTLE = 60.0, 120.0  # s: after a leap forward nothing is ended at first, for it may be taken back

SCHEDULE = Actor(login="schedule", role="admin", via="schedule")


class Clock(Protocol):
    def time(self) -> float:
        """Seconds since the epoch, as the machine believes."""

    def monotonic(self) -> float:
        """Seconds, whatever the machine believes."""


class Scheduler:
    """``do`` carries out a call of the bus in the name of the schedule."""

    def __init__(
        self, controller: Controller, do: Callable[[str, dict[str, Any]], Awaitable[Any]], clock: Clock = time
    ) -> None:
        self._record = controller.record
        self._notify = controller.notify
        self._steps = Steps(controller, do)
        self._clock = clock
        self._open: dict[int, Occurrence] = {}
        self._planned_at = float("-inf")  # by the monotonic clock
        self._wanted = 0  # counts changes of what is planned, and what was read knows how many
        self._read = -1
        self._kept = 0  # counts what this process did
        self._nudge = asyncio.Event()
        self._turn = asyncio.Lock()
        self._shift = clock.time() - clock.monotonic()
        self._unsure_until = float("-inf")

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self._nudge.clear()
            try:
                await self.look()
            except Exception:
                log.exception("control.schedule_failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._nudge.wait()

    async def look(self) -> None:
        """Do what is due by now."""
        async with self._turn:
            self._check_clock()
            await self._plan()
            # At one moment first what ends, then what begins, so that a room is free for the next meeting.
            for one in sorted(self._open.values(), key=lambda o: (not o.on, o.begins_at, o.id)):
                try:
                    await self._advance(one.id)
                except Exception:  # a fault of ours: the others are held in time
                    log.exception("control.schedule_step_failed", occurrence=one.id)

    def changed(self) -> None:
        """Meetings were planned, changed or cancelled."""
        self._wanted += 1
        self._nudge.set()

    def hear(self, event: str, data: Mapping[str, Any], at: float) -> None:
        """Events of core: conferences that belong to a meeting, ends that were put off, rooms that are gone."""
        if event == "conference.began":
            if one := self._on_in(data["room"]):
                self._record.soon("belongs", partial(rows.belongs, conference=data["id"], occurrence=one.id))
        elif event == "direction.changed" and not self._steps.sets_end:
            self._extended(data["room"], data.get("ends_at"))
        elif event == "room.removed":
            self.changed()

    # --- within -------------------------------------------------------------------------------------------------

    def _pause(self) -> float:
        now = self._clock.time()
        waits = [wanted[0] - now for one in self._open.values() if (wanted := schedule.due(one))]
        # What is due and was put off (the switch is away, the clock is doubtful) need not be tried all the time.
        return min([LOOK_EVERY, *(wait for wait in waits if wait > 0)])

    def _check_clock(self) -> None:
        shift = self._clock.time() - self._clock.monotonic()
        leap, self._shift = shift - self._shift, shift
        if abs(leap) < CLOCK_SET:
            return
        self._wanted += 1
        if leap > CLOCK_LEAPT:
            self._unsure_until = self._clock.monotonic() + SETTLE
        elif leap < -CLOCK_LEAPT:
            self._unsure_until = float("-inf")
        text = f"The clock of this machine was set by {leap:+.0f} s"
        self._notify("warning", "clock_changed", text, seconds=round(leap))

    async def _plan(self) -> None:
        """Of what is planned, what comes next; done now and then, and after changes. While nothing can be written, what
        is in memory is newer than what could be read."""
        now = self._clock.monotonic()
        wanted, kept = self._wanted, self._kept
        if self._record.failing or (self._read == wanted and now - self._planned_at < PLAN_EVERY):
            return
        at = moment(self._clock.time())
        try:
            await self._record.write(plan_ahead, at)
            found = await self._record.write(rows.open_until, at + AHEAD)
        except Unavailable as fault:
            log.warning("control.schedule_not_read", reason=str(fault))
            return
        if self._kept != kept:  # an end was put off meanwhile: what was read is not the newest
            self._nudge.set()
            return
        first = self._read < 0
        self._open = {row.id: occurrence_of(row, of) for row, of in found}
        if first:
            await self._steps.go_on([one for one in self._open.values() if one.state in ("running", "warned")])
        self._planned_at, self._read = now, wanted

    async def _advance(self, ident: int) -> None:
        while (one := self._open.get(ident)) and (what := schedule.step(one, self._clock.time())):
            if what in ("end", "miss") and self._clock.monotonic() < self._unsure_until:
                return
            try:
                await self._steps.take(what, one, self._clock.time(), self._next_in(one))
            except Unavailable as fault:
                log.warning("control.schedule_step_put_off", step=what, occurrence=ident, reason=str(fault))
                return
            except McuError as fault:
                text = f"Meeting {one.title!r} in room {one.room}: {fault}"
                told = {"title": one.title, "room": one.room, "error": fault.error_id, "reason": str(fault)}
                self._notify("warning", "meeting_step_failed", text, **told)
            # Taken anew: its end may have been put off meanwhile.
            self._keep(schedule.done(self._open.get(ident, one), what))

    def _extended(self, room: str, ends_at: float | None) -> None:
        one = self._on_in(room)
        if one is None or one.state == "called" or ends_at is None or abs(ends_at - one.ends_at) < 1:
            return
        self._keep(schedule.extend(one, ends_at, self._clock.time()))
        self._nudge.set()

    def _keep(self, one: Occurrence) -> None:
        self._kept += 1
        if one.state in schedule.OPEN:
            self._open[one.id] = one
        else:
            self._open.pop(one.id, None)
        step = partial(rows.advance, ident=one.id, state=one.state, ends_at=moment(one.ends_at))
        self._record.soon("occurrence", step)

    def _on_in(self, room: str) -> Occurrence | None:
        """The one that has the room now: of several the one that began last."""
        there = [one for one in self._open.values() if one.room == room and one.on]
        return max(there, key=lambda o: (o.state != "called", o.begins_at, o.id), default=None)

    def _next_in(self, one: Occurrence) -> Occurrence | None:
        """Another one that has its room already."""
        there = (o for o in self._open.values() if o.room == one.room and o.on and o.id != one.id)
        return next(there, None)

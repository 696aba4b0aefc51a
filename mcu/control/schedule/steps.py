"""Each step of a planned meeting, as calls and events of the bus."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from mcu.control.controller import Controller
from mcu.core import commands
from mcu.core.planning.schedule import Occurrence, Step
from mcu.errors import Conflict, ParticipantNotFound, RoomNotFound, Unavailable
from mcu.models import schedule as rows

CALL_TRIES = 5  # of a site that does not answer, before somebody has to look
LATE = 60.0  # s after its begin that one is told to begin late
# s after its end within which people are disconnected; later they may be there for something else.
END_WITHIN = 900.0
_TOLD_KEPT = 256
BANNER_FOR = 60  # s
_ENDING = {
    "vi": "Còn {minutes} phút là hết giờ họp",
    "en": "The meeting ends in {minutes} minutes",
}


class Steps:
    def __init__(self, controller: Controller, do: Callable[[str, dict[str, Any]], Awaitable[Any]]) -> None:
        self._control = controller
        self._do = do
        self.sets_end = False  # at this moment: the room's end changes, and nobody put a meeting's off
        self._told: deque[tuple[str, int, float]] = deque(maxlen=_TOLD_KEPT)  # a step that is tried again is told once

    async def take(self, what: Step, one: Occurrence, now: float, other: Occurrence | None) -> None:
        """``other``: another meeting that has the same room already. Raises Unavailable for what may be tried again."""
        match what:
            case "call":
                self._tell("meeting.calling", one)
                await self._do("call.all", {"room": one.room, "who": "absent", "tries": CALL_TRIES})
            case "begin":
                await self._begin(one, now)
            case "warn":
                await self._warn(one, now)
            case "end":
                await self._end(one, now, other)
            case "miss":
                self._tell("meeting.missed", one)
                text = f"Meeting {one.title!r} in room {one.room} was missed: the MCU was away or its clock was wrong"
                self._control.notify("warning", "meeting_missed", text, title=one.title, room=one.room)

    async def go_on(self, running: Iterable[Occurrence]) -> None:
        """After control's restart: the ends of meetings that are on. A conference that is found again knows its own,
        unless that was never written down."""
        for one in sorted(running, key=lambda o: o.begins_at):
            conference = self._control.bridge.conferences.get(one.room)
            if conference is None or conference.direction.ends_at is None:
                with suppress(RoomNotFound):
                    self._set_end(one, one.ends_at)

    async def _begin(self, one: Occurrence, now: float) -> None:
        if before := self._control.history.conference(one.room):
            of_another = await self._control.record.write(rows.of_another, conference=before, occurrence=one.id)
            if of_another:
                self._begin_anew(one.room, before)
        self._set_end(one, one.ends_at)
        if conference := self._control.history.conference(one.room):
            step = partial(rows.belongs, conference=conference, occurrence=one.id)
            self._control.record.soon("belongs", step)
        self._tell("meeting.began", one)
        if now - one.begins_at > LATE:
            late = round((now - one.begins_at) / 60)
            text = f"Meeting {one.title!r} in room {one.room} began {late} minutes late"
            self._control.notify("warning", "meeting_late", text, title=one.title, room=one.room, minutes=late)

    def _begin_anew(self, room: str, before: str) -> None:
        """A former meeting's people, or a test session's, have stayed: from now on they are at this one, and each of
        the two has minutes of its own."""
        control, at = self._control, time.time()
        if control.history.conference(room) != before:
            return  # it ended meanwhile
        there = [p for p in control.bridge.participants(room) if not p.presents]
        for p in there:
            control.record.departed(p.id, room, at, quality=p.line.stay() if p.line else None)
        with control.history.handed_over(room):
            control.begin(commands.BeginAnew(at=at, number=room))
        for p in there:
            control.record.arrived({**p.describe(), "joined_at": at}, control.history.conference(room))

    async def _warn(self, one: Occurrence, now: float) -> None:
        minutes = max(1, round((one.ends_at - now) / 60))
        self._tell("conference.ending", one, minutes=minutes)
        conference = self._control.bridge.conferences.get(one.room)
        chair = conference.direction.chair if conference else ""
        if not chair:
            return
        language = self._control.bridge.room(one.room).config.language or self._control.settings.asterisk.language
        text = _ENDING[language].format(minutes=minutes)
        try:
            await self._act(one, {"act": "banner", "participant": chair, "text": text, "seconds": BANNER_FOR})
        except ParticipantNotFound as away:  # its line has just broken, and it is expected back: it reads it then
            raise Unavailable("the chair is on its way back") from away

    async def _end(self, one: Occurrence, now: float, other: Occurrence | None) -> None:
        """Nobody is disconnected who came for another meeting."""
        self._tell("meeting.ended", one)  # while there is a conference whose minutes can tell of it
        if one.ends and other is None and now - one.ends_at <= END_WITHIN:
            since = self._there_since(one.room)
            if since is not None and since < one.ends_at:
                await self._act(one, {"act": "end"})
        with suppress(RoomNotFound):
            self._set_end(one, None if other is None or other.state == "called" else other.ends_at)

    def _there_since(self, room: str) -> float | None:
        """When the first came of those who are there. Of nobody, but who is at the door, expected back or called: when
        that began."""
        bridge = self._control.bridge
        conference = bridge.conferences.get(room)
        if conference is not None and conference.since is not None:
            return conference.since
        began = [call.began_at for call in bridge.dial_out if call.room == room and call.coming(waiting=True)]
        if conference is not None:
            began += [p.entered_at for p in (*conference.entering.values(), *conference.lobby.values())]
            began += [conference.began_at] if conference.id else []
        return min(began, default=None)

    def _set_end(self, one: Occurrence, ends_at: float | None) -> None:
        self.sets_end = True
        try:
            self._control.begin(commands.SetEnd(at=time.time(), number=one.room, ends_at=ends_at))
        finally:
            self.sets_end = False

    async def _act(self, one: Occurrence, act: dict[str, Any]) -> None:
        with suppress(Conflict):  # nobody is there any more
            await self._do("room.act", {"room": one.room, **act})

    def _tell(self, event: str, one: Occurrence, **more: Any) -> None:
        if (event, one.id, one.ends_at) in self._told:
            return
        self._told.append((event, one.id, one.ends_at))
        data = {
            "room": one.room, "meeting": one.meeting, "occurrence": one.id, "title": one.title,
            "begins_at": one.begins_at, "ends_at": one.ends_at, **more,
        }  # fmt: skip
        self._control.announce(event, data, time.time())

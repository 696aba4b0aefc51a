"""What happens in conferences, on its way into the record: for minutes, for attendance, and for control's own restart.

Talking is left out: of 200 participants it would be all there is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mcu.control.records.changes import of_direction
from mcu.control.records.record import Record

Data = Mapping[str, Any]
STALLED = "stalled"
DAMPED = 60.0  # s
# Events of the bus that are kept as they are told, and what of them.
_AS_TOLD = {
    "call.failed": ("name", "number", "reason", "cause", "site"),
    "meeting.began": ("meeting", "occurrence", "title", "begins_at", "ends_at"),
    "conference.ending": ("meeting", "ends_at", "minutes"),
    "meeting.ended": ("meeting", "occurrence", "title"),
}


class _Seen:
    """What was told last of a conference, to find what is new."""

    def __init__(self, ident: str) -> None:
        self.ident = ident
        self.people: dict[str, dict[str, Any]] = {}  # participant to what its events need
        self.direction: Data = {}
        self.locked = False
        self.resumed_at = 0.0  # who was there before is written down already


class History:
    """``hear`` takes every event of the bus that comes from core, in order."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._on: dict[str, _Seen] = {}  # by room
        self._handlers: dict[str, Callable[[Data, float], None]] = {
            "conference.began": self._began,
            "conference.ended": self._ended,
            "participant.joined": self._joined,
            "participant.changed": self._changed,
            "participant.left": self._left,
            "direction.changed": self._directed,
            "room.changed": self._room_changed,
            "resync": self._all_told,
        }

    def conference(self, room: str) -> str | None:
        """Id of the one that is on in a room."""
        seen = self._on.get(room)
        return seen.ident if seen else None

    @contextmanager
    def handed_over(self, room: str) -> Iterator[None]:
        """Within, another conference takes the place of the one that is on: whoever is there was told already."""
        before = self._on.get(room)
        yield
        now = self._on.get(room)
        if before is not None and now is not None:
            now.people, now.locked = before.people, before.locked

    def resumed(self, room: str, conference: str, direction: Data) -> None:
        """One that was on when control stopped."""
        self._on[room] = _Seen(conference)
        self._on[room].direction = direction
        self._on[room].resumed_at = time.time()

    def only_in(self, rooms: Container[str]) -> set[str]:
        """The conferences that are on in these rooms; there are no others."""
        self._on = {room: seen for room, seen in self._on.items() if room in rooms}
        return {seen.ident for seen in self._on.values()}

    def hear(self, event: str, data: Data, at: float) -> None:
        if handler := self._handlers.get(event):
            handler(data, at)
        elif (kept := _AS_TOLD.get(event)) and (room := data.get("room")) in self._on:
            chosen = {key: data[key] for key in kept if data.get(key) is not None}
            self._write(str(room), at, event, str(data.get("participant") or ""), chosen)

    def noticed(self, room: str, level: str, code: str, text: str, named: Data, at: float) -> None:
        """A notice of core's about a room. ``named``: see ``effects.Notice.data``."""
        self._write(room, at, "notice", "", {"level": level, "code": code, "text": text, "data": dict(named)})

    # --- events -------------------------------------------------------------------------------------------------

    def _began(self, data: Data, at: float) -> None:
        room, ident = data["room"], data["id"]
        again = self.conference(room) == ident
        if not again:
            self._on[room] = _Seen(ident)
        self._record.began(ident, room, data["name"], data["began_at"])
        if not again:
            self._write(room, data["began_at"], "began", "", {"name": data["name"]})

    def _ended(self, data: Data, at: float) -> None:
        room = data["room"]
        if self.conference(room) == data["id"]:
            self._write(room, data["ended_at"], "ended", "", {})
            del self._on[room]
        self._record.ended(data["id"], data["ended_at"])

    def _all_told(self, data: Data, at: float) -> None:
        """Who is there was told: whoever joins from now on is new, though the clock were set back."""
        for seen in self._on.values():
            seen.resumed_at = 0.0

    def _joined(self, data: Data, at: float) -> None:
        room, who = data["room"], data["id"]
        seen = self._on.get(room)
        if seen:
            site = data.get("site")
            seen.people[who] = {
                "name": data["name"], "site": site, "presents": data.get("presents"), "grade": _grade(data),
                "graded_at": 0.0, "stalled": data.get("picture") == STALLED, "stalled_at": 0.0,
            }  # fmt: skip
        if data.get("presents"):  # no attendance of anybody's
            self._write(room, at, "presentation.began", data["presents"], {"name": data["name"]})
            return
        self._record.arrived(data, self.conference(room))
        if seen and data["joined_at"] >= seen.resumed_at:
            told = {"name": data["name"], "number": data["number"], "kind": data["kind"]}
            self._write(room, data["joined_at"], "joined", who, told)

    def _changed(self, data: Data, at: float) -> None:
        seen = self._on.get(data["room"])
        known = seen.people.get(data["id"]) if seen else None
        if known is None:
            return
        known["name"] = data["name"]
        self._line_changed(data, known, at)

    def _line_changed(self, data: Data, known: dict[str, Any], at: float) -> None:
        """A line that comes and goes tells of itself once in DAMPED seconds; its figures are in the attendance."""
        picture, grade = data.get("picture"), _grade(data)
        if picture == STALLED and not known["stalled"] and not _damped(at, known["stalled_at"]):
            known["stalled"], known["stalled_at"] = True, at
            self._write(data["room"], at, "picture.stalled", data["id"], {"name": known["name"]})
        elif picture == "live" and known["stalled"]:
            known["stalled"] = False
            self._write(data["room"], at, "picture.back", data["id"], {"name": known["name"]})
        # That it is good at first is no news.
        if grade not in ("", known["grade"]) and not _damped(at, known["graded_at"]):
            if {grade, known["grade"]} - {"", "good"}:
                known["graded_at"] = at
                self._write(data["room"], at, "quality", data["id"], {"name": known["name"], **data["quality"]})
            known["grade"] = grade

    def _left(self, data: Data, at: float) -> None:
        room, who = data["room"], data["id"]
        seen = self._on.get(room)
        known = seen.people.get(who, {}) if seen else {}
        reason, told = str(data.get("reason") or ""), {"name": known.get("name", "")}
        if known.get("presents"):
            self._write(room, at, "presentation.ended", known["presents"], told)
        else:
            self._record.departed(who, room, at, reason, data.get("quality"))
            self._write(room, at, "left", who, {**told, "reason": reason} if reason else told)
        if seen:
            seen.people.pop(who, None)

    def _directed(self, data: Data, at: float) -> None:
        room = data["room"]
        if (seen := self._on.get(room)) is None:
            return
        before, seen.direction = seen.direction, data
        for change in of_direction(before, data):
            name = seen.people.get(change.participant, {}).get("name")
            told = {"name": name, **change.data} if name else change.data
            self._write(room, at, change.kind, change.participant, told, change.site)
            if change.kind == "roll_call.mark" and change.site is not None:
                self._record.mark(seen.ident, change.site, change.data["mark"])

    def _room_changed(self, data: Data, at: float) -> None:
        seen = self._on.get(data["number"])
        if seen and seen.locked != data["locked"]:
            seen.locked = data["locked"]
            self._write(data["number"], at, "locked" if seen.locked else "unlocked", "", {})

    def _write(self, room: str, at: float, kind: str, participant: str, data: Data, site: int | None = None) -> None:
        if seen := self._on.get(room):
            if site is None:
                site = seen.people.get(participant, {}).get("site")
            self._record.happened(seen.ident, at, kind, participant, site, data)


def _damped(at: float, since: float) -> bool:
    """A clock that was set back damps nothing for hours."""
    return 0 <= at - since < DAMPED


def _grade(participant: Data) -> str:
    return str((participant.get("quality") or {}).get("grade") or "")

"""What control keeps in the database. Writes go one after the other in a thread; the event loop waits for no disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog

from mcu.models import AttendanceRow, Database, attendance, rows

log = structlog.get_logger("mcu.control")
T = TypeVar("T")


class Record:
    def __init__(self, database: Database) -> None:
        self.database = database
        self._turn = asyncio.Lock()
        self._later: set[asyncio.Task[None]] = set()

    async def write(self, work: Callable[..., T], *args: Any, **values: Any) -> T:
        """Do ``work(database, …)`` after all earlier ones. Raises what it raises."""
        async with self._turn:
            return await asyncio.to_thread(work, self.database, *args, **values)

    def note(self, *, at: float, level: str, code: str, text: str) -> None:
        """Keep a notice, some time soon; a database that fails is logged."""
        moment = datetime.fromtimestamp(at, UTC)
        self._soon(rows.add_notice, at=moment, level=level, code=code, text=text)

    def store_lock(self, number: str, on: bool) -> None:
        """Keep a room's lock, some time soon."""
        self._soon(rows.change_room, number, locked=on)

    def arrived(self, participant: Mapping[str, Any]) -> None:
        """Keep that somebody (as the bus tells of participants) is in a room."""
        columns = {key: participant[key] for key in ("room", "name", "number", "kind")}
        joined_at = datetime.fromtimestamp(participant["joined_at"], UTC)
        stay = AttendanceRow(participant=participant["id"], joined_at=joined_at, left_at=None, **columns)
        self._soon(attendance.arrive, stay)

    def departed(self, participant: str, room: str, at: float) -> None:
        self._soon(attendance.depart, participant, room, datetime.fromtimestamp(at, UTC))

    def only_present(self, present: Collection[str], at: float) -> None:
        """All others have left, whenever that was."""
        self._soon(attendance.close_others, frozenset(present), datetime.fromtimestamp(at, UTC))

    async def close(self) -> None:
        """After what is still to be written."""
        await asyncio.gather(*self._later, return_exceptions=True)
        self.database.close()

    def _soon(self, work: Callable[..., None], *args: Any, **values: Any) -> None:
        task = asyncio.create_task(self._attempt(work, *args, **values))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _attempt(self, work: Callable[..., None], *args: Any, **values: Any) -> None:
        try:
            await self.write(work, *args, **values)
        except Exception as fault:
            log.warning("control.not_recorded", what=work.__name__, reason=str(fault))

"""Writes to the database, one after the other, in a thread: the event loop waits for no disk.

What cannot be written now (the database is locked, the disk is full) is kept and tried again, and the meeting goes on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from mcu.errors import Unavailable
from mcu.models import Database, journal
from mcu.models.journal import Step

log = structlog.get_logger("mcu.control")
T = TypeVar("T")

MOST_KEPT = 40_000  # entries, some 40 MB: more than an hour of a large meeting
FIRST_RETRY, LAST_RETRY = 0.5, 30.0  # s
_BATCH = 500  # steps in one transaction
_CLOSING = 2.0  # s at the end for what is still to be written; the supervisor gives us 5


@dataclass(slots=True, eq=False)
class _Entry:
    what: str
    step: Step | None = None  # one of many in a transaction
    work: Callable[[Database], Any] | None = None  # a transaction of its own
    answer: asyncio.Future[Any] | None = None  # of who waits for it
    replaces: str = ""


class _Writes(Exception):
    """Work that was taken for reading wants to write."""


class _Reading(Database):
    """The database, for who only reads it."""

    def __init__(self, database: Database) -> None:
        self.engine, self._sessions = database.engine, database._sessions

    @contextmanager
    def session(self, *, writing: bool = False) -> Iterator[Session]:
        if writing:
            raise _Writes
        with super().session() as session:
            yield session

    @contextmanager
    def connection(self, *, rebuilding: bool = False) -> Iterator[Connection]:
        raise _Writes
        yield


class Sayer(Protocol):
    """Takes a notice: ``Controller.notify``."""

    def __call__(self, level: str, code: str, text: str, **data: Any) -> None: ...


def _nothing(database: Database) -> None:
    """Whoever waits for this waits for what was before it."""


class Journal:
    """``said`` is told once when writing fails, and once when it works again."""

    def __init__(self, database: Database, said: Sayer) -> None:
        self.database = database
        self._said = said
        self._queue: deque[_Entry] = deque()
        self._last: dict[str, _Entry] = {}  # by key, those that a newer one replaces
        self._failing = ""  # why; empty while all is well
        self._lost = 0
        self._closing = False
        self._nudge = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        # Not of the threads that all share: some reports at once would leave none to the worker.
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reports")

    @property
    def failing(self) -> bool:
        return bool(self._failing)

    def step(self, what: str, step: Step, *, replaces: str = "") -> None:
        """Some time soon, with others in one transaction. One with the same ``replaces`` that was not written yet need
        not be."""
        if replaces and (earlier := self._last.get(replaces)):
            earlier.step = step
            return
        entry = _Entry(what, step=step, replaces=replaces)
        if self._add(entry) and replaces:
            self._last[replaces] = entry

    def later(self, what: str, work: Callable[[Database], Any]) -> None:
        """Some time soon, in a transaction of its own."""
        self._add(_Entry(what, work=work))

    async def now(self, what: str, work: Callable[[Database], T]) -> T:
        """After all earlier ones. Raises what it raises, and Unavailable where those cannot be written: an older entry
        must not come after it. Reading goes on; it waits for none that fails."""
        if self._failing:
            with suppress(_Writes):
                return await asyncio.to_thread(work, _Reading(self.database))
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._add(_Entry(what, work=work, answer=answer))
        self._nudge.set()  # if the fault is over, nobody has to wait until it is found out
        return await answer

    async def read(self, work: Callable[[Database], T]) -> T:
        """What may take seconds, such as a year's report: it knows all earlier entries, and none waits for it."""
        with suppress(Unavailable):
            await self.now("read", _nothing)
        return await asyncio.get_running_loop().run_in_executor(self._reader, work, _Reading(self.database))

    async def close(self) -> None:
        """After what is still to be written, if that works now."""
        self._closing = True
        self._nudge.set()
        if self._worker is not None:
            await asyncio.wait([self._worker], timeout=_CLOSING)
            if not self._worker.done():
                self._worker.cancel()
                await asyncio.gather(self._worker, return_exceptions=True)
        if self._queue:
            log.warning("control.not_recorded", entries=len(self._queue), reason=self._failing or "no time")
            self._give_up(Unavailable("control is ending"))
        self._reader.shutdown(wait=False, cancel_futures=True)
        self.database.close()

    # --- within -------------------------------------------------------------------------------------------------

    def _add(self, entry: _Entry) -> bool:
        """Whether there was room for it."""
        if len(self._queue) >= MOST_KEPT and entry.answer is None:
            self._lost += 1
            return False
        self._queue.append(entry)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return True

    async def _work(self) -> None:
        delay = FIRST_RETRY
        while self._queue:
            if not self._closing:
                self._nudge.clear()
            batch = self._take()
            try:
                await self._write(batch)
            except Unavailable as fault:
                self._queue.extendleft(reversed(batch))
                self._last = {entry.replaces: entry for entry in batch if entry.replaces} | self._last
                self._fail(str(fault))
                if self._closing:
                    return
                await self._wait(delay)
                delay = min(LAST_RETRY, 2 * delay)
            else:
                delay = FIRST_RETRY
                if self._failing:
                    self._recover()

    def _take(self) -> list[_Entry]:
        batch = [self._queue.popleft()]
        while batch[0].step and self._queue and self._queue[0].step and len(batch) < _BATCH:
            batch.append(self._queue.popleft())
        for entry in batch:
            if self._last.get(entry.replaces) is entry:
                del self._last[entry.replaces]
        return batch

    async def _write(self, batch: list[_Entry]) -> None:
        first = batch[0]
        if first.answer is not None:
            await self._answer(first)
            return
        try:
            if first.work is not None:
                await asyncio.to_thread(first.work, self.database)
            else:
                await asyncio.to_thread(journal.write, self.database, [e.step for e in batch if e.step])
        except Unavailable:
            raise
        except Exception as fault:
            if len(batch) == 1:  # a fault of ours: it would fail for ever
                log.warning("control.not_recorded", what=first.what, reason=str(fault))
                return
            for done, entry in enumerate(batch):
                try:
                    await self._write([entry])
                except Unavailable:
                    del batch[:done]  # those are written, or never will be
                    raise

    async def _answer(self, entry: _Entry) -> None:
        """Whoever waits hears what came of it; trying again is up to them."""
        assert entry.work is not None
        assert entry.answer is not None
        if entry.answer.cancelled():
            return
        try:
            result = await asyncio.to_thread(entry.work, self.database)
        except Exception as fault:
            if not entry.answer.cancelled():
                entry.answer.set_exception(fault)
        else:
            if not entry.answer.cancelled():
                entry.answer.set_result(result)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._nudge.wait()
        except TimeoutError:
            pass

    def _fail(self, reason: str) -> None:
        """Nobody waits behind what cannot be written."""
        fresh = not self._failing
        self._failing = reason
        self._give_up(Unavailable(reason))
        if fresh:
            text = f"Nothing can be recorded: {reason}. Meetings go on; it is kept in memory and tried again"
            self._said("warning", "record_failing", text, reason=reason)

    def _give_up(self, fault: Unavailable) -> None:
        for entry in [e for e in self._queue if e.answer is not None]:
            self._queue.remove(entry)
            if entry.answer is not None and not entry.answer.done():
                entry.answer.set_exception(fault)

    def _recover(self) -> None:
        lost, self._lost, self._failing = self._lost, 0, ""
        text = f"; {lost} entries were too many to be kept and are lost" if lost else ""
        self._said("warning" if lost else "info", "record_back", f"The record can be written again{text}", lost=lost)

"""What control keeps in the database: settings at once, what happens some time soon and in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from mcu.control.records.journal import Journal, Sayer
from mcu.models import AttendanceRow, Database, attendance, conferences, outgoing_calls, rows
from mcu.models.journal import Step
from mcu.models.tables import ConferenceEventRow

T = TypeVar("T")


def moment(at: float) -> datetime:
    """Of seconds since the epoch."""
    return datetime.fromtimestamp(at, UTC)


class Record:
    """``on_notice`` takes level, code, text and data of what an operator must know of the database itself."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.on_notice: Sayer = lambda level, code, text, **data: None
        self._journal = Journal(database, lambda level, code, text, **data: self.on_notice(level, code, text, **data))

    @property
    def failing(self) -> bool:
        """What happens is kept in memory for now, for it cannot be written."""
        return self._journal.failing

    async def write(self, work: Callable[..., T], *args: Any, **values: Any) -> T:
        """Do ``work(database, …)`` after all earlier ones. Raises what it raises."""
        return await self._journal.now(work.__name__, lambda database: work(database, *args, **values))

    async def read(self, work: Callable[..., T], *args: Any, **values: Any) -> T:
        """As ``write``, for what only reads and may take long: nobody waits behind it."""
        return await self._journal.read(lambda database: work(database, *args, **values))

    def soon(self, what: str, step: Step, *, replaces: str = "") -> None:
        """A step of a transaction, in order; kept and tried again while the database fails."""
        self._journal.step(what, step, replaces=replaces)

    def note(self, *, at: float, level: str, code: str, text: str, data: Mapping[str, Any]) -> None:
        """Keep a notice, some time soon."""
        work = partial(rows.add_notice, at=moment(at), level=level, code=code, text=text, data=dict(data))
        self._journal.later("notice", work)

    def store_lock(self, number: str, on: bool) -> None:
        """Keep a room's lock, some time soon."""
        self._journal.later("lock", lambda database: rows.change_room(database, number, locked=on))

    def store_layout(self, number: str, layout: str) -> None:
        """Keep a room's layout, some time soon."""
        self._journal.later("layout", lambda database: rows.change_room(database, number, layout=layout))

    def keep_call(self, ident: str, at: float, call: Mapping[str, Any]) -> None:
        """For the control that follows. The newest counts."""
        step = partial(outgoing_calls.keep, ident=ident, at=moment(at), call=call)
        self.soon("call", step, replaces=f"call {ident}")

    def forget_call(self, ident: str) -> None:
        self.soon("call", partial(outgoing_calls.drop, ident=ident), replaces=f"call {ident}")

    # --- conferences --------------------------------------------------------------------------------------------

    def began(self, conference: str, room: str, name: str, at: float) -> None:
        self.soon("begin", partial(conferences.began, ident=conference, room=room, name=name, at=moment(at)))

    def ended(self, conference: str, at: float) -> None:
        self.soon("end", partial(conferences.ended, ident=conference, at=moment(at)))

    def store_direction(self, conference: str, data: Mapping[str, Any]) -> None:
        """The newest one counts."""
        step = partial(conferences.direct, ident=conference, direction=data)
        self.soon("direction", step, replaces=f"direction {conference}")

    def mark(self, conference: str, site: int, found: str) -> None:
        self.soon("mark", partial(conferences.mark, ident=conference, site=site, found=found))

    def happened(
        self, conference: str, at: float, kind: str, participant: str, site: int | None, data: Mapping[str, Any]
    ) -> None:
        """An event for the minutes."""

        def step(session: Any) -> None:  # a row made anew at each attempt: one that was rolled back is spent
            event = ConferenceEventRow(
                conference_id=conference, at=moment(at), kind=kind, participant=participant, site_id=site,
                data=dict(data),
            )  # fmt: skip
            conferences.happened(session, event)

        self.soon(kind, step)

    # --- who is there -------------------------------------------------------------------------------------------

    def arrived(self, participant: Mapping[str, Any], conference: str | None) -> None:
        """Keep that somebody (as the bus tells of participants) is in a room."""
        columns = {key: participant[key] for key in ("room", "name", "number", "kind")}
        columns |= {"site_id": participant.get("site"), "terminal": participant.get("terminal", "")}
        ident, joined_at = participant["id"], moment(participant["joined_at"])

        def step(session: Any) -> None:
            stay = AttendanceRow(
                participant=ident, joined_at=joined_at, left_at=None, conference_id=conference, **columns
            )
            attendance.arrive(session, stay)

        self.soon("arrival", step)

    def departed(
        self, participant: str, room: str, at: float, reason: str = "", quality: Mapping[str, Any] | None = None
    ) -> None:
        left_at = moment(at)
        self.soon("departure", lambda session: attendance.depart(session, participant, room, left_at, reason, quality))

    def only_present(self, present: Collection[str], conferences_on: Collection[str], at: float) -> None:
        """All other people have left and all other conferences have ended, whenever that was."""
        people, going_on, seen_at = frozenset(present), frozenset(conferences_on), moment(at)
        self.soon("departures", lambda session: attendance.close_others(session, people, seen_at))
        self.soon("ends", lambda session: conferences.close_but(session, going_on, seen_at))

    async def close(self) -> None:
        """After what is still to be written."""
        await self._journal.close()

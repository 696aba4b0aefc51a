"""The answers of requests that must not be carried out twice (draft-ietf-httpapi-idempotency-key-header)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from mcu.errors import KeyReused, StillRunning
from mcu.models.database import Database
from mcu.models.tables import IdempotencyRow

KEPT = timedelta(hours=24)
# Longer than any request takes (a roll-out: 10 minutes): one that still has no answer then was carried out by a process
# that died over it.
GIVEN_UP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str


def begin(database: Database, who: str, key: str, request: str, at: datetime) -> Answer | None:
    """The answer that this request had; None if it is to be carried out now, and then ``finish`` or ``forget`` follows.

    Raises KeyReused where the key was another request's, StillRunning while that one is being carried out.
    """
    with database.session(writing=True) as session:
        row = session.get(IdempotencyRow, (who, key))
        if row is not None and row.at > at - KEPT:
            if row.request != request:
                raise KeyReused("this Idempotency-Key was used with another request")
            if row.status:
                return Answer(row.status, row.body)
            if row.at > at - GIVEN_UP:
                raise StillRunning("a request with this Idempotency-Key is being carried out")
        if row is None:
            session.add(IdempotencyRow(who=who, key=key, request=request, status=0, body="", at=at))
        else:
            row.request, row.status, row.body, row.at = request, 0, "", at
        return None


def finish(database: Database, who: str, key: str, answer: Answer) -> None:
    this = (IdempotencyRow.who == who) & (IdempotencyRow.key == key)
    with database.session() as session:
        session.execute(update(IdempotencyRow).where(this).values(status=answer.status, body=answer.body))


def forget(database: Database, who: str, key: str) -> None:
    """Nothing came of it: the same request may be made again."""
    this = (IdempotencyRow.who == who) & (IdempotencyRow.key == key)
    with database.session() as session:
        session.execute(delete(IdempotencyRow).where(this))


def forget_old(database: Database, at: datetime) -> None:
    with database.session() as session:
        session.execute(delete(IdempotencyRow).where(IdempotencyRow.at < at - KEPT))

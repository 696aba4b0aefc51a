"""Webhooks, and what is on its way to each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from mcu.errors import Conflict, NotFound
from mcu.models.database import Database
from mcu.models.tables import DeliveryRow, WebhookRow

MOST = 50


def webhooks(database: Database) -> list[WebhookRow]:
    with database.session() as session:
        return list(session.scalars(select(WebhookRow).order_by(WebhookRow.id)))


def add_webhook(database: Database, url: str, secret: str, events: list[str]) -> WebhookRow:
    """Raises Conflict where there are too many."""
    with database.session(writing=True) as session:
        if (session.scalar(select(func.count()).select_from(WebhookRow)) or 0) >= MOST:
            raise Conflict(f"there are {MOST} webhooks already")
        row = WebhookRow(url=url, secret=secret, events=events, enabled=True)
        session.add(row)
        session.flush()
        return row


def change_webhook(database: Database, ident: int, at: datetime, **columns: Any) -> WebhookRow:
    """Raises NotFound. One that is enabled anew goes on at once where it was."""
    with database.session(writing=True) as session:
        row = _find(session, ident)
        for column, value in columns.items():
            setattr(row, column, value)
        if columns.get("enabled"):
            session.execute(
                update(DeliveryRow)
                .where(DeliveryRow.webhook_id == ident, DeliveryRow.next_at.is_not(None))
                .values(next_at=at, tries=0)
            )
        return row


def delete_webhook(database: Database, ident: int) -> None:
    """With all that is on its way to it. Raises NotFound."""
    with database.session(writing=True) as session:
        row = _find(session, ident)
        session.execute(delete(DeliveryRow).where(DeliveryRow.webhook_id == ident))
        session.delete(row)


def add_delivery(session: Session, webhook: int, event: str, body: dict[str, Any], at: datetime) -> DeliveryRow | None:
    """None where the webhook was deleted meanwhile."""
    if session.get(WebhookRow, webhook) is None:
        return None
    row = DeliveryRow(webhook_id=webhook, event=event, body=body, at=at, next_at=at)
    session.add(row)
    session.flush()
    return row


def add_trial(database: Database, webhook: int, event: str, body: dict[str, Any], at: datetime) -> int:
    """The delivery's id. Raises NotFound."""
    with database.session(writing=True) as session:
        _find(session, webhook)
        row = add_delivery(session, webhook, event, body, at)
        assert row is not None
        return row.id


def settle(session: Session, delivery: int, tries: int, result: str, next_at: datetime | None) -> None:
    """What came of an attempt; ``next_at`` of None: it is there."""
    values = {"tries": tries, "result": result, "next_at": next_at}
    session.execute(update(DeliveryRow).where(DeliveryRow.id == delivery).values(**values))


def pending(database: Database, webhook: int, after: int, limit: int) -> list[DeliveryRow]:
    """What is still to be sent of those that were added after that one, the oldest first."""
    waiting = (DeliveryRow.webhook_id == webhook) & DeliveryRow.next_at.is_not(None) & (DeliveryRow.id > after)
    with database.session() as session:
        return list(session.scalars(select(DeliveryRow).where(waiting).order_by(DeliveryRow.id).limit(limit)))


def backlog(database: Database) -> dict[int, int]:
    """How much is still to be sent to each."""
    counted = (
        select(DeliveryRow.webhook_id, func.count())
        .where(DeliveryRow.next_at.is_not(None))
        .group_by(DeliveryRow.webhook_id)
    )
    with database.session() as session:
        return {row[0]: row[1] for row in session.execute(counted)}


def deliveries(database: Database, webhook: int, before: int | None, limit: int) -> list[DeliveryRow]:
    """The newest first. Raises NotFound."""
    wanted = select(DeliveryRow).where(DeliveryRow.webhook_id == webhook).order_by(DeliveryRow.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(DeliveryRow.id < before)
    with database.session() as session:
        _find(session, webhook)
        return list(session.scalars(wanted))


def forget_delivered(database: Database, before: datetime) -> None:
    """But for the last of each: SQLite gives the highest id that is free, and a later one must have a higher one."""
    last = select(func.max(DeliveryRow.id)).group_by(DeliveryRow.webhook_id)
    old = DeliveryRow.next_at.is_(None) & (DeliveryRow.at < before)
    with database.session() as session:
        session.execute(delete(DeliveryRow).where(old, DeliveryRow.id.not_in(last)))


def _find(session: Session, ident: int) -> WebhookRow:
    row = session.get(WebhookRow, ident)
    if row is None:
        raise NotFound(f"there is no webhook {ident}")
    return row

"""What other programs use: keys of requests that must not be carried out twice, and webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column

from mcu.models.tables.base import Base, NfcString, Timestamp, now


class IdempotencyRow(Base):
    """The answer that a request with this key had."""

    __tablename__ = "idempotency"

    who: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))  # SHA-256 of method, path and body
    status: Mapped[int]  # 0 while it is carried out
    body: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Timestamp, default=now, index=True)


class WebhookRow(Base):
    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    url: Mapped[str] = mapped_column(String(512))
    secret: Mapped[str] = mapped_column(String(64))  # of the HMAC-SHA256 that signs each delivery
    events: Mapped[list[str]] = mapped_column(JSON)  # names, or prefixes that end in ".*"
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)


class DeliveryRow(Base):
    """An event on its way to a webhook; it stays until it is there, or given up."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    event: Mapped[str] = mapped_column(String(48))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    next_at: Mapped[datetime | None] = mapped_column(Timestamp, index=True)  # NULL: there, or given up
    tries: Mapped[int] = mapped_column(default=0)
    result: Mapped[str] = mapped_column(NfcString(128), default="")

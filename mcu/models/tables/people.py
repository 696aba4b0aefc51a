"""Who may do what, what they did, and what they were told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from mcu.models.tables.base import Base, NfcString, Timestamp, now


class UserRow(Base):
    """Somebody who may log in to the panel."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("role in ('admin', 'operator', 'chair', 'viewer')", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    login: Mapped[str] = mapped_column(NfcString(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(256))  # argon2id, parameters included
    role: Mapped[str] = mapped_column(String(16))
    # An operator of a branch of the tree; a chair of one room. NULL: of all.
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="RESTRICT"))
    room: Mapped[str | None] = mapped_column(ForeignKey("rooms.number", ondelete="RESTRICT"))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)


class TokenRow(Base):
    """What a program shows instead of a log-in. Only a digest of it is kept."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(NfcString(64))
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, hexadecimal
    scopes: Mapped[list[str]] = mapped_column(JSON)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))  # whose rights bound it
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    expires_at: Mapped[datetime | None] = mapped_column(Timestamp)
    used_at: Mapped[datetime | None] = mapped_column(Timestamp)


class AuditRow(Base):
    """One act of somebody's: who, when, what, and what came of it."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    login: Mapped[str] = mapped_column(NfcString(64))
    role: Mapped[str] = mapped_column(String(16))
    via: Mapped[str] = mapped_column(String(16))  # web, api, cli, keypad, schedule
    act: Mapped[str] = mapped_column(String(48), index=True)  # name of the call on the bus, or of the act in a meeting
    room: Mapped[str] = mapped_column(String(16), default="", index=True)
    branch_id: Mapped[int | None]  # of the room as it was then: see ConferenceRow
    target: Mapped[str] = mapped_column(NfcString(64), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # arguments, without what is secret
    result: Mapped[str] = mapped_column(String(32))  # "ok" or the error's error_id


class NoticeRow(Base):
    """What operators were told: Asterisk restarted, a mixer went away."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    level: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")  # what the text names

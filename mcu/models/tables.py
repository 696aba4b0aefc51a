"""The tables. Names are NFC in every row, so that comparing and showing them never depends on who typed them."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, DateTime, MetaData, String, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Named constraints, so that a later migration can name what it drops.
_NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class NfcString(TypeDecorator[str]):
    """Text for people, normalised to NFC on its way in: Vietnamese tone marks come composed or not."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unicodedata.normalize("NFC", value)


class Timestamp(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMING)


class RoomRow(Base):
    """A standing meeting number."""

    __tablename__ = "rooms"

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(NfcString(64))
    layout: Mapped[str] = mapped_column(String(32), default="auto")
    guests: Mapped[bool] = mapped_column(default=True)
    open: Mapped[bool] = mapped_column(default=True)
    locked: Mapped[bool] = mapped_column(default=False)
    # As it is: operators read it out to those whom they invite. The file is for its owner only.
    pin: Mapped[str] = mapped_column(String(12), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=_now)


class TerminalRow(Base):
    """A terminal that registers with a password, or is known by its address; one of H.323 may be both, or only have an
    alias."""

    __tablename__ = "terminals"
    __table_args__ = (
        CheckConstraint(
            "protocol = 'sip' AND (password = '') <> (address = '') "
            "OR protocol = 'h323' AND (password <> '' OR address <> '' OR alias IS NOT NULL)",
            name="way_in",
        ),
    )

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    # As it is: SIP digest needs it anew for each algorithm that a terminal asks for. The file is for its owner only.
    password: Mapped[str] = mapped_column(String(128), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    display: Mapped[str] = mapped_column(NfcString(64), default="")
    protocol: Mapped[str] = mapped_column(String(8), default="sip", server_default="sip")
    alias: Mapped[str | None] = mapped_column(String(16), unique=True)  # E.164 number; NULL where it has none
    overrides: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=_now)


class UserRow(Base):
    """Somebody who may log in to the panel."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("role in ('admin', 'operator', 'viewer')", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    login: Mapped[str] = mapped_column(NfcString(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(256))  # argon2id, parameters included
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=_now)


class NoticeRow(Base):
    """What operators were told: Asterisk restarted, a mixer went away."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    level: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)


class AttendanceRow(Base):
    """One terminal's stay in a room; ``left_at`` is empty while it lasts. Control finds its rooms again by it too."""

    __tablename__ = "attendance"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    participant: Mapped[str] = mapped_column(String(8))
    room: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(NfcString(64))
    number: Mapped[str] = mapped_column(NfcString(64))
    kind: Mapped[str] = mapped_column(String(16))
    joined_at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    left_at: Mapped[datetime | None] = mapped_column(Timestamp, index=True)

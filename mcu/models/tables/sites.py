"""The tree of sites, and the terminals that stand there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mcu.models.tables.base import Base, NfcString, Timestamp, now


class SiteRow(Base):
    """A place that takes part, and a node of the tree (province, district, commune, or as it is there)."""

    __tablename__ = "sites"
    __table_args__ = ({"sqlite_autoincrement": True},)  # no id is used again: calls, rolls and programs remember it

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="RESTRICT"), index=True)
    name: Mapped[str] = mapped_column(NfcString(64))
    code: Mapped[str | None] = mapped_column(String(32), unique=True)  # official code, by which files name it
    position: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)  # who usually sit there
    distance_km: Mapped[float] = mapped_column(default=0.0)  # to where the meeting would be without us; savings
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    note: Mapped[str] = mapped_column(NfcString(256), default="")
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)


class TerminalRow(Base):
    """A terminal that registers with a password, or is known by its address; one of H.323 may be both, or only have an
    alias. A phone is its number."""

    __tablename__ = "terminals"
    __table_args__ = (
        CheckConstraint(
            "protocol in ('sip', 'browser') AND (password = '') <> (address = '') "
            "OR protocol = 'h323' AND (password <> '' OR address <> '' OR alias IS NOT NULL) "
            "OR protocol = 'phone' AND alias IS NOT NULL",
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
    # The site that it stands at, and its place among that site's terminals: the first that answers will do.
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="SET NULL"), index=True)
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    preset: Mapped[str] = mapped_column(
        String(32), default="", server_default=""
    )  # known device, of mcu.core.directory.presets
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)

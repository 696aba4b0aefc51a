"""Rooms, and which sites are invited to each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from mcu.models.tables.base import Base, NfcString, Timestamp, now


class RoomRow(Base):
    """A standing meeting number."""

    __tablename__ = "rooms"
    __table_args__ = (
        CheckConstraint("entry in ('anyone', 'pin', 'known', 'list')", name="entry"),
        CheckConstraint("lobby in ('off', 'host', 'all')", name="lobby"),
    )

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(NfcString(64))
    layout: Mapped[str] = mapped_column(String(32), default="auto")
    guests: Mapped[bool] = mapped_column(default=True)
    open: Mapped[bool] = mapped_column(default=True)
    locked: Mapped[bool] = mapped_column(default=False)
    # As it is: operators read it out to those whom they invite. The file is for its owner only.
    pin: Mapped[str] = mapped_column(String(12), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    # Who presides keys in this one instead, and is the chair; empty: the operators name the chair.
    host_pin: Mapped[str] = mapped_column(String(12), default="", server_default="")
    entry: Mapped[str] = mapped_column(String(8), default="anyone", server_default="anyone")
    lobby: Mapped[str] = mapped_column(String(8), default="off", server_default="off")
    capacity: Mapped[int] = mapped_column(default=0, server_default="0")  # 0: what the installation allows
    language: Mapped[str] = mapped_column(String(2), default="", server_default="")  # "": the installation's
    mute_joiners: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whose room it is: operators of this branch of the tree run it; NULL: everybody's.
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="RESTRICT"))
    presiding_site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id", ondelete="SET NULL"))


class RoomSiteRow(Base):
    """A site that is invited to a room's meetings; ``position`` is the order of the roll call."""

    __tablename__ = "room_sites"

    room: Mapped[str] = mapped_column(ForeignKey("rooms.number", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)

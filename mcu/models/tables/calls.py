"""Calls that control makes, as long as they are under way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from mcu.models.tables.base import Base, Timestamp


class OutgoingCallRow(Base):
    """A call into a room until its terminal came or it is given up: control makes it again after its own restart."""

    __tablename__ = "outgoing_calls"

    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    at: Mapped[datetime] = mapped_column(Timestamp)  # of its last change
    call: Mapped[dict[str, Any]] = mapped_column(JSON)

"""Calls under way, for a control that is started again. What takes a session is one step of control's record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mcu.models.database import Database
from mcu.models.tables import OutgoingCallRow


def keep(session: Session, ident: str, at: datetime, call: Mapping[str, Any]) -> None:
    session.merge(OutgoingCallRow(id=ident, at=at, call=dict(call)))


def drop(session: Session, ident: str) -> None:
    """It is over, or was never kept."""
    session.execute(delete(OutgoingCallRow).where(OutgoingCallRow.id == ident))


def under_way(database: Database) -> list[OutgoingCallRow]:
    """Those that were when control stopped, the longest unchanged first."""
    with database.session() as session:
        return list(session.scalars(select(OutgoingCallRow).order_by(OutgoingCallRow.at, OutgoingCallRow.id)))

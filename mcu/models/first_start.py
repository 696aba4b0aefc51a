"""What a new installation has: the tables, a room to try, an administrator."""

from __future__ import annotations

import secrets

from sqlalchemy import func, select

from mcu.config import Settings
from mcu.models.database import Database
from mcu.models.migrate import upgrade
from mcu.models.tables import RoomRow, UserRow
from mcu.models.users import ADMIN, hashed

TRIAL_ROOM, TRIAL_NAME = "1001", "Phòng họp thử"
ADMINISTRATOR = "admin"


def first_start(settings: Settings) -> str | None:
    """Make what is not there yet; at every later start it only migrates.

    Returns the administrator's random password, to be shown once, or None if there is nothing to show. Raises
    ConfigError or Unavailable if the database cannot be used.
    """
    database = Database(settings.database_url)
    try:
        upgrade(database)
        return _seed(database, settings.admin_password)
    finally:
        database.close()


def _seed(database: Database, chosen: str) -> str | None:
    """Room and administrator come together, once: a room that was deleted later stays deleted."""
    with database.session(writing=True) as session:
        if session.scalar(select(func.count()).select_from(UserRow)):
            return None
        password = chosen or secrets.token_urlsafe(12)
        session.add(UserRow(login=ADMINISTRATOR, password_hash=hashed(password), role=ADMIN))
        if session.get(RoomRow, TRIAL_ROOM) is None:
            session.add(RoomRow(number=TRIAL_ROOM, name=TRIAL_NAME))
    return None if chosen else password

"""Tables, migrations, and what a new installation has."""

from mcu.models.database import Database
from mcu.models.first_start import first_start
from mcu.models.migrate import upgrade
from mcu.models.tables import AttendanceRow, Base, NoticeRow, RoomRow, TerminalRow, UserRow

__all__ = [
    "AttendanceRow",
    "Base",
    "Database",
    "NoticeRow",
    "RoomRow",
    "TerminalRow",
    "UserRow",
    "first_start",
    "upgrade",
]

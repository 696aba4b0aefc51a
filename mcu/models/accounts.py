"""The terminals' accounts out of the table, as Asterisk's configuration needs them."""

from __future__ import annotations

from mcu.config import Settings
from mcu.core.accounts import TerminalAccount
from mcu.models.database import Database
from mcu.models.rows import terminals


def load_accounts(database: Database) -> list[TerminalAccount]:
    return [
        TerminalAccount(name=row.name, password=row.password, address=row.address, display=row.display)
        for row in terminals(database)
    ]


def terminal_accounts(settings: Settings) -> list[TerminalAccount]:
    """For a process that has no database open, after ``first_start``."""
    database = Database(settings.database_url)
    try:
        return load_accounts(database)
    finally:
        database.close()

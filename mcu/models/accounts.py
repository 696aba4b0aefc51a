"""The terminals' accounts out of the table, as Asterisk's configuration needs them."""

from __future__ import annotations

import structlog

from mcu.config import Settings
from mcu.core.accounts import TerminalAccount
from mcu.errors import BadRequest
from mcu.models.database import Database
from mcu.models.rows import terminals

_log = structlog.get_logger("mcu.models")


def load_accounts(database: Database) -> list[TerminalAccount]:
    """All that can be written for Asterisk; one row that cannot must not keep the others from calling."""
    accounts = []
    for row in terminals(database):
        try:
            accounts.append(
                TerminalAccount(name=row.name, password=row.password, address=row.address, display=row.display)
            )
        except BadRequest as fault:
            _log.warning("models.terminal_left_out", terminal=row.name, reason=str(fault))
    return accounts


def terminal_accounts(settings: Settings) -> list[TerminalAccount]:
    """For a process that has no database open, after ``first_start``."""
    database = Database(settings.database_url)
    try:
        return load_accounts(database)
    finally:
        database.close()

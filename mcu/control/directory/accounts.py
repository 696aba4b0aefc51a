"""The terminals' accounts out of the table, as Asterisk's configuration and the H.323 gateway need them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import structlog

from mcu.config import Settings
from mcu.core.directory.accounts import Protocol, TerminalAccount
from mcu.core.directory.overrides import Overrides
from mcu.core.directory.presets import with_preset
from mcu.errors import BadRequest
from mcu.models.database import Database
from mcu.models.rows import terminals
from mcu.models.tables import TerminalRow

_log = structlog.get_logger("mcu.control")


def account_of(row: TerminalRow) -> TerminalAccount:
    """Raises BadRequest for a row that is no account."""
    return TerminalAccount(
        name=row.name,
        password=row.password,
        address=row.address,
        display=row.display,
        protocol=cast("Protocol", row.protocol),
        alias=row.alias or "",
        overrides=Overrides.parse(row.overrides or {}),
        site=row.site_id,
        position=row.position,
        preset=row.preset,
    )


def load_accounts(database: Database) -> list[TerminalAccount]:
    """All that are accounts."""
    return accounts_in(terminals(database))


def accounts_in(rows: Iterable[TerminalRow]) -> list[TerminalAccount]:
    """Those that are accounts; one row that is none must not keep the others from calling."""
    accounts = []
    for row in rows:
        try:
            accounts.append(account_of(row))
        except BadRequest as fault:
            _log.warning("control.terminal_left_out", terminal=row.name, reason=str(fault))
    return accounts


def terminal_accounts(settings: Settings) -> list[TerminalAccount]:
    """As they are carried out, presets included, for a process that has no database open, after ``first_start``."""
    database = Database(settings.database_url)
    try:
        return [with_preset(account) for account in load_accounts(database)]
    finally:
        database.close()

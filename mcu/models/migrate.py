"""Bringing a database to the present shape of the tables, and seeing that it fits."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from mcu.errors import ConfigError
from mcu.models.database import Database

_SCRIPTS = Path(__file__).with_name("migrations")


def upgrade(database: Database, to: str = "") -> None:
    """Run what has not been run, in one transaction. Raises ConfigError for a database of a newer version of ours, and
    Unavailable. ``to``: only as far as this one; there is no way back but a backup."""
    with database.connection(rebuilding=True) as connection:
        if revision(connection) != (to or newest()):
            run(connection, to or "head")


def revision(connection: Connection) -> str | None:
    """The shape a database has now; None before the first migration."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def versions() -> list[str]:
    """All shapes that this program knows, the oldest first: the numbers that the migrations' files begin with."""
    return sorted(file.name[:4] for file in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def newest() -> str:
    """The shape this program wants."""
    return versions()[-1]


def run(connection: Connection, to: str) -> None:
    """Migrate within the transaction that is under way. Raises ConfigError."""
    # Imported where it is needed, which is hardly ever: it takes as long as the rest of a start of control.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as fault:
        raise ConfigError(f"the database was made by another version of this program: {fault}") from None

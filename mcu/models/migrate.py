"""Bringing a database to the present shape of the tables, and seeing that it fits."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from mcu.errors import ConfigError
from mcu.models.database import Database

_SCRIPTS = Path(__file__).with_name("migrations")
# PostgreSQL: one migration at a time over all processes (any number that nobody else takes). SQLite locks by itself.
_ADVISORY_LOCK = 0x4D4355


def upgrade(database: Database) -> None:
    """Run what has not been run, in one transaction. Raises ConfigError for a database of a newer version of ours."""
    config = _config()
    # Not database.session(): alembic commits on the connection it is given.
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # pysqlite begins no transaction before DDL: two processes that start together would both see no table.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as fault:
            raise ConfigError(f"the database was made by another version of this program: {fault}") from None
        connection.commit()


def revision(connection: Connection) -> str | None:
    """The shape a database has now."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The shape this program wants."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config

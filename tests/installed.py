"""New installations, as a first start leaves them, on either kind of database.

A first start takes a second: the tables come by all migrations, and hashing a password is slow on purpose. So it is
made once for each kind. SQLite's file is copied; PostgreSQL takes longer to copy a database than to empty one, so
those that are given back are put as they were.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, text

from mcu.config import Settings
from mcu.models import Base, Database, first_start, migrate
from tests.postgresql import Cluster

KINDS = ("sqlite", "postgresql")
PASSWORD = "right horse"  # of the administrator


class Installations:
    """``cluster`` is asked for when somebody wants PostgreSQL."""

    def __init__(self, folder: Path, cluster: Callable[[], Cluster]) -> None:
        self._folder, self._cluster = folder, cluster
        self._free: list[str] = []

    @contextmanager
    def at(self, home: Path, kind: str) -> Iterator[str]:
        """The URL of that home's database, for the setting ``database``. On leaving nobody may use it any more."""
        if kind == "sqlite":
            home.mkdir(parents=True, exist_ok=True)
            shutil.copy(self._sqlite, home / "mcu.db")
            yield f"sqlite:///{home / 'mcu.db'}"
            return
        url = self._free.pop() if self._free else self._cluster().create(self._postgresql)
        yield url
        if self._as_it_was(url):
            self._free.append(url)
        else:
            self._cluster().drop(url)

    @cached_property
    def _sqlite(self) -> Path:
        file = self._folder / "mcu.db"
        self._first_start(f"sqlite:///{file}")
        return file

    @cached_property
    def _postgresql(self) -> str:
        """The URL of one that nobody uses, for only such a database can be copied."""
        url = self._cluster().create()
        self._first_start(url)
        return url

    def _first_start(self, url: str) -> None:
        first_start(Settings(home=self._folder, database=url, admin_password=PASSWORD))

    @cached_property
    def _rows(self) -> dict[str, list[dict[str, object]]]:
        """Of PostgreSQL's, by table."""
        database = Database(self._postgresql)
        with database.session() as session:
            found = {
                table.name: [dict(row) for row in session.execute(select(table)).mappings()]
                for table in Base.metadata.sorted_tables
            }
        database.close()
        return {name: rows for name, rows in found.items() if rows}

    def _as_it_was(self, url: str) -> bool:
        """Whoever is still connected is sent away. False for one of which more than rows was changed."""
        self._cluster().send_away(url)
        database = Database(url)
        try:
            with database.connection() as connection:
                if migrate.revision(connection) != migrate.newest():
                    return False
                self._fill(connection)
            return True
        finally:
            database.close()

    def _fill(self, connection: Connection) -> None:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))
        for table in Base.metadata.sorted_tables:
            rows = self._rows.get(table.name, [])
            if rows:
                connection.execute(insert(table), rows)
            if (column := table.autoincrement_column) is not None:
                ids = [int(str(row[column.name])) for row in rows]
                connection.execute(
                    text("SELECT setval(pg_get_serial_sequence(:table, :column), :id, :used)"),
                    {"table": table.name, "column": column.name, "id": max(ids, default=1), "used": bool(ids)},
                )

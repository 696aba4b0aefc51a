"""From every earlier version of the tables to this one, with rows in all of them, on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, text

from mcu.config import Settings
from mcu.errors import ConfigError, Unavailable
from mcu.models import Base, Database, migrate, upgrade
from tests.models import sample

VERSIONS = sorted(file.name[:4] for file in Path(migrate.__file__).with_name("migrations").glob("versions/[0-9]*.py"))


@pytest.fixture
def empty(tmp_path: Path, database_url: str) -> Iterator[Database]:
    made = Database(Settings(home=tmp_path / "home", database=database_url).database_url)
    yield made
    made.close()


def test_the_migrations_make_exactly_the_tables(empty: Database) -> None:
    upgrade(empty)
    with empty.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        assert migrate.revision(connection) == migrate.newest()


@pytest.mark.parametrize("version", VERSIONS)
def test_rows_of_every_earlier_version_are_kept(empty: Database, version: str) -> None:
    upgrade(empty, version)
    with empty.connection() as connection:
        put = sample.fill(connection)
    upgrade(empty)
    with empty.engine.connect() as connection:
        assert sample.read(connection, put) == put
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_conferences_of_before_0008_keep_what_is_true_of_their_sites_now(empty: Database) -> None:
    """Site 2 was there and presides, by the sample; site 1 was not there."""
    upgrade(empty, "0007")
    with empty.connection() as connection:
        sample.fill(connection)
        connection.execute(text("DELETE FROM conference_sites"))
        connection.execute(text("UPDATE conferences SET ended_at = began_at"))
    upgrade(empty)
    with empty.connection() as connection:
        connection.execute(text("UPDATE sites SET people = 1, distance_km = 2.5"))
        kept = connection.execute(
            text("SELECT site_id, name, position, people, mark, usual, distance_km, presides FROM conference_sites")
        )
        assert [tuple(row) for row in kept] == [(2, "Xã Ea Kao", None, None, "", 40, 17.5, True)]


def test_what_was_before_0010_is_of_the_room_that_still_stands(empty: Database) -> None:
    """The sample's room was made when its conference began; 2002 is gone, and 1001 was not there in 1999 yet."""
    upgrade(empty, "0009")
    with empty.connection() as connection:
        sample.fill(connection)
        table = sample.reflected(connection)["conferences"]
        (there,) = sample.ROWS["conferences"]
        plain = {key: value for key, value in there.items() if key in table.columns}
        for other in ({"id": "2002-1", "room": "2002"}, {"id": "1001-1", "began_at": datetime(1999, 1, 2, tzinfo=UTC)}):
            connection.execute(insert(table).values({**plain, **other}))
    upgrade(empty)
    with empty.connection() as connection:
        kept = connection.execute(text("SELECT id, branch_id FROM conferences ORDER BY id"))
        assert [tuple(row) for row in kept] == [("1001-1", 0), ("1001-1767323045678", 1), ("2002-1", 0)]
        assert connection.execute(text("SELECT branch_id FROM audit")).scalar_one() == 1


def test_what_a_migration_would_leave_hanging_is_found(empty: Database) -> None:
    """The check that takes the place of SQLite's own while tables are rebuilt."""
    upgrade(empty)
    if empty.engine.dialect.name != "sqlite":
        return
    with pytest.raises(Unavailable, match="room_sites"), empty.connection(rebuilding=True) as connection:
        connection.execute(text("INSERT INTO room_sites (room, site_id, position) VALUES ('1', 2, 3)"))
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM room_sites")).scalar_one() == 0
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_a_database_of_a_newer_version_is_refused(empty: Database) -> None:
    upgrade(empty)
    with empty.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="another version"):
        upgrade(empty)

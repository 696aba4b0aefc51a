"""The tables, their migrations, and an installation's first start."""

from __future__ import annotations

import stat
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from mcu.config import Settings
from mcu.control.directory.accounts import terminal_accounts
from mcu.errors import ConfigError, Conflict, NotFound, RoomExists, RoomNotFound, Unavailable
from mcu.models import (
    Database,
    RoomRow,
    TerminalRow,
    UserRow,
    first_start,
    rows,
    upgrade,
)
from mcu.models import database as database_module


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(home=tmp_path / "home", database=database_url)


@pytest.fixture
def in_a_file(tmp_path: Path) -> Settings:
    """SQLite alone."""
    return Settings(home=tmp_path / "home")


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    made = Database(settings.database_url)
    upgrade(made)
    yield made
    made.close()


def test_a_row_that_is_refused_tells_no_password(database: Database) -> None:
    """What is raised goes into the log."""
    wanted = {"name": "xa1", "password": "battery staple", "address": "", "display": "", "protocol": "sip"}
    with pytest.raises(IntegrityError) as refused, database.session() as session:
        session.execute(insert(TerminalRow), [wanted, wanted])
    assert "terminals" in str(refused.value)
    assert "battery" not in str(refused.value)


def test_a_first_start_makes_a_room_and_an_administrator_and_a_second_leaves_them_alone(settings: Settings) -> None:
    password = first_start(settings)
    assert password
    database = Database(settings.database_url)
    assert [(r.number, r.name, r.guests) for r in rows.rooms(database)] == [("1001", "Phòng họp thử", True)]
    with database.session() as session:
        user = session.scalars(select(UserRow)).one()
    assert (user.login, user.role) == ("admin", "admin")
    assert PasswordHasher().verify(user.password_hash, password)
    rows.delete_room(database, "1001")
    assert first_start(settings) is None
    assert rows.rooms(database) == []
    database.close()


def test_a_password_that_was_chosen_is_taken_and_not_shown(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, admin_password="mật khẩu dài")
    assert first_start(settings) is None
    database = Database(settings.database_url)
    with database.session() as session:
        assert PasswordHasher().verify(session.scalars(select(UserRow)).one().password_hash, "mật khẩu dài")
    database.close()


def test_several_first_starts_at_once_make_one_installation(settings: Settings) -> None:
    script = "import sys; from mcu.config import Settings; from mcu.models import first_start\n"
    script += "print(first_start(Settings(home=sys.argv[1], database=sys.argv[2])))"
    command = [sys.executable, "-c", script, str(settings.home), settings.database]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    shown = [start.communicate(timeout=300)[0].strip() for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0]
    assert sum(password != "None" for password in shown) == 1


def test_the_file_is_for_its_owner_only(in_a_file: Settings) -> None:
    database = Database(in_a_file.database_url)
    upgrade(database)
    rows.add_room(database, RoomRow(number="1", name="x"))
    files = list(in_a_file.home.glob("mcu.db*"))
    assert {file.name for file in files} >= {"mcu.db", "mcu.db-wal"}
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    database.close()


def test_sqlite_is_set_up_as_it_should_be(in_a_file: Settings) -> None:
    database = Database(in_a_file.database_url)
    with database.session() as session:
        pragmas = [
            session.execute(text(f"PRAGMA {p}")).scalar() for p in ("journal_mode", "busy_timeout", "foreign_keys")
        ]
    assert pragmas == ["wal", 5000, 1]
    database.close()


def test_a_second_opening_in_the_same_process_leaves_the_first_one_its_locks(in_a_file: Settings) -> None:
    """Else another process that opens and leaves takes the journal away, and what is written then is lost."""
    database = Database(in_a_file.database_url)
    upgrade(database)
    Database(in_a_file.database_url).close()
    script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM rooms'); c.close()"
    subprocess.run([sys.executable, "-c", script, str(in_a_file.home / "mcu.db")], check=True, timeout=60)
    rows.add_room(database, RoomRow(number="1", name="x"))
    other = Database(in_a_file.database_url)
    assert [room.number for room in rows.rooms(other)] == ["1"]
    other.close()
    database.close()


def test_names_are_kept_composed(database: Database) -> None:
    rows.add_room(database, RoomRow(number="7", name=unicodedata.normalize("NFD", "Điện Biên")))
    assert rows.rooms(database)[0].name == "Điện Biên"


def test_rooms(database: Database) -> None:
    for number in ("20", "100", "3"):
        rows.add_room(database, RoomRow(number=number, name=number))
    with pytest.raises(RoomExists):
        rows.add_room(database, RoomRow(number="20", name="again"))
    rows.change_room(database, "20", layout="2x2", locked=True)
    with pytest.raises(RoomNotFound):
        rows.change_room(database, "9", layout="2x2")
    assert [(r.number, r.layout, r.locked) for r in rows.rooms(database)] == [
        ("3", "auto", False),
        ("20", "2x2", True),
        ("100", "auto", False),
    ]


def test_terminals(settings: Settings, database: Database) -> None:
    rows.add_terminal(database, TerminalRow(name="hall", password="p;[x]", address="", display="Hội trường"))
    rows.add_terminal(database, TerminalRow(name="school", password="", address="10.0.0.0/24", display=""))
    with pytest.raises(Conflict):
        rows.add_terminal(database, TerminalRow(name="hall", password="y", address=""))
    assert [(a.name, a.password, a.network, a.display) for a in terminal_accounts(settings)] == [
        ("hall", "p;[x]", "", "Hội trường"),
        ("school", "", "10.0.0.0/24", ""),
    ]
    rows.delete_terminal(database, "hall")
    with pytest.raises(NotFound):
        rows.delete_terminal(database, "hall")


@pytest.mark.parametrize(
    "values",
    [
        {"protocol": "sip"},
        {"protocol": "sip", "password": "p", "address": "10.0.0.1"},
        {"protocol": "sip", "alias": "2001"},
        {"protocol": "browser"},
        {"protocol": "phone"},
        {"protocol": "h323"},
        {"protocol": "h324", "password": "p"},
        {"protocol": "h323", "alias": "2000"},  # taken
    ],
)
def test_a_terminal_without_a_way_in_is_no_row(database: Database, values: dict[str, str]) -> None:
    rows.add_terminal(database, TerminalRow(name="first", protocol="h323", alias="2000"))
    with pytest.raises(IntegrityError), database.session(writing=True) as session:
        session.add(TerminalRow(name="x", **values))


def test_an_h323_terminal_is_loaded_as_it_was_stored(settings: Settings, database: Database) -> None:
    row = TerminalRow(name="hue", protocol="h323", alias="2001", password="p", overrides={"picture": "cif"})
    rows.add_terminal(database, row)
    rows.add_terminal(database, TerminalRow(name="odd", protocol="h323", alias="2002", overrides={"unheard_of": 1}))
    (account,) = terminal_accounts(settings)  # one of a newer version is left out, with a warning
    assert (account.name, account.alias, account.overrides.picture) == ("hue", "2001", "cif")


def test_old_notices_go(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "NOTICES_KEPT", 3)
    for n in range(5):
        rows.add_notice(database, at=datetime.fromtimestamp(n, UTC), level="info", code="x", text=str(n))
    kept = rows.latest_notices(database, 10)
    assert [(n.text, n.at.timestamp()) for n in kept] == [("2", 2.0), ("3", 3.0), ("4", 4.0)]
    assert [n.text for n in rows.latest_notices(database, 1)] == ["4"]


@pytest.mark.parametrize("url", ["nonsense", "oracle+nothing://x", "sqlite:////proc/nowhere/mcu.db"])
def test_a_url_that_leads_nowhere_is_a_config_error(url: str) -> None:
    with pytest.raises(ConfigError):
        Database(url)


def test_a_file_that_is_no_database_says_so(in_a_file: Settings) -> None:
    in_a_file.home.mkdir()
    (in_a_file.home / "mcu.db").write_bytes(b"rubbish" * 1000)
    with pytest.raises((Unavailable, ConfigError)):
        first_start(in_a_file)


def test_what_a_notice_names_is_kept(database: Database) -> None:
    data = {"name": 'Xã "Ea Kao" ’; --', "reason": "no_answer", "again": True, "people": 41}
    at = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    rows.add_notice(database, at=at, level="info", code="site_lost", text="x", data=data)
    rows.add_notice(database, at=at, level="info", code="mixer_away", text="x")
    assert [notice.data for notice in rows.latest_notices(database, 2)] == [data, {}]


def test_moments_are_told_in_utc(database: Database) -> None:
    """PostgreSQL tells them in its machine's zone."""
    rows.add_notice(database, at=datetime(2026, 11, 22, 1, 30, tzinfo=UTC), level="info", code="x", text="x")
    (notice,) = rows.latest_notices(database, 1)
    assert notice.at.isoformat() == "2026-11-22T01:30:00+00:00"


def test_the_order_of_lists_is_the_same_everywhere(database: Database) -> None:
    """In Vietnamese "a" comes before "B", and a hyphen hardly counts."""
    names = ["B2", "a-1", "a1", "a2"]
    for name in reversed(names):
        rows.add_terminal(database, TerminalRow(name=name, password="secret-enough", address=""))
    assert [row.name for row in rows.terminals(database)] == names


def test_whoever_reads_waits_for_nobody_without_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "_BUSY_MS", 50)
    database.close()  # so that its connections are made anew
    with database.connection() as connection:
        if database.engine.dialect.name == "sqlite":
            assert rows.rooms(database) == []  # SQLite's readers wait for nobody at all
            return
        connection.exec_driver_sql("LOCK TABLE rooms")
        with pytest.raises(Unavailable, match="lock timeout"):
            rows.rooms(database)

"""The users' table as the panel reads it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from mcu.web.accounts import PasswordCheck, TableAccounts
from sqlalchemy import select

from mcu.config import Settings
from mcu.errors import Busy, Unavailable
from mcu.models import Database, UserRow
from tests.conftest import Install


@pytest.fixture
def database(tmp_path: Path, install: Install) -> Iterator[Database]:
    settings = Settings(home=tmp_path, database=install(tmp_path))
    database = Database(settings.database_url)
    yield database
    database.close()


def test_the_first_administrator_can_log_in(database):
    accounts = TableAccounts(database)
    user = accounts.verify("admin", "right horse")
    assert user is not None
    assert (user.login, user.role, user.may_act) == ("admin", "admin", True)
    assert accounts.find(user.get_id()) == user


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("admin", "wrong"),
        ("admin", ""),
        ("nobody", "right horse"),
        ("' or ''='", "x"),
        ("admin\0", "right horse"),
    ],
)
def test_others_can_not(database, login, password):
    assert TableAccounts(database).verify(login, password) is None


def test_names_are_found_however_they_are_composed(database):
    with database.session() as session:
        session.add(UserRow(login="hà", password_hash=PasswordHasher().hash("x"), role="viewer"))
    user = TableAccounts(database).verify("ha\u0300", "x")
    assert user is not None
    assert not user.may_act


def test_a_session_ends_with_the_password_and_with_the_user(database):
    accounts = TableAccounts(database)
    session_id = accounts.verify("admin", "right horse").get_id()
    with database.session() as session:
        session.scalar(select(UserRow)).password_hash = PasswordHasher().hash("another")
    assert accounts.find(session_id) is None


@pytest.mark.parametrize("session_id", ["", "1", ":", "1:", "1:x", "99:abc", "x:y", "-1:a", "1" * 50 + ":a", "²:a"])
def test_rubbish_is_no_session(database, session_id):
    assert TableAccounts(database).find(session_id) is None


def test_a_broken_hash_lets_nobody_in(database):
    with database.session() as session:
        session.scalar(select(UserRow)).password_hash = "not a hash"
    assert TableAccounts(database).verify("admin", "right horse") is None


def hold(check: PasswordCheck, monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Thread, threading.Event]:
    """One check that goes on until the event is set; begun on return."""
    begun, let_go = threading.Event(), threading.Event()

    class Slow:
        def verify(self, *_: str) -> bool:
            begun.set()
            return let_go.wait(30)

    monkeypatch.setattr(check, "_hasher", Slow())
    thread = threading.Thread(target=check.right, args=("hash", "password"))
    thread.start()
    assert begun.wait(30)
    return thread, let_go


@pytest.mark.parametrize(("waiting", "patience"), [(0, 60), (1, 0.05)])
def test_a_flood_of_logins_holds_no_thread(monkeypatch, waiting, patience):
    check = PasswordCheck(at_a_time=1, waiting=waiting, patience=patience)
    thread, let_go = hold(check, monkeypatch)
    with pytest.raises(Busy):
        check.right("hash", "password")
    let_go.set()
    thread.join(30)
    assert check.right("hash", "password")


def test_no_table_is_told(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(Unavailable):
        TableAccounts(database).verify("admin", "x")
    database.close()

"""`mcu user …` against a real control process: what it makes can log in to the panel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import Result
from mcu.web.accounts import TableAccounts

from mcu import config
from mcu.models import Database
from tests.fakes.house import house_of

Run = Callable[..., Result]
Read = Callable[..., Any]


@pytest.fixture
def accounts(installation: config.Settings) -> Iterator[TableAccounts]:
    """The panel's log-in, with control running and one administrator."""
    with house_of(installation):
        database = Database(installation.database_url)
        yield TableAccounts(database)
        database.close()


def said(result: Result) -> str:
    """What the command printed; control runs in this process and logs to the same place."""
    return "".join(line for line in result.stdout.splitlines(True) if " control." not in line)


def test_users_are_added_listed_and_deleted(accounts: TableAccounts, run: Run, read: Read) -> None:
    added = run("user", "add", "Hà", "--role", "viewer", "--password-stdin", "--json", input="tháng Mười Một\n")
    assert added.exit_code == 0, added.output
    told = json.loads(said(added))
    assert (told["login"], told["role"]) == ("Hà", "viewer")
    user = accounts.verify("Hà", "tháng Mười Một")
    assert user is not None
    assert user.role == "viewer"
    assert [(one["login"], one["role"]) for one in read("user", "list")] == [("Hà", "viewer"), ("admin", "admin")]
    assert "viewer" in run("user", "list").stdout
    assert said(run("user", "delete", "Hà", "--yes")) == "Hà can no longer log in.\n"
    assert accounts.find(user.get_id()) is None
    assert [one["login"] for one in read("user", "list")] == ["admin"]


def test_a_password_is_asked_for_twice_and_ends_old_sessions(accounts: TableAccounts, run: Run) -> None:
    before = accounts.verify("admin", "right horse")
    assert before is not None
    done = run("user", "password", "admin", input="another horse\nanother horse\n")
    assert (done.exit_code, said(done)) == (0, "admin has another password.\n")
    assert accounts.find(before.get_id()) is None
    assert accounts.verify("admin", "right horse") is None
    assert accounts.verify("admin", "another horse") is not None


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (["add", "admin"], "long enough\n", "there is a user admin already"),
        (["add", "x"], "short\n", "at least 8 characters"),
        (["add", "x"], "", "no password"),
        (["add", "\x01"], "long enough\n", "nothing to show"),
        (["password", "nobody"], "long enough\n", "no user nobody"),
    ],
)
def test_what_is_refused(accounts: TableAccounts, run: Run, words: list[str], typed: str, told: str) -> None:
    result = run("user", *words, "--password-stdin", input=typed)
    assert result.exit_code == 1
    assert told in result.stderr
    assert "Traceback" not in result.output
    assert "long enough" not in result.output


def test_the_last_administrator_stays(accounts: TableAccounts, run: Run) -> None:
    refused = run("user", "delete", "admin", "--yes")
    assert refused.exit_code == 1
    assert "only administrator" in refused.stderr
    assert run("user", "add", "second", "--role", "admin", "--password-stdin", input="long enough\n").exit_code == 0
    assert run("user", "delete", "admin", "--yes").exit_code == 0


def test_a_password_is_no_argument(accounts: TableAccounts, run: Run) -> None:
    assert run("user", "add", "x", "--password", "secret").exit_code == 2
    assert run("user", "add", "x", "secret").exit_code == 2

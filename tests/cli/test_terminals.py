"""Terminals on the command line: what is asked of control, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.fakes.control import FakeControl

Run = Callable[..., Result]


class Accounts(FakeControl):
    """Keeps what it is told."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.kept: dict[str, dict[str, Any]] = {}

    def on_terminal_list(self) -> list[dict[str, Any]]:
        blank = {"alias": "", "address": "", "kind": "registered", "overrides": {}}
        return [{**blank, **kept} for kept in self.kept.values()]

    def on_terminal_create(self, **args: Any) -> dict[str, Any]:
        self.kept[args["name"]] = args
        return args

    def on_terminal_update(self, name: str, **args: Any) -> dict[str, Any]:
        self.kept[name] |= args
        return self.kept[name]


@pytest.fixture
def control(home: Path) -> Iterator[Accounts]:
    fake = Accounts(home / "run/control.sock")
    fake.start()
    yield fake
    fake.end()


def test_a_sip_terminal_is_asked_for_its_password(control: Accounts, run: Run) -> None:
    assert run("terminal", "create", "hall", input="p w\np w\n").exit_code == 0
    assert control.kept["hall"] == {"name": "hall", "display": "hall", "protocol": "sip", "password": "p w"}


def test_an_h323_terminal_has_a_number_and_overrides(control: Accounts, run: Run) -> None:
    words = ["--protocol", "h323", "--alias", "2001", "--override", "picture=cif", "--override", "no_h239=yes"]
    result = run("terminal", "create", "hue", *words)
    assert result.stdout == "Terminal hue may call.\n"
    assert control.kept["hue"] == {
        "name": "hue",
        "display": "hue",
        "protocol": "h323",
        "alias": "2001",
        "overrides": {"picture": "cif", "no_h239": "yes"},
    }
    assert "picture=cif no_h239=yes" in run("terminal", "list").stdout


def test_an_h323_terminal_may_have_a_password_and_an_address(control: Accounts, run: Run) -> None:
    words = ["--protocol", "h323", "--address", "10.0.0.7", "--with-password"]
    assert run("terminal", "create", "hue", *words, input="x\nx\n").exit_code == 0
    assert (control.kept["hue"]["address"], control.kept["hue"]["password"]) == ("10.0.0.7", "x")


def test_a_terminal_is_changed_in_part(control: Accounts, run: Run) -> None:
    run("terminal", "create", "hue", "--protocol", "h323", "--alias", "2001")
    words = ["--alias", "2002", "--override", "picture=", "--override", "frame_rate=15"]
    assert run("terminal", "update", "hue", *words).stdout == "Terminal hue is changed.\n"
    assert control.kept["hue"]["alias"] == "2002"
    assert control.kept["hue"]["overrides"] == {"picture": None, "frame_rate": "15"}
    assert run("terminal", "update", "hue", "--password", input="new\nnew\n").exit_code == 0
    assert control.kept["hue"]["password"] == "new"


@pytest.mark.parametrize(
    "words",
    [
        ["create", "a", "--random-password", "--protocol", "h323"],
        ["create", "a", "--random-password", "--address", "10.0.0.7"],
        ["create", "a", "--protocol", "h323", "--override", "picture"],
        ["create", "a", "--protocol", "h324"],
        ["update", "a"],
    ],
)
def test_what_makes_no_sense_is_asked_of_nobody(control: Accounts, run: Run, words: list[str]) -> None:
    assert run("terminal", *words).exit_code == 2
    assert control.kept == {}

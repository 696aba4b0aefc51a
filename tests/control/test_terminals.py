"""Accounts of terminals: kept, given to Asterisk, shown at the door."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.config import Settings
from mcu.control import process
from mcu.core.accounts import TerminalAccount
from mcu.core.entry import Admit
from mcu.errors import BadRequest, ConfigError, Conflict, NotFound
from tests.control.conftest import House, request


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What Asterisk's configuration was written for, each time. A terminal called "bad" cannot be written."""
    seen: list[list[str]] = []

    def render(_: Settings, accounts: list[TerminalAccount]) -> None:
        names = [account.name for account in accounts]
        if "bad" in names:
            raise ConfigError("cannot stand in a configuration file")
        seen.append(names)

    monkeypatch.setattr(process, "_render", render)
    return seen


async def test_a_terminal_is_known_at_once(house: House, rendered: list[list[str]]) -> None:
    made = await house.call("terminal.create", name="hall", display="Hội trường lớn")
    assert len(made["password"]) >= 12
    assert rendered == [["hall"]]
    assert house.switch.asked("reload_endpoints") == [()]
    answer = await house.control.controller.entry(request("Polycom", channel="PJSIP/t-hall-00000001"))
    assert isinstance(answer, Admit)
    assert answer.name == "Hội trường lớn"
    listed = await house.call("terminal.list")
    assert listed == [
        {"name": "hall", "display": "Hội trường lớn", "address": "", "kind": "registered", "endpoint": "t-hall"}
    ]


async def test_a_password_that_was_given_is_not_told_back(house: House, rendered: list[list[str]]) -> None:
    assert "password" not in await house.call("terminal.create", name="hall", password="p;[]{}\"' x")
    known = await house.call("terminal.create", name="school", address=" 10.1.2.3 ")
    assert (known["kind"], known["address"], known["display"]) == ("known", "10.1.2.3/32", "school")


async def test_a_deleted_terminal_is_gone(house: House, rendered: list[list[str]]) -> None:
    await house.call("terminal.create", name="hall")
    await house.call("terminal.delete", name="hall")
    assert rendered == [["hall"], []]
    assert await house.call("terminal.list") == []
    with pytest.raises(NotFound):
        await house.call("terminal.delete", name="hall")


async def test_an_account_that_cannot_be_written_is_not_kept(house: House, rendered: list[list[str]]) -> None:
    with pytest.raises(ConfigError):
        await house.call("terminal.create", name="bad")
    assert await house.call("terminal.list") == []
    assert rendered == [[]]


async def test_without_asterisk_an_account_is_made_for_its_next_start(house: House, rendered: list[list[str]]) -> None:
    house.switch.disconnect()
    await house.call("terminal.create", name="hall")
    assert rendered == [["hall"]]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({}, BadRequest),
        ({"name": "Ä"}, BadRequest),
        ({"name": "a]\n[x"}, BadRequest),
        ({"name": "mixer"}, BadRequest),
        ({"name": "terminal"}, BadRequest),
        ({"name": "a", "password": "x", "address": "10.0.0.1"}, BadRequest),
        ({"name": "a", "address": "nowhere"}, BadRequest),
        ({"name": "a", "password": 7}, BadRequest),
        ({"name": "taken"}, Conflict),
    ],
)
async def test_what_is_no_account_is_refused(
    house: House, rendered: list[list[str]], args: dict[str, Any], error: type[Exception]
) -> None:
    await house.call("terminal.create", name="taken")
    with pytest.raises(error):
        await house.call("terminal.create", **args)
    assert [account["name"] for account in await house.call("terminal.list")] == ["taken"]

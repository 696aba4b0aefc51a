"""Accounts of terminals: kept, given to Asterisk, shown at the door."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from mcu.config import Settings
from mcu.control import process
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.entry.answers import Admit
from mcu.errors import BadRequest, ConfigError, Conflict, NotFound
from mcu.models import rows
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
        {
            "name": "hall",
            "display": "Hội trường lớn",
            "protocol": "sip",
            "alias": "",
            "address": "",
            "kind": "registered",
            "endpoint": "t-hall",
            "overrides": {},
            "site": None,
            "position": 0,
            "preset": "",
        }
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


async def test_a_deletion_that_cannot_be_written_is_undone(
    house: House, rendered: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = (await house.call("site.create", name="Xã A"))["id"]
    await house.call("terminal.create", name="hall", display="Hội trường", site=site, alias="2001", position=3)
    before = (await house.call("terminal.list"), await since(house, "hall"))

    def refuse(_: Settings, accounts: list[TerminalAccount]) -> None:
        if not accounts:
            raise ConfigError("the disk is full")

    monkeypatch.setattr(process, "_render", refuse)
    with pytest.raises(ConfigError):
        await house.call("terminal.delete", name="hall")
    assert (await house.call("terminal.list"), await since(house, "hall")) == before
    assert house.control.controller.bridge.directory.terminal("hall") is not None


async def since(house: House, name: str) -> datetime:
    return (await house.control.controller.record.write(rows.terminal, name)).created_at


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
        ({"name": "a", "protocol": "h324", "alias": "7"}, BadRequest),
        ({"name": "a", "protocol": "h323"}, BadRequest),
        ({"name": "a", "protocol": "h323", "alias": "7", "overrides": {"no_h293": True}}, BadRequest),
        ({"name": "a", "protocol": "h323", "alias": "7", "overrides": ["no_h239"]}, BadRequest),
        ({"name": "a", "protocol": "h323", "alias": "1001"}, Conflict),  # a room has it
    ],
)
async def test_what_is_no_account_is_refused(
    house: House, rendered: list[list[str]], args: dict[str, Any], error: type[Exception]
) -> None:
    await house.call("terminal.create", name="taken")
    with pytest.raises(error):
        await house.call("terminal.create", **args)
    assert [account["name"] for account in await house.call("terminal.list")] == ["taken"]


async def test_an_h323_terminal_is_kept_for_the_gateway(house: House, rendered: list[list[str]]) -> None:
    made = await house.call(
        "terminal.create", name="hue", protocol="h323", alias="2001", password="p", overrides={"no_h239": True}
    )
    assert (made["kind"], made["endpoint"], made["display"]) == ("registered", "h-hue", "hue")
    assert "password" not in made
    await house.call("terminal.create", name="sip1")
    known = await house.call("terminal.h323")
    assert [(t["name"], t["alias"], t["password"], t["overrides"]) for t in known] == [
        ("hue", "2001", "p", {"no_h239": True})
    ]
    await house.until(lambda: [event for event, _ in house.heard] == ["terminals.changed"] * 2)
    with pytest.raises(Conflict):
        await house.call("terminal.create", name="other", protocol="h323", alias="2001")
    with pytest.raises(Conflict):
        await house.call("room.create", number="2001", name="x")


async def test_an_alias_alone_is_enough(house: House, rendered: list[list[str]]) -> None:
    made = await house.call("terminal.create", name="hue", protocol="h323", alias="2001")
    assert "password" not in made
    assert made["kind"] == "named"


async def test_a_terminal_is_changed_in_part(house: House, rendered: list[list[str]]) -> None:
    await house.call(
        "terminal.create", name="hue", protocol="h323", alias="2001", overrides={"no_h239": True, "frame_rate": 15}
    )
    changed = await house.call(
        "terminal.update", name="hue", address="10.0.0.9", overrides={"frame_rate": None, "picture": "cif"}
    )
    assert (changed["alias"], changed["address"], changed["kind"]) == ("2001", "10.0.0.9/32", "known")
    assert changed["overrides"] == {"no_h239": True, "picture": "cif"}
    assert await house.call("terminal.list") == [changed]
    assert (await house.call("terminal.update", name="hue", alias="2002"))["alias"] == "2002"
    with pytest.raises(BadRequest):
        await house.call("terminal.update", name="hue", alias="", address="")
    with pytest.raises(NotFound):
        await house.call("terminal.update", name="nobody", alias="2001")
    assert (await house.call("terminal.list"))[0]["alias"] == "2002"


async def test_a_change_that_cannot_be_written_is_undone(
    house: House, rendered: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.call("terminal.create", name="hall", display="Old")

    def refuse(_: Settings, accounts: list[TerminalAccount]) -> None:
        if accounts[0].display == "New":
            raise ConfigError("cannot stand in a configuration file")

    monkeypatch.setattr(process, "_render", refuse)
    with pytest.raises(ConfigError):
        await house.call("terminal.update", name="hall", display="New")
    assert (await house.call("terminal.list"))[0]["display"] == "Old"

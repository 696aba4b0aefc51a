"""The tree of sites over the bus, its place in the bridge, and files of it, on both kinds of database."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.config import Settings
from mcu.control import process
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import FARTHEST
from mcu.core.entry.answers import Wait
from mcu.errors import BadRequest, ConfigError, Conflict, NotFound, RoomNotFound
from tests.control.conftest import House, request


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, TerminalAccount]]:
    """What Asterisk's configuration was written for, each time. A terminal called "bad" cannot be written."""
    seen: list[dict[str, TerminalAccount]] = []

    def render(_: Settings, accounts: list[TerminalAccount]) -> None:
        if any(account.name == "bad" for account in accounts):
            raise ConfigError("cannot stand in a configuration file")
        seen.append({account.name: account for account in accounts})

    monkeypatch.setattr(process, "_render", render)
    return seen


async def tree(house: House) -> dict[str, int]:
    province = await house.call("site.create", name="Tỉnh Đắk Lắk", code="66")
    commune = await house.call("site.create", name="Xã Ea Kao", parent=province["id"], people=40, distance_km=17.5)
    return {"province": province["id"], "commune": commune["id"]}


async def test_a_tree_is_made_shown_and_changed(house: House, rendered: Any) -> None:
    ids = await tree(house)
    shown = await house.call("site.show", id=ids["commune"])
    assert shown == {
        "id": ids["commune"],
        "name": "Xã Ea Kao",
        "parent": ids["province"],
        "path": ["Tỉnh Đắk Lắk"],
        "code": "",
        "position": 0,
        "people": 40,
        "distance_km": 17.5,
        "latitude": None,
        "longitude": None,
        "note": "",
        "sites": 0,
        "terminals": [],
    }
    changed = await house.call("site.change", id=ids["commune"], people=41, latitude=12.5, note=" hội  trường ")
    assert (changed["people"], changed["latitude"], changed["note"]) == (41, 12.5, "hội trường")
    moved = await house.call("site.move", id=ids["commune"], parent=None)
    assert (moved["parent"], moved["path"]) == (None, [])
    with pytest.raises(Conflict):
        await house.call("site.create", name="Xã Ea Kao")
    with pytest.raises(Conflict, match="there is a site Xã Ea Kao in that place already"):
        await house.call("site.create", name="XÃ ea kao")
    renamed = await house.call("site.change", id=ids["commune"], name="XÃ EA KAO")
    assert renamed["name"] == "XÃ EA KAO"
    assert await house.call("site.delete", id=ids["commune"]) == {"deleted": 1}
    with pytest.raises(NotFound):
        await house.call("site.show", id=ids["commune"])
    assert "sites.changed" in [event for event, _ in house.heard]


async def test_lists_come_in_pages(house: House, rendered: Any) -> None:
    ids = await tree(house)
    for n in range(5):
        await house.call("site.create", name=f"Xã {n}", parent=ids["province"])
    seen: list[str] = []
    after = ""
    while True:
        page = await house.call("site.list", limit=3, after=after)
        seen += [site["name"] for site in page["items"]]
        if (after := page["next"]) is None:
            break
    assert seen == ["Tỉnh Đắk Lắk", *(f"Xã {n}" for n in range(5)), "Xã Ea Kao"]
    found = await house.call("site.list", search="dak")
    assert found["next"] is None
    assert len(found["items"]) == 7
    assert [s["name"] for s in (await house.call("site.list", search="ea kao"))["items"]] == ["Xã Ea Kao"]
    assert len((await house.call("site.list", under=ids["commune"]))["items"]) == 1
    with pytest.raises(BadRequest):
        await house.call("site.list", after="999")


async def test_terminals_stand_at_sites(house: House, rendered: list[dict[str, TerminalAccount]]) -> None:
    ids = await tree(house)
    await house.call("terminal.create", name="hall", site=ids["commune"], alias="2001")
    second = await house.call(
        "terminal.create", name="vvx", site=ids["commune"], preset="polycom_vvx", overrides={"dtmf": "info"}
    )
    assert (second["position"], second["overrides"]) == (1, {"dtmf": "info"})
    assert rendered[-1]["vvx"].overrides.picture == "cif"  # of the preset
    directory = house.control.controller.bridge.directory
    assert [account.name for account in directory.terminals(ids["commune"])] == ["hall", "vvx"]
    found = directory.by_endpoint("t-hall")
    assert found is not None
    assert (found.terminal, found.site) == ("hall", ids["commune"])
    assert (await house.call("site.show", id=ids["commune"]))["terminals"] == ["hall", "vvx"]
    listed = await house.call("terminal.list", site=ids["commune"], limit=1)
    assert ([one["name"] for one in listed["items"]], listed["next"]) == (["hall"], "hall")
    await house.call("terminal.update", name="hall", position=5)
    assert [account.name for account in directory_of(house).terminals(ids["commune"])] == ["vvx", "hall"]
    moved = await house.call("terminal.update", name="hall", site=None)
    assert (moved["site"], moved["alias"]) == (None, "2001")
    assert "password" not in await house.call("terminal.show", name="hall")
    with pytest.raises(NotFound):
        await house.call("terminal.update", name="hall", site=99)
    for wrong in ({"preset": "nokia"}, {"preset": "sony_pcs", "protocol": "browser"}, {"overrides": {"no_h239": True}}):
        with pytest.raises(BadRequest):
            await house.call("terminal.create", name="x", **wrong)
    with pytest.raises(Conflict):
        await house.call("terminal.create", name="x", alias="1001")
    await house.call("terminal.create", name="boss", protocol="phone", alias="0912345678", site=ids["province"])
    assert {preset["name"] for preset in await house.call("preset.list")} >= {"polycom_vvx", "huawei_te"}


def directory_of(house: House) -> Any:
    return house.control.controller.bridge.directory


async def test_a_site_that_goes_presides_no_longer_nor_does_the_next_one(house: House, rendered: Any) -> None:
    first = await house.call("site.create", name="Chủ trì")
    await house.call("room.create", number="2001", name="Giao ban", presiding_site_id=first["id"], lobby="host")
    await house.call("site.delete", id=first["id"])
    assert (await house.call("room.show", number="2001"))["presiding_site_id"] is None
    assert ("room.changed", "2001", None) in [
        (event, data.get("number"), data.get("presiding_site_id")) for event, data in house.heard
    ]
    second = await house.call("site.create", name="Xã lạ")
    assert second["id"] != first["id"]
    await house.call("terminal.create", name="xala", site=second["id"])
    answer = await house.control.controller.entry(request("Xã lạ", room="2001", channel="PJSIP/t-xala-00000300"))
    assert isinstance(answer, Wait)


async def test_a_branch_that_has_rooms_is_not_deleted(house: House, rendered: Any) -> None:
    """They would be everybody's, with their PINs and their minutes."""
    ids = await tree(house)
    other = await house.call("site.create", name="Tỉnh Gia Lai")
    await house.call("room.create", number="2001", name="Kín", branch_id=ids["commune"], pin="4711")
    lan = {"login": "lan", "role": "operator", "branch": ids["province"], "room": None, "via": "web"}
    for args in ({"id": ids["commune"]}, {"id": ids["province"], "branch": True}):
        with pytest.raises(Conflict, match="room 2001 is of this branch"):
            await house.call("site.delete", by=lan, **args)
    with pytest.raises(RoomNotFound):
        await house.call("room.pin", number="2001", by={**lan, "branch": other["id"]})
    await house.call("room.change", by=lan, number="2001", branch_id=ids["province"])
    assert await house.call("site.delete", by=lan, id=ids["commune"]) == {"deleted": 1}


async def test_who_is_invited(house: House, rendered: Any) -> None:
    ids = await tree(house)
    told = await house.call("room.set_sites", number="1001", sites=[ids["commune"], ids["province"], ids["commune"]])
    assert [site["id"] for site in told["sites"]] == [ids["commune"], ids["province"]]
    assert house.control.controller.bridge.invited == {"1001": (ids["commune"], ids["province"])}
    assert await house.call("room.sites", number="1001") == told
    with pytest.raises(NotFound):
        await house.call("room.set_sites", number="1001", sites=[99])
    with pytest.raises(RoomNotFound):
        await house.call("room.set_sites", number="7", sites=[])
    for wrong in (None, "1", [True], ["1"], [0], [2**40]):
        with pytest.raises(BadRequest):
            await house.call("room.set_sites", number="1001", sites=wrong)


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("site.create", {}),
        ("site.create", {"name": "\u200b"}),
        ("site.create", {"name": "x", "parent": "1"}),
        ("site.create", {"name": "x", "people": -1}),
        ("site.create", {"name": "x", "latitude": float("nan")}),
        ("site.create", {"name": "x", "longitude": 181}),
        ("site.create", {"name": "x", "distance_km": True}),
        ("site.create", {"name": "x", "distance_km": FARTHEST + 1}),
        ("site.show", {"id": True}),
        ("site.show", {}),
        ("site.list", {"limit": 0}),
        ("site.import", {}),
        ("site.import", {"text": "x", "format": "pdf"}),
        ("site.import", {"text": "%%%", "format": "xlsx"}),
        ("site.rollout", {"text": "x", "numbers": "9-1"}),
        ("site.rollout", {"text": "x", "server": "a b"}),
    ],
)
async def test_what_is_no_request(house: House, method: str, args: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        await house.call(method, **args)


async def test_a_caller_is_known_by_its_place_and_kept_to_its_overrides(house: House, rendered: Any) -> None:
    ids = await tree(house)
    await house.call("terminal.create", name="vvx", site=ids["commune"], preset="polycom_vvx", display="Ea Kao")
    await house.call("terminal.create", name="slow", overrides={"kbit_to_terminal": 400})
    await house.call("terminal.create", name="plain")
    dialled = [
        await house.dial("Polycom", channel=f"PJSIP/t-{name}-00000001") for name in ("vvx", "slow", "plain", "stranger")
    ]
    shown = {one["id"]: one for one in await house.call("participant.list", room="1001")}
    told = [(shown[who]["terminal"], shown[who]["site"], shown[who]["view"]) for who in dialled]
    assert told == [
        ("vvx", ids["commune"], "v-1001-cif"),
        ("slow", None, "v-1001-cif15"),
        ("plain", None, "v-1001-hd"),
        ("", None, "v-1001-hd"),
    ]
    assert shown[dialled[0]]["name"] == "Ea Kao"

"""The panel against the real control process (its telephone switch is a fake): the two agree on every call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcu.web.app import create_app

from mcu.config import Asterisk, Settings
from tests.conftest import Install
from tests.fakes.house import House, free_port, house_of
from tests.web.conftest import Panel


@pytest.fixture
def settings(tmp_path: Path, install: Install) -> Settings:
    return Settings(home=tmp_path, database=install(tmp_path), asterisk=Asterisk(agi_port=free_port()))


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    with house_of(settings) as house:
        yield house


@pytest.fixture
def panel(settings: Settings, house: House) -> Iterator[Panel]:
    app = create_app(settings)
    panel = Panel(app.test_client())
    assert panel.log_in().status_code == 302
    yield panel
    app.extensions["mcu"].stop()


def test_a_room_s_whole_life(panel: Panel, house: House, problem: Any) -> None:
    assert [room["number"] for room in panel.get("/rooms").json] == ["1001"]
    made = panel.send("POST", "/rooms", {"number": "2000", "name": "Họp khẩn", "guests": False})
    assert (made.status_code, made.json["name"], made.json["guests"]) == (201, "Họp khẩn", False)
    problem(panel.send("POST", "/rooms", {"number": "2000", "name": "Lại"}), 409, "room_exists")
    change = {"name": "Giao ban", "layout": "1+5", "locked": True, "guests": True}
    changed = panel.send("PATCH", "/rooms/2000", change).json
    assert {key: changed[key] for key in change} == change
    problem(panel.send("PATCH", "/rooms/2000", {"name": "Khác", "layout": "no-such"}), 400, "bad_request")
    assert panel.get("/rooms/2000").json["name"] == "Giao ban"
    problem(panel.get("/rooms/2000/still.jpg"), 404, "not_found")
    assert panel.send("DELETE", "/rooms/2000").status_code == 204
    problem(panel.get("/rooms/2000"), 404, "room_not_found")


def test_a_participant_s_whole_life(panel: Panel, house: House, problem: Any) -> None:
    house.happens(house.switch.join, "0a0b0c0d", "1001", name="UBND xã Tân Lập", number="7001")
    (person,) = panel.get("/rooms/1001").json["participants"]
    assert (person["id"], person["name"], person["muted"]) == ("0a0b0c0d", "UBND xã Tân Lập", False)
    assert panel.get("/participants").json == [person]
    assert panel.send("PATCH", "/rooms/1001/participants/0a0b0c0d", {"muted": True}).status_code == 204
    assert panel.get("/rooms/1001/participants").json[0]["muted"] is True
    assert panel.send("PATCH", "/rooms/1001/participants", {"muted": False}).json == {"changed": ["0a0b0c0d"]}
    problem(panel.send("DELETE", "/rooms/1001"), 409, "conflict")
    assert panel.send("DELETE", "/rooms/1001/participants/0a0b0c0d").status_code == 204
    problem(panel.send("DELETE", "/rooms/1001/participants/0a0b0c0d"), 404, "participant_not_found")


def test_what_is_done_to_a_resource_is_an_act_as_any_other(panel: Panel, house: House) -> None:
    house.happens(house.switch.join, "0a0b0c0d", "1001", name="UBND xã Tân Lập")
    before = panel.get("/rooms/1001").json
    for path, change in (
        ("", {"locked": True}), ("", {"layout": "1+5"}), ("/participants", {"muted": True}),
        ("/participants/0a0b0c0d", {"muted": False}),
    ):  # fmt: skip
        assert panel.send("PATCH", f"/rooms/1001{path}", change).status_code in (200, 204)
    done = panel.get("/rooms/1001").json
    assert (done["locked"], done["layout"], done["direction"]["undo"]) == (True, "1+5", "mute")
    undone = [panel.send("POST", "/rooms/1001/acts", {"act": "undo"}).json["direction"]["undo"] for _ in range(4)]
    assert undone == ["mute_all", "layout", "lock", ""]
    after = panel.get("/rooms/1001").json
    for key in ("locked", "layout"):
        assert after[key] == before[key]
    assert panel.get("/participants").json[0]["muted"] is False
    assert panel.send("DELETE", "/rooms/1001/participants/0a0b0c0d").status_code == 204
    acts = [row["act"] for row in panel.get("/audit?room=1001").json["items"]]
    assert acts == ["drop", *["undo"] * 4, "mute", "mute_all", "layout", "lock"]


def test_state_and_layouts(panel: Panel, house: House) -> None:
    status = panel.get("/status").json
    assert (status["asterisk"]["connected"], status["mixer"]["connected"], status["rooms"]) == (True, False, 1)
    house.happens(house.switch.restart)
    codes = [notice["code"] for notice in panel.get("/status").json["notices"]]
    assert codes[-2:] == ["asterisk_away", "asterisk_back"]
    layouts = panel.get("/layouts").json
    assert layouts[0] == {"name": "auto", "tiles": []}
    assert all(len(layout["tiles"]) >= 1 for layout in layouts[1:])


def test_asterisk_down_is_told(panel: Panel, house: House, problem: Any) -> None:
    house.happens(house.switch.join, "0a0b0c0d", "1001", name="UBND xã Tân Lập")
    house.happens(house.switch.disconnect)
    problem(panel.send("PATCH", "/rooms/1001/participants/0a0b0c0d", {"muted": True}), 503, "asterisk_down")
    assert panel.get("/status").json["asterisk"]["connected"] is False


def test_an_outgoing_call_s_whole_life(panel: Panel, house: House, problem: Any) -> None:
    made = panel.send("POST", "/rooms/1001/calls", {"address": "h323:10.0.0.7", "name": "Xã Một", "tries": 2})
    assert (made.status_code, made.json["name"], made.json["state"]) == (201, "Xã Một", "dialling")
    problem(panel.send("POST", "/rooms/1001/calls", {"address": "h323:10.0.0.7"}), 409, "conflict")
    problem(panel.send("POST", "/rooms/1001/calls", {"terminal": "nobody"}), 404, "not_found")
    problem(panel.send("POST", "/rooms/4242/calls", {"address": "h323:10.0.0.7"}), 404, "room_not_found")
    assert panel.get("/calls").json == panel.get("/rooms/1001/calls").json == [made.json]
    problem(panel.send("POST", f"/calls/{made.json['id']}/again"), 409, "conflict")
    assert panel.send("DELETE", f"/calls/{made.json['id']}").status_code == 204
    problem(panel.send("DELETE", f"/calls/{made.json['id']}"), 404, "not_found")
    assert panel.get("/terminals").json == []


def test_a_gateway_that_is_not_there(panel: Panel, house: House, problem: Any) -> None:
    assert panel.get("/status").json["h323"] == {"enabled": True, "connected": False, "since": None}
    problem(panel.get("/h323/registered"), 503, "gateway_down")
    problem(panel.send("PUT", "/h323/calls/0011223344556677/trace", {"on": True}), 503, "gateway_down")
    assert "h323 down" in panel.client.get("/readyz").text

"""Outgoing calls over REST."""

from __future__ import annotations

import pytest

ELSEWHERE = {"address": "sip:hop@10.0.0.9"}


def test_a_known_terminal_is_called(panel, control):
    control.add_terminal("xa1", "UBND xã Tân Lập", address="10.0.0.7")
    assert [(t["name"], t["display"]) for t in panel.get("/terminals").json] == [("xa1", "UBND xã Tân Lập")]
    made = panel.send("POST", "/rooms/1001/calls", {"terminal": "xa1", "tries": 3})
    assert made.status_code == 201
    assert (made.json["name"], made.json["state"], made.json["room"]) == ("UBND xã Tân Lập", "dialling", "1001")
    assert control.calls[-1] == ("call.dial", {"room": "1001", "terminal": "xa1", "tries": 3})


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("sip:hop@10.0.0.9", "sip:hop@10.0.0.9"),
        (" H323:10.0.0.7 ", "h323:10.0.0.7"),
        ("h323:2001", "h323:2001"),
        ("h323:2001@10.0.0.7:1721", "h323:2001@10.0.0.7:1721"),
        ("sip:a@[::1]", "sip:a@[::1]"),
    ],
)
def test_an_address_is_called(panel, control, written, address):
    made = panel.send("POST", "/rooms/1001/calls", {"address": written, "name": "Điểm cầu lưu động"})
    assert (made.status_code, made.json["address"], made.json["name"]) == (201, address, "Điểm cầu lưu động")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"address": "10.0.0.7"}, "address"),
        ({"address": "tel:8"}, "address"),
        ({"address": "sip:a\r\nAction: Originate@h"}, "address"),
        ({"address": "sip:a;b@h"}, "address"),
        ({"address": "h323:" + "1" * 400}, "address"),
        ({"address": 7}, "address"),
        ({"terminal": "../x"}, "terminal"),
        ({"terminal": ""}, "terminal"),
        ({**ELSEWHERE, "name": "two\nlines"}, "name"),
        ({**ELSEWHERE, "tries": 21}, "tries"),
        ({**ELSEWHERE, "tries": -1}, "tries"),
        ({**ELSEWHERE, "tries": True}, "tries"),
        ({**ELSEWHERE, "tries": "1"}, "tries"),
        ({**ELSEWHERE, "room": "1002"}, "room"),
    ],
)
def test_wrong_calls_are_refused_by_field(panel, control, problem, body, field):
    refused = problem(panel.send("POST", "/rooms/1001/calls", body), 400, "bad_request")
    assert field in refused["errors"]
    assert not control.calls


def test_what_control_refuses_is_told(panel, problem):
    problem(panel.send("POST", "/rooms/1001/calls", {"terminal": "nobody"}), 404, "not_found")
    problem(panel.send("POST", "/rooms/4242/calls", ELSEWHERE), 404, "room_not_found")
    assert panel.send("POST", "/rooms/1001/calls", ELSEWHERE).status_code == 201
    problem(panel.send("POST", "/rooms/1001/calls", ELSEWHERE), 409, "conflict")


def test_calls_are_listed_called_again_and_ended(panel, control, problem):
    one = panel.send("POST", "/rooms/1001/calls", ELSEWHERE).json["id"]
    other = panel.send("POST", "/rooms/1002/calls", {"address": "h323:10.0.0.7"}).json["id"]
    assert [call["id"] for call in panel.get("/calls").json] == [one, other]
    assert [call["id"] for call in panel.get("/rooms/1002/calls").json] == [other]
    control.change_call(one, state="failed", reason="busy", cause=17)
    assert panel.get("/rooms/1001/calls").json[0]["reason"] == "busy"
    assert panel.send("POST", f"/calls/{one}/again").json["state"] == "dialling"
    assert panel.send("DELETE", f"/calls/{one}").status_code == 204
    problem(panel.send("DELETE", f"/calls/{one}"), 404, "not_found")
    problem(panel.send("POST", f"/calls/{one}/again"), 404, "not_found")


@pytest.mark.parametrize("call", ["zzzzzzzz", "1", "0" * 9, "0000000%0a"])
def test_addresses_of_no_call(panel, control, call):
    assert panel.send("DELETE", f"/calls/{call}").status_code == 404
    assert panel.send("POST", f"/calls/{call}/again").status_code == 404
    assert not control.calls


def test_viewers_look_on(panel, viewer, control, problem):
    call = panel.send("POST", "/rooms/1001/calls", ELSEWHERE).json["id"]
    problem(viewer.send("POST", "/rooms/1001/calls", {"address": "sip:b@h"}), 403, "not_permitted")
    problem(viewer.send("POST", f"/calls/{call}/again"), 403, "not_permitted")
    problem(viewer.send("DELETE", f"/calls/{call}"), 403, "not_permitted")
    assert [one["id"] for one in viewer.get("/calls").json] == [call]


def test_it_takes_a_log_in_and_the_csrf_header(stranger, panel, control, problem):
    panel.token = ""
    problem(panel.send("POST", "/rooms/1001/calls", ELSEWHERE), 403, "csrf_failed")
    panel.client.delete_cookie("mcu_session")
    for path in ("/calls", "/terminals", "/rooms/1001/calls", "/h323/calls", "/h323/registered"):
        problem(panel.get(path), 401, "unauthorized")
    assert not control.calls

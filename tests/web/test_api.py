from __future__ import annotations

import pytest

from mcu.errors import AsteriskDown, McuError, TimedOut


def test_status(panel, control):
    control.notice("mixer_restarted", "The mixer was restarted")
    body = panel.get("/status").json
    assert body["asterisk"]["connected"] is True
    assert body["mixer"]["connected"] is True
    assert body["notices"][0]["code"] == "mixer_restarted"


def test_layouts(panel):
    layouts = {layout["name"]: layout["tiles"] for layout in panel.get("/layouts").json}
    assert layouts["auto"] == []
    assert layouts["2x2"][3] == [0.5, 0.5, 0.5, 0.5]


def test_rooms_are_listed(panel, control):
    control.join("1002", "UBND xã Hương Sơn")
    assert [(room["number"], room["participants"]) for room in panel.get("/rooms").json] == [("1001", 0), ("1002", 1)]


def test_a_room_with_its_participants(panel, control):
    someone = control.join("1001", "UBND xã Tân Lập", "7001", picture="live", video=True)
    body = panel.get("/rooms/1001").json
    assert body["name"] == "Giao ban tuần"
    (person,) = body["participants"]
    assert (person["id"], person["name"], person["number"]) == (someone, "UBND xã Tân Lập", "7001")


def test_room_is_made(panel, control):
    response = panel.send("POST", "/rooms", {"number": "2000", "name": "Phòng mới", "layout": "2x2", "guests": False})
    assert response.status_code == 201
    assert response.json["layout"] == "2x2"
    assert control.rooms["2000"]["guests"] is False


def test_room_names_are_stored_composed(panel, control):
    panel.send("POST", "/rooms", {"number": "2000", "name": "  Ha\u0323p ha\u0300nh "})
    assert control.rooms["2000"]["name"] == "H\u1ea1p h\u00e0nh"


def test_a_long_name_is_measured_as_it_is_stored(panel, control):
    name = "Ha\u0323" * 32  # 96 characters as it comes, 64 composed
    assert panel.send("POST", "/rooms", {"number": "2000", "name": name}).status_code == 201
    assert control.rooms["2000"]["name"] == "H\u1ea1" * 32


def test_a_room_can_be_made_once(panel, problem):
    problem(panel.send("POST", "/rooms", {"number": "1001", "name": "Lại"}), 409, "room_exists")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"number": "10a", "name": "x"}, "number"),
        ({"number": "", "name": "x"}, "number"),
        ({"number": "1" * 17, "name": "x"}, "number"),
        ({"number": "١٢٣", "name": "x"}, "number"),
        ({"number": "12\n", "name": "x"}, "number"),
        ({"number": 2000, "name": "x"}, "number"),
        ({"name": "x"}, "number"),
        ({"number": "2000"}, "name"),
        ({"number": "2000", "name": "   "}, "name"),
        ({"number": "2000", "name": "two\nlines"}, "name"),
        ({"number": "2000", "name": "right\u202eleft"}, "name"),
        ({"number": "2000", "name": "n" * 65}, "name"),
        ({"number": "2000", "name": "x", "guests": "yes"}, "guests"),
        ({"number": "2000", "name": "x", "layout": "../etc"}, "layout"),
        ({"number": "2000", "name": "x", "colour": "red"}, "colour"),
    ],
)
def test_wrong_rooms_are_refused_by_field(panel, control, problem, body, field):
    refused = problem(panel.send("POST", "/rooms", body), 400, "bad_request")
    assert field in refused["errors"]
    assert set(control.rooms) == {"1001", "1002"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 10_000])
def test_bodies_that_are_no_object_are_refused(panel, body):
    headers = {"X-CSRFToken": panel.token, "Content-Type": "application/json"}
    response = panel.client.post("/api/v1/rooms", data=body, headers=headers)
    assert response.status_code == 400
    assert response.get_json(force=True)["error_id"] == "bad_request"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is empty: it must be a JSON object"),
        (b"{", "the body is not JSON: Expecting property name enclosed in double quotes, line 1, column 2"),
        (b'{"number": 1,\n x}', "line 2, column 2"),
        (b'"\xff"', "the body is not UTF-8: byte 2"),
    ],
)
def test_a_body_that_is_no_json_is_told_where(panel, problem, body, said):
    headers = {"X-CSRFToken": panel.token, "Content-Type": "application/json"}
    refused = problem(panel.client.post("/api/v1/rooms", data=body, headers=headers), 400, "bad_request")
    assert said in refused["detail"]


def test_an_endless_body_is_refused(panel, problem):
    headers = {"X-CSRFToken": panel.token, "Content-Type": "application/json"}
    response = panel.client.post("/api/v1/rooms", data=b"x" * 1_000_000, headers=headers)
    problem(response, 413, "request_entity_too_large")


@pytest.mark.parametrize(
    ("method", "path", "body", "largest"),
    [
        ("POST", "/sites/import", {"text": "x" * 6_200_000}, 6 << 20),
        ("PUT", "/rooms/1001/sites", {"sites": [100_000] * 9_999}, 256 << 10),
        ("POST", "/rooms", {"number": "2000", "name": "x" * 60_000}, 64 << 10),
    ],
)
def test_a_session_may_send_as_much_as_the_address_takes(panel, problem, method, path, body, largest):
    answer = panel.send(method, path, body)
    assert answer.status_code != 413  # what control makes of it is another matter
    answer = panel.send(method, path, {"x": "x" * largest})
    problem(answer, 413, "request_entity_too_large")


def test_strangers_are_not_listened_to_at_length(stranger, problem):
    problem(stranger.send("POST", "/sites/import", {"text": "x" * 6_000_000}), 401, "unauthorized")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/rooms"), ("GET", "/rooms/1001/still.jpg"), ("DELETE", "/rooms/1002")]
)
def test_queries_that_nobody_knows_are_refused(panel, control, problem, method, path):
    refused = problem(panel.send(method, f"{path}?limits=5&after=1"), 400, "bad_request")
    assert set(refused["errors"]) == {"limits", "after"}
    assert "1002" in control.rooms
    assert not control.calls


@pytest.mark.parametrize(
    ("change", "key", "value"),
    [
        ({"layout": "1+5"}, "layout", "1+5"),
        ({"locked": True}, "locked", True),
        ({"name": "Họp giao ban"}, "name", "Họp giao ban"),
        ({"guests": False}, "guests", False),
    ],
)
def test_room_is_changed(panel, control, change, key, value):
    assert panel.send("PATCH", "/rooms/1001", change).json[key] == value
    assert control.rooms["1001"][key] == value


def test_room_change_says_what_is_wrong(panel, problem):
    problem(panel.send("PATCH", "/rooms/1001", {}), 400, "bad_request")
    problem(panel.send("PATCH", "/rooms/1001", {"layout": "99x99"}), 400, "bad_request")
    problem(panel.send("PATCH", "/rooms/1001", {"locked": "yes"}), 400, "bad_request")
    problem(panel.send("PATCH", "/rooms/9999", {"locked": True}), 404, "room_not_found")


def test_a_room_asks_for_a_pin(panel, viewer, control, problem):
    made = panel.send("POST", "/rooms", {"number": "2000", "name": "Kín", "pin": "4711"})
    assert (made.json["asks_pin"], "4711" in made.text) == (True, False)
    assert panel.get("/rooms/2000/pin").json == {"pin": "4711"}
    problem(viewer.get("/rooms/2000/pin"), 403, "not_permitted")
    assert panel.send("PATCH", "/rooms/2000", {"pin": ""}).json["asks_pin"] is False
    for pin in ("471", "47a1", "1234567890123", " 4711"):
        problem(panel.send("PATCH", "/rooms/2000", {"pin": pin}), 400, "bad_request")
    problem(panel.get("/rooms/9999/pin"), 404, "room_not_found")


def test_a_room_is_changed_whole_or_not_at_all(panel, control, problem):
    before = dict(control.rooms["1001"])
    body = {"name": "Mới", "guests": False, "locked": True, "layout": "99x99"}  # only control knows there is none
    problem(panel.send("PATCH", "/rooms/1001", body), 400, "bad_request")
    assert control.rooms["1001"] == before


def test_room_is_deleted(panel, control, problem):
    assert panel.send("DELETE", "/rooms/1002").status_code == 204
    assert "1002" not in control.rooms
    problem(panel.send("DELETE", "/rooms/1002"), 404, "room_not_found")


def test_a_room_in_use_is_kept(panel, control, problem):
    control.join("1001", "UBND xã Tân Lập")
    problem(panel.send("DELETE", "/rooms/1001"), 409, "conflict")


@pytest.mark.parametrize("number", ["abc", "1" * 17, "%2e%2e", "1001%0a", "1001;drop", "-1"])
def test_addresses_of_no_room(panel, control, problem, number):
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"locked": True}),
        ("DELETE", "", None),
        ("GET", "/participants", None),
        ("PATCH", "/participants", {"muted": True}),
        ("GET", "/still.jpg", None),
    ):
        problem(panel.send(method, f"/rooms/{number}{path}", body), 404, "room_not_found")
    assert not control.calls  # control was never asked


def test_participants_of_a_room_and_of_all(panel, control):
    here, there = control.join("1001", "A"), control.join("1002", "B")
    assert [person["id"] for person in panel.get("/rooms/1001/participants").json] == [here]
    assert [person["id"] for person in panel.get("/participants").json] == [here, there]


def test_mute_and_unmute(panel, control):
    someone = control.join("1001", "A")
    for muted in (True, False):
        assert panel.send("PATCH", f"/rooms/1001/participants/{someone}", {"muted": muted}).status_code == 204
        assert control.people[someone]["muted"] is muted


def test_mute_all_and_take_it_back(panel, control):
    a, b, c = control.join("1001", "A"), control.join("1001", "B", muted=True), control.join("1002", "C")
    assert panel.send("PATCH", "/rooms/1001/participants", {"muted": True}).json == {"changed": [a]}
    assert [control.people[p]["muted"] for p in (a, b, c)] == [True, True, False]
    assert panel.send("PATCH", "/rooms/1001/participants", {"muted": False, "only": [a]}).json == {"changed": [a]}
    assert [control.people[p]["muted"] for p in (a, b, c)] == [False, True, False]


@pytest.mark.parametrize("only", [["00000001", "x"], ["00000001\n"], "00000001", [1]])
def test_wrong_ids_change_nobody(panel, control, problem, only):
    control.join("1001", "A")
    problem(panel.send("PATCH", "/rooms/1001/participants", {"muted": True, "only": only}), 400, "bad_request")
    assert not control.calls


def test_kick(panel, control, problem):
    someone = control.join("1001", "A")
    assert panel.send("DELETE", f"/rooms/1001/participants/{someone}").status_code == 204
    assert not control.people
    problem(panel.send("DELETE", f"/rooms/1001/participants/{someone}"), 404, "participant_not_found")


@pytest.mark.parametrize("participant", ["zzzzzzzz", "1", "0" * 9, "0000000%0a", "..%2f"])
def test_addresses_of_no_participant(panel, problem, participant):
    response = panel.send("DELETE", f"/rooms/1001/participants/{participant}")
    assert response.status_code == 404


def test_a_participant_of_another_room_is_not_touched(panel, control, problem):
    someone = control.join("1002", "A")
    path = f"/rooms/1001/participants/{someone}"
    problem(panel.send("PATCH", path, {"muted": True}), 404, "participant_not_found")
    problem(panel.send("PATCH", path, {"muted": "true"}), 400, "bad_request")
    assert not control.people[someone]["muted"]


def test_unsafe_methods_need_the_csrf_header(panel, control, problem):
    someone = control.join("1001", "A")
    panel.token = ""
    for method, path, body in (
        ("POST", "/rooms", {"number": "2000", "name": "x"}),
        ("PATCH", "/rooms/1001", {"locked": True}),
        ("DELETE", "/rooms/1002", None),
        ("PATCH", "/rooms/1001/participants", {"muted": True}),
        ("PATCH", f"/rooms/1001/participants/{someone}", {"muted": True}),
        ("DELETE", f"/rooms/1001/participants/{someone}", None),
    ):
        problem(panel.send(method, path, body), 403, "csrf_failed")
    assert not control.calls


def test_unknown_addresses_and_methods(panel, problem):
    problem(panel.get("/nothing"), 404, "not_found")
    response = panel.send("PUT", "/rooms/1001", {})
    problem(response, 405, "method_not_allowed")
    assert "PATCH" in response.headers["Allow"]


@pytest.mark.parametrize("fault", [AsteriskDown("away"), TimedOut("late"), McuError("odd")])
def test_what_control_says_reaches_the_client(panel, control, problem, fault):
    control.fault = fault
    body = problem(panel.get("/rooms"), fault.status, fault.error_id)
    assert body["detail"] == fault.detail


def test_a_bug_in_control_leaks_nothing(panel, control, problem):
    control.fault = RuntimeError("secret path /root")
    assert "secret" not in problem(panel.get("/rooms"), 500, "internal")["detail"]


def test_control_down_and_back(panel, control, problem):
    assert panel.get("/rooms").status_code == 200  # a link stands now
    control.stop()
    problem(panel.get("/rooms"), 503, "control_down")
    problem(panel.send("PATCH", "/rooms/1001", {"locked": True}), 503, "control_down")
    control.start()
    assert panel.get("/rooms").status_code == 200
    assert panel.send("PATCH", "/rooms/1001", {"locked": True}).status_code == 200


def test_reads_survive_a_restart_of_control_unnoticed(panel, control):
    assert panel.get("/rooms").status_code == 200
    control.stop()
    control.start()
    assert panel.get("/rooms").status_code == 200


def test_names_are_data_not_markup(panel, control):
    name = "</script><script>alert(1)</script>"
    control.join("1001", name)
    response = panel.get("/rooms/1001")
    assert response.json["participants"][0]["name"] == name
    assert response.content_type == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "alert(1)" not in panel.client.get("/rooms/1001").text

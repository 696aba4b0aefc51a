from __future__ import annotations

JPEG = b"\xff\xd8\xff\xe0 picture"


def test_the_picture_is_given_as_it_is(panel, control):
    control.stills["1001"] = JPEG
    response = panel.get("/rooms/1001/still.jpg?width=320")
    assert (response.status_code, response.mimetype, response.data) == (200, "image/jpeg", JPEG)
    assert control.calls[-1] == ("room.still", {"number": "1001", "width": 320})


def test_many_panels_cost_one_still(panel, control, monkeypatch):
    monkeypatch.setattr("mcu.web.stills._FRESH", 60)  # this test is not as quick everywhere
    control.stills["1001"] = JPEG
    for _ in range(10):
        assert panel.get("/rooms/1001/still.jpg").data == JPEG
    assert [name for name, _ in control.calls] == ["room.still"]


def test_an_unchanged_picture_is_not_sent_again(panel, control):
    control.stills["1001"] = JPEG
    tag = panel.get("/rooms/1001/still.jpg").headers["ETag"]
    response = panel.get("/rooms/1001/still.jpg", headers={"If-None-Match": tag})
    assert (response.status_code, response.data) == (304, b"")


def test_no_picture_is_a_problem_with_its_reason(panel, control, problem):
    problem(panel.get("/rooms/1001/still.jpg"), 404, "not_found")
    control.mixer_up = False
    problem(panel.get("/rooms/1002/still.jpg"), 503, "mixer_down")
    problem(panel.get("/rooms/9999/still.jpg"), 404, "room_not_found")


def test_rubbish_from_the_mixer_is_no_picture(panel, control, problem, monkeypatch):
    monkeypatch.setattr(control, "on_room_still", lambda number, width: {"jpeg": "!!!"})
    control.stop()
    control.start()
    problem(panel.get("/rooms/1001/still.jpg"), 503, "unavailable")


def test_widths_are_bounded(panel, control, problem):
    for width in ("0", "99999", "x", "-1"):
        problem(panel.get(f"/rooms/1001/still.jpg?width={width}"), 400, "bad_request")
    assert not control.calls

from __future__ import annotations


def test_alive_and_ready(stranger, control, problem):
    assert stranger.client.get("/healthz").text == "ok\n"
    assert stranger.client.get("/readyz").status_code == 200
    control.stop()
    assert stranger.client.get("/healthz").text == "ok\n"
    problem(stranger.client.get("/readyz"), 503, "control_down")
    control.start()
    assert stranger.client.get("/readyz").status_code == 200


def figures(stranger) -> dict[str, float]:
    lines = stranger.client.get("/metrics").text.splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#")}


def test_metrics(stranger, control):
    control.join("1001", "UBND xã Tân Lập")
    control.mixer_up = False
    found = figures(stranger)
    assert found["mcu_rooms"] == 2
    assert found["mcu_participants"] == 1
    assert found['mcu_part_up{part="control"}'] == 1
    assert found['mcu_part_up{part="mixer"}'] == 0
    assert found['mcu_part_up{part="h323"}'] == 1
    assert found["mcu_web_event_streams"] == 0
    control.gateway["connected"] = False
    assert figures(stranger)['mcu_part_up{part="h323"}'] == 0
    assert found['mcu_h323_calls_begun_total{direction="in"}'] == 7
    assert found["mcu_h323_connections_refused_total"] == 3
    control.stop()
    found = figures(stranger)
    assert found['mcu_part_up{part="control"}'] == 0
    assert "mcu_h323_calls" not in found, "of a gateway that nobody can ask"

"""The H.323 gateway over REST."""

from __future__ import annotations

from typing import Any

import pytest

TAG = "0011223344556677"
CALL: dict[str, Any] = {
    "tag": TAG, "sip_call_id": "x@127.0.0.1", "state": "up", "direction": "in", "number": "1001", "name": "Xã Một",
    "aliases": ["2001", "xa1"], "address": "10.0.0.7:1720", "vendor": "Polycom", "product": "HDX 8000",
    "version": "3.1.0", "since": 1_700_000_000.0, "tunnelling": True, "fast_start": False, "h239": True,
    "round_trip_ms": 23.4, "held": False, "bit_rate_limit": 0, "fast_updates": {"from_terminal": 2, "to_terminal": 1},
    "media": {
        "audio": {
            "to_terminal": {"codec": "g722", "fmtp": "", "bit_rate": 64000, "address": "10.0.0.7:5000"},
            "from_terminal": {"codec": "pcma", "fmtp": "", "bit_rate": 64000, "address": "10.0.0.1:10000"},
        },
        "video": {
            "to_terminal": {
                "codec": "h264", "fmtp": "profile-level-id=42e01f", "bit_rate": 1_024_000, "address": "10.0.0.7:5002",
            },
            "from_terminal": None,
        },
    },
    "trace": False,
}  # fmt: skip


@pytest.fixture
def h323(control):
    control.h323.append({**CALL})
    return control


def test_calls_and_one_of_them(panel, h323, problem):
    assert panel.get("/h323/calls").json == [CALL]
    assert panel.get(f"/h323/calls/{TAG}").json == CALL
    problem(panel.get("/h323/calls/ffff"), 404, "not_found")


def test_a_participant_carries_its_h323_call(panel, h323):
    h323.join("1001", "Xã Một", device="Polycom HDX 8000 3.1.0", h323=CALL)
    (person,) = panel.get("/participants").json
    assert (person["device"], person["h323"]["tag"]) == ("Polycom HDX 8000 3.1.0", TAG)


def test_what_is_registered(panel, viewer, control):
    (one,) = panel.get("/h323/registered").json["endpoints"]
    assert (one["terminal"], one["product"], one["aliases"]) == ("xa1", "HDX 8000", ["2001", "xa1"])
    assert viewer.get("/h323/registered").status_code == 200


def test_a_trace_is_switched_and_fetched(panel, h323):
    assert panel.send("PUT", f"/h323/calls/{TAG}/trace", {"on": True}).json["trace"] is True
    text = panel.get(f"/h323/calls/{TAG}/trace.txt")
    assert (text.text, text.mimetype) == ("0.000 <- setup\n", "text/plain")
    assert text.headers["Content-Disposition"] == f'attachment; filename="h323-{TAG}.txt"'
    assert text.headers["X-Content-Type-Options"] == "nosniff"
    packets = panel.get(f"/h323/calls/{TAG}/trace.pcap")
    assert (packets.data, packets.mimetype) == (b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap")
    assert panel.send("PUT", f"/h323/calls/{TAG}/trace", {"on": False}).json["trace"] is False


def test_traces_are_for_administrators(app, accounts, viewer, h323, problem):
    accounts.passwords["operator"] = "runs meetings"
    operator = type(viewer)(app.test_client())
    assert operator.log_in("operator", "runs meetings").status_code == 302
    h323.calls.clear()
    for who in (operator, viewer):
        problem(who.send("PUT", f"/h323/calls/{TAG}/trace", {"on": True}), 403, "not_permitted")
        problem(who.get(f"/h323/calls/{TAG}/trace.txt"), 403, "not_permitted")
        problem(who.get(f"/h323/calls/{TAG}/trace.pcap"), 403, "not_permitted")
    assert not h323.calls
    assert operator.get(f"/h323/calls/{TAG}").status_code == 200
    assert '<meta name="may-administer" content="no">' in operator.client.get("/").text


@pytest.mark.parametrize("body", [{}, {"on": "yes"}, {"on": None}, {"on": True, "address": "10.0.0.7"}])
def test_wrong_switches_are_refused(panel, h323, problem, body):
    problem(panel.send("PUT", f"/h323/calls/{TAG}/trace", body), 400, "bad_request")
    assert not h323.calls


@pytest.mark.parametrize("tag", ["a-b", "%0a", "x" * 65, "a;b", "%22x%22"])
def test_addresses_of_no_call(panel, h323, tag):
    for path in (f"/h323/calls/{tag}", f"/h323/calls/{tag}/trace.txt", f"/h323/calls/{tag}/trace.pcap"):
        assert panel.get(path).status_code == 404
    assert not h323.calls


def test_a_gateway_that_is_not_running_is_named(panel, h323, problem):
    h323.gateway_goes()
    for path in ("/h323/calls", f"/h323/calls/{TAG}", "/h323/registered"):
        problem(panel.get(path), 503, "gateway_down")
    assert panel.get("/status").json["h323"]["connected"] is False
    assert panel.client.get("/readyz").text == "ready\nasterisk up\nmixer up\nh323 down\n"
    h323.gateway["enabled"] = False
    assert "h323" not in panel.client.get("/readyz").text
    h323.gateway["enabled"] = True
    h323.gateway_comes()
    assert panel.get("/h323/registered").status_code == 200

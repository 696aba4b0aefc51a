"""Round trips, and a peer that is there no more (H.245 8.10)."""

from __future__ import annotations

import pytest

from mcu.h323.h245.events import Lost, RoundTrip
from mcu.h323.per import decode_h245
from tests.h323.h245.parties import Pair, losing, none, one, tell


def test_silence_is_asked_about() -> None:
    pair = Pair().started()
    pair.wait(45.0)
    assert "roundTripDelayRequest" in pair.said("a")
    assert {event.ms for event in pair.a_events if isinstance(event, RoundTrip)} == {0.0}


def test_round_trip_is_measured() -> None:
    pair = Pair().started()
    assert pair.a.tick(20.0) == []
    (request,) = [decode_h245(octets)[1] for octets in pair.a.take()]
    assert request[0] == "roundTripDelayRequest"
    sequence = request[1]["sequenceNumber"]
    assert tell(pair, "response", "roundTripDelayResponse", {"sequenceNumber": (sequence + 1) % 256}, 20.05)[0] == []
    (measured,) = tell(pair, "response", "roundTripDelayResponse", {"sequenceNumber": sequence}, 20.1)[0]
    assert isinstance(measured, RoundTrip)
    assert measured.ms == pytest.approx(100.0)
    assert tell(pair, "request", "roundTripDelayRequest", {"sequenceNumber": 200})[1] == [
        ("roundTripDelayResponse", {"sequenceNumber": 200})
    ]


def test_who_says_something_is_asked_once() -> None:
    pair = Pair().started()
    asked = []
    for at in range(1, 100, 2):
        tell(pair, "indication", "vendorIdentification", {"vendor": ("object", (1, 2, 3))}, float(at))
        assert pair.a.tick(float(at)) == []
        for octets in pair.a.take():
            asked.append(at)
            _, (name, body) = decode_h245(octets)
            assert name == "roundTripDelayRequest"
            tell(pair, "response", "roundTripDelayResponse", body, float(at))
    assert asked == [3], "it is known from the beginning whether its silence will mean anything"


def test_a_peer_that_dies_early_is_lost() -> None:
    pair = Pair().started()
    pair.wait(5.0)
    pair.drop = lambda sender, message: sender == "b"
    pair.wait(36.0)
    assert "round trip" in one(pair.a_events, Lost).reason


def test_a_peer_that_dies_is_lost() -> None:
    pair = Pair().started()
    pair.wait(45.0)  # it has answered
    pair.drop = lambda sender, message: sender == "b"
    pair.wait(25.0)
    assert none(pair.a_events, Lost)
    pair.wait(10.0)
    assert "round trip" in one(pair.a_events, Lost).reason


def test_a_peer_that_never_knew_round_trips_is_let_alone() -> None:
    pair = Pair().started()
    pair.drop = losing("roundTripDelayResponse")
    pair.wait(300.0)
    assert none(pair.a_events + pair.b_events, Lost)

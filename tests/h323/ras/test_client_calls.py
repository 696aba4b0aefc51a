"""Calls that an outside gatekeeper, which is ours here, allows, denies, changes and ends."""

from __future__ import annotations

import dataclasses

import pytest

from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import messages as ras
from mcu.h323.ras.events import Allowed, Denied, Dropped, Joined, Left, Limited, Reported
from mcu.h323.transport import transport
from tests.h323.ras.wire import CALL, GK, MCU, MEMBER, OTHER, admit, gatekeeper, wired


def test_a_call_is_allowed_and_ends() -> None:
    wire = wired()
    wire.start()
    seq = admit(wire, dialled=["2001"], callers=["1000", "Phòng họp"])
    (allowed,) = wire.fresh()
    assert allowed == Allowed(
        request=seq, call_id=CALL, target=Address("10.0.0.9", 1720), destination=(), tokens=(),
        bit_rate=1_920_000,
    )  # fmt: skip
    wire.client.calls.disengage(CALL, wire.at)
    wire.flow()
    assert wire.gatekeepers[GK].registry.calls == 0
    wire.client.calls.disengage(CALL, wire.at)
    assert wire.client.take() == []


def test_a_call_is_answered() -> None:
    wire = wired()
    wire.start()
    admit(
        wire, answering=True, dialled=["1000"], dialled_address=MEMBER.signalling, caller_address=Address("10.0.0.9", 1)
    )
    assert [type(event) for event in wire.fresh()] == [Allowed]
    arq = next(body for name, body in (m for _, m in wire.said) if name == "admissionRequest")
    assert ras.address_of(arq["srcCallSignalAddress"]) == Address("10.0.0.9", 1)
    assert arq["answerCall"] is True


def test_what_the_gatekeeper_adds_is_told_on() -> None:
    wire = wired()
    wire.start()
    wire.lost = lambda name, outwards: not outwards
    seq = admit(wire, dialled=["2001"])
    token = {"tokenOID": (1, 2, 3), "generalID": "x"}
    acf = {
        "requestSeqNum": seq, "bandWidth": 100, "callModel": ("gatekeeperRouted", 0), "irrFrequency": 20,
        "destCallSignalAddress": transport(GK), "destinationInfo": [ras.alias("84912345")], "tokens": [token],
        "willRespondToIRR": False, "uuiesRequested": ras.NO_UUIES,
    }  # fmt: skip
    (allowed,) = wire.client.feed(per.encode_ras(("admissionConfirm", acf)), GK, wire.at)
    assert allowed == Allowed(
        request=seq, call_id=CALL, target=GK, destination=("84912345",), tokens=(token,), bit_rate=10_000
    )
    wire.theirs.clear()
    wire.lost = lambda name, outwards: False
    wire.run(65)
    assert [event.calls for event in wire.theirs if isinstance(event, Reported)] == [(CALL,)] * 3


def test_a_call_is_denied() -> None:
    wire = wired(MCU, dataclasses.replace(OTHER, address=""))
    wire.start()
    seq = admit(wire, dialled=["2001"])
    assert wire.fresh() == [Denied(request=seq, call_id=CALL, reason="calledPartyNotRegistered")]
    assert len(wire.client.calls) == 0


def test_a_gatekeeper_that_forgot_us_says_so_at_a_call() -> None:
    wire = wired()
    wire.start()
    wire.gatekeepers[GK] = gatekeeper(MCU, OTHER)
    admit(wire, dialled=["2001"])
    events = wire.fresh()
    assert [type(event) for event in events] == [Denied, Left, Joined] or [type(e) for e in events] == [
        Left,
        Denied,
        Joined,
    ]
    admit(wire, dialled=["2001"])
    assert [type(event) for event in wire.fresh()] == [Allowed]


def test_a_call_that_nobody_answers_for_is_denied() -> None:
    wire = wired()
    wire.start()
    wire.lost = lambda name, outwards: True
    seq = admit(wire, dialled=["2001"])
    assert Denied(request=seq, call_id=CALL, reason="no answer") in wire.run(16)
    assert wire.names(">").count("admissionRequest") == 3
    assert wire.names(">")[-1] == "registrationRequest"  # is it there at all?


def test_calls_that_wait_when_it_goes_are_denied() -> None:
    wire = wired()
    wire.start()
    wire.lost = lambda name, outwards: name == "admissionRequest"
    seq = admit(wire, dialled=["2001"])
    wire.gatekeepers[GK].stop(wire.at)
    wire.flow()
    assert Denied(request=seq, call_id=CALL, reason="no gatekeeper") in wire.fresh()


def test_it_asks_for_time() -> None:
    wire = wired()
    wire.start()
    wire.lost = lambda name, outwards: True
    seq = admit(wire, dialled=["2001"])
    rip = per.encode_ras(("requestInProgress", {"requestSeqNum": seq, "delay": 60_000}))
    for _ in range(3):
        assert wire.client.feed(rip, GK, wire.at) == []
        assert wire.run(50) == []
    assert wire.names(">").count("admissionRequest") == 1
    for _ in range(20):  # but not for ever
        wire.client.feed(rip, GK, wire.at)
        wire.run(50)
    assert wire.names(">").count("admissionRequest") == 3


def test_bandwidth() -> None:
    wire = wired(gk=gatekeeper(MCU, OTHER, kbit=1024))
    wire.start()
    admit(wire, dialled=["2001"])
    assert [e.bit_rate for e in wire.fresh() if isinstance(e, Allowed)] == [1_024_000]
    wire.client.calls.bandwidth(CALL, 512_000, wire.at)
    wire.flow()
    assert wire.fresh() == [Limited(call_id=CALL, bit_rate=512_000)]
    wire.client.calls.bandwidth(CALL, 2_000_000, wire.at)
    wire.flow()
    assert wire.fresh() == [Limited(call_id=CALL, bit_rate=1_024_000)]
    brq = {
        "requestSeqNum": 99, "endpointIdentifier": wire.client.link.endpoint, "conferenceID": CALL,
        "callReferenceValue": 7, "bandWidth": 3840, "callIdentifier": {"guid": CALL}, "answeredCall": False,
    }  # fmt: skip
    assert wire.client.feed(per.encode_ras(("bandwidthRequest", brq)), GK, 1) == [
        Limited(call_id=CALL, bit_rate=384_000)
    ]
    assert wire.client.feed(per.encode_ras(("bandwidthRequest", brq)), GK, 2) == []  # again, for its answer was lost
    answers = [per.decode_ras(octets) for octets, _ in wire.client.take()]
    assert answers == [("bandwidthConfirm", {"requestSeqNum": 99, "bandWidth": 3840})] * 2


def test_the_gatekeeper_ends_a_call_and_asks_about_others() -> None:
    wire = wired()
    wire.start()
    second = bytes(16 * [9])
    admit(wire, dialled=["2001"])
    admit(wire, dialled=["2001"], call=second)
    wire.fresh()
    gk = wire.gatekeepers[GK]
    gk.ask(wire.client.link.endpoint, wire.at)
    wire.flow()
    assert wire.theirs[-1] == Reported(endpoint=wire.client.link.endpoint, calls=(CALL, second))
    gk.drop(wire.client.link.endpoint, CALL, wire.at)
    wire.flow()
    assert wire.fresh() == [Dropped(call_id=CALL)]
    assert len(wire.client.calls) == 1
    assert gk.due() is not None
    everything = {
        "requestSeqNum": 99, "endpointIdentifier": wire.client.link.endpoint, "conferenceID": bytes(16),
        "callReferenceValue": 0, "disengageReason": ("forcedDrop", 0), "callIdentifier": {"guid": bytes(16)},
        "answeredCall": False,
    }  # fmt: skip
    assert wire.client.feed(per.encode_ras(("disengageRequest", everything)), GK, 1) == [Dropped(call_id=b"")]


@pytest.mark.parametrize("length", [0, 15, 17])
def test_wrong_use_of_ours_raises(length: int) -> None:
    wire = wired()
    wire.start()
    with pytest.raises(ValueError, match="16 octets"):
        admit(wire, call=bytes(length))

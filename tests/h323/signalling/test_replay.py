"""Each captured call once more, with one of its sides played by ours: it must send what the real program sent."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.h323 import tpkt
from mcu.h323.per import decode_h225
from mcu.h323.q931 import Ie, Kind, Message, decode, elements
from mcu.h323.signalling import (
    CallSignalling,
    Connected,
    Endpoint,
    Event,
    FastStartAccepted,
    FastStartRefused,
    H245Address,
    H245Received,
    Proceeding,
    Released,
    SetupReceived,
    Target,
    TunnellingRefused,
)
from mcu.h323.signalling import addresses as h225

from .captures import CALLS, KINDS, REFERENCE, Captured
from .pair import BOB


def sent(call: CallSignalling) -> list[tuple[Message, dict[str, Any]]]:
    """What our side wants to be written, taken apart."""
    found = []
    for packet in tpkt.Deframer().feed(call.take()):
        message = decode(packet)
        octets = elements.read_user_user(message.get(Ie.USER_USER))
        assert octets is not None
        found.append((message, decode_h225(octets)["h323-uu-pdu"]))
    return found


def act(call: CallSignalling, real: Captured) -> bool:
    """Has our side do what the real one did; False if nothing of ours sends such a message."""
    body = real.body if isinstance(real.body, dict) else {}
    address = h225.read_transport(body.get("h245Address"))
    fast = body.get("fastStart", [])
    for message in real.pdu.get("h245Control", []):
        if not call.over:
            call.send_h245(message)
    match real.name:
        case "callProceeding":
            call.proceed(address, fast)
        case "connect":
            call.connect(address, fast)
        case "releaseComplete":
            call.release(16)
        case "facility" if address:
            call.offer_h245(address)
        case "information":
            return False
        case "empty" if "h245Control" not in real.pdu:
            return False
    return True


def same(ours: tuple[Message, dict[str, Any]], real: Captured, h245: bool = True) -> None:
    message, pdu = ours
    assert message.kind == KINDS[real.name]
    if h245:
        assert pdu.get("h245Control") == real.pdu.get("h245Control")
    assert pdu["h245Tunnelling"] == real.pdu["h245Tunnelling"]
    name, body = pdu["h323-message-body"]
    if name == "empty":
        return
    assert name == real.name
    assert body["callIdentifier"] == real.body["callIdentifier"]
    for field in ("h245Address", "fastStart", "conferenceID", "reason"):
        if name != "releaseComplete":
            assert body.get(field) == real.body.get(field), field


def expected(real: Captured, offered: bool) -> list[type[Event]]:
    """What a message of the callee must tell the caller."""
    body = real.body if isinstance(real.body, dict) else {}
    states: dict[str, type[Event]] = {"callProceeding": Proceeding, "connect": Connected}
    found = [states[real.name]] if real.name in states else []
    if real.name in ("callProceeding", "connect") and "h245Address" in body:
        found = [*found, H245Address]
    if offered and "fastStart" in body:
        found = [*found, FastStartAccepted]
    return found + [H245Received] * len(real.pdu.get("h245Control", []))


@pytest.mark.parametrize("name", sorted(CALLS))
def test_we_answer(name: str) -> None:
    messages = CALLS[name]
    setup = messages[0]
    call = CallSignalling.answering(
        Endpoint(address=BOB.address, tunnelling=any(m.pdu["h245Tunnelling"] for m in messages if not m.from_caller)), 0
    )
    for number, real in enumerate(messages):
        if not real.from_caller:
            if call.over and real.name == "releaseComplete":
                continue  # ours has answered by itself
            if act(call, real):
                (ours,) = sent(call)
                same(ours, real)
                assert ours[0].reference == REFERENCE
                assert ours[0].to_originator
            continue
        events = call.feed(real.packet(), float(number))
        if real is setup:
            received, *inside = events
            assert isinstance(received, SetupReceived)
            assert received.fast_start == tuple(real.body.get("fastStart", []))
            assert inside == [H245Received(message) for message in real.body.get("parallelH245Control", [])]
            assert received.peer.vendor in ("H323Plus", "Objective Systems", "OPAL", "OpenH323")
            assert received.peer.product
            assert received.peer.kind == "terminal"
            assert received.peer.aliases == tuple(text for _, text in real.body.get("sourceAddress", []))
            assert received.want == "create"
            assert call.call_id == real.body["callIdentifier"]["guid"]
            continue
        tunnelled = [event.message for event in events if isinstance(event, H245Received)]
        assert tunnelled == real.pdu.get("h245Control", [])
        if real.name == "facility" and "h245Address" in real.body:
            assert [type(event) for event in events] == [H245Address]
        if real.name == "releaseComplete":
            assert isinstance(events[-1], Released)
            assert call.over
            assert [message.kind for message, _ in sent(call)] == [Kind.RELEASE_COMPLETE]
    assert call.over
    assert call.garbled == 0


@pytest.mark.parametrize("name", sorted(CALLS))
def test_we_call(name: str) -> None:
    messages = CALLS[name]
    setup = messages[0]
    body = setup.body
    called = [value for _, value in body.get("destinationAddress", [])]
    address = h225.read_transport(body["destCallSignalAddress"])
    assert address is not None
    offered = bool(body.get("fastStart"))
    call = CallSignalling.calling(
        Endpoint(address=address, name="alice", tunnelling=setup.pdu["h245Tunnelling"]),
        Target(
            address=address,
            call_id=body["callIdentifier"]["guid"],
            conference_id=body["conferenceID"],
            alias=called[0] if called else "",
            source=tuple(value for _, value in body.get("sourceAddress", [])),
            endpoint_identifier=body.get("endpointIdentifier", ""),
        ),
        0,
        fast_start=body.get("fastStart", []),
        parallel=body.get("parallelH245Control", []),
    )
    ((message, pdu),) = sent(call)
    assert message.kind == Kind.SETUP
    assert not message.to_originator
    ours = pdu["h323-message-body"][1]
    told: tuple[str, ...] = (
        "destinationAddress",
        "fastStart",
        "parallelH245Control",
        "conferenceID",
        "callIdentifier",
        "callType",
    )
    told += ("destCallSignalAddress", "conferenceGoal", "endpointIdentifier", "activeMC", "mediaWaitForConnect")
    for field in told:
        assert ours.get(field) == body.get(field), field
    if "sourceAddress" in body:
        assert ours["sourceAddress"] == body["sourceAddress"]

    for number, real in enumerate(messages[1:], 1):
        if real.from_caller:
            if call.over and real.name == "releaseComplete":
                continue
            if act(call, real):
                (again,) = sent(call)
                same(again, real)
                assert again[0].reference == message.reference
                assert not again[0].to_originator
            continue
        if call.over:
            assert real.name == "releaseComplete"  # the answer to ours
            assert call.feed(real.packet(message.reference), float(number)) == []
            continue
        events = call.feed(real.packet(message.reference), float(number))
        kinds = [type(event) for event in events if not isinstance(event, TunnellingRefused | FastStartRefused)]
        if real.name == "releaseComplete":
            assert kinds[-1] == Released
            sent(call)
            continue
        assert sorted(kinds, key=str) == sorted(expected(real, offered), key=str)
        if FastStartAccepted in kinds:
            offered = False
        assert call.tunnelling is (real.pdu["h245Tunnelling"] and setup.pdu["h245Tunnelling"])
    assert call.over
    assert call.garbled == 0

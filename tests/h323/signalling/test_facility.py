"""Facility and tunnelling: forwarding, keep-alives, H.245 in the tunnel and out of it."""

from __future__ import annotations

import dataclasses

import pytest

from mcu.h323.q931 import Kind, elements
from mcu.h323.signalling import (
    Alerting,
    CallSignalling,
    Connected,
    Event,
    FastStartRefused,
    Forwarded,
    H245Address,
    H245Received,
    Keypad,
    Proceeding,
    SetupReceived,
    TunnellingRefused,
    bodies,
)

from .pair import ALICE, BOB, Pair
from .wire import OURS, THERE, answer, facility, packet, sent

POLYCOM = {"t35CountryCode": 181, "t35Extension": 0, "manufacturerCode": 0x2331}


# --- Facility


@pytest.mark.parametrize("reason", ["callForwarded", "routeCallToGatekeeper", "routeCallToMC"])
def test_forwarding(reason: str) -> None:
    pair = Pair()
    pair.settle()
    body = facility(
        reason,
        alternativeAddress=("ipAddress", {"ip": b"\xc0\0\2\x09", "port": 2000}),
        alternativeAliasAddress=[("dialledDigits", "2002"), ("h323-ID", "reception")],
        conferenceID=bytes(16),
    )
    events = pair.caller.feed(packet(Kind.FACILITY, body, to_originator=True), 101)
    assert events == [Forwarded(THERE, ("2002", "reception"), reason, bytes(16))]
    assert not pair.caller.over


@pytest.mark.parametrize("aliases", [(), ("1001",), ("phòng họp", "1001")])
def test_a_caller_is_told_to_call_the_gatekeeper(aliases: tuple[str, ...]) -> None:
    for pair in (Pair(), Pair().connected()):
        pair.settle()
        pair.callee.redirect(THERE, aliases)
        caller, _ = pair.settle()
        assert caller == [Forwarded(THERE, aliases, "routeCallToGatekeeper")]
        pair.caller.release(16, "facilityCallDeflection")
        pair.settle()
        pair.callee.redirect(THERE)
        assert not sent(pair.callee), "it is over"


@pytest.mark.parametrize("reason", ["undefinedReason", "newTokens", "noH245", "featureSetUpdate", "forwardedElements"])
def test_keep_alives_and_other_facilities_are_harmless(reason: str) -> None:
    pair = Pair().connected()
    assert pair.callee.feed(packet(Kind.FACILITY, facility(reason)) + packet(Kind.FACILITY), 101) == []
    assert sent(pair.callee) == []
    assert pair.callee.tunnelling


def test_a_forward_to_nowhere_is_none() -> None:
    pair = Pair()
    pair.settle()
    assert pair.caller.feed(packet(Kind.FACILITY, facility("callForwarded"), to_originator=True), 101) == []


# --- tunnelling


@pytest.mark.parametrize("tunnelling", [True, False])
def test_h245_inside_setup(tunnelling: bool) -> None:
    pair = Pair(
        callee=dataclasses.replace(BOB, tunnelling=tunnelling), fast_start=(b"offer",), parallel=(b"tcs", b"msd")
    )
    _, (setup, *inside) = pair.settle()
    assert isinstance(setup, SetupReceived)
    assert setup.fast_start == (b"offer",)
    assert inside == ([H245Received(b"tcs"), H245Received(b"msd")] if tunnelling else [])


def test_a_gatekeepers_own_answer_refuses_nothing() -> None:
    pair = Pair()
    pair.settle()
    pair.caller.send_h245(b"early")
    assert pair.caller.feed(answer("callProceeding", False), 101) == [Proceeding()]
    provisional = answer("alerting", False, provisionalRespToH245Tunnelling=0)
    assert pair.caller.feed(provisional, 101) == [Alerting()]
    connected, heard = pair.caller.feed(answer("connect", True, h245Control=[b"mes"]), 101)
    assert isinstance(connected, Connected)
    assert heard == H245Received(b"mes")
    assert pair.settle()[1] == [H245Received(b"early")]


def test_what_the_peer_told_is_remembered() -> None:
    pair = Pair()
    pair.settle()
    told = {"destinationInfo": {**bodies.endpoint_type(BOB), "vendor": {"vendor": POLYCOM, "productId": b"HDX 7000"}}}
    pair.caller.feed(
        answer("alerting", True, **told, alertingAddress=[("h323-ID", "Board"), ("dialledDigits", "7")]), 101
    )
    (connected,) = pair.caller.feed(
        packet(Kind.CONNECT, None, elements.display("Board room"), to_originator=True), 102
    )[:1]
    assert isinstance(connected, Connected)
    peer = connected.peer
    assert (peer.vendor, peer.product, peer.kind, peer.protocol) == ("Polycom", "HDX 7000", "mcu", 7)
    assert (peer.name, peer.number, peer.aliases) == ("Board room", "7", ("Board", "7"))


def test_an_address_with_a_refusal_counts_at_once() -> None:
    pair = Pair()
    pair.settle()
    where = ("ipAddress", {"ip": b"\xc0\0\2\x09", "port": 2000})
    events = pair.caller.feed(answer("callProceeding", False, h245Address=where), 101)
    assert events == [Proceeding(), TunnellingRefused(), H245Address(THERE)]
    with pytest.raises(ValueError, match="no tunnelling"):
        pair.caller.send_h245(b"late")


def test_a_connect_without_contents_leaves_a_separate_connection() -> None:
    pair = Pair(fast_start=(b"x",))
    pair.settle()
    events: list[Event] = pair.caller.feed(packet(Kind.CONNECT, to_originator=True), 101)
    assert [type(event) for event in events] == [Connected, TunnellingRefused, FastStartRefused]
    pair.caller.offer_h245(ALICE.address)
    assert H245Address(ALICE.address) in pair.settle()[1]


def test_messages_on_their_way_during_the_change_are_not_lost() -> None:
    pair = Pair().connected()
    pair.caller.send_h245(b"crossing")
    crossing = pair.caller.take()
    pair.callee.offer_h245(BOB.address)
    assert pair.callee.feed(crossing, 101) == [H245Received(b"crossing")]
    assert pair.settle()[0] == [H245Address(BOB.address)]


def test_what_is_on_its_way_when_the_caller_takes_its_offer_back_is_taken() -> None:
    pair = Pair()
    pair.callee.feed(pair.caller.take(), 100)
    pair.callee.send_h245(b"crossing")
    crossing = pair.callee.take()
    pair.caller.offer_h245(ALICE.address)
    assert pair.caller.feed(crossing, 101) == [H245Received(b"crossing")]
    assert not pair.caller.tunnelling, "there is no way back (H.323 8.2.3)"
    assert not pair.caller.garbled
    assert pair.settle()[1] == [H245Address(ALICE.address)]


def test_h245_in_the_first_message_agrees_whatever_message_it_is() -> None:
    pair = Pair()
    pair.callee.feed(pair.caller.take(), 100)
    pair.callee.send_h245(b"tcs")
    pair.callee.keypad("1")
    assert pair.settle()[0] == [Keypad("1"), H245Received(b"tcs")]
    assert pair.caller.tunnelling
    assert not pair.caller.garbled


def test_h245_along_with_the_address_of_a_separate_connection_is_taken() -> None:
    pair = Pair()
    pair.settle()
    where = ("ipAddress", {"ip": b"\xc0\0\2\x09", "port": 2000})
    start = facility("startH245", h245Address=where)
    events = pair.caller.feed(packet(Kind.FACILITY, start, to_originator=True, h245Control=[b"tcs"]), 101)
    assert events == [TunnellingRefused(), H245Address(THERE), H245Received(b"tcs")]
    assert not pair.caller.garbled


def test_h245_after_a_refusal_is_none() -> None:
    pair = Pair()
    pair.settle()
    pair.caller.feed(answer("connect", False), 101)
    assert pair.caller.feed(packet(Kind.FACILITY, ("empty", 0), to_originator=True, h245Control=[b"x"]), 101) == []
    assert pair.caller.garbled == 1


def test_a_peer_that_never_agreed_does_not_tunnel() -> None:
    pair = Pair()
    refusing = CallSignalling.answering(dataclasses.replace(BOB, tunnelling=False), 100)
    (setup,) = refusing.feed(pair.caller.take(), 100)
    assert isinstance(setup, SetupReceived)
    refusing.connect()
    refusing.take()
    assert refusing.feed(packet(Kind.FACILITY, ("empty", 0), h245Control=[b"x"]), 101) == []
    assert refusing.garbled == 1


def test_h245_does_not_ride_in_the_answer_to_a_stray() -> None:
    pair = Pair().connected()
    pair.callee.send_h245(b"mes")
    pair.callee.feed(packet(Kind.FACILITY, reference=999), 101)
    assert [(message.kind, message.reference) for message in sent(pair.callee)] == [
        (Kind.RELEASE_COMPLETE, 999),
        (Kind.FACILITY, OURS),
    ]


def test_much_h245_is_spread_over_messages() -> None:
    pair = Pair().connected()
    messages = [bytes((n,)) * 1500 for n in range(9)]
    for message in messages:
        pair.caller.send_h245(message)
    pair.caller.keypad("1")
    assert pair.settle()[1] == [*(H245Received(m) for m in messages[:6]), Keypad("1")] + [
        H245Received(m) for m in messages[6:]
    ]

"""The rules for what is odd: call references, Status, time-outs, and how a call ends."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.h323 import tpkt
from mcu.h323.per import decode_h225
from mcu.h323.q931 import CallState, Element, Ie, Kind, Message, elements, encode
from mcu.h323.signalling import (
    CallSignalling,
    H245Address,
    H245Received,
    Lost,
    ProgressReceived,
    Released,
    bodies,
)

from .pair import ALICE, BOB, CALL_ID, Pair, target
from .wire import OURS, THERE, causes_sent, facility, packet, sent

# --- call references


def test_huawei_opens_h245_with_the_global_reference() -> None:
    pair = Pair().connected()
    body = facility("startH245", h245Address=("ipAddress", {"ip": b"\xc0\0\2\x09", "port": 2000}))
    assert pair.callee.feed(packet(Kind.FACILITY, body, reference=0), 101) == [H245Address(THERE)]
    assert not pair.callee.tunnelling
    assert sent(pair.callee) == []


def test_a_global_message_for_another_call_is_none_of_ours() -> None:
    pair = Pair().connected()
    body = facility("startH245", bytes(range(50, 66)), h245Address=("ipAddress", {"ip": b"\xc0\0\2\x09", "port": 2000}))
    assert pair.callee.feed(packet(Kind.FACILITY, body, reference=0), 101) == []
    assert causes_sent(pair.callee) == [(Kind.STATUS, 81)]


@pytest.mark.parametrize("kind", [Kind.CONNECT, Kind.FACILITY, Kind.ALERTING, Kind.INFORMATION, 0x33])
@pytest.mark.parametrize("early", [True, False])
def test_a_wrong_reference_is_released(kind: int, early: bool) -> None:
    call = CallSignalling.answering(BOB, 0) if early else Pair().connected().callee
    assert call.feed(packet(kind, reference=999), 101) == []
    (message,) = sent(call)
    assert (message.kind, message.reference, message.to_originator) == (Kind.RELEASE_COMPLETE, 999, True)
    assert elements.read_cause(message.get(Ie.CAUSE)) == 81
    assert not call.over


@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.RELEASE_COMPLETE, Kind.NOTIFY])
def test_what_needs_no_answer_gets_none(kind: int) -> None:
    pair = Pair().connected()
    assert pair.callee.feed(packet(kind, reference=999), 101) == []
    assert sent(pair.callee) == []
    assert not pair.callee.over


def test_a_second_call_on_the_connection_needs_its_own() -> None:
    pair = Pair().connected()
    pair.callee.feed(packet(Kind.SETUP, reference=7), 101)
    (message,) = sent(pair.callee)
    octets = elements.read_user_user(message.get(Ie.USER_USER))
    assert octets is not None
    body = decode_h225(octets)["h323-uu-pdu"]["h323-message-body"]
    assert (message.kind, message.reference, body[1]["reason"][0]) == (Kind.RELEASE_COMPLETE, 7, "newConnectionNeeded")
    assert not pair.callee.over


def test_a_repeated_setup_changes_nothing() -> None:
    call = CallSignalling.answering(BOB, 0)
    setup = CallSignalling.calling(ALICE, target(), 0).take()
    assert len(call.feed(setup, 1)) == 1
    assert call.feed(setup, 2) == []
    assert sent(call) == []
    assert call.state == CallState.CALL_PRESENT


@pytest.mark.parametrize(("user", "cause"), [(None, 96), (b"\x05\xff\xff\xff", 100)])
def test_a_setup_that_says_nothing_is_released(user: bytes | None, cause: int) -> None:
    call = CallSignalling.answering(BOB, 0)
    ies = (Element(Ie.USER_USER, user),) if user else ()
    assert call.feed(tpkt.frame(encode(Message(Kind.SETUP, 5, False, ies))), 1) == []
    assert causes_sent(call) == [(Kind.RELEASE_COMPLETE, cause)]


def test_a_setup_that_is_no_call_is_refused() -> None:
    call = CallSignalling.answering(BOB, 0)
    body = bodies.setup(ALICE, target(), None, (), ())[1]
    body |= {"conferenceGoal": ("callIndependentSupplementaryService", 0)}
    assert call.feed(packet(Kind.SETUP, ("setup", body)), 1) == []
    assert causes_sent(call) == [(Kind.RELEASE_COMPLETE, 79)]
    assert call.state == CallState.NULL


# --- Status


def test_status_inquiry_is_answered_with_our_state() -> None:
    pair = Pair().connected()
    assert pair.callee.feed(packet(Kind.STATUS_INQUIRY, ("statusInquiry", bodies.plain(7, CALL_ID))), 101) == []
    (status,) = sent(pair.callee)
    assert status.kind == Kind.STATUS
    assert elements.read_cause(status.get(Ie.CAUSE)) == 30
    assert status.get(Ie.CALL_STATE) == bytes((CallState.ACTIVE,))
    pair.callee.feed(packet(Kind.STATUS_INQUIRY, reference=999), 102)
    (status,) = sent(pair.callee)
    assert status.get(Ie.CALL_STATE) == bytes((CallState.NULL,))


def test_a_flood_of_status_and_notify_is_harmless() -> None:
    pair = Pair().connected()
    notify = packet(Kind.NOTIFY, ("notify", bodies.plain(7, CALL_ID)))
    status = packet(Kind.STATUS, ("status", bodies.plain(7, CALL_ID)), elements.cause(97), elements.call_state(10))
    assert pair.callee.feed((notify + status) * 500, 101) == []
    assert sent(pair.callee) == []
    assert pair.callee.garbled == 0
    assert not pair.callee.over


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (packet(0x33), 97),
        (packet(Kind.CONNECT), 101),
        (packet(Kind.ALERTING), 101),
        (packet(Kind.FACILITY, ("empty", 0), Element(0x02, b"x")), 99),
        (tpkt.frame(encode(Message(Kind.FACILITY, OURS, False, (Element(Ie.USER_USER, b"\5\xff\xff"),)))), 100),
        (tpkt.frame(encode(Message(Kind.FACILITY, OURS, False)) + b"\x28\x09a"), 100),
    ],
)
def test_what_is_not_understood_is_told(message: bytes, cause: int) -> None:
    pair = Pair().connected()
    pair.callee.feed(message, 101)
    assert causes_sent(pair.callee) == [(Kind.STATUS, cause)]
    assert pair.callee.state == CallState.ACTIVE


def test_an_element_that_we_should_know_spoils_nothing() -> None:
    pair = Pair().connected()
    message = packet(Kind.FACILITY, ("empty", 0), Element(0x02, b"x"), h245Control=[b"mes"])
    assert pair.callee.feed(message, 101) == [H245Received(b"mes")]


# --- time-outs


def test_repetitions_give_no_more_time() -> None:
    pair = Pair()
    pair.settle()
    pair.callee.alert()
    alerting = pair.callee.take()
    pair.caller.feed(alerting, 110)
    assert pair.caller.feed(alerting, 200) == []
    assert pair.caller.due() == 290
    progress = packet(Kind.PROGRESS, None, elements.progress(), to_originator=True)
    assert pair.caller.feed(progress, 250) == [ProgressReceived(True)]
    assert pair.caller.due() == 290

    pair = Pair()
    pair.settle()
    for at in (105, 200, 250):
        assert pair.caller.feed(packet(Kind.PROGRESS, to_originator=True), at) == [ProgressReceived(False)]
    assert pair.caller.due() == 285


def test_nobody_calls() -> None:
    call = CallSignalling.answering(BOB, 100.0)
    assert call.due() == 110.0
    assert call.tick(109.9) == []
    assert call.tick(110.0) == [Lost("nobody called in time")]
    assert call.over
    assert call.due() is None
    assert call.take() == b""
    assert call.feed(b"anything", 111) == []


@pytest.mark.parametrize(
    ("state", "limit", "cause"), [("silent", 10, 18), ("proceeding", 60, 102), ("alerting", 180, 19)]
)
def test_a_callee_that_falls_silent(state: str, limit: float, cause: int) -> None:
    pair = Pair()
    pair.settle()
    if state != "silent":
        pair.callee.proceed()
    if state == "alerting":
        pair.callee.alert()
    pair.settle()
    assert pair.caller.due() == pair.at + limit
    (released,) = pair.caller.tick(pair.at + limit)
    assert isinstance(released, Released)
    assert (released.cause, released.by_peer) == (cause, False)
    assert causes_sent(pair.caller) == [(Kind.RELEASE_COMPLETE, cause)]


@pytest.mark.parametrize(("state", "limit"), [("present", 10), ("proceeding", 180), ("alerting", 180)])
def test_our_own_side_falls_silent(state: str, limit: float) -> None:
    pair = Pair()
    pair.settle()
    if state != "present":
        pair.callee.proceed()
    if state == "alerting":
        pair.callee.alert()
    assert pair.callee.due() == pair.at + limit
    assert isinstance(pair.callee.tick(pair.at + limit)[0], Released)
    assert pair.callee.over


def test_progress_and_setup_acknowledge_give_time() -> None:
    pair = Pair()
    pair.settle()
    pair.caller.feed(packet(Kind.SETUP_ACK, to_originator=True), 105)
    assert pair.caller.due() == 135
    pair.callee.progress()
    pair.at = 106
    pair.settle()
    assert pair.caller.due() == 286
    pair.callee.connect()
    pair.settle()
    assert pair.caller.due() is None
    assert pair.caller.tick(10**6) == []


# --- how it ends


@pytest.mark.parametrize(
    ("ies", "reason", "cause"),
    [
        ((elements.cause(17),), None, 17),
        ((), ("inConf", 0), 17),
        ((), ("calledPartyNotRegistered", 0), 20),
        ((), None, 16),
        ((elements.cause(21),), ("undefinedReason", 0), 21),
        ((), ("nonStandardReason", {"nonStandardIdentifier": ("object", (0, 1)), "data": b""}), 127),
    ],
)
def test_why_the_peer_released(ies: tuple[Element, ...], reason: Any, cause: int) -> None:
    pair = Pair()
    pair.settle()
    body = bodies.plain(7, CALL_ID) | ({"reason": reason} if reason else {})
    (released,) = pair.caller.feed(
        packet(Kind.RELEASE_COMPLETE, ("releaseComplete", body), *ies, to_originator=True), 101
    )
    assert isinstance(released, Released)
    assert (released.cause, released.by_peer) == (cause, True)
    assert released.reason


@pytest.mark.parametrize("kind", [Kind.DISCONNECT, Kind.RELEASE, Kind.RELEASE_COMPLETE])
def test_every_way_of_hanging_up(kind: int) -> None:
    pair = Pair().connected()
    assert pair.callee.feed(packet(kind), 101) == [Released(16, "hung up", True)]
    assert causes_sent(pair.callee) == [(Kind.RELEASE_COMPLETE, 16)]


def test_what_is_no_tpkt_ends_the_call() -> None:
    pair = Pair().connected()
    (lost,) = pair.callee.feed(b"GET / HTTP/1.1\r\n", 101)
    assert isinstance(lost, Lost)
    assert causes_sent(pair.callee) == [(Kind.RELEASE_COMPLETE, 111)]


def test_a_release_with_a_reason_of_its_own() -> None:
    pair = Pair()
    pair.settle()
    pair.caller.release(16, "facilityCallDeflection")
    assert pair.settle()[1] == [Released(16, "hung up (facilityCallDeflection)", True)]

"""Two of our own call each other: every combination of tunnelling and fast start, and a release in every state."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from mcu.h323 import tpkt
from mcu.h323.media import Address
from mcu.h323.per import decode_h225
from mcu.h323.q931 import CallState, Ie, decode, elements
from mcu.h323.signalling import (
    Alerting,
    CallSignalling,
    Connected,
    FastStartAccepted,
    FastStartRefused,
    H245Address,
    H245Received,
    Keypad,
    Proceeding,
    ProgressReceived,
    Released,
    SetupReceived,
    TunnellingRefused,
)
from mcu.h323.transport import read_transport

from .pair import ALICE, BOB, CALL_ID, CONFERENCE_ID, Pair, target

FAST = (b"offer 1", b"offer 2")
ANSWER = (b"answer",)
H245 = Address("192.0.2.2", 11000)


@pytest.mark.parametrize(("ours", "theirs", "offered", "taken"), list(itertools.product((False, True), repeat=4)))
def test_every_combination_of_tunnelling_and_fast_start(ours: bool, theirs: bool, offered: bool, taken: bool) -> None:
    pair = Pair(
        dataclasses.replace(ALICE, tunnelling=ours),
        dataclasses.replace(BOB, tunnelling=theirs),
        fast_start=FAST if offered else (),
    )
    both = ours and theirs
    if ours:
        pair.caller.send_h245(b"early")
    _, (setup,) = pair.settle()
    assert isinstance(setup, SetupReceived)
    assert setup.number == "1001"
    assert setup.fast_start == (FAST if offered else ())
    assert pair.callee.tunnelling is both
    assert not pair.caller.tunnelling

    pair.callee.proceed()
    if both:
        pair.callee.send_h245(b"capabilities")
        pair.callee.send_h245(b"determination")
    pair.callee.connect(None if both else H245, ANSWER if offered and taken else ())
    caller, callee = pair.settle()

    assert caller[0] == Proceeding()
    assert [type(event) for event in caller].count(Connected) == 1
    assert (TunnellingRefused() in caller) is (ours and not theirs)
    assert (FastStartAccepted(ANSWER) in caller) is (offered and taken)
    assert (FastStartRefused() in caller) is (offered and not taken)
    assert (H245Address(H245) in caller) is not both
    received = [event.message for event in caller if isinstance(event, H245Received)]
    assert received == ([b"capabilities", b"determination"] if both else [])
    assert callee == ([H245Received(b"early")] if both else [])
    assert pair.caller.tunnelling is pair.callee.tunnelling is both
    assert pair.caller.state == pair.callee.state == CallState.ACTIVE

    if both:
        for n in range(5):
            pair.caller.send_h245(b"%d" % n)
        assert pair.settle()[1] == [H245Received(b"%d" % n) for n in range(5)]
    pair.caller.release(16)
    _, callee = pair.settle()
    assert callee == [Released(16, "hung up", True)]
    assert pair.caller.over
    assert pair.callee.over


STATES = ("setup unread", "present", "proceeding", "progress", "alerting", "active")


def advance(pair: Pair, state: str) -> None:
    if state == "setup unread":
        return
    pair.settle()
    if state in ("proceeding", "progress", "alerting", "active"):
        pair.callee.proceed()
    if state == "progress":
        pair.callee.progress()
    if state == "alerting":
        pair.callee.alert()
    if state == "active":
        pair.callee.connect()
    pair.settle()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("cause", [16, 17, 21, 31, 88])
@pytest.mark.parametrize("by_caller", [True, False])
def test_release_in_every_state(state: str, cause: int, by_caller: bool) -> None:
    pair = Pair()
    advance(pair, state)
    if state == "setup unread" and not by_caller:
        pair.callee.release(cause)
        assert pair.callee.over
        assert not pair.callee.take()
        return
    one, other = (pair.caller, pair.callee) if by_caller else (pair.callee, pair.caller)
    if one.tunnelling:
        one.send_h245(b"end of session")
    one.release(cause)
    octets = one.take()
    heard = other.feed(octets, pair.at)
    released = heard[-1]
    assert isinstance(released, Released)
    assert (released.cause, released.by_peer) == (cause, True)
    agreed = not by_caller or state not in ("setup unread", "present")  # the caller knows with the first answer
    assert (H245Received(b"end of session") in heard) is agreed
    assert one.due() is None
    assert other.due() is None
    assert one.feed(other.take(), pair.at) == []
    assert not one.take()
    one.release(16)
    one.connect()
    one.keypad("1")
    assert not one.take()


def test_a_call_step_by_step() -> None:
    pair = Pair()
    assert pair.caller.call_id == CALL_ID
    _, (setup,) = pair.settle()
    assert isinstance(setup, SetupReceived)
    assert (setup.peer.name, setup.peer.number, setup.peer.product) == ("alice", "2000", "Terminal")
    assert setup.peer.address == ALICE.address
    assert (setup.want, setup.aliases) == ("create", ("1001",))
    assert (pair.callee.call_id, pair.callee.conference_id) == (CALL_ID, CONFERENCE_ID)
    pair.callee.proceed()
    assert pair.settle()[0] == [Proceeding()]
    pair.callee.progress()
    assert pair.settle()[0] == [ProgressReceived(True)]
    pair.callee.alert()
    assert pair.settle()[0] == [Alerting()]
    pair.callee.connect()
    (connected,) = pair.settle()[0]
    assert isinstance(connected, Connected)
    assert (connected.peer.name, connected.peer.product, connected.peer.kind) == ("bob", "MCU", "mcu")
    pair.caller.keypad("12#")
    assert pair.settle()[1] == [Keypad("12#")]
    pair.callee.offer_h245(H245)
    assert pair.settle()[0] == [H245Address(H245)]
    assert not pair.callee.tunnelling
    assert not pair.caller.tunnelling


def test_tokens_of_a_gatekeeper_go_into_setup() -> None:
    token = {"tokenOID": (0, 0, 8, 235, 0, 2, 5), "random": 7}
    proof = {"algorithmOID": (1, 2), "paramS": {}, "hash": (0, 96)}
    crypto = ("cryptoEPPwdHash", {"alias": ("h323-ID", "mcu"), "timeStamp": 1, "token": proof})
    call = target(
        endpoint_identifier="42_endp", tokens=(token,), crypto_tokens=(crypto,), goal="join", destination=H245
    )
    caller = CallSignalling.calling(ALICE, call, 0, h245=H245)
    octets = caller.take()
    (packet,) = tpkt.Deframer().feed(octets)
    user = elements.read_user_user(decode(packet).get(Ie.USER_USER))
    assert user is not None
    body = decode_h225(user)["h323-uu-pdu"]["h323-message-body"][1]
    assert body["endpointIdentifier"] == "42_endp"
    assert body["tokens"] == [token]
    assert body["cryptoTokens"][0][0] == "cryptoEPPwdHash"
    assert read_transport(body["destCallSignalAddress"]) == H245
    (setup,) = CallSignalling.answering(BOB, 0).feed(octets, 0)
    assert isinstance(setup, SetupReceived)
    assert (setup.want, setup.h245) == ("join", H245)


def test_wrong_use_is_told() -> None:
    pair = Pair()
    with pytest.raises(ValueError, match="no call yet"):
        pair.callee.keypad("1")
    with pytest.raises(ValueError, match="no connect in state"):
        pair.callee.connect()
    with pytest.raises(ValueError, match="no callProceeding"):
        pair.caller.proceed()
    pair.settle()
    with pytest.raises(ValueError, match="fast start was not offered"):
        pair.callee.connect(None, ANSWER)
    with pytest.raises(ValueError, match="octets"):
        pair.callee.send_h245(bytes(5000))
    with pytest.raises(ValueError, match="not to be keyed"):
        pair.callee.keypad("x")
    with pytest.raises(ValueError, match="goes with fast start"):
        Pair(parallel=(b"x",))
    with pytest.raises(ValueError, match="16 octets"):
        target(call_id=b"short")
    pair.callee.release(16)
    pair.callee.send_h245(b"too late")
    pair.callee.offer_h245(H245)
    assert pair.settle()[0] == [Released(16, "hung up", True)]

"""H.450: what H323Plus writes of it is read, answered as its interpretation says, and no flood is answered in kind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.errors import Garbled
from mcu.h323 import causes
from mcu.h323.q931 import Ie, Kind, elements
from mcu.h323.signalling import CallSignalling, H245Address, Released, SetupReceived, bodies, received, supplementary
from mcu.h323.signalling.sending import MOST_REFUSED
from mcu.h323.signalling.supplementary import MOST_APDUS, MOST_INVOKES, Services

from .pair import ALICE, BOB, Pair, target
from .wire import OURS, facility, packet, sent

# Written by H323Plus 1.28: H.450.2 callTransferInitiate, H.450.4 holdNotific and retrieveNotific.
TRANSFER = bytes.fromhex("000110123400010911108800028107000a09000306b801804335")
BETWEEN = bytes.fromhex("6d40040061006c00690063006500604334400110123400010911108800028107000a09000306b801804335")
OR_CLEAR = bytes.fromhex("240110123400010911108800028107000a09000306b801804335")
HOLD = bytes.fromhex("2001009c40000165")
RETRIEVE = bytes.fromhex("2801000001000166")
LINKED = bytes.fromhex("6d40040061006c00690063006500604334000120000202012c000107")
RETURN_ERROR = bytes.fromhex("0001800109000103")


@pytest.mark.parametrize(
    ("octets", "interpretation", "invocations"),
    [
        (TRANSFER, "reject", (4660,)),
        (BETWEEN, "reject", (4660,)),
        (OR_CLEAR, "clear", (4660,)),
        (HOLD, "discard", (40000,)),
        (RETRIEVE, "reject", (1,)),
        (LINKED, "discard", (2,)),
        (RETURN_ERROR, "reject", ()),
    ],
    ids=["transfer", "with addresses", "or clear", "hold", "retrieve", "linked", "an answer"],
)
def test_what_h323plus_writes_is_read(octets: bytes, interpretation: str, invocations: tuple[int, ...]) -> None:
    assert supplementary.read(octets) == Services(interpretation, invocations)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "octets"),
    [
        (0, "0001c00100400101"),
        (127, "0001c0017f400101"),
        (128, "0001c0020080400101"),
        (40000, "0001c003009c40400101"),
        (65535, "0001c00300ffff400101"),
    ],
)
def test_a_reject_is_what_h323plus_would_write(number: int, octets: str) -> None:
    assert supplementary.reject(number).hex() == octets


@given(st.binary(max_size=3000))
def test_anything_is_read_or_garbled(octets: bytes) -> None:
    try:
        services = supplementary.read(octets)
    except Garbled:
        return
    assert len(services.invocations) <= MOST_INVOKES
    for number in services.invocations:
        supplementary.reject(number)


@pytest.mark.parametrize("octets", [TRANSFER, BETWEEN, HOLD, LINKED])
def test_what_is_cut_short_is_garbled(octets: bytes) -> None:
    for length in range(len(octets) - 1):
        with pytest.raises(Garbled):
            supplementary.read(octets[:length])


def asking(*services: bytes, **fields: Any) -> bytes:
    return packet(Kind.FACILITY, facility("undefinedReason", **fields), h4501SupplementaryService=list(services))


def rejected(call: CallSignalling) -> list[bytes]:
    """The APDUs in what it says, which is Facility alone."""
    messages = sent(call)
    assert all(message.kind == Kind.FACILITY for message in messages), messages
    return [octets for message in messages for octets in received.read(message).services]


def test_an_invocation_is_rejected_and_the_call_goes_on() -> None:
    pair = Pair().connected()
    assert pair.callee.feed(asking(TRANSFER, RETRIEVE), 101) == []
    assert rejected(pair.callee) == [supplementary.reject(4660), supplementary.reject(1)]
    assert pair.callee.tunnelling
    assert not pair.callee.over
    assert pair.caller.feed(asking(TRANSFER), 101) == []
    assert rejected(pair.caller) == [supplementary.reject(4660)]


def test_who_does_not_want_to_hear_does_not() -> None:
    pair = Pair().connected()
    assert pair.callee.feed(asking(HOLD, LINKED, RETURN_ERROR), 101) == []
    assert sent(pair.callee) == []
    assert not pair.callee.garbled


@pytest.mark.parametrize("services", [(OR_CLEAR,), (TRANSFER, OR_CLEAR)])
def test_who_wants_the_call_cleared_gets_that(services: tuple[bytes, ...]) -> None:
    pair = Pair().connected()
    (event,) = pair.callee.feed(asking(*services), 101)
    assert isinstance(event, Released)
    assert (event.cause, event.by_peer) == (causes.FACILITY_REJECTED, False)
    message = sent(pair.callee)[-1]
    assert (message.kind, elements.read_cause(message.get(Ie.CAUSE))) == (Kind.RELEASE_COMPLETE, 29)
    assert pair.callee.over


def test_what_else_a_message_says_counts() -> None:
    pair = Pair().connected()
    address = {"ip": bytes((192, 0, 2, 9)), "port": 2000}
    (event,) = pair.callee.feed(asking(TRANSFER, h245Address=("ipAddress", address)), 101)
    assert isinstance(event, H245Address)


def setup(*services: bytes) -> bytes:
    body = bodies.setup(ALICE, target(), None, (), ())
    return packet(Kind.SETUP, body, h4501SupplementaryService=list(services))


def test_a_setup_with_a_service_is_a_call() -> None:
    """Names (H.450.8) and diversions (H.450.3) ride in Setup."""
    call = CallSignalling.answering(BOB, 100)
    (event,) = call.feed(setup(TRANSFER), 100)
    assert isinstance(event, SetupReceived)
    assert rejected(call) == [supplementary.reject(4660)]
    call.connect()
    assert [message.kind for message in sent(call)] == [Kind.CONNECT]


def test_a_setup_that_must_be_understood_is_none() -> None:
    call = CallSignalling.answering(BOB, 100)
    (event,) = call.feed(setup(OR_CLEAR), 100)
    assert isinstance(event, Released)
    (message,) = sent(call)
    assert (message.kind, message.reference) == (Kind.RELEASE_COMPLETE, OURS)


def test_a_flood_is_not_answered_for_ever() -> None:
    pair = Pair().connected()
    said = 0
    for _ in range(50):
        pair.callee.feed(asking(*[TRANSFER] * 100), 101)
        answers = rejected(pair.callee)
        assert len(answers) <= MOST_APDUS
        said += len(answers)
    assert said == MOST_REFUSED
    assert not pair.callee.over


def test_garbage_is_counted_and_nothing_else() -> None:
    pair = Pair().connected()
    assert pair.callee.feed(asking(b"\xff" * 20, b"", TRANSFER), 101) == []
    assert rejected(pair.callee) == [supplementary.reject(4660)]
    assert pair.callee.garbled == 2

"""Any pieces, any garbage: the same events, or none, but never an error."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcu.h323 import tpkt
from mcu.h323.q931 import CallState, Element, Message, encode
from mcu.h323.signalling import CallSignalling, Event, Lost

from .captures import CALLS, KINDS, MESSAGES, REFERENCE, Captured
from .pair import ALICE, BOB, Pair, target

STREAMS = {name: b"".join(m.packet() for m in call if m.from_caller) for name, call in CALLS.items()}
OURS = int.from_bytes(target().call_id[-2:], "big") & 0x7FFF


def answering() -> CallSignalling:
    return CallSignalling.answering(BOB, 0)


def calling() -> CallSignalling:
    call = CallSignalling.calling(ALICE, target(), 0)
    call.take()
    return call


def proper(call: CallSignalling) -> None:
    """Whatever came: what we would send is whole, and the call either waits for something or is over."""
    sent = tpkt.Deframer()
    sent.feed(call.take())
    assert not sent.broken
    assert call.over or call.state == CallState.ACTIVE or call.due() is not None
    assert not (call.over and call.due())


@pytest.mark.parametrize("name", sorted(STREAMS))
def test_octet_by_octet(name: str) -> None:
    stream = STREAMS[name]
    whole, slowly = answering(), answering()
    expected = whole.feed(stream, 1)
    found: list[Event] = []
    for octet in stream:
        found += slowly.feed(bytes((octet,)), 1)
    assert found == expected
    assert slowly.take() == whole.take()


@given(st.sampled_from(sorted(STREAMS)), st.data())
def test_in_any_pieces(name: str, data: st.DataObject) -> None:
    stream = STREAMS[name]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    whole, pieces = answering(), answering()
    expected = whole.feed(stream, 1)
    found: list[Event] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += pieces.feed(stream[start:end], 1)
    assert found == expected


@given(st.lists(st.binary(max_size=200), max_size=5), st.booleans())
def test_octets_of_any_kind(chunks: list[bytes], caller: bool) -> None:
    call = calling() if caller else answering()
    for chunk in chunks:
        call.feed(chunk, 1)
    proper(call)


@given(st.lists(st.binary(min_size=1, max_size=120), max_size=12), st.booleans())
def test_packets_of_any_kind(packets: list[bytes], q931: bool) -> None:
    for call in (calling(), answering()):
        for packet in packets:
            call.feed(tpkt.frame((b"\x08\x02\x12\x34" if q931 else b"") + packet), 1)
        proper(call)


@settings(max_examples=300)
@given(st.sampled_from(MESSAGES), st.data())
def test_mutations_of_real_messages(captured: Captured, data: st.DataObject) -> None:
    """A captured message with octets changed, put in and left out, in every state of both roles."""
    packet = bytearray(captured.packet(data.draw(st.sampled_from((REFERENCE, OURS, 0))))[4:])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(packet)))
        match data.draw(st.integers(0, 2)):
            case 0:
                packet[at : at + 1] = bytes((data.draw(st.integers(0, 255)),))
            case 1:
                packet[at:at] = data.draw(st.binary(max_size=4))
            case 2:
                del packet[at : at + data.draw(st.integers(1, 8))]
    for call in (answering(), calling(), Pair().connected().caller, Pair().connected().callee):
        call.feed(tpkt.frame(bytes(packet)[: tpkt.MAX_OCTETS]), 101)
        proper(call)


@given(st.lists(st.sampled_from(MESSAGES), max_size=10), st.booleans())
def test_real_messages_in_any_order(messages: list[Captured], caller: bool) -> None:
    call = calling() if caller else answering()
    for captured in messages:
        call.feed(captured.packet(OURS if caller else REFERENCE), 1)
    proper(call)


@given(
    st.integers(0, 127),
    st.integers(0, 0x7FFF),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 127), st.binary(max_size=40)), max_size=6),
)
def test_any_elements(kind: int, reference: int, flag: bool, ies: list[tuple[int, bytes]]) -> None:
    octets = encode(Message(kind, reference, flag, tuple(Element(id, contents) for id, contents in ies)))
    for call in (answering(), calling(), Pair().connected().callee):
        call.feed(tpkt.frame(octets), 101)
        proper(call)


def test_garbage_without_end_is_the_end() -> None:
    pair = Pair().connected()
    events: list[Event] = []
    for _ in range(200):
        events += pair.callee.feed(tpkt.frame(b"\xff"), 101)
    assert events == [Lost("too much garbage")]
    assert pair.callee.over


def test_a_flood_of_inquiries_is_answered_once_a_read() -> None:
    pair = Pair().connected()
    inquiry = tpkt.frame(encode(Message(0x75, OURS, False)))
    pair.callee.feed(inquiry * 1000, 101)
    assert len(tpkt.Deframer().feed(pair.callee.take())) == 1
    pair.callee.feed(inquiry, 101)
    assert len(tpkt.Deframer().feed(pair.callee.take())) == 1
    assert not pair.callee.over


def test_captures_cover_both_roles() -> None:
    assert {captured.name for captured in MESSAGES} <= set(KINDS)
    assert len(MESSAGES) > 200

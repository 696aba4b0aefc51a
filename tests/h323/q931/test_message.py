from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.errors import Garbled
from mcu.h323.q931 import Element, Ie, Kind, Message, decode, elements, encode

# A Setup as H323Plus writes it: Bearer capability, Display "alice", Called party number, User-User.
SETUP = bytes.fromhex("0802 1234 05 0403889 3a5 2806 616c69636500 7005 81 31303031 7e0003 05aabb".replace(" ", ""))

ELEMENTS = st.lists(
    st.one_of(
        st.builds(Element, st.integers(0, 0x7D), st.binary(max_size=255)),
        st.builds(Element, st.just(int(Ie.USER_USER)), st.binary(max_size=600)),
        st.builds(Element, st.sampled_from([0xA1, 0xB3, 0xD0])),
    ),
    max_size=12,
)


def test_a_setup_is_taken_apart() -> None:
    message = decode(SETUP)
    assert (message.kind, message.reference, message.to_originator) == (Kind.SETUP, 0x1234, False)
    assert elements.read_number(message.get(Ie.CALLED_PARTY_NUMBER)) == "1001"
    assert message.get(Ie.DISPLAY) == b"alice\0"
    assert elements.read_user_user(message.get(Ie.USER_USER)) == b"\xaa\xbb"
    assert encode(message) == SETUP


@given(st.integers(0, 127), st.integers(0, 0x7FFF), st.booleans(), ELEMENTS)
def test_what_is_written_is_read(kind: int, reference: int, flag: bool, ies: list[Element]) -> None:
    message = Message(kind, reference, flag, tuple(ies))
    assert decode(encode(message)) == message


@given(st.binary(max_size=80), st.booleans())
def test_garbage_is_garbled_or_read(octets: bytes, prefixed: bool) -> None:
    try:
        message = decode(b"\x08\x02\x00\x01\x62" + octets if prefixed else octets)
    except Garbled:
        return
    for read in (elements.read_cause, elements.read_progress, elements.read_user_user):
        for element in message.elements:
            read(element.contents)
            elements.read_keypad(element.contents)
            elements.read_number(element.contents)


def test_shifts() -> None:
    head = b"\x08\x02\x00\x01\x05"
    display, called = b"\x28\x01A", b"\x70\x02\x811"
    other = b"\x7e\x01Z"  # in another codeset 0x7E has one octet of length, as all others
    # A non-locking shift counts for one element.
    assert [e.id for e in decode(head + b"\x9e" + other + display).elements] == [Ie.DISPLAY]
    # A locking one for the rest, and one to a lower codeset is no shift at all (Q.931 4.5.3).
    assert decode(head + called + b"\x95" + display + other).elements == (Element(Ie.CALLED_PARTY_NUMBER, b"\x811"),)
    assert decode(head + b"\x95" + display + b"\x90" + called).elements == ()


def test_unknown_elements_are_kept_and_told_apart() -> None:
    message = decode(b"\x08\x02\x00\x01\x05" + b"\xa1" + b"\x02\x01\x00" + b"\x41\x02\x00\x00" + b"\x08\x02\x80\x90")
    assert [e.id for e in message.elements] == [0xA1, 0x02, 0x41, Ie.CAUSE]
    assert message.not_understood == (0x02,)


@pytest.mark.parametrize("cut", range(1, len(SETUP)))
def test_cut_short(cut: int) -> None:
    """Up to the type it is no message; afterwards what is whole counts."""
    if cut < 5:
        with pytest.raises(Garbled):
            decode(SETUP[:cut])
        return
    message = decode(SETUP[:cut])
    assert message.elements == decode(SETUP).elements[: len(message.elements)]
    assert message.damaged is (cut not in (5, 10, 18, 25))


@pytest.mark.parametrize(
    ("octets", "reference", "flag"),
    [(b"\x08\x00\x7d", 0, False), (b"\x08\x01\x85\x7d", 5, True), (b"\x08\x02\x80\x00\x7d", 0, True)],
)
def test_call_references_of_every_length(octets: bytes, reference: int, flag: bool) -> None:
    message = decode(octets)
    assert (message.reference, message.to_originator) == (reference, flag)


def test_limits() -> None:
    with pytest.raises(Garbled, match="64 information elements"):
        decode(b"\x08\x02\x00\x01\x05" + b"\xa1" * 65)
    with pytest.raises(Garbled, match="call reference of 3"):
        decode(b"\x08\x03\x00\x00\x01\x05")
    with pytest.raises(ValueError, match="call reference"):
        encode(Message(Kind.SETUP, 0x8000, False))
    with pytest.raises(ValueError, match="octets in"):
        encode(Message(Kind.SETUP, 1, False, (Element(Ie.DISPLAY, bytes(256)),)))


def test_contents() -> None:
    assert elements.bearer(384_000).contents == b"\x88\x93\xa5"
    assert elements.bearer(768_000).contents == b"\x88\x18\x8c\xa5"
    assert elements.bearer(0).contents == b"\x88\x90\xa5"
    assert elements.bearer(10**9).contents == b"\x88\x18\xff\xa5"
    assert elements.cause(16).contents == b"\x80\x90"
    assert elements.read_cause(b"\x80\x90") == elements.read_cause(b"\x00\x80\x90") == 16
    assert elements.read_cause(b"\x80") is elements.read_cause(b"") is elements.read_cause(None) is None
    assert elements.call_state(10).contents == b"\x0a"
    assert elements.read_progress(elements.progress().contents) == 8
    assert elements.read_keypad(b"1a#\xff*") == "1A#*"
    assert elements.read_number(b"\x01\x802000") == "2000"  # of a caller: with octet 3a, Q.931 4.5.10
    assert elements.read_number(elements.called_number("1001").contents) == "1001"
    assert elements.display("ф" * 60).contents == ("ф" * 41).encode()
    with pytest.raises(ValueError, match="cause"):
        elements.cause(0)
    with pytest.raises(ValueError, match="keyed"):
        elements.keypad("x")
    with pytest.raises(ValueError, match="telephone"):
        elements.called_number("a")

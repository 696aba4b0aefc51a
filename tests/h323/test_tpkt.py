from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323 import tpkt

MESSAGES = st.lists(st.binary(min_size=1, max_size=300), max_size=8)


@given(MESSAGES, st.data())
def test_whatever_pieces_a_stream_comes_in(messages: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(tpkt.frame, messages))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    deframer = tpkt.Deframer()
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += deframer.feed(stream[start:end])
    assert found == messages
    assert not deframer.broken


def test_empty_tpkts_are_keep_alives() -> None:
    empty = tpkt.frame(b"")
    assert empty == b"\x03\x00\x00\x04"
    deframer = tpkt.Deframer()
    assert deframer.feed(empty * 3 + tpkt.frame(b"x") + empty) == [b"x"]


@pytest.mark.parametrize(
    "octets", [b"GET / HTTP/1.0\r\n", b"\x03\x00\x00\x03", b"\x02\x00\x00\x05x", b"\x16\x03\x01\x02\x00"]
)
def test_what_is_no_tpkt_ends_the_stream(octets: bytes) -> None:
    deframer = tpkt.Deframer()
    assert deframer.feed(tpkt.frame(b"first") + octets) == [b"first"]
    assert "no TPKT" in deframer.broken
    assert deframer.feed(tpkt.frame(b"second")) == []


def test_a_size_that_is_too_large_is_refused_before_it_is_held() -> None:
    deframer = tpkt.Deframer()
    assert deframer.feed(tpkt.frame(bytes(tpkt.MAX_OCTETS))) == [bytes(tpkt.MAX_OCTETS)]
    assert deframer.feed((0x0300_0000 + tpkt.MAX_OCTETS + 5).to_bytes(4, "big")) == []
    assert "too large" in deframer.broken
    with pytest.raises(ValueError, match="too large"):
        tpkt.frame(bytes(tpkt.MAX_OCTETS + 1))

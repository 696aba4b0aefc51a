"""Framing of the bus: what goes in comes out, however TCP cuts it; rubbish is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.bus import wire
from mcu.errors import BadRequest, Garbled

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_args = st.dictionaries(st.text(), _json, max_size=4)
_messages = st.one_of(
    st.builds(wire.Request, st.integers(0), st.text(), _args),
    st.builds(wire.Reply, st.integers(0), _json),
    st.builds(wire.Reply, st.integers(0), st.none(), st.text(min_size=1), st.text()),
    st.builds(wire.Notice, st.text(), _args),
)


@given(st.lists(_messages, max_size=5), st.integers(1, 40))
def test_messages_survive_any_cutting(messages: list[wire.Message], step: int) -> None:
    octets = b"".join(wire.encode(message) for message in messages)
    decoder, seen = wire.Decoder(), []
    for start in range(0, len(octets), step):
        seen += decoder.feed(octets[start : start + step])
    assert seen == messages


@given(st.binary(max_size=200))
def test_rubbish_is_refused_and_nothing_else(octets: bytes) -> None:
    try:
        wire.Decoder().feed(octets + b"\n")
    except Garbled:
        return
    pytest.fail("a random line was taken for a message")


@pytest.mark.parametrize(
    "line", [b'{"v":2,"id":1,"call":"x"}', b'{"v":1,"call":"x"}', b'{"v":1,"event":"x","data":3}', b"[" * 100000]
)
def test_near_misses_are_refused(line: bytes) -> None:
    with pytest.raises(Garbled):
        wire.Decoder().feed(line + b"\n")


def test_an_endless_line_is_refused_before_it_fills_the_memory() -> None:
    decoder = wire.Decoder()
    for _ in range(wire.MAX_LINE // 65536):
        decoder.feed(b"x" * 65536)
    with pytest.raises(Garbled):
        decoder.feed(b"x")


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(BadRequest):
        wire.encode(wire.Notice("x", {"a": float("nan")}))

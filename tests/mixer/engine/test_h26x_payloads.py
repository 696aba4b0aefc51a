"""Payloads of H.263 and H.261 to pictures: whole, cut anywhere, with losses, and rubbish."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.mixer._native import Depacketizer, ReorderBuffer, make_depacketizer
from tests.mixer.engine.h26x import CIF, QCIF, coded, gob_bits, pack, rfc4587, rfc4629

FORMATS = ["h263p", "h263", "h261"]
PSC = {"h263p": b"\x00\x00\x80\x02", "h263": b"\x00\x00\x80\x02", "h261": b"\x00\x01\x00\x00"}
Unit = tuple[bytes, int, bool]


def feed(d: Depacketizer, payloads: list[bytes], ts: int = 1, lost: frozenset[int] = frozenset()) -> list[Unit]:
    """What comes of a picture's payloads, the last of them with the marker; some are lost."""
    out, gap = [], False
    for number, payload in enumerate(payloads):
        if number in lost:
            gap = True
            continue
        out += d.push(payload, ts, number == len(payloads) - 1, gap)
        gap = False
    return out


@st.composite
def cut_pictures(draw: st.DrawFn, codec: str) -> tuple[bytes, list[int]]:
    unit = PSC[codec] + Random(draw(st.integers(0, 10**6))).randbytes(draw(st.integers(1, 400))) + b"\xff"
    # A picture's first packet has its start code; RFC 4629's second one may not begin with 16 zeros that were none.
    return unit, draw(st.lists(st.integers(32, len(unit) * 8 - 1), max_size=20))


@pytest.mark.parametrize("codec", FORMATS)
@given(st.data())
def test_cut_at_any_bit_it_is_the_same_picture(codec: str, data: st.DataObject) -> None:
    unit, cuts = data.draw(cut_pictures(codec))
    d = make_depacketizer(codec)
    assert feed(d, pack(codec, unit, cuts), 7) == [(unit, 7, False)]
    assert feed(d, pack(codec, unit, []), 8) == [(unit, 8, False)]


@given(st.integers(1, 7), st.lists(st.integers(32, 400), max_size=8))
def test_an_h261_picture_may_begin_at_any_bit(offset: int, cuts: list[int]) -> None:
    unit = PSC["h261"] + b"\x5a" * 60
    ((got, _, loss),) = feed(make_depacketizer("h261"), rfc4587(unit, cuts, offset))
    assert not loss
    whole = int.from_bytes(got, "big")
    spare = 8 * len(got) - 8 * len(unit) - offset  # the last packet's EBIT
    assert whole >> spare == int.from_bytes(unit, "big")


@pytest.mark.parametrize("codec", FORMATS)
@pytest.mark.parametrize("size", [CIF, QCIF])
def test_a_loss_leaves_what_can_be_decoded(codec: str, size: tuple[int, int]) -> None:
    unit = coded("h261" if codec == "h261" else "h263", size, noise=20, gobs=1)[0]
    gobs = gob_bits(unit, codec)
    assert len(gobs) >= (8 if size == CIF else 2)
    payloads = pack(codec, unit, gobs[codec == "h261" :])  # a picture's header stays with its first GOB
    for gone in range(1, len(payloads)):
        d = make_depacketizer(codec)
        got = feed(d, payloads, lost=frozenset([gone]))
        got += d.push(payloads[0], 2, False, gone == len(payloads) - 1)
        ((left, _, loss),) = got
        assert loss
        assert len(left) < len(unit)
        assert len(gob_bits(left, codec)) == len(gobs) - 1
    assert feed(make_depacketizer(codec), payloads, lost=frozenset([0])) == [], "nothing without a picture's header"


@pytest.mark.parametrize("codec", FORMATS)
def test_after_a_loss_only_a_gob_s_start_is_taken(codec: str) -> None:
    unit = coded("h261" if codec == "h261" else "h263", CIF, noise=20, gobs=1)[0]
    gobs = gob_bits(unit, codec)
    middle = (gobs[3] + gobs[4]) // 2 // 8 * 8
    d = make_depacketizer(codec)
    payloads = pack(codec, unit, [gobs[2], gobs[3], middle, gobs[4]])
    ((got, _, loss),) = feed(d, payloads, lost=frozenset([2]))
    assert loss
    assert len(gob_bits(got, codec)) == len(gobs) - 1, "the half one's second half is left out"
    assert feed(d, payloads, 2) == [(unit, 2, False)]


def test_the_next_unit_tells_of_a_picture_that_was_lost_as_a_whole() -> None:
    for codec in FORMATS:
        d = make_depacketizer(codec)
        (picture,) = pack(codec, PSC[codec] + b"a" * 40, [])
        assert feed(d, [picture], 1) == [(PSC[codec] + b"a" * 40, 1, False)]
        assert d.push(b"\x00\x00\x00\x00\x55\x55", 2, True, True) == [], "its end, without a beginning"
        ((_, _, loss),) = feed(d, [picture], 3)
        assert loss
        ((_, _, loss),) = feed(d, [picture], 4)
        assert not loss


@pytest.mark.parametrize("codec", FORMATS)
def test_a_marker_that_is_missing(codec: str) -> None:
    d = make_depacketizer(codec)
    one, two = (PSC[codec] + bytes([n]) * 9 for n in (0x11, 0x22))
    assert d.push(pack(codec, one, [])[0], 1, False) == []
    assert d.push(pack(codec, two, [])[0], 2, False) == [(one, 1, False)]
    assert d.push(b"", 2, True) == [(two, 2, False)], "padding only, with the marker"


def test_rfc4629_s_extras_are_left_out() -> None:
    unit = coded("h263p", QCIF)[0]
    payloads = rfc4629(unit, [100, 200], redundancy=True, header=unit[2:12] * 4)
    assert len(payloads[1]) > 100 + 40
    assert feed(make_depacketizer("h263p"), payloads) == [(unit, 1, False)]


@pytest.mark.parametrize("codec", FORMATS)
def test_a_picture_without_end_is_given_up(codec: str) -> None:
    d = make_depacketizer(codec, 1000)
    rest = {"h263p": b"\0\0", "h263": b"\x80" + bytes(7), "h261": b"\0\x10\0\0"}[codec]
    d.push(pack(codec, PSC[codec] + b"a" * 100, [])[0], 1, False)
    for _ in range(100):
        assert d.push(rest + b"a" * 100, 1, False) == []
    assert d.push(rest + b"a", 1, True) == []
    ((_, _, loss),) = d.push(pack(codec, PSC[codec] + b"a", [])[0], 2, True)
    assert loss


def headers(codec: str) -> st.SearchStrategy[bytes]:
    """Payloads that are likelier to be taken than random octets are."""
    begin = {"h263p": [b"\x04\x00\x80", b"\x07\xff"], "h263": [bytes(6) + b"\x80", b"\x80", b"\xff"],
             "h261": [bytes(5) + b"\x01\x00", b"\xff\x10"]}[codec]  # fmt: skip
    return st.builds(lambda a, b: a + b, st.sampled_from([b"", *begin]), st.binary(max_size=40))


@pytest.mark.parametrize("codec", FORMATS)
@given(st.data())
def test_any_payload_is_survived(codec: str, data: st.DataObject) -> None:
    flags = st.tuples(headers(codec), st.integers(0, 3), st.booleans(), st.booleans())
    d = make_depacketizer(codec, 200)
    for payload, ts, marker, loss in data.draw(st.lists(flags, max_size=60)):
        for unit, _, _ in d.push(payload, ts, marker, loss):
            assert 0 < len(unit) <= 200


@pytest.mark.parametrize("codec", FORMATS)
@given(st.data(), st.randoms())
def test_packets_shuffled_a_little(codec: str, data: st.DataObject, random: Random) -> None:
    unit, cuts = data.draw(cut_pictures(codec))
    payloads = pack(codec, unit, cuts)
    shuffled(codec, unit, payloads, random.uniform)


def shuffled(codec: str, unit: bytes, payloads: list[bytes], jitter: Callable[[float, float], float]) -> None:
    buffer, d, out = ReorderBuffer(), make_depacketizer(codec), []
    buffer.push(65534, 0, True, b"", 0)  # so that the first of ours may be late
    for n in sorted(range(len(payloads)), key=lambda n: n + jitter(0, 5)):
        buffer.push((65535 + n) & 0xFFFF, 90, n == len(payloads) - 1, payloads[n], 0)
        while (packet := buffer.pop(0)) is not None:
            _seq, ts, marker, payload, loss = packet
            out += d.push(payload, ts, marker, loss)
    assert out == [(unit, 90, False)]


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="h265"):
        make_depacketizer("h265")

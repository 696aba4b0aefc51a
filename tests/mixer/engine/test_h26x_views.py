"""Classes of H.263 and H.261: pictures that decoders of others take, in payloads that fit, and keyframes on demand."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
import pytest

from mcu.mixer._native import AccessUnit, Codec, Engine, QueueSink, RateClass, Scene, Tile, make_depacketizer, packetize
from tests.mixer.engine.h26x import CIF, CODECS, QCIF, Bits, Decoder, coded, gob_bits, join, picture, psnr
from tests.waiting import until_blocking

# Table 1 of H.261: the codes of macroblock addresses 1 to 33, relative to the one before.
MBA = [
    "1", "011", "010", "0011", "0010", "00011", "00010", "0000111", "0000110", "00001011", "00001010", "00001001",
    "00001000", "00000111", "00000110", "0000010111", "0000010110", "0000010101", "0000010100", "0000010011",
    "0000010010", "00000100011", "00000100010", "00000100001", "00000100000", "00000011111", "00000011110",
    "00000011101", "00000011100", "00000011011", "00000011010", "00000011001", "00000011000",
]  # fmt: skip
SIZES = {"cif": CIF, "qcif": QCIF}


def classes(kbps: int = 384, fps: int = 30) -> list[RateClass]:
    return [
        RateClass(f"{codec}{name}", *size, fps, kbps, codec=codec) for codec in CODECS for name, size in SIZES.items()
    ]


@pytest.fixture
def busy(engine: Engine) -> Iterator[Engine]:
    """A view that shows a sender's CIF: a spot that moves, and some noise, different in each of its ten pictures."""
    units = coded("h263", CIF, 10, 12)
    engine.add_source("a", Codec.H263)
    engine.put_view("v", Scene(*CIF, 30, [Tile("a", 0, 0, 1, 1)]), classes())
    yield engine
    assert len(units) == 10


def later_keyframe(engine: Engine, name: str) -> AccessUnit:
    """An intra picture of what the sender shows, not of the view as it begins."""
    sink, units = QueueSink(1000), coded("h263", CIF, 10, 12)
    assert engine.attach("v", name, sink)
    for number in range(300):
        engine.push("a", units[number % 10])
        engine.request_keyframe("v", name)
        unit = sink.get(10)
        assert unit is not None
        if unit.keyframe and number > 10:
            return unit
    raise AssertionError("no keyframe")


def taken(engine: Engine, name: str, count: int) -> list[AccessUnit]:
    """So many units of a class, while the sender's pictures come one by one."""
    sink, units, out = QueueSink(1000), coded("h263", CIF, 10, 12), []
    assert engine.attach("v", name, sink)
    for number in range(count):
        engine.push("a", units[number % 10])
        unit = sink.get(10)
        assert unit is not None
        out.append(unit)
    engine.detach("v", name, sink)
    return out


def intra(unit: AccessUnit) -> bool:
    """By PTYPE: H.263 5.1.3, bit 9; H.261 4.2.1.3, bit 3, freeze picture release."""
    bits = Bits(unit.nals[0][:8]).text
    return bits[38] == "0" if unit.codec == Codec.H263 else bits[27] == "1"


@pytest.mark.parametrize("codec", list(CODECS))
@pytest.mark.parametrize("size", list(SIZES))
def test_others_decode_what_receivers_put_together(busy: Engine, codec: str, size: str) -> None:
    units = taken(busy, codec + size, 40)
    decoder, shown = Decoder(CODECS[codec]), None
    for number, unit in enumerate(units):
        assert unit.codec == CODECS[codec]
        assert unit.keyframe == intra(unit)
        payloads = packetize(unit, codec, 0, 1300 if number % 2 else 300)
        assert [marker for _, marker in payloads] == [False] * (len(payloads) - 1) + [True]
        if number % 2:
            assert max(len(payload) for payload, _ in payloads) <= 1300
        if codec == "h263":
            bits = Bits(unit.nals[0][:8]).text
            assert bits[39:43] == "0000", "PTYPE: none of the annexes"
            for payload, _ in payloads:  # RFC 2190 5.1 and 5.2: SRC; I stands behind it or in the second word
                assert f"{payload[1] >> 5:03b}" == bits[35:38]
                assert (payload[4] >> 7 if payload[0] & 0x80 else payload[1] >> 4 & 1) == int(bits[38])
                if payload[0] & 0x80:
                    gob, macroblock = payload[2] >> 3, (payload[2] & 7) << 6 | payload[3] >> 2
                    assert f"{payload[1] & 31:05b}" == bits[43:48], "QUANT is PQUANT: it does not change in a picture"
                    assert gob < SIZES[size][1] // 16
                    assert macroblock < SIZES[size][0] // 16
        whole = join([payload for payload, _ in payloads], codec)
        assert whole == unit.nals[0]
        shown = decoder.decode(whole)
        assert shown.shape == (SIZES[size][1] * 3 // 2, SIZES[size][0])
        own = make_depacketizer(codec)
        assert [u for p, m in payloads for u in own.push(p, number, m)] == [(whole, number, False)]
    assert units[0].keyframe
    assert [unit.seq for unit in units] == list(range(40))
    if size == "cif":
        # The view may be some pictures behind: the spot is where it was in one of the last ones.
        best = max(psnr(shown, picture(CIF, n, 12)) for n in range(10))  # type: ignore[arg-type]
        assert best > 24


@pytest.mark.parametrize("codec", list(CODECS))
def test_small_packets_are_cut_in_the_right_places(busy: Engine, codec: str) -> None:
    """Far smaller ones than the product's, so that nearly every GOB is cut."""
    for unit in taken(busy, codec + "cif", 12):
        payloads = [payload for payload, _ in packetize(unit, codec, 0, 300)]
        assert join(payloads, codec) == unit.nals[0]
        if codec != "h263":  # its encoder tells of places 200 octets apart
            assert max(map(len, payloads)) <= 300


def test_the_decoder_of_these_tests_sees_damage() -> None:
    for codec in ("h263", "h261"):
        unit = bytearray(coded(codec, CIF, 2, 12)[0])
        unit[len(unit) // 2 : len(unit) // 2 + 30] = b"\x00" * 30
        good = Decoder(CODECS[codec]).decode(coded(codec, CIF, 2, 12)[0])
        try:
            shown = Decoder(CODECS[codec]).decode(bytes(unit))
        except (av.FFmpegError, ValueError):
            continue
        assert not np.array_equal(shown, good)


@pytest.mark.parametrize("codec", list(CODECS))
def test_a_keyframe_comes_when_asked_for(busy: Engine, codec: str) -> None:
    name = codec + "cif"
    sink = QueueSink(1000)
    assert busy.attach("v", name, sink)
    first = sink.get(10)
    assert first is not None
    assert first.keyframe
    for _ in range(20):
        sink.get(10)
    while sink.get(0) is not None:
        pass
    busy.request_keyframe("v", name)
    assert any((unit := sink.get(10)) is not None and unit.keyframe and intra(unit) for _ in range(20))
    stats = next(c for c in busy.stats().views[0].classes if c.name == name)
    assert (stats.width, stats.height, stats.failed, stats.fault) == (352, 288, 0, "")
    assert stats.idrs >= 2


def test_a_class_may_change_its_codec(busy: Engine) -> None:
    sink = QueueSink(1000)
    busy.put_view("v", Scene(*CIF, 30), [RateClass("x", *CIF, 30, 384, 13)])
    assert busy.attach("v", "x", sink)
    for codec in ("h261", "h263", "h264"):
        busy.put_view("v", Scene(*CIF, 30), [RateClass("x", *CIF, 30, 384, 13, codec=codec)])
        found: list[AccessUnit] = []

        def changed(codec: str = codec, found: list[AccessUnit] = found) -> bool:
            unit = sink.get(1)
            if unit is not None and unit.codec.name.lower() == codec:
                found.append(unit)
            return bool(found)

        until_blocking(changed, codec)
        assert found[0].keyframe
    with pytest.raises(ValueError, match="h265"):
        RateClass("x", codec="h265")


def test_packets_of_another_codec_are_none() -> None:
    unit = AccessUnit([coded("h261", QCIF)[0]], codec=Codec.H261)
    assert packetize(unit, "h261")
    for other in ("h264", "h263", "h263p"):
        assert packetize(unit, other) == []
    for junk in (b"", b"\x00", b"\xff" * 40, b"\x00\x01", b"\x00\x00\x80"):
        for codec in CODECS:
            assert packetize(AccessUnit([junk], codec=CODECS[codec]), codec) == []


def test_what_rfc_4587_s_header_says_lets_a_decoder_begin_there(busy: Engine) -> None:
    """A packet that begins in a GOB, put behind a picture's and a GOB's header made of what its own header tells."""
    unit = later_keyframe(busy, "h261cif")
    raw = unit.nals[0]
    whole = Decoder(Codec.H261).decode(raw)[:288]
    payloads = [payload for payload, _ in packetize(unit, "h261", 0, 300)]
    at, tried = 0, 0
    for payload in payloads:
        sbit, ebit = payload[0] >> 5, payload[0] >> 2 & 7
        fields = int.from_bytes(payload[:4], "big")
        gob, address, quantizer = fields >> 20 & 15, (fields >> 15 & 31) + 1, fields >> 10 & 31
        bits = Bits(payload[4:]).text[sbit : len(payload[4:]) * 8 - ebit]
        if gob:
            assert fields & 0x3FF == 0, "no vectors in an intra picture"
            step = next(n for n, code in enumerate(MBA, 1) if bits.startswith(code))
            assert step == 1, "of an intra picture none is skipped"
            header = Bits(raw).text[:32] + "0" * 15 + "1" + f"{gob:04b}{quantizer:05b}0"
            rest = bits[len(MBA[step - 1]) :]
            rest = rest[: next((n for n in [rest.find("0" * 15 + "1")] if n >= 0), len(rest))]
            text = header + MBA[address + step - 1] + rest
            text += "0" * (-len(text) % 8)
            begun = bytes(int(text[n : n + 8], 2) for n in range(0, len(text), 8))
            shown = Decoder(Codec.H261).decode(begun)[:288]
            # GOBs are 11 x 3 macroblocks, two side by side (H.261 figure 6).
            number = address + step - 1
            x = (gob - 1) % 2 * 176 + number % 11 * 16
            y = (gob - 1) // 2 * 48 + number // 11 * 16
            assert np.array_equal(shown[y : y + 16, x : x + 16], whole[y : y + 16, x : x + 16])
            tried += 1
        at += len(bits)
    assert at == 8 * len(raw)
    assert tried > 5
    assert len(gob_bits(raw, "h261")) == 12

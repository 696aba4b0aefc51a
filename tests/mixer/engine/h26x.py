"""H.263 and H.261 for the engine's tests: pictures coded by PyAV, cut into payloads at any bit, and joined again.

Nothing of it is the engine's, nor the probe terminals', so that a fault in one shows in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from mcu.mixer._native import Codec

Payloads = list[bytes]
CODECS = {"h263p": Codec.H263, "h263": Codec.H263, "h261": Codec.H261}
CIF, QCIF = (352, 288), (176, 144)


@lru_cache(maxsize=32)
def coded(coder: str, size: tuple[int, int], frames: int = 10, noise: int = 0, gobs: int = 0) -> tuple[bytes, ...]:
    """Pictures by libavcodec's ``coder`` (h263, h263p, h261), the first intra: a gradient with a spot that moves."""
    context: Any = av.CodecContext.create(coder, "w")
    context.width, context.height, context.pix_fmt = *size, "yuv420p"
    context.time_base, context.gop_size, context.max_b_frames = Fraction(1001, 30000), 600, 0
    context.bit_rate = 2_000_000
    context.options = {"qmin": "4", "qmax": "6"} | ({"ps": str(gobs)} if gobs else {})
    units = []
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(picture(size, number, noise), format="yuv420p")
        frame.pts = number
        units += [bytes(packet) for packet in context.encode(frame)]
    assert len(units) == frames
    return tuple(units)


def picture(size: tuple[int, int], number: int, noise: int = 0) -> NDArray[np.uint8]:
    """I420: a gradient, a spot that moves, and as much noise as wanted, another one each time."""
    width, height = size
    luma = np.add.outer(np.linspace(40, 120, height), np.linspace(0, 80, width))
    luma[20:60, 10 + 6 * number % (width - 60) :][:, :40] = 230
    if noise:
        luma += np.random.default_rng(number).integers(-noise, noise + 1, luma.shape)
    planes = [luma, np.full((height // 2, width // 2), 100), np.full((height // 2, width // 2), 160)]
    return np.concatenate([plane.ravel() for plane in planes]).clip(16, 235).astype(np.uint8).reshape(-1, width)


def psnr(shown: NDArray[np.uint8], meant: NDArray[np.uint8]) -> float:
    """Of luma, in dB; both I420."""
    rows = meant.shape[0] * 2 // 3
    error = shown[:rows].astype(float) - meant[:rows].astype(float)
    return float(10 * np.log10(255**2 / max(1e-9, float(np.mean(error**2)))))


class Decoder:
    """libavcodec's, which tells what it had to conceal by the frames' flags; here a picture that is whole."""

    def __init__(self, codec: Codec) -> None:
        self._context: Any = av.CodecContext.create("h261" if codec == Codec.H261 else "h263", "r")
        self._context.thread_count = 1
        self._context.options = {"err_detect": "explode+bitstream+careful"}

    def decode(self, unit: bytes) -> NDArray[np.uint8]:
        """I420 of the one picture in the unit. Raises av.FFmpegError where something makes no sense."""
        (frame,) = self._context.decode(av.Packet(unit))
        shown: NDArray[np.uint8] = frame.to_ndarray()
        return shown


class Bits:
    """Octets as a string of bits."""

    def __init__(self, octets: bytes) -> None:
        self.text = "".join(f"{octet:08b}" for octet in octets)

    def piece(self, start: int, end: int) -> tuple[int, int, bytes]:
        """SBIT, EBIT and the octets that hold these bits; the others in them are ones, for nobody may take them."""
        before, after = start % 8, -end % 8
        text = "1" * before + self.text[start:end] + "1" * after
        return before, after, bytes(int(text[at : at + 8], 2) for at in range(0, len(text), 8))


def pack(codec: str, unit: bytes, cuts: Sequence[int]) -> Payloads:
    """cuts: bits of the picture; by RFC 4629 at the octets they are in."""
    if codec == "h263p":
        return rfc4629(unit, [cut // 8 for cut in cuts])
    return (rfc2190 if codec == "h263" else rfc4587)(unit, cuts)


def rfc4587(unit: bytes, cuts: Sequence[int], offset: int = 0) -> Payloads:
    """Cut at these bits. offset: the picture begins in the middle of an octet, as in a stream that goes on."""
    bits = Bits(unit)
    bits.text = "0" * offset + bits.text
    edges = [offset, *sorted({cut + offset for cut in cuts}), len(bits.text)]
    out = []
    for start, end in pairwise(edges):
        sbit, ebit, data = bits.piece(start, end)
        at_gob = bits.text.startswith("0" * 15 + "1", start)
        out.append(bytes([sbit << 5 | ebit << 2 | 1, 0 if at_gob else 0x10, 0, 0]) + data)
    return out


def rfc2190(unit: bytes, cuts: Sequence[int]) -> Payloads:
    """Mode A at start codes; elsewhere mode B and, every second time, the longer header of mode C."""
    bits = Bits(unit)
    edges = [0, *sorted(set(cuts)), len(bits.text)]
    out = []
    for number, (start, end) in enumerate(pairwise(edges)):
        sbit, ebit, data = bits.piece(start, end)
        mode = 0 if bits.text.startswith("0" * 16 + "1", start) else 0x80 if number % 2 else 0xC0
        out.append(bytes([mode | sbit << 3 | ebit]) + bytes({0: 3, 0x80: 7, 0xC0: 11}[mode]) + data)
    return out


def rfc4629(unit: bytes, cuts: Sequence[int], redundancy: bool = False, header: bytes = b"") -> Payloads:
    """Cut at these octets; with a VRC octet, and with a repeated picture header, if wanted."""
    edges = [0, *sorted(set(cuts)), len(unit)]
    out = []
    for start, end in pairwise(edges):
        data = unit[start:end]
        starts = data[:2] == b"\0\0" and len(data) > 2 and bool(data[2] & 0x80)
        first = (4 if starts else 0) | (2 if redundancy else 0) | len(header) >> 5
        head = bytes([first, len(header) << 3 & 0xFF]) + (b"\x10" if redundancy else b"") + header
        out.append(head + (data[2:] if starts else data))
    return out


def gob_bits(unit: bytes, codec: str) -> list[int]:
    """Where GOBs begin, without the picture's own start."""
    text, code = Bits(unit).text, "0" * (15 if codec == "h261" else 16) + "1"
    found, at = [], text.find(code, 8)
    while at >= 0:
        found.append(at)
        at = text.find(code, at + 1)
    return found


def join(payloads: Sequence[bytes], codec: str) -> bytes:
    """What a receiver makes of the payloads of a picture. Raises AssertionError where they don't fit together."""
    text = ""
    for payload in payloads:
        if codec == "h263p":
            assert int.from_bytes(payload[:2], "big") & 0xFBFF == 0
            text += "0" * 16 * (payload[0] >> 2 & 1) + Bits(payload[2:]).text
            continue
        if codec == "h261":
            sbit, ebit, data = payload[0] >> 5, payload[0] >> 2 & 7, payload[4:]
        else:
            sbit, ebit, data = payload[0] >> 3 & 7, payload[0] & 7, payload[8 if payload[0] & 0x80 else 4 :]
        assert len(text) % 8 == sbit, "an octet is shared by two packets, all of it"
        bits = Bits(data).text
        text += bits[sbit : len(bits) - ebit]
    assert len(text) % 8 == 0
    return bytes(int(text[at : at + 8], 2) for at in range(0, len(text), 8))

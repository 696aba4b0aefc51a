"""H.261, H.263 and H.263+ for the probe: libavcodec's coders, and their RTP payloads (RFC 4587, 2190, 4629). No I/O.

Codecs are named as in SDP's rtpmap by NAMES: "h263" is H263 by RFC 2190, "h263p" H263-1998 and H263-2000 by RFC 4629.
"""

from __future__ import annotations

from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext

from tests.probe import stamp
from tests.probe.h264 import PAYLOAD_LIMIT, StreamFacts
from tests.probe.rtp import RtpPacket

NAMES = {"H261": "h261", "H263": "h263", "H263-1998": "h263p", "H263-2000": "h263p"}
STATIC = {31: "h261", 34: "h263"}  # payload types of RFC 3551 table 5
_H261_GBSC = "0" * 15 + "1"  # 4.2.2.1; with a group number of 0 after it, it is a PSC
_H263_GBSC = "0" * 16 + "1"  # 5.2.2; likewise


class Coder:
    """Pictures in, coded pictures out: the first one intra, the rest predicted until ``keyframe`` asks otherwise.

    ``plus``: with a PLUSPTYPE and the annexes that libavcodec switches on, as newer terminals of H.263 code.
    """

    def __init__(self, codec: str, width: int, height: int, fps: int, kbps: int = 384, plus: bool = False) -> None:
        encoder = VideoCodecContext.create("h261" if codec == "h261" else "h263p" if plus else "h263", "w")
        encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
        # The picture clock of both is 30000/1001 Hz (H.261 3.1, H.263 3.1).
        encoder.framerate = Fraction(30000, 1001) * Fraction(fps, 30)
        encoder.time_base = 1 / encoder.framerate
        encoder.gop_size, encoder.bit_rate, encoder.max_b_frames = 600, kbps * 1000, 0
        # So that a counter's blocks stay black and white: coefficients are cut off at 127 * 2 QUANT (H.263 6.2.1), and
        # a block that turns from the one to the other has one of 1752.
        encoder.options = {"qmin": "7", "qmax": "10"}
        if codec != "h261" and not plus:
            encoder.options |= {"ps": "1"}  # a header before every GOB, for RFC 2190 begins packets there
        self._encoder = encoder
        self._count = 0
        self._keyframe = True

    def keyframe(self) -> None:
        self._keyframe = True

    def encode(self, picture: stamp.Picture) -> bytes:
        """One planar I420 picture, shape (height * 3 / 2, width)."""
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = self._count
        self._count += 1
        if self._keyframe:
            frame.pict_type = av.video.frame.PictureType.I
            self._keyframe = False
        return b"".join(bytes(packet) for packet in self._encoder.encode(frame))


class Decoder:
    """Coded pictures in, pictures out. Raises av.FFmpegError for what makes no sense."""

    def __init__(self, codec: str) -> None:
        self._decoder = VideoCodecContext.create("h261" if codec == "h261" else "h263", "r")
        self._decoder.thread_count = 1

    def decode(self, unit: bytes) -> list[av.VideoFrame]:
        return list(self._decoder.decode(av.Packet(unit)))


# --- payloads out ----------------------------------------------------------------------------------------------------


def packetize(codec: str, picture: bytes) -> list[bytes]:
    """RTP payloads of one coded picture. A GOB that is longer than a packet makes one that is too long, too."""
    if codec == "h263p":
        return _rfc4629(picture)
    bits = _bits(picture)
    starts = _starts(bits, _H261_GBSC if codec == "h261" else _H263_GBSC)
    cuts = [0]  # at GOBs, each packet as full as may be; the picture's own header stays with its first GOB
    for start, end in zip(starts[1:], [*starts[2:], len(bits)], strict=True):
        if end - cuts[-1] > 8 * PAYLOAD_LIMIT and start - cuts[-1] > 32:
            cuts.append(start)
    header = _rfc4587 if codec == "h261" else _rfc2190
    payloads = []
    for start, end in zip(cuts, [*cuts[1:], len(bits)], strict=True):
        piece = picture[start // 8 : -(-end // 8)]
        payloads.append(header(start % 8, -end % 8, picture) + piece)
    return payloads


def _rfc4587(sbit: int, ebit: int, picture: bytes) -> bytes:
    """RFC 4587 4.1: SBIT, EBIT, I (the whole stream is intra coded, so 0), V (it may have motion vectors); GOBN, MBAP,
    QUANT, HMVD and VMVD are 0 where a GOB's header begins."""
    return bytes([sbit << 5 | ebit << 2 | 1, 0, 0, 0])


def _rfc2190(sbit: int, ebit: int, picture: bytes) -> bytes:
    """RFC 2190 5.1, mode A: SRC and the flags are PTYPE's (H.263 5.1.3), whose first bit is bit 30 of the picture."""
    ptype = int.from_bytes(picture[:8], "big") >> (64 - 30 - 13) & 0x1FFF
    source = ptype >> 5 & 7
    inter, umv, sac, advanced = (ptype >> at & 1 for at in (4, 3, 2, 1))
    second = source << 5 | inter << 4 | umv << 3 | sac << 2 | advanced << 1
    return bytes([sbit << 3 | ebit, second, 0, 0])


def _rfc4629(picture: bytes) -> list[bytes]:
    """RFC 4629 5.1: the two octets of zeros of a start code are left out and P says so; other cuts are anywhere."""
    room = PAYLOAD_LIMIT - 2
    rest = picture[2:]
    pieces = [rest[at : at + room] for at in range(0, len(rest), room)]
    return [(b"\x04\x00" if number == 0 else b"\x00\x00") + piece for number, piece in enumerate(pieces)]


def _bits(octets: bytes) -> str:
    return bin(int.from_bytes(b"\x01" + octets, "big"))[3:]


def _starts(bits: str, code: str) -> list[int]:
    found = []
    at = bits.find(code)
    while at >= 0:
        found.append(at)
        at = bits.find(code, at + len(code))
    return found


# --- payloads in -----------------------------------------------------------------------------------------------------


class Depacketizer:
    """Packets in, coded pictures out at the marker bit; a picture with a hole is dropped and counted.

    ``facts.idrs`` are intra pictures. Of H.261 they have to be counted by who decodes: nothing else tells.
    """

    def __init__(self, codec: str) -> None:
        self.codec = codec
        self.facts = StreamFacts()
        self.damaged = 0
        self._open = {"h261": self._open_h261, "h263": self._open_h263, "h263p": self._open_h263p}[codec]
        self._unit = bytearray()
        self._ebit = 0  # bits at the end of the unit that are not its own
        self._broken = False
        self._expected: int | None = None
        self._timestamp: int | None = None

    def feed(self, packet: RtpPacket) -> bytes | None:
        lost = self._expected is not None and packet.sequence != self._expected
        self._expected = (packet.sequence + 1) & 0xFFFF
        if self._timestamp is not None and packet.timestamp != self._timestamp:
            self._begin()  # the marker was lost with the end of the former picture
        self._timestamp = packet.timestamp
        self._broken |= lost or not self._take(packet.payload)
        self.facts.largest_payload = max(self.facts.largest_payload, len(packet.payload))
        if not packet.marker:
            return None
        unit, whole = bytes(self._unit), not self._broken and self._ebit == 0 and self._is_picture()
        self._begin()
        self._timestamp = None
        if not whole:
            self.damaged += 1
            return None
        self.facts.idrs += self.codec != "h261" and _h263_is_intra(unit)
        return unit

    def _begin(self) -> None:
        self._unit.clear()
        self._ebit, self._broken = 0, False

    def _is_picture(self) -> bool:
        start, bits = (0x00010, 20) if self.codec == "h261" else (0x20, 22)  # PSC: H.261 4.2.1.1, H.263 5.1.1
        return len(self._unit) > 4 and int.from_bytes(self._unit[:3], "big") >> (24 - bits) == start

    def _take(self, payload: bytes) -> bool:
        opened = self._open(payload)
        if opened is None:
            return False
        sbit, ebit, data = opened
        if not data or (self._ebit + sbit) % 8:
            return False
        if sbit and self._unit:
            own = 0xFF << self._ebit & 0xFF
            self._unit[-1] = self._unit[-1] & own | data[0] & ~own & 0xFF
            data = data[1:]
        self._unit += data
        self._ebit = ebit
        return True

    def _open_h261(self, payload: bytes) -> tuple[int, int, bytes] | None:
        if len(payload) < 5:
            return None
        return payload[0] >> 5, payload[0] >> 2 & 7, payload[4:]

    def _open_h263(self, payload: bytes) -> tuple[int, int, bytes] | None:
        """RFC 2190 5: mode A without F, mode B with it, mode C with P as well."""
        if len(payload) < 5:
            return None
        length = 4 if not payload[0] & 0x80 else 12 if payload[0] & 0x40 else 8
        return payload[0] >> 3 & 7, payload[0] & 7, payload[length:]

    def _open_h263p(self, payload: bytes) -> tuple[int, int, bytes] | None:
        if len(payload) < 3:
            return None
        head = int.from_bytes(payload[:2], "big")
        at = 2 + (head >> 9 & 1) + (head >> 3 & 0x3F)  # VRC, then PLEN octets of an extra picture header
        return 0, 0, (b"\x00\x00" if head & 0x400 else b"") + payload[at:]


def _h263_is_intra(unit: bytes) -> bool:
    """PTYPE bit 9, or where its source format is "extended" the picture type of MPPTYPE (H.263 5.1.3, 5.1.4.3)."""
    bits = _bits(unit[:16])
    if bits[35:38] != "111":
        return bits[38] == "0"
    # UFEP, then OPPTYPE (18 bits) where UFEP is 1, then MPPTYPE.
    return bits[41 + (18 if bits[38:41] == "001" else 0) :][:3] == "000"

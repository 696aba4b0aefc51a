"""RTP and RTCP packets as bytes (RFC 3550, RFC 4585, RFC 5104). No I/O."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970, RFC 5905


class RtpPacket(NamedTuple):
    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    arrival: float  # seconds since the epoch, taken by the kernel


def header(payload_type: int, sequence: int, timestamp: int, ssrc: int, marker: bool) -> bytes:
    second = payload_type | (0x80 if marker else 0)
    return struct.pack("!BBHII", 0x80, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)


def parse(data: bytes, arrival: float) -> RtpPacket | None:
    """The packet, or None for what is not RTP version 2."""
    if len(data) < 12 or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", data)
    start = 12 + 4 * (first & 0x0F)
    if first & 0x10:  # header extension, RFC 3550 5.3.1
        if len(data) < start + 4:
            return None
        start += 4 + 4 * int(struct.unpack_from("!H", data, start + 2)[0])
    end = len(data) - (data[-1] if first & 0x20 else 0)
    if end < start:
        return None
    return RtpPacket(bool(second & 0x80), second & 0x7F, sequence, timestamp, ssrc, data[start:end], arrival)


class Gap(NamedTuple):
    at: float
    missing: int


@dataclass(slots=True)
class SequenceLog:
    """Counts what arrives and notes every hole in the sequence numbers; a late packet closes no hole."""

    packets: int = 0
    octets: int = 0
    frames: int = 0  # packets with the marker bit
    gaps: list[Gap] = field(default_factory=list)
    ssrcs: list[int] = field(default_factory=list)
    payload_types: set[int] = field(default_factory=set)
    highest: int = -1  # extended sequence number
    last_arrival: float = 0.0

    def note(self, second: int, sequence: int, ssrc: int, size: int, arrival: float) -> None:
        """``second`` is the header's second octet: marker and payload type."""
        self.packets += 1
        self.octets += size
        self.frames += second >> 7
        self.payload_types.add(second & 0x7F)
        self.last_arrival = arrival
        if not self.ssrcs or self.ssrcs[-1] != ssrc:
            self.ssrcs.append(ssrc)
            self.highest = sequence
            return
        step = (sequence - self.highest) & 0xFFFF
        if step == 0 or step >= 0x8000:
            return
        if step > 1:
            self.gaps.append(Gap(arrival, step - 1))
        self.highest = (self.highest + step) & 0xFFFFFFFF

    def missing_since(self, since: float) -> int:
        return sum(gap.missing for gap in self.gaps if gap.at >= since)


def sender_report(ssrc: int, now: float, timestamp: int, packets: int, octets: int) -> bytes:
    seconds = int(now)
    fraction = int((now - seconds) * 2**32)
    fields = (seconds + _NTP_EPOCH, fraction, timestamp & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return struct.pack("!BBHI5I", 0x80, 200, 6, ssrc, *fields) + _cname(ssrc)


def receiver_report(ssrc: int, of: int, log: SequenceLog) -> bytes:
    lost = min(sum(gap.missing for gap in log.gaps), 0x7FFFFF)
    block = struct.pack("!IIIIII", of, lost, max(log.highest, 0) & 0xFFFFFFFF, 0, 0, 0)
    return struct.pack("!BBHI", 0x81, 201, 7, ssrc) + block + _cname(ssrc)


def _cname(ssrc: int) -> bytes:
    return struct.pack("!BBHI", 0x81, 202, 3, ssrc) + b"\x01\x05probe\x00"[:8]


def pli(ssrc: int, media: int) -> bytes:
    return receiver_report(ssrc, media, SequenceLog()) + struct.pack("!BBHII", 0x81, 206, 2, ssrc, media)


def fir(ssrc: int, media: int, number: int) -> bytes:
    """RFC 5104 4.3.1: the media source stands in the FCI, with a command number."""
    request = struct.pack("!BBHIIIB3x", 0x84, 206, 4, ssrc, 0, media, number & 0xFF)
    return receiver_report(ssrc, media, SequenceLog()) + request


# (packet type, feedback message type)
_KINDS = {
    (200, None): "sr", (201, None): "rr", (203, None): "bye", (205, 1): "nack", (206, 1): "pli", (206, 4): "fir",
}  # fmt: skip


def rtcp_kinds(data: bytes) -> Iterator[str]:
    """What stands in a compound: "sr", "rr", "bye", "pli", "fir", "nack"; the rest is passed over."""
    position = 0
    while position + 4 <= len(data):
        first, kind, words = struct.unpack_from("!BBH", data, position)
        if first >> 6 != 2:
            return
        name = _KINDS.get((kind, first & 0x1F if kind in (205, 206) else None))
        if kind == 192:  # RFC 2032 5.2.1, the old full INTRA request
            name = "fir"
        if name:
            yield name
        position += 4 * (words + 1)

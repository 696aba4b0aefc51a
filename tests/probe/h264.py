"""H.264 on RTP: both packetization modes (RFC 6184), and what a bitstream says about itself. No I/O."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.probe.rtp import RtpPacket

IDR, SPS, PPS, STAP_A, FU_A = 5, 7, 8, 24, 28
PAYLOAD_LIMIT = 1200  # octets, fits every MTU in the field with IP, UDP, RTP and a tunnel around it


def split(stream: bytes) -> Iterator[bytes]:
    """NAL units of an Annex B byte stream, without start codes."""
    position = stream.find(b"\x00\x00\x01")
    while position >= 0:
        start = position + 3
        position = stream.find(b"\x00\x00\x01", start)
        end = len(stream) if position < 0 else position
        unit = stream[start:end].rstrip(b"\x00") if position >= 0 else stream[start:end]
        if unit:
            yield unit


def packetize(nals: Iterable[bytes], mode: int) -> list[bytes]:
    """RTP payloads of one access unit.

    Mode 0 allows only single NAL units (RFC 6184 6.2): raises ValueError when one is larger than a packet.
    """
    payloads: list[bytes] = []
    for nal in nals:
        if len(nal) <= PAYLOAD_LIMIT:
            payloads.append(nal)
        elif mode == 0:
            raise ValueError(f"NAL unit of {len(nal)} octets does not fit packetization-mode 0")
        else:
            indicator, kind = (nal[0] & 0xE0) | FU_A, nal[0] & 0x1F
            pieces = [nal[at : at + PAYLOAD_LIMIT - 2] for at in range(1, len(nal), PAYLOAD_LIMIT - 2)]
            for number, piece in enumerate(pieces):
                flags = (0x80 if number == 0 else 0) | (0x40 if number == len(pieces) - 1 else 0)
                payloads.append(bytes([indicator, flags | kind]) + piece)
    return payloads


@dataclass(slots=True)
class StreamFacts:
    """What has been seen of a bitstream on its way in."""

    nal_types: Counter[int] = field(default_factory=Counter)  # of every packet, FU-A and STAP-A as such
    idrs: int = 0  # access units with an IDR slice
    largest_nal: int = 0
    largest_payload: int = 0
    profile: int = 0
    level: int = 0  # level_idc: 13 is 1.3
    parameter_sets: int = 0


class Depacketizer:
    """Packets in, access units (Annex B) out at the marker bit; a unit with a hole is dropped and counted."""

    def __init__(self) -> None:
        self.facts = StreamFacts()
        self.damaged = 0
        self._nals: list[bytes] = []
        self._fragment = bytearray()
        self._expected: int | None = None
        self._broken = False
        self._timestamp: int | None = None

    def feed(self, packet: RtpPacket) -> bytes | None:
        lost = self._expected is not None and packet.sequence != self._expected
        self._expected = (packet.sequence + 1) & 0xFFFF
        if self._timestamp is not None and packet.timestamp != self._timestamp and self._nals:
            self._nals.clear()  # the marker was lost with the end of the former unit
            self._broken = False
        self._timestamp = packet.timestamp
        if lost:
            self._broken = True
            self._fragment.clear()
        self._take(packet.payload)
        if not packet.marker:
            return None
        unit, broken = self._nals, self._broken
        self._nals, self._broken, self._timestamp = [], False, None
        if broken or not unit:
            self.damaged += 1
            return None
        if any(nal[0] & 0x1F == IDR for nal in unit):
            self.facts.idrs += 1
        return b"".join(b"\x00\x00\x00\x01" + nal for nal in unit)

    def _take(self, payload: bytes) -> None:
        if not payload:
            return
        kind = payload[0] & 0x1F
        facts = self.facts
        facts.nal_types[kind] += 1
        facts.largest_payload = max(facts.largest_payload, len(payload))
        if kind == FU_A and len(payload) > 2:
            if payload[1] & 0x80:
                self._fragment = bytearray([(payload[0] & 0xE0) | (payload[1] & 0x1F)])
            if self._fragment:
                self._fragment += payload[2:]
            if payload[1] & 0x40 and self._fragment:
                self._whole(bytes(self._fragment))
                self._fragment = bytearray()
        elif kind == STAP_A:
            position = 1
            while position + 2 < len(payload):
                size = struct.unpack_from("!H", payload, position)[0]
                self._whole(payload[position + 2 : position + 2 + size])
                position += 2 + size
        elif kind < STAP_A:
            self._whole(payload)

    def _whole(self, nal: bytes) -> None:
        if not nal:
            return
        facts = self.facts
        facts.largest_nal = max(facts.largest_nal, len(nal))
        if nal[0] & 0x1F == SPS and len(nal) > 3:
            facts.profile, facts.level = nal[1], nal[3]
            facts.parameter_sets += 1
        self._nals.append(nal)

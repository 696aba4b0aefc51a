"""The words that H.245 and SDP share: where a stream goes, what it is coded with.

A ``Format`` says what SDP says in ``a=rtpmap``, ``a=fmtp`` and ``b=TIAS``; ``h245/capabilities.py`` turns H.245's
capabilities into it and back. Nothing here knows a protocol.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal

Kind = Literal["audio", "video", "content"]

NO_PAYLOAD_TYPE = -1

# RFC 3551 tables 4 and 5, G.722.1 and H.264 have none.
STATIC_PAYLOAD_TYPES = {"pcmu": 0, "pcma": 8, "g722": 9, "g729": 18, "h261": 31, "h263": 34}

# RTP clock in Hz, as `a=rtpmap` writes it: G.722's stays at 8000 by RFC 3551 4.5.2.
CLOCK_RATES = {"pcmu": 8000, "pcma": 8000, "g722": 8000, "g7221": 16000, "g729": 8000}
VIDEO_CLOCK_RATE = 90000

DISCARD = 9  # port of RFC 863: nobody minds what comes there until the true address is known

ENCODING_NAMES = {
    "pcmu": "PCMU",
    "pcma": "PCMA",
    "g722": "G722",
    "g7221": "G7221",
    "g729": "G729",
    "h264": "H264",
    "h263": "H263",
    "h263p": "H263-1998",
    "h261": "H261",
}

AUDIO_CODECS = tuple(CLOCK_RATES)
VIDEO_CODECS = ("h264", "h263p", "h263", "h261")


IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def unmapped(host: str | IPAddress) -> IPAddress:
    """An address; IPv4 in the clothes of IPv6 as IPv4 (RFC 4291 2.5.5.2). Raises ValueError for what is none."""
    read = ipaddress.ip_address(host)
    return (read.ipv4_mapped or read) if isinstance(read, ipaddress.IPv6Address) else read


@dataclass(frozen=True, slots=True)
class Address:
    """Where packets are sent to: an IPv4 or IPv6 literal and a port of 0 to 65535."""

    host: str
    port: int

    def __post_init__(self) -> None:
        ipaddress.ip_address(self.host)  # ValueError: host names are not resolved in the middle of a call
        if not 0 <= self.port <= 65535:
            raise ValueError(f"port {self.port}")

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One codec with its parameters."""

    codec: str  # a key of ENCODING_NAMES
    payload_type: int = NO_PAYLOAD_TYPE  # static, or the dynamic number announced; -1 where none is fixed yet
    fmtp: str = ""  # as SDP writes it: "profile-level-id=42e01f;packetization-mode=1", "CIF=1;QCIF=1"
    bit_rate: int = 0  # bit/s, the most that the receiver takes (b=TIAS); 0 unknown
    frames: int = 0  # audio: milliseconds a packet; 0 unknown or video

    def __post_init__(self) -> None:
        if self.codec not in ENCODING_NAMES:
            raise ValueError(f"no such codec: {self.codec!r}")
        if not -1 <= self.payload_type <= 127:
            raise ValueError(f"payload type {self.payload_type}")

    @property
    def kind(self) -> Literal["audio", "video"]:
        return "audio" if self.codec in CLOCK_RATES else "video"

    @property
    def clock_rate(self) -> int:
        """Hz, as ``a=rtpmap`` writes it."""
        return CLOCK_RATES.get(self.codec, VIDEO_CLOCK_RATE)

    @property
    def encoding_name(self) -> str:
        """As ``a=rtpmap`` writes it."""
        return ENCODING_NAMES[self.codec]

    @property
    def parameters(self) -> dict[str, str]:
        """``fmtp`` taken apart; names in lower case, a name without ``=`` has the value ""."""
        return read_fmtp(self.fmtp)


def read_fmtp(text: str) -> dict[str, str]:
    """``a=1;B=2`` as {"a": "1", "b": "2"}: names match without regard to case (RFC 6184 8.2.1, RFC 4629 8.2)."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name.strip():
            found[name.strip().lower()] = value.strip()
    return found


def write_fmtp(parameters: dict[str, str | int]) -> str:
    """The other way; the order is kept, names as given."""
    return ";".join(f"{name}={value}" if value != "" else name for name, value in parameters.items())

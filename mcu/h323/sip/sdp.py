"""Session descriptions to and from Asterisk (RFC 8866), on the words of mcu/h323/media.py.

Reading is forgiving: a line that makes no sense is passed over, an encoding we have no name for is left out. What is
left says where media goes and with which payload types.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from mcu.h323.media import ENCODING_NAMES, STATIC_PAYLOAD_TYPES, Address, Format

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
_DIRECTIONS: dict[str, Direction] = {d: d for d in ("sendrecv", "sendonly", "recvonly", "inactive")}
_CODECS = {name.upper(): codec for codec, name in ENCODING_NAMES.items()}
_STATIC = {number: codec for codec, number in STATIC_PAYLOAD_TYPES.items()}
MAX_OCTETS = 16_384
MAX_MEDIA = 16
MAX_FORMATS = 32
_UNSAFE = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One m-line. ``address`` None or port 0: refused. ``bit_rate`` in bit/s (b=TIAS, else b=AS), 0 unknown."""

    kind: str  # "audio", "video", else as it stands there
    address: Address | None
    formats: tuple[Format, ...] = ()
    direction: Direction = "sendrecv"
    bit_rate: int = 0
    label: str = ""  # a=content (RFC 4796): "slides" for a presentation
    packet_time: int = 0  # ms

    @property
    def used(self) -> bool:
        return self.address is not None and self.address.port != 0

    @property
    def rtcp(self) -> Address | None:
        """RTP's port and one (RFC 3550 11): Asterisk writes no a=rtcp."""
        return replace(self.address, port=self.address.port + 1) if self.address and self.used else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    media: tuple[Media, ...] = ()
    host: str = "127.0.0.1"  # of o=

    def find(self, kind: str, label: str = "") -> Media | None:
        """The first line of ``kind`` that is in use."""
        return next((m for m in self.media if m.kind == kind and m.label == label and m.used), None)

    def text(self, session: int, version: int) -> bytes:
        """As octets. ``version`` grows with every change (RFC 3264 8); ``session`` stays."""
        family = "IP6" if ":" in self.host else "IP4"
        lines = ["v=0", f"o=mcu {session} {version} IN {family} {self.host}", "s=mcu"]
        lines += [f"c=IN {family} {self.host}", "t=0 0"]
        for media in self.media:
            lines += _media_lines(media)
        return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _media_lines(media: Media) -> list[str]:
    port = media.address.port if media.address else 0
    numbers = " ".join(str(form.payload_type) for form in media.formats) or "0"
    lines = [f"m={media.kind} {port} RTP/AVP {numbers}"]
    if not media.used or media.address is None:
        return lines
    host = media.address.host
    lines.append(f"c=IN {'IP6' if ':' in host else 'IP4'} {host}")
    if media.bit_rate:
        # Both, for Asterisk passes on neither and others read one of them (RFC 3890 6.2: AS counts the headers, too).
        lines += [f"b=AS:{-(-media.bit_rate // 1000)}", f"b=TIAS:{media.bit_rate}"]
    for form in media.formats:
        lines.append(f"a=rtpmap:{form.payload_type} {form.encoding_name}/{form.clock_rate}")
        if form.fmtp:
            lines.append(f"a=fmtp:{form.payload_type} {_UNSAFE.sub('', form.fmtp)}")
    if media.packet_time:
        lines.append(f"a=ptime:{media.packet_time}")
    if media.label:
        lines.append(f"a=content:{media.label}")
    return [*lines, f"a={media.direction}"]


@dataclass(slots=True)
class _Line:
    """An m-line while it is read."""

    kind: str
    port: int
    numbers: list[int]
    host: str = ""
    direction: Direction | None = None
    tias: int = 0
    kbps: int = 0
    label: str = ""
    packet_time: int = 0
    names: dict[int, str] = field(default_factory=dict)
    fmtp: dict[int, str] = field(default_factory=dict)


def read(octets: bytes) -> Description:
    """Raises ValueError when it is no description at all, or too big."""
    if len(octets) > MAX_OCTETS:
        raise ValueError(f"a description of {len(octets)} octets")
    lines = octets.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    if not any(line.startswith("v=0") for line in lines[:2]):
        raise ValueError("no session description")
    host, direction = "", _DIRECTIONS["sendrecv"]
    found: list[_Line] = []
    for line in lines:
        key, equals, value = line.partition("=")
        if not equals:
            continue
        last = found[-1] if found else None
        if key == "m" and len(found) < MAX_MEDIA:
            opened = _media(value)
            if opened is not None:
                found.append(opened)
        elif key == "c":
            named = value.split()[-1].split("/")[0] if value.split() else ""
            if last is None:
                host = named
            else:
                last.host = named
        elif key == "b" and last is not None:
            _bandwidth(last, value)
        elif key == "a" and last is None:
            direction = _DIRECTIONS.get(value.strip(), direction)
        elif key == "a" and last is not None:
            _attribute(last, value)
    return Description(media=tuple(_finished(line, host, direction) for line in found), host=host or "127.0.0.1")


def _media(value: str) -> _Line | None:
    parts = value.split()
    port = parts[1].split("/")[0] if len(parts) > 2 else ""
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        return None
    numbers = [int(part) for part in parts[3:] if part.isascii() and part.isdigit() and len(part) <= 3]
    return _Line(parts[0].lower(), int(port), [number for number in numbers if number <= 127][:MAX_FORMATS])


def _bandwidth(line: _Line, value: str) -> None:
    kind, _, number = value.partition(":")
    if number.strip().isascii() and number.strip().isdigit() and len(number) <= 12:
        if kind == "TIAS":
            line.tias = int(number)
        elif kind == "AS":
            line.kbps = int(number)


def _attribute(line: _Line, value: str) -> None:
    name, _, rest = value.strip().partition(":")
    if name in _DIRECTIONS:
        line.direction = _DIRECTIONS[name]
    elif name in ("rtpmap", "fmtp"):
        number, _, what = rest.strip().partition(" ")
        if number.isascii() and number.isdigit() and len(number) <= 3:
            (line.names if name == "rtpmap" else line.fmtp)[int(number)] = what.strip()
    elif name == "content":
        line.label = rest.strip().split(",")[0]
    elif name == "ptime" and rest.strip().isascii() and rest.strip().isdigit():
        line.packet_time = int(rest.strip()[:4])


def _finished(line: _Line, session_host: str, session_direction: Direction) -> Media:
    bit_rate = line.tias or line.kbps * 1000
    formats = []
    for number in line.numbers:
        encoding, _, clock = line.names.get(number, "").partition("/")
        codec = _CODECS.get(encoding.upper()) or (_STATIC.get(number) if not encoding else None)
        if codec is None:
            continue
        form = Format(codec=codec, payload_type=number, fmtp=line.fmtp.get(number, ""), bit_rate=bit_rate)
        if not clock or clock.split("/")[0] == str(form.clock_rate):
            formats.append(form)
    try:
        address = Address(line.host or session_host, line.port)
    except ValueError:
        address = None
    return Media(
        kind=line.kind, address=address, formats=tuple(formats), direction=line.direction or session_direction,
        bit_rate=bit_rate, label=line.label, packet_time=line.packet_time,
    )  # fmt: skip

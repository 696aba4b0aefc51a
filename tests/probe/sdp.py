"""Session descriptions that a test composes freely, and the parts of an answer that a terminal acts on (RFC 8866)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from tests.probe import h26x

NAMES = {"H264": "h264", **h26x.NAMES}  # of codecs that the probe has, by rtpmap
# A terminal of today: constrained baseline, level 3.1, 720p30 spelled out (RFC 6184 8.1).
HD = "profile-level-id=42e01f;packetization-mode=1;max-fs=3600;max-mbps=108000"


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """One payload type of the video line; an empty ``fmtp`` leaves the attribute out."""

    payload: int = 97
    fmtp: str = HD
    codec: str = "H264"

    @property
    def codec_name(self) -> str:
        """As Camera and Screen know it; one that the probe does not have is sent as H.264 all the same."""
        return NAMES.get(self.codec.upper(), "h264")

    @property
    def packetization_mode(self) -> int:
        return 1 if "packetization-mode=1" in self.fmtp else 0


@dataclass(frozen=True, slots=True)
class Offer:
    """What a terminal offers. ``video=()`` leaves the line out, ``video_port_zero`` sends it disabled."""

    audio: tuple[str, ...] = ("PCMU",)
    video: tuple[VideoFormat, ...] = (VideoFormat(),)
    audio_direction: str = "sendrecv"
    video_direction: str = "sendrecv"
    video_port_zero: bool = False
    bandwidth: int = 0  # kbit/s of b=AS on the video line
    no_address: bool = False  # c=IN IP4 0.0.0.0, how RFC 2543 put a call on hold
    extra_video: tuple[str, ...] = ()  # attribute lines as they are
    extra_media: tuple[str, ...] = ()  # further m-lines as they are

    def text(self, host: str, audio_port: int, video_port: int, version: int = 1) -> str:
        static = {
            "PCMU": (0, "PCMU/8000"),
            "PCMA": (8, "PCMA/8000"),
            "G722": (9, "G722/8000"),
            "OPUS": (111, "opus/48000/2"),
        }
        audio = [static[name] for name in self.audio]
        connection = "0.0.0.0" if self.no_address else host
        lines = ["v=0", f"o=probe {_SESSION} {version} IN IP4 {host}", "s=probe", f"c=IN IP4 {connection}", "t=0 0"]
        numbers = " ".join(str(number) for number, _ in audio)
        lines.append(f"m=audio {audio_port} RTP/AVP {numbers} 101")
        lines += [f"a=rtpmap:{number} {name}" for number, name in audio]
        lines += ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20", f"a={self.audio_direction}"]
        if self.video:
            port = 0 if self.video_port_zero else video_port
            lines.append(f"m=video {port} RTP/AVP {' '.join(str(form.payload) for form in self.video)}")
            if self.bandwidth:
                lines.append(f"b=AS:{self.bandwidth}")
            for form in self.video:
                lines.append(f"a=rtpmap:{form.payload} {form.codec}/90000")
                if form.fmtp:
                    lines.append(f"a=fmtp:{form.payload} {form.fmtp}")
            lines += [*self.extra_video, f"a={self.video_direction}"]
        lines += self.extra_media
        return "\r\n".join(lines) + "\r\n"


_SESSION = secrets.randbelow(2**31)


@dataclass(slots=True)
class Media:
    """One m-line of the other side."""

    kind: str
    host: str
    port: int
    payloads: list[int]
    codecs: dict[int, str] = field(default_factory=dict)  # payload type → encoding name, upper case
    fmtp: dict[int, str] = field(default_factory=dict)
    direction: str = "sendrecv"

    def codec_of(self, payload: int) -> str:
        """Of one payload type, as Camera and Screen know it; empty for one that the probe does not have."""
        return NAMES.get(self.codecs[payload], "") if payload in self.codecs else h26x.STATIC.get(payload, "")


def parse(text: str) -> list[Media]:
    """The m-lines in order. Raises ValueError for a line that makes no sense."""
    host, direction = "", "sendrecv"
    media: list[Media] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        key, _, value = line.partition("=")
        if key == "c":
            address = value.split()[2]
            if media:
                media[-1].host = address
            else:
                host = address
        elif key == "m":
            kind, port, _, *payloads = value.split()
            numbers = [int(number) for number in payloads if number.isdigit()]
            media.append(Media(kind, host, int(port.split("/")[0]), numbers, direction=direction))
        elif key == "a":
            name, _, rest = value.partition(":")
            if name in ("sendrecv", "sendonly", "recvonly", "inactive"):
                if media:
                    media[-1].direction = name
                else:
                    direction = name
            elif media and name in ("rtpmap", "fmtp"):
                number, _, what = rest.partition(" ")
                if name == "rtpmap":
                    media[-1].codecs[int(number)] = what.split("/")[0].upper()
                else:
                    media[-1].fmtp[int(number)] = what
    return media


def find(media: list[Media], kind: str) -> Media | None:
    """The first line of ``kind`` that is in use (port not zero)."""
    return next((line for line in media if line.kind == kind and line.port), None)

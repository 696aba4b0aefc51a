"""Rate classes: the few sizes in which a view is encoded, and which of them a terminal can take.

A terminal's bounds come from its format parameters. Of H.264 (RFC 6184, section 8.1): the level of profile-level-id,
raised by max-fs, max-mbps and max-br; the levels' limits are those of H.264 table A-1. Of H.263 (RFC 4629, 8.1) and
H.261 (RFC 4587, 6.1): which picture sizes, each with its least interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class RateClass:
    """One encoding of a view: pixels, pictures a second, kbit/s; of H.264 also the level its parameter sets claim."""

    name: str
    width: int
    height: int
    fps: int
    kbps: int
    level_idc: int
    codec: str = "h264"  # of CODECS

    @property
    def macroblocks(self) -> int:
        return math.ceil(self.width / 16) * math.ceil(self.height / 16)


# As Asterisk and the H.323 gateway name them, the preferred one first: "h263p" is H.263 in RTP by RFC 4629 (H263-1998),
# "h263" by RFC 2190.
CODECS = ("h264", "h263p", "h263", "h261")


def _of_old_codec(codec: str) -> tuple[RateClass, ...]:
    """Their pictures come every 1001/30000 s or a whole multiple of that, at most every fourth is asked for."""
    return (
        RateClass(f"{codec}cif", 352, 288, 30, 384, 0, codec),
        RateClass(f"{codec}cif15", 352, 288, 15, 256, 0, codec),
        RateClass(f"{codec}qcif15", 176, 144, 15, 96, 0, codec),
        RateClass(f"{codec}qcif7", 176, 144, 7, 48, 0, codec),
    )


# Best first. The halves of cif and qcif serve levels 1.2, 1 and 1b: their macroblock rate allows 15 pictures a second.
CLASSES: dict[str, RateClass] = {
    c.name: c
    for c in (
        RateClass("hd", 1280, 720, 30, 1500, 31),
        RateClass("sd", 640, 360, 30, 600, 30),
        RateClass("cif", 352, 288, 30, 384, 13),
        RateClass("cif15", 352, 288, 15, 256, 12),
        RateClass("qcif", 176, 144, 30, 128, 11),
        RateClass("qcif15", 176, 144, 15, 56, 10),
        *_of_old_codec("h263p"),
        *_of_old_codec("h263"),
        *_of_old_codec("h261"),
    )
}
# Of a presentation by itself (H.239). Slides are read: the size stays and pictures are left out, so that each of them
# keeps its bits. Terminals often split their call's rate in two, which leaves 384 or 512 kbit/s for slides.
SLIDES_CLASSES: dict[str, RateClass] = {
    c.name: c
    for c in (
        RateClass("hd15", 1280, 720, 15, 1500, 31),
        RateClass("hd10", 1280, 720, 10, 768, 31),
        RateClass("hd5", 1280, 720, 5, 384, 31),
        RateClass("sd15", 640, 360, 15, 300, 22),
        RateClass("sd5", 640, 360, 5, 128, 22),
        *(c for c in CLASSES.values() if c.fps <= 15),
    )
}
ALL_CLASSES: dict[str, RateClass] = {
    c.name: c
    for c in sorted({**CLASSES, **SLIDES_CLASSES}.values(), key=lambda c: (CODECS.index(c.codec), -c.width, -c.fps))
}
_OF_CODEC = {codec: tuple(c for c in CLASSES.values() if c.codec == codec) for codec in CODECS}
_SLIDES_OF_CODEC = {codec: tuple(c for c in SLIDES_CLASSES.values() if c.codec == codec) for codec in CODECS}
# RFC 6184 takes an absent profile-level-id for level 1, yet terminals that leave it out do take CIF.
_UNTOLD = 13


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a decoder takes: macroblocks a second, macroblocks a picture, kbit/s."""

    max_mbps: int
    max_fs: int
    max_kbps: int

    def admit(self, rate_class: RateClass) -> bool:
        across = max(math.ceil(rate_class.width / 16), math.ceil(rate_class.height / 16))
        return (
            rate_class.macroblocks <= self.max_fs
            and across * across <= 8 * self.max_fs  # A.3.1: no side longer than sqrt(8 MaxFS)
            and rate_class.macroblocks * rate_class.fps <= self.max_mbps
            and rate_class.kbps <= self.max_kbps
        )


# H.264 table A-1 for Baseline, Main and Extended; 9 stands for level 1b.
_LEVELS: dict[int, Bounds] = {
    9: Bounds(1485, 99, 128),
    10: Bounds(1485, 99, 64),
    11: Bounds(3000, 396, 192),
    12: Bounds(6000, 396, 384),
    13: Bounds(11880, 396, 768),
    20: Bounds(11880, 396, 2000),
    21: Bounds(19800, 792, 4000),
    22: Bounds(20250, 1620, 4000),
    30: Bounds(40500, 1620, 10000),
    31: Bounds(108000, 3600, 14000),
    32: Bounds(216000, 5120, 20000),
    40: Bounds(245760, 8192, 20000),
    41: Bounds(245760, 8192, 50000),
    42: Bounds(522240, 8704, 50000),
    50: Bounds(589824, 22080, 135000),
    51: Bounds(983040, 36864, 240000),
    52: Bounds(2073600, 36864, 240000),
    60: Bounds(4177920, 139264, 240000),
    61: Bounds(8355840, 139264, 480000),
    62: Bounds(16711680, 139264, 800000),
}
# Profiles whose level 1b is told by level_idc 11 and constraint_set3_flag (A.3.1 and A.3.2).
_LEVEL_1B_BY_FLAG = {66, 77, 88}
_CONSTRAINT_SET3 = 0x10


def parse_fmtp(text: str) -> dict[str, str]:
    """``a=1; b=2`` as a dict, names in lower case; without ``=`` it is left out, of repeated names the first counts."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals and name.strip():
            found.setdefault(name.strip().lower(), value.strip())
    return found


def bounds(fmtp: str) -> Bounds | None:
    """The decoder's bounds, or None where the parameters tell no level."""
    parameters = parse_fmtp(fmtp)
    level = _level(parameters.get("profile-level-id", ""))
    if level is None:
        return None
    # max-br counts units of 1000 bit/s, as MaxBR does in these profiles. Values below the level's are no valid
    # signalling (RFC 6184: "greater than or equal"), so they lower nothing.
    return Bounds(
        max(level.max_mbps, _number(parameters.get("max-mbps"))),
        max(level.max_fs, _number(parameters.get("max-fs"))),
        max(level.max_kbps, _number(parameters.get("max-br"))),
    )


@dataclass(frozen=True, slots=True)
class Formats:
    """What a decoder of H.263 or H.261 takes: least picture intervals in 1001/30000 s (0: not that size), kbit/s."""

    cif: int
    qcif: int
    max_kbps: int = 0  # 0: not told

    def admit(self, rate_class: RateClass) -> bool:
        interval = self.cif if rate_class.width > 176 else self.qcif
        fits = 0 < interval * rate_class.fps <= 30
        return fits and (not self.max_kbps or rate_class.kbps <= self.max_kbps)


# H.263 table X.2; levels above 40 raise only what has no class here. Level 45 is for QCIF alone.
_H263_LEVELS = {10: Formats(0, 2, 64), 20: Formats(2, 1, 128), 30: Formats(1, 1, 384), 45: Formats(0, 2, 128)}
# Of a receiver that names no size only QCIF at full rate is to be expected (RFC 4629 8.2.1, RFC 4587 6.2.1).
_NO_SIZE = Formats(0, 1)


def formats(fmtp: str) -> Formats:
    """The sizes that a decoder of H.263 or H.261 takes."""
    told = {name: _number(value) for name, value in parse_fmtp(fmtp).items()}

    def least(*sizes: str) -> int:
        """A decoder that takes a size takes the smaller ones as fast."""
        return min((told[size] for size in sizes if 1 <= told.get(size, 0) <= 32), default=0)

    # MAXBR is of no RFC, but terminals do tell it, in units of 100 bit/s as H.245's maxBitRate is.
    kbps = -(-told.get("maxbr", 0) // 10)
    found = Formats(least("cif", "cif4", "cif16"), least("qcif", "cif", "cif4", "cif16"), kbps)
    if found.qcif:
        return found
    if "level" in told:
        return _H263_LEVELS.get(told["level"], _H263_LEVELS[30] if told["level"] > 30 else _NO_SIZE)
    return replace(_NO_SIZE, max_kbps=found.max_kbps)


def class_for(
    codec: str, fmtp: str, most_kbps: int = 0, *, slides: bool = False, largest: tuple[int, int] | None = None
) -> str:
    """The best class that a terminal with this negotiated video can take; empty if we have no picture for its codec.

    ``most_kbps``: what it asks to be kept to at the moment, 0 for no limit. ``slides``: for a presentation by itself.
    ``largest``: width and height that an administrator keeps it to. What fits nothing gets the smallest.
    """
    classes = (_SLIDES_OF_CODEC if slides else _OF_CODEC).get(codec.strip().lower())
    if not classes:
        return ""
    limit = (bounds(fmtp) or _LEVELS[_UNTOLD]) if classes[0].codec == "h264" else formats(fmtp)
    affordable = (c for c in classes if not most_kbps or c.kbps <= most_kbps)
    if largest is not None:
        width, height = largest
        affordable = (c for c in affordable if c.width <= width and c.height <= height)
    return next((c.name for c in affordable if limit.admit(c)), classes[-1].name)


def kbps_of(bit_rate: object) -> int:
    """Whole kbit/s of a limit in bit/s, at least 1; 0, which is no limit, of what is none."""
    return max(bit_rate // 1000, 1) if isinstance(bit_rate, int) and bit_rate > 0 else 0


def choose_video(negotiated: str) -> tuple[str, str]:
    """(codec, fmtp) out of ``"h264 profile-level-id=…;…|h263 …"``: the codec that we prefer, else empty."""
    offers = [offer.strip().partition(" ") for offer in negotiated.split("|")]
    found = [(codec.lower(), fmtp.strip()) for codec, _, fmtp in offers if codec.lower() in CODECS]
    return min(found, key=lambda one: CODECS.index(one[0]), default=("", ""))


def _level(profile_level_id: str) -> Bounds | None:
    try:
        octets = bytes.fromhex(profile_level_id)
    except ValueError:
        return None
    if len(octets) != 3:
        return None
    profile_idc, flags, level_idc = octets
    if level_idc == 11 and profile_idc in _LEVEL_1B_BY_FLAG and flags & _CONSTRAINT_SET3:
        level_idc = 9
    if level_idc in _LEVELS:
        return _LEVELS[level_idc]
    # A number that the table does not have promises no more than the level below it.
    return _LEVELS[max((known for known in _LEVELS if known <= level_idc), default=10)]


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0

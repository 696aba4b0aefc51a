"""Which formats are used between a terminal and Asterisk: what we tell the terminal, and what of its own we take up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mcu.core.directory.overrides import Overrides
from mcu.core.picture.rates import CLASSES
from mcu.h323.gateway import intervals
from mcu.h323.h245.offer import Offer
from mcu.h323.media import NO_PAYLOAD_TYPE, STATIC_PAYLOAD_TYPES, Format, read_fmtp, write_fmtp

# Asterisk has no decoder of G.722.1 and G.729, so a room could not mix them; every terminal has G.711 (H.323 6.2.5).
AUDIO = ("g722", "pcma", "pcmu")
# What the mixer decodes and encodes, best first; also what endpoint [h323] in asterisk-conf/pjsip.conf.j2 allows.
VIDEO = ("h264", "h263p", "h263", "h261")
_FIRST_DYNAMIC, _LAST_DYNAMIC = 97, 127

# Constrained baseline, level 3.1 with its limits spelled out: 720p30, which is what a room's picture is composed of.
_H264 = "profile-level-id=42e01f;packetization-mode=1;max-mbps=108000;max-fs=3600"
_SMALL = "CIF=1;QCIF=1"
_SOUND = 64_000  # bit/s
# Macroblocks a second to the level (H.264 table A-1); of two that have the same the lower.
_LEVELS = ((1485, 10), (3000, 11), (6000, 12), (11880, 13), (19800, 21), (20250, 22), (40500, 30), (108000, 31))
_OF_H264 = tuple(one for one in CLASSES.values() if one.level_idc)
NOTHING = Overrides()


def local_offer(bit_rate: int, overrides: Overrides = NOTHING) -> Offer:
    """What we tell a terminal that it may send to us; ``bit_rate`` in bit/s of video."""
    audio = [codec for codec in AUDIO if overrides.audio_codec in ("", codec)] or AUDIO
    video = [codec for codec in VIDEO if overrides.video_codec in ("", codec)]
    if overrides.kbit_from_terminal:
        bit_rate = min(bit_rate, _video_share(overrides.kbit_from_terminal))
    sounds = [Format(codec=c, payload_type=STATIC_PAYLOAD_TYPES[c], frames=20) for c in audio]
    pictures = []
    for codec in video:
        number = STATIC_PAYLOAD_TYPES.get(codec, NO_PAYLOAD_TYPE)
        form = Format(codec=codec, payload_type=number, fmtp=_H264 if codec == "h264" else _SMALL, bit_rate=bit_rate)
        pictures.append(limited(form, overrides))
    content = tuple(pictures) if not overrides.no_h239 else ()
    return Offer(audio=tuple(sounds), video=tuple(pictures), content=content, h239=bool(content))


def common_audio(theirs: Iterable[Format], ours: Iterable[Format]) -> list[Format]:
    """What a terminal can hear of what we can say, in our order: G.722 before G.711 where it has both."""
    known = list(theirs)
    return [one for mine in ours for one in [next((f for f in known if f.codec == mine.codec), None)] if one]


def common_video(theirs: Iterable[Format], ours: Iterable[Format]) -> list[Format]:
    """One of each codec that a terminal can show of what we can send, with payload types."""
    known = list(theirs)
    found = []
    for mine in ours:
        fitting = [one for one in known if one.codec == mine.codec]
        if fitting:
            found.append(max(fitting, key=_suits) if mine.codec == "h264" else intervals.plain(fitting[0]))
    return numbered(found)


def _suits(form: Format) -> tuple[bool, bool, int]:
    """Our encoder makes constrained baseline, which decoders of other profiles take, too; mode 1 before mode 0."""
    words = form.parameters
    baseline = words.get("profile-level-id", "").startswith("42")
    size = words.get("max-fs", "")
    return baseline, words.get("packetization-mode") == "1", int(size) if size.isdigit() else 0


def numbered(formats: Iterable[Format]) -> list[Format]:
    """With payload types where there are none; static ones stay."""
    listed = list(formats)
    taken = {one.payload_type for one in listed}
    free = (number for number in range(_FIRST_DYNAMIC, _LAST_DYNAMIC + 1) if number not in taken)
    return [one if one.payload_type >= 0 else replace(one, payload_type=next(free)) for one in listed]


def affordable(form: Format, bit_rate: int) -> Format:
    """A video format for Asterisk that asks for no more than fits into ``bit_rate`` (0: unlimited).

    A room's picture comes in a few sizes and rates (core.rates), and a terminal is given one by its H.264 level alone.
    So one that takes little is told to Asterisk with the level of the best picture that it can pay for. The older
    codecs have no levels: there the rate itself is said.
    """
    limit = min(filter(None, (form.bit_rate, bit_rate)), default=0)
    if not limit:
        return form
    if form.codec != "h264":
        return intervals.rated(form, limit)
    best = next((one for one in _OF_H264 if one.kbps * 1000 <= limit), _OF_H264[-1])
    if best is _OF_H264[0]:
        return form
    return replace(form, fmtp=_lowered(form.fmtp, best.level_idc, best.macroblocks, best.macroblocks * best.fps))


def limited(form: Format, overrides: Overrides) -> Format:
    """With the largest picture and the frame rate that an odd terminal is limited to."""
    if not overrides.picture and not overrides.frame_rate:
        return form
    if form.codec == "h264":
        return replace(form, fmtp=_limited(form.fmtp, overrides))
    return intervals.limited(form, overrides.size, overrides.frame_rate)


def _limited(fmtp: str, overrides: Overrides) -> str:
    width, height = overrides.size or (1280, 720)
    macroblocks = -(-width // 16) * -(-height // 16)
    per_second = macroblocks * (overrides.frame_rate or 30)
    # The level below, raised by max-fs and max-mbps: a level by itself would promise its own rate. 5940, CIF at 15
    # pictures a second, is what the 6000 of level 1.2 are meant for.
    level = max((idc for most, idc in _LEVELS if most <= 1.02 * per_second), default=_LEVELS[0][1])
    return _lowered(fmtp, level, macroblocks, per_second)


def video_limit(overrides: Overrides) -> int:
    """bit/s of video that a terminal is sent at most; 0 without a limit."""
    return _video_share(overrides.kbit_to_terminal) if overrides.kbit_to_terminal else 0


def _video_share(kbit: int) -> int:
    """bit/s left for the picture of a call's whole rate."""
    return max(kbit * 1000 - _SOUND, _SOUND)


def _lowered(fmtp: str, level_idc: int, macroblocks: int, per_second: int) -> str:
    words = read_fmtp(fmtp)
    level = words.get("profile-level-id", "42e00a").lower()
    try:
        idc = int(level[4:6], 16)
    except ValueError:
        return fmtp
    lowered = {"profile-level-id": f"{level[:4]}{min(idc, level_idc):02x}"}
    for name, most in (("max-mbps", per_second), ("max-fs", macroblocks)):
        said = words.get(name, "")
        if said.isdigit():
            lowered[name] = str(min(int(said), most))
    # max-br may stay out: the level's own rate is beyond each picture's that the level admits.
    kept = {name: value for name, value in words.items() if name not in {*lowered, "max-br"}}
    return write_fmtp({**lowered, **kept})

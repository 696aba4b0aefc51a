"""H.245's audio capabilities <-> Format.

The number in a capability counts frames a packet: of 1 ms for G.711 and G.722, 10 ms for G.729, 20 ms for G.722.1.
"""

from __future__ import annotations

from ..media import NO_PAYLOAD_TYPE, STATIC_PAYLOAD_TYPES, Format, read_fmtp
from .generic import GenericCapability, read_capability
from .line import Value

G7221 = (0, 0, 7, 7221, 1, 0)  # itu-t recommendation g 7221 generic-capabilities(1) 0, G.722.1 annex A
FRAMES_PER_PACKET = 1  # parameter of G.722.1

Choice = tuple[str, Value]

MILLISECONDS = {"g711Alaw64k": "pcma", "g711Ulaw64k": "pcmu", "g722-64k": "g722"}
G729 = {"g729AnnexA": "annexb=no", "g729": "annexb=no", "g729AnnexAwAnnexB": "annexb=yes", "g729wAnnexB": "annexb=yes"}
G729_FRAME, G7221_FRAME = 10, 20  # ms
BIT_RATES = {"pcma": 64_000, "pcmu": 64_000, "g722": 64_000, "g729": 8_000}

PACKET = 20  # ms, where a Format says nothing: what everybody sends
MOST_FRAMES = 256


def read(choice: Choice) -> Format | None:
    """The Format of an AudioCapability, None where it is none of ours."""
    name, value = choice
    if name in MILLISECONDS:
        codec = MILLISECONDS[name]
        return _format(codec, "", BIT_RATES[codec], value)
    if name in G729:
        return _format("g729", G729[name], BIT_RATES["g729"], value * G729_FRAME)
    if name == "genericAudioCapability":
        return _g7221(read_capability(value))
    return None


def capability(fmt: Format, like: tuple[Choice, ...] = ()) -> Choice:
    """The AudioCapability of a Format.

    ``like``: what the peer announced. What means the same is said in its words, with as many frames at most: stacks
    compare what is opened with what they announced, and one widely used one counts G.722.1's rate in units of its own.
    Raises ValueError where ``fmt`` is no audio.
    """
    for choice in like:
        theirs = read(choice)
        if theirs and theirs.codec == fmt.codec and same_rate(theirs, fmt) and theirs.fmtp == (fmt.fmtp or theirs.fmtp):
            return _with_packet(choice, min(fmt.frames or PACKET, theirs.frames))
    name = {codec: name for name, codec in MILLISECONDS.items()}.get(fmt.codec)
    if name:
        return name, _count(fmt.frames or PACKET, 1)
    if fmt.codec == "g729":
        annex_b = read_fmtp(fmt.fmtp).get("annexb") == "yes"
        return "g729AnnexAwAnnexB" if annex_b else "g729AnnexA", _count(fmt.frames or PACKET, G729_FRAME)
    if fmt.codec == "g7221":
        frames = _count(fmt.frames or PACKET, G7221_FRAME)
        value = GenericCapability(G7221, g7221_rate(fmt), {FRAMES_PER_PACKET: frames}).value()
        return "genericAudioCapability", value
    raise ValueError(f"{fmt.codec} is no audio codec")


def same_rate(one: Format, other: Format) -> bool:
    """G.722.1 at 24 and at 32 kbit/s are two codecs that can't stand in for each other."""
    return one.codec != "g7221" or g7221_rate(one) == g7221_rate(other)


def g7221_rate(fmt: Format) -> int:
    """bit/s: RFC 5577's parameter, which must be there; else b=, else 32 kbit/s."""
    text = read_fmtp(fmt.fmtp).get("bitrate", "")
    return 24_000 if "24000" in (text, str(fmt.bit_rate)) else 32_000


def _g7221(generic: GenericCapability | None) -> Format | None:
    if generic is None or generic.identifier != G7221:
        return None
    # H.245 counts in 100 bit/s (240, 320); H323Plus writes 24000 and 32000, which would be megabits
    rates = {24_000: 24_000, 32_000: 32_000, 2_400_000: 24_000, 3_200_000: 32_000}
    rate = rates.get(generic.bit_rate)
    if rate is None:
        return None
    return _format("g7221", f"bitrate={rate}", rate, max(generic.number(FRAMES_PER_PACKET), 1) * G7221_FRAME)


def _format(codec: str, fmtp: str, bit_rate: int, frames: int) -> Format:
    payload_type = STATIC_PAYLOAD_TYPES.get(codec, NO_PAYLOAD_TYPE)
    return Format(codec=codec, payload_type=payload_type, fmtp=fmtp, bit_rate=bit_rate, frames=frames)


def _with_packet(choice: Choice, milliseconds: int) -> Choice:
    name = choice[0]
    if name in MILLISECONDS:
        return name, _count(milliseconds, 1)
    if name in G729:
        return name, _count(milliseconds, G729_FRAME)
    return choice


def _count(milliseconds: int, frame: int) -> int:
    return min(max(milliseconds // frame, 1), MOST_FRAMES)

"""H.245's codec capabilities <-> Format, and the two words (a kind and a codec) that a logical channel carries.

One capability can be several Formats (profiles, packetization modes, H.263 with and without options).
"""

from __future__ import annotations

from dataclasses import replace

from ..media import NO_PAYLOAD_TYPE, STATIC_PAYLOAD_TYPES, Format, Kind
from . import audio, h263, h264
from .generic import GenericCapability, Identifier, read_capability
from .line import Body, Value

Choice = tuple[str, Value]

# H.239: the control capability, the extended video capability with its role label (bit 1: presentation, 2: live).
H239_CONTROL = (0, 0, 8, 239, 1, 1)
H239_VIDEO = (0, 0, 8, 239, 1, 2)
ROLE_LABEL, PRESENTATION = 1, 1

RFC2429, RFC2190 = 2429, 2190  # H.263's two packetizations


def read_video(choice: Choice, packetizations: frozenset[Identifier | int]) -> list[Format]:
    """The Formats of a VideoCapability, the best first; none where it is none of ours.

    ``packetizations``: the descriptors that the peer's capability set names. Single NAL units (mode 0) are always
    understood (H.241 annex A), mode 1 where it is among them.
    """
    name, value = choice
    if name == "h261VideoCapability":
        fmtp, bit_rate = h263.read_h261(value)
        return [_format("h261", fmtp, bit_rate)]
    if name == "h263VideoCapability":
        plain, plus, bit_rate = h263.read_h263(value)
        # Options by themselves don't tell that RFC 2429 is understood; RFC 2190 is by all.
        known = RFC2429 in packetizations and "h263Options" in value
        found = [_format("h263p", plus, bit_rate)] if known else []
        return [*found, _format("h263", plain, bit_rate)]
    if name == "genericVideoCapability":
        generic = read_capability(value)
        if generic is not None and generic.identifier == h264.H264:
            modes = (1, 0) if h264.NON_INTERLEAVED in packetizations else (0,)
            return [_format("h264", fmtp, generic.bit_rate) for mode in modes for fmtp in h264.fmtps(generic, mode)]
    return []


def video(fmt: Format, announced: bool = False) -> Choice:
    """The VideoCapability of a Format, for a channel or ``announced`` as what we receive.

    Raises ValueError where it is no video or cannot be said.
    """
    if fmt.codec == "h264":
        return "genericVideoCapability", h264.capability(fmt.fmtp, fmt.bit_rate, announced).value()
    if fmt.codec in ("h263", "h263p"):
        return "h263VideoCapability", h263.h263(fmt.fmtp, fmt.bit_rate, fmt.codec == "h263p")
    if fmt.codec == "h261":
        return "h261VideoCapability", h263.h261(fmt.fmtp, fmt.bit_rate)
    raise ValueError(f"{fmt.codec} is no video codec")


def content(fmt: Format, announced: bool = False) -> Choice:
    """The extendedVideoCapability of H.239 for a presentation in this Format."""
    role = GenericCapability(H239_VIDEO, 0, {ROLE_LABEL: PRESENTATION}, arrays=frozenset({ROLE_LABEL}))
    return "extendedVideoCapability", {
        "videoCapability": [video(fmt, announced)],
        "videoCapabilityExtension": [role.value()],
    }


def is_presentation(value: Body) -> bool:
    """Whether an ExtendedVideoCapability is H.239's, for presentations."""
    for each in value.get("videoCapabilityExtension", ()):
        generic = read_capability(each)
        if generic is not None and generic.identifier == H239_VIDEO:
            return bool(generic.parameters.get(ROLE_LABEL, PRESENTATION) & PRESENTATION)
    return False


def data_type(kind: Kind, fmt: Format, like: tuple[Choice, ...] = ()) -> Choice:
    """The dataType of a logical channel; ``like`` as for ``audio.capability``. ValueError where it doesn't fit."""
    if kind == "audio":
        return "audioData", audio.capability(fmt, like)
    return "videoData", content(fmt) if kind == "content" else video(fmt)


def read_data_type(choice: Choice, descriptor: Identifier | int | None, plus: bool) -> tuple[Kind, Format] | None:
    """(kind, Format) of a logical channel, None where it is nothing of ours.

    ``descriptor``: its mediaPacketization. ``plus``: H.263 comes with a dynamic payload type, that is as RFC 2429.
    """
    name, value = choice
    if name == "audioData":
        fmt = audio.read(value)
        return None if fmt is None else ("audio", fmt)
    if name != "videoData":
        return None
    kind: Kind = "video"
    codec, inner = value
    if codec == "extendedVideoCapability":
        if not inner["videoCapability"] or not is_presentation(inner):
            return None
        kind, value = "content", inner["videoCapability"][0]
    modes: frozenset[Identifier | int] = frozenset() if descriptor is None else frozenset({descriptor})
    formats = read_video(value, modes)
    if value[0] == "h263VideoCapability":
        wanted = "h263p" if descriptor == RFC2429 or (plus and descriptor != RFC2190) else "h263"
        # H.263 packed as RFC 2429 without an option: its sizes are the same
        formats = [f for f in formats if f.codec == wanted] or [replace(formats[-1], codec=wanted)]
        if wanted == "h263p":
            formats = [replace(formats[0], payload_type=NO_PAYLOAD_TYPE)]
    return (kind, formats[0]) if formats else None


def packetization(fmt: Format) -> Value | None:
    """The mediaPacketization to be said of a Format, None where it goes without: H.264 in mode 0, H.261, audio."""
    descriptor: Choice
    if fmt.codec == "h264" and h264.packetization_mode(fmt.fmtp) == 1:
        descriptor = ("oid", h264.NON_INTERLEAVED)
    elif fmt.codec == "h263p":
        descriptor = ("rfc-number", RFC2429)
    elif fmt.codec == "h263":
        descriptor = ("rfc-number", RFC2190)
    else:
        return None
    value: Body = {"payloadDescriptor": descriptor}
    if fmt.payload_type >= 0:
        value["payloadType"] = fmt.payload_type
    return "rtpPayloadType", value


def read_descriptor(value: Body) -> Identifier | int | None:
    """The object identifier or RFC number of an RTPPayloadType."""
    kind, which = value["payloadDescriptor"]
    if kind == "oid":
        return tuple(which)
    return which if kind == "rfc-number" else None


def _format(codec: str, fmtp: str, bit_rate: int) -> Format:
    return Format(codec=codec, payload_type=STATIC_PAYLOAD_TYPES.get(codec, -1), fmtp=fmtp, bit_rate=bit_rate)

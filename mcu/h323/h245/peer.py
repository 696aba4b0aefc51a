"""What the peer has told of itself: its capability table, read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..media import Format, read_fmtp
from . import audio, capabilities, h263
from .generic import Identifier, read_capability
from .line import Body, Value

MOST_FORMATS = 64  # of each kind: a table can hold 256 entries, and profiles and modes multiply


@dataclass(slots=True)
class Peer:
    """Read it freely, it is filled as the messages come."""

    audio: tuple[Format, ...] = ()  # what it receives, what it likes best first
    video: tuple[Format, ...] = ()
    content: tuple[Format, ...] = ()
    h239: bool = False  # it has the H.239 control capability
    user_input: frozenset[str] = frozenset()  # of "alphanumeric", "signal"
    telephone_event: int = -1  # the payload type that it receives RFC 2833 events with; -1: it doesn't
    master: bool | None = None  # whether we are the master; None: not determined
    held: bool = False  # its last capability set was empty
    told: bool = False  # it has sent a capability set, be it empty
    audio_said: tuple[Value, ...] = ()  # its audio capabilities in its own words
    table: dict[int, Value] = field(default_factory=dict)
    order: tuple[int, ...] = ()
    packetizations: frozenset[Identifier | int] = frozenset()

    def read(self, body: Body) -> None:
        """A TerminalCapabilitySet. What is in no descriptor is not usable (H.245 7.2); without any, all of it is."""
        self.told = True
        self.held = "capabilityTable" not in body and "capabilityDescriptors" not in body
        if self.held:
            self.table.clear()
            self.order = ()
        for entry in body.get("capabilityTable", ()):
            number = entry["capabilityTableEntryNumber"]
            if "capability" in entry:
                self.table[number] = entry["capability"]
            else:
                self.table.pop(number, None)
        if "capabilityDescriptors" in body:
            self.order = tuple(_numbers(body["capabilityDescriptors"]))
        kind, multiplex = body.get("multiplexCapability", ("", None))
        if kind == "h2250Capability":
            listed = multiplex["mediaPacketizationCapability"].get("rtpPayloadType", ())
            self.packetizations = frozenset(d for d in map(capabilities.read_descriptor, listed) if d is not None)
        self._understand([self.table[n] for n in self.order or sorted(self.table) if n in self.table])

    def _understand(self, entries: list[Value]) -> None:
        said: list[Value] = []
        video: list[Format] = []
        content: list[Format] = []
        kinds: set[str] = set()
        self.h239, self.telephone_event = False, -1
        for name, value in entries:
            if name in ("receiveAudioCapability", "receiveAndTransmitAudioCapability"):
                said.append(value)
            elif name in ("receiveVideoCapability", "receiveAndTransmitVideoCapability"):
                codec, inner = value
                if codec != "extendedVideoCapability":
                    video += capabilities.read_video(value, self.packetizations)
                elif capabilities.is_presentation(inner):
                    for each in inner["videoCapability"]:
                        content += capabilities.read_video(each, self.packetizations)
            elif name in ("receiveUserInputCapability", "receiveAndTransmitUserInputCapability"):
                word = {"basicString": "alphanumeric", "iA5String": "alphanumeric", "generalString": "alphanumeric"}
                kinds.add("signal" if value[0] == "dtmf" else word.get(value[0], ""))
            elif name == "receiveRTPAudioTelephonyEventCapability":
                self.telephone_event = value["dynamicRTPPayloadType"]
            elif name == "genericControlCapability":
                generic = read_capability(value)
                self.h239 |= generic is not None and generic.identifier == capabilities.H239_CONTROL
        self.audio_said = tuple(said[:MOST_FORMATS])
        formats = [audio.read(each) for each in self.audio_said]
        self.audio = tuple(dict.fromkeys(f for f in formats if f is not None))
        self.video = merge(video)
        self.content = merge(content)
        self.user_input = frozenset(kinds - {""})


def merge(formats: list[Format]) -> tuple[Format, ...]:
    """One Format for each that SDP would write apart.

    H.261 and H.263 come once for each picture size: their sizes are put together. Of H.264 in the same profile and mode
    the most capable is kept.
    """
    found: dict[tuple[str, ...], Format] = {}
    for fmt in formats:
        words = fmt.parameters
        key = (fmt.codec, words.get("profile-level-id", "")[:2], words.get("packetization-mode", ""))
        before = found.get(key)
        if before is None:
            if len(found) < MOST_FORMATS:
                found[key] = fmt
        elif fmt.codec != "h264":
            found[key] = h263.together(before, fmt)
        elif int(words["max-fs"]) * int(words["max-mbps"]) > _capacity(before):
            found[key] = fmt
    return tuple(found.values())


def _capacity(fmt: Format) -> int:
    words = read_fmtp(fmt.fmtp)
    return int(words["max-fs"]) * int(words["max-mbps"])


def _numbers(descriptors: list[Body]) -> Iterator[int]:
    """The entries of all descriptors in the order in which the peer prefers them, each once."""
    seen: set[int] = set()
    for descriptor in sorted(descriptors, key=lambda each: int(each["capabilityDescriptorNumber"])):
        for alternatives in descriptor.get("simultaneousCapabilities", ()):
            for number in alternatives:
                if number not in seen:
                    seen.add(number)
                    yield number

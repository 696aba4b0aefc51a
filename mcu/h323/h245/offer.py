"""What we can do, and the TerminalCapabilitySet that says so."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..media import Format
from . import audio, capabilities, h264
from .line import Body, Value

PROTOCOL = (0, 0, 8, 245, 0, 13)  # H.245 version 13 (2006): the last that changed what we use
JITTER = 250  # ms: what we buffer at most, as the other stacks say
TELEPHONE_EVENTS = "0-16"  # RFC 2833: 0-9 * # A-D, hook flash


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What we can receive, and send, what we like best first."""

    audio: tuple[Format, ...] = ()
    video: tuple[Format, ...] = ()
    content: tuple[Format, ...] = ()  # H.239; says nothing without h239
    h239: bool = True
    telephone_event: int = -1  # payload type of RFC 2833 events; -1: we don't receive them
    user_input: bool = True  # UserInputIndication alphanumeric and signal

    def conservative(self) -> Offer:
        """Without H.239, whose capabilities some gatekeepers and terminals refuse a whole set for."""
        return replace(self, h239=False, content=())

    def knows(self, fmt: Format) -> bool:
        """Whether a channel of this codec may be opened to us."""
        return any(f.codec == fmt.codec and audio.same_rate(f, fmt) for f in self.audio + self.video + self.content)


def capability_set(offer: Offer, sequence: int) -> Body:
    """TerminalCapabilitySet: a table of what we receive, and a descriptor that everything goes at the same time."""
    groups: list[list[Value]] = [
        _different([("receiveAudioCapability", audio.capability(f)) for f in offer.audio]),
        _different([("receiveVideoCapability", capabilities.video(f, announced=True)) for f in offer.video]),
    ]
    if offer.h239:
        groups.append(
            _different([("receiveVideoCapability", capabilities.content(f, announced=True)) for f in offer.content])
        )
        groups.append([("genericControlCapability", {"capabilityIdentifier": ("standard", capabilities.H239_CONTROL)})])
    if offer.user_input:
        groups.append([("receiveUserInputCapability", ("basicString", 0))])
        groups.append([("receiveUserInputCapability", ("dtmf", 0))])
    if offer.telephone_event >= 0:
        event = {"dynamicRTPPayloadType": offer.telephone_event, "audioTelephoneEvent": TELEPHONE_EVENTS}
        groups.append([("receiveRTPAudioTelephonyEventCapability", event)])
    table: list[Value] = []
    simultaneous: list[list[int]] = []
    for group in filter(None, groups):
        simultaneous.append(list(range(len(table) + 1, len(table) + len(group) + 1)))
        table += group
    return {
        "sequenceNumber": sequence,
        "protocolIdentifier": PROTOCOL,
        "multiplexCapability": ("h2250Capability", _h2250(offer)),
        "capabilityTable": [
            {"capabilityTableEntryNumber": number, "capability": each} for number, each in enumerate(table, 1)
        ],
        "capabilityDescriptors": [{"capabilityDescriptorNumber": 1, "simultaneousCapabilities": simultaneous}],
    }


def empty_set(sequence: int) -> Body:
    """The empty TerminalCapabilitySet: stop sending (H.323 8.4.6)."""
    return {"sequenceNumber": sequence, "protocolIdentifier": PROTOCOL}


def _different(group: list[Value]) -> list[Value]:
    """Each once: a codec in two packetizations is one capability."""
    return [each for place, each in enumerate(group) if each not in group[:place]]


def _h2250(offer: Offer) -> Body:
    # As the stacks in use say it: a terminal that is in no multipoint mode. Claiming an MC makes some peers wait for a
    # communication mode that a bridge, which is everybody's only partner, has no need for.
    multipoint: Body = {
        "multicastCapability": False,
        "multiUniCastConference": False,
        "mediaDistributionCapability": [
            {
                "centralizedControl": False,
                "distributedControl": False,
                "centralizedAudio": False,
                "distributedAudio": False,
                "centralizedVideo": False,
                "distributedVideo": False,
            }
        ],
    }
    packetization: Body = {"h261aVideoPacketization": False}
    descriptors = _descriptors(offer)
    if descriptors:
        packetization["rtpPayloadType"] = descriptors
    return {
        "maximumAudioDelayJitter": JITTER,
        "receiveMultipointCapability": multipoint,
        "transmitMultipointCapability": multipoint,
        "receiveAndTransmitMultipointCapability": multipoint,
        "mcCapability": {"centralizedConferenceMC": False, "decentralizedConferenceMC": False},
        "rtcpVideoControlCapability": False,
        "mediaPacketizationCapability": packetization,
        "logicalChannelSwitchingCapability": False,
        "t120DynamicPortCapability": False,
    }


def _descriptors(offer: Offer) -> list[Body]:
    video = offer.video + offer.content
    found: list[Body] = []
    if any(f.codec == "h264" for f in video):
        found.append({"payloadDescriptor": ("oid", h264.SINGLE_NAL)})
    for fmt in video:
        said = capabilities.packetization(fmt)
        if said is not None and not any(said[1]["payloadDescriptor"] == f["payloadDescriptor"] for f in found):
            found.append(said[1])
    return found

"""OpenLogicalChannel and its answers as values: made of Formats and addresses, and read. No state.

A channel runs one way: the forward parameters say what its opener sends. Fast start also proposes channels the other
way round, in the reverse parameters (H.323 8.1.7.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..media import STATIC_PAYLOAD_TYPES, Address, Format, Kind
from . import addresses, capabilities
from .line import Body, Value

SESSIONS: dict[Kind, int] = {"audio": 1, "video": 2, "content": 32}
UNSAID = 0  # session 0: the master is to say (H.245 B.3.1, sessionID)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A channel as someone wants to open it."""

    number: int
    kind: Kind
    format: Format
    session: int
    rtp: Address | None  # mediaChannel, where its receiver listens: only in fast start
    rtcp: Address | None


def write(proposal: Proposal, like: tuple[Value, ...] = ()) -> Body:
    """OpenLogicalChannel for what we send. ValueError where the Format doesn't fit the kind."""
    return {
        "forwardLogicalChannelNumber": proposal.number,
        "forwardLogicalChannelParameters": {
            "dataType": capabilities.data_type(proposal.kind, proposal.format, like),
            "multiplexParameters": ("h2250LogicalChannelParameters", parameters(proposal)),
        },
    }


def write_reverse(proposal: Proposal) -> Body:
    """OpenLogicalChannel for what we receive, as fast start proposes it."""
    return {
        "forwardLogicalChannelNumber": proposal.number,
        "forwardLogicalChannelParameters": {"dataType": ("nullData", 0), "multiplexParameters": ("none", 0)},
        "reverseLogicalChannelParameters": {
            "dataType": capabilities.data_type(proposal.kind, proposal.format),
            "multiplexParameters": ("h2250LogicalChannelParameters", parameters(proposal)),
        },
    }


def parameters(proposal: Proposal) -> Body:
    """H2250LogicalChannelParameters."""
    fmt = proposal.format
    value: Body = {"sessionID": proposal.session, "mediaGuaranteedDelivery": False}
    if proposal.rtp is not None:
        value["mediaChannel"] = addresses.write(proposal.rtp)
    if proposal.rtcp is not None:
        value["mediaControlChannel"] = addresses.write(proposal.rtcp)
    if fmt.payload_type >= 96:
        value["dynamicRTPPayloadType"] = fmt.payload_type
    packetization = capabilities.packetization(fmt)
    if packetization is not None:
        value["mediaPacketization"] = packetization
    return value


def read(body: Body) -> Proposal | None:
    """What an OpenLogicalChannel wants to send to us; None where it is nothing of ours (data, encrypted, unknown)."""
    number = body["forwardLogicalChannelNumber"]
    if "reverseLogicalChannelParameters" in body:
        return None  # both ways in one channel: T.120 and the like
    return _read(number, body["forwardLogicalChannelParameters"])


def read_reverse(body: Body) -> Proposal | None:
    """What the reverse parameters of an OpenLogicalChannel propose that its receiver should send."""
    reverse = body.get("reverseLogicalChannelParameters")
    return None if reverse is None else _read(body["forwardLogicalChannelNumber"], reverse)


def _read(number: int, half: Body) -> Proposal | None:
    name, h2250 = half.get("multiplexParameters", ("none", 0))
    if name != "h2250LogicalChannelParameters":
        return None
    descriptor = None
    payload_type = h2250.get("dynamicRTPPayloadType", -1)
    form, packetization = h2250.get("mediaPacketization", ("", None))
    if form == "rtpPayloadType":
        descriptor = capabilities.read_descriptor(packetization)
        payload_type = payload_type if payload_type >= 0 else packetization.get("payloadType", -1)
    found = capabilities.read_data_type(half["dataType"], descriptor, payload_type >= 96)
    if found is None:
        return None
    kind, fmt = found
    session = h2250["sessionID"]
    if kind == "video" and session > 3:
        kind = "content"  # some open H.239 with a plain video capability: the session tells
    if payload_type < 0:
        payload_type = STATIC_PAYLOAD_TYPES.get(fmt.codec, -1)
    return Proposal(
        number,
        kind,
        replace(fmt, payload_type=payload_type),
        session,
        addresses.read(h2250.get("mediaChannel")),
        addresses.read(h2250.get("mediaControlChannel")),
    )


def acknowledge(proposal: Proposal, session: int, rtp: Address, rtcp: Address) -> Body:
    """OpenLogicalChannelAck: where we receive."""
    ack: Body = {
        "sessionID": session,
        "mediaChannel": addresses.write(rtp),
        "mediaControlChannel": addresses.write(rtcp),
        "flowControlToZero": False,
    }
    if proposal.format.payload_type >= 96:
        ack["dynamicRTPPayloadType"] = proposal.format.payload_type
    return {
        "forwardLogicalChannelNumber": proposal.number,
        "forwardMultiplexAckParameters": ("h2250LogicalChannelAckParameters", ack),
    }


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    rtp: Address | None
    rtcp: Address | None
    payload_type: int  # -1: as it was opened
    session: int
    silent: bool  # flowControlToZero: send nothing until told


def read_acknowledgement(body: Body) -> Acknowledgement:
    """OpenLogicalChannelAck."""
    _, ack = body.get("forwardMultiplexAckParameters", ("", {}))
    return Acknowledgement(
        addresses.read(ack.get("mediaChannel")),
        addresses.read(ack.get("mediaControlChannel")),
        ack.get("dynamicRTPPayloadType", -1),
        ack.get("sessionID", UNSAID),
        ack.get("flowControlToZero", False),
    )


def reject(number: int, cause: str) -> Body:
    return {"forwardLogicalChannelNumber": number, "cause": (cause, 0)}


# H.245 OpenLogicalChannelReject.cause: what accept/reject callers may say.
CAUSES = frozenset(
    {
        "unspecified",
        "unsuitableReverseParameters",
        "dataTypeNotSupported",
        "dataTypeNotAvailable",
        "unknownDataType",
        "dataTypeALCombinationNotSupported",
        "multicastChannelNotAllowed",
        "insufficientBandwidth",
        "separateStackEstablishmentFailed",
        "invalidSessionID",
        "masterSlaveConflict",
        "waitForCommunicationMode",
        "invalidDependentChannel",
        "replacementForRejected",
        "securityDenied",
        "qoSControlNotSupported",
    }
)

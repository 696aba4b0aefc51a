"""What we say to an outside gatekeeper: the bodies of our requests, without number and tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mcu.h323.media import Address
from mcu.h323.ras import h235
from mcu.h323.ras import messages as ras
from mcu.h323.transport import transport

CALLS_REPORTED = 50  # in one IRR: a datagram ends somewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """How we belong to somebody's gatekeeper."""

    gatekeeper: Address | None  # None: looked for on the multicast group
    aliases: tuple[str, ...]  # numbers and names that lead to us, the first is who we are
    signalling: Address  # where we take calls
    ras: Address  # where we hear its answers
    identifier: str = ""  # its gatekeeperIdentifier, if only one will do
    prefixes: tuple[str, ...] = ()  # whatever is dialled with one of these in front leads to us, too
    password: str = field(default="", repr=False)
    user: str = ""  # whose password it is; "" the first alias
    discover: bool = True  # say GRQ first
    time_to_live: int = 300  # s, asked for
    product: str = "MCU"
    version: str = ""

    def __post_init__(self) -> None:
        if len(self.identifier) > 128 or not all(self.aliases) or not all(self.prefixes):
            raise ValueError("a gatekeeperIdentifier has up to 128 characters; names are not empty")

    @property
    def name(self) -> str:
        return self.user or (self.aliases[0] if self.aliases else "")


@dataclass(slots=True, kw_only=True)
class ClientCall:
    """One that the gatekeeper admitted."""

    call_id: bytes
    conference_id: bytes
    reference: int
    answering: bool
    bandwidth: int  # 100 bit/s
    report_every: int = 0  # s between IRRs; 0 only when asked
    report_due: float = 0.0


def _terminal_type(member: Membership) -> ras.Body:
    """A multipoint control unit; with prefixes a gateway, for only those may have some (H.225.0 7.6, EndpointType)."""
    kind: ras.Body = {"vendor": ras.vendor(member.product, member.version), "undefinedNode": False}
    if not member.prefixes:
        return {**kind, "mcu": {}, "mc": True}
    prefixes = [{"prefix": ras.alias(prefix)} for prefix in member.prefixes]
    return {**kind, "gateway": {"protocol": [("h323", {"supportedPrefixes": prefixes})]}, "mc": False}


def _aliases(field_name: str, member: Membership) -> ras.Body:
    return {field_name: [ras.alias(name) for name in member.aliases]} if member.aliases else {}


def discovery(member: Membership) -> ras.Body:
    """GRQ."""
    body: ras.Body = {
        "protocolIdentifier": ras.PROTOCOL,
        "rasAddress": transport(member.ras),
        "endpointType": _terminal_type(member),
        "supportsAltGK": ras.NULL,
        "supportsAssignedGK": False,
        **_aliases("endpointAlias", member),
    }
    if member.identifier:
        body["gatekeeperIdentifier"] = member.identifier
    return body | h235.capability(h235.METHODS) if member.password else body


def registration(member: Membership, *, discovered: bool, endpoint: str, gatekeeper: str) -> ras.Body:
    """A full RRQ."""
    body: ras.Body = {
        "protocolIdentifier": ras.PROTOCOL,
        "discoveryComplete": discovered,
        "callSignalAddress": [transport(member.signalling)],
        "rasAddress": [transport(member.ras)],
        "terminalType": _terminal_type(member),
        "endpointVendor": ras.vendor(member.product, member.version),
        "timeToLive": member.time_to_live,
        "keepAlive": False,
        "willSupplyUUIEs": False,
        "maintainConnection": False,
        "supportsAltGK": ras.NULL,
        "supportsAssignedGK": False,
        **_aliases("terminalAlias", member),
    }
    return body | _identifiers(endpoint, gatekeeper)


def keep_alive(member: Membership, *, endpoint: str, gatekeeper: str) -> ras.Body:
    """A lightweight RRQ, H.225.0 7.9.1: its other fields are ignored, but the ASN.1 wants them."""
    body: ras.Body = {
        "protocolIdentifier": ras.PROTOCOL,
        "discoveryComplete": True,
        "callSignalAddress": [transport(member.signalling)],
        "rasAddress": [transport(member.ras)],
        "terminalType": {"undefinedNode": False, "mc": False},
        "endpointVendor": ras.vendor(member.product, member.version),
        "timeToLive": member.time_to_live,
        "keepAlive": True,
        "willSupplyUUIEs": False,
        "maintainConnection": False,
        "supportsAssignedGK": False,
    }
    return body | _identifiers(endpoint, gatekeeper)


def farewell(member: Membership, *, endpoint: str, gatekeeper: str) -> ras.Body:
    """URQ."""
    return {"callSignalAddress": [transport(member.signalling)], **_identifiers(endpoint, gatekeeper)}


def admission(
    call: ClientCall,
    *,
    endpoint: str,
    gatekeeper: str,
    dialled: Iterable[str],
    callers: Iterable[str],
    dialled_address: Address | None,
    caller_address: Address | None,
) -> ras.Body:
    """ARQ."""
    body: ras.Body = {
        "callType": ras.POINT_TO_POINT,
        "srcInfo": [ras.alias(name) for name in callers],
        "bandWidth": call.bandwidth,
        "activeMC": False,
        "answerCall": call.answering,
        "canMapAlias": True,
        "willSupplyUUIEs": False,
        "canMapSrcAlias": False,
        **_call(call),
        **_identifiers(endpoint, gatekeeper),
    }
    if names := [ras.alias(name) for name in dialled]:
        body["destinationInfo"] = names
    if dialled_address is not None:
        body["destCallSignalAddress"] = transport(dialled_address)
    if caller_address is not None:
        body["srcCallSignalAddress"] = transport(caller_address)
    return body


def disengagement(call: ClientCall, reason: str, *, endpoint: str, gatekeeper: str) -> ras.Body:
    """DRQ."""
    return {
        "disengageReason": (reason, ras.NULL),
        "answeredCall": call.answering,
        **_call(call),
        **_identifiers(endpoint, gatekeeper),
    }


def bandwidth(call: ClientCall, units: int, *, endpoint: str, gatekeeper: str) -> ras.Body:
    """BRQ."""
    return {
        "bandWidth": units,
        "answeredCall": call.answering,
        **_call(call),
        **_identifiers(endpoint, gatekeeper),
    }


def report(member: Membership, endpoint: str, calls: Iterable[ClientCall], *, asked: bool) -> ras.Body:
    """IRR. Of channels nothing is told: gatekeepers count calls by it, and see that they are there."""
    body: ras.Body = {
        "endpointType": _terminal_type(member),
        "endpointIdentifier": endpoint,
        "rasAddress": transport(member.ras),
        "callSignalAddress": [transport(member.signalling)],
        "needResponse": False,
        "unsolicited": not asked,
        **_aliases("endpointAlias", member),
    }
    told = [_told(call) for call in list(calls)[:CALLS_REPORTED]]
    if told:
        body["perCallInfo"] = told
    elif asked:
        body["irrStatus"] = ("invalidCall", ras.NULL)
    return body


def _told(call: ClientCall) -> ras.Body:
    return {
        **_call(call),
        "originator": not call.answering,
        "h245": {},
        "callSignalling": {},
        "callType": ras.POINT_TO_POINT,
        "bandWidth": call.bandwidth,
        "callModel": ras.DIRECT,
        "substituteConfIDs": [],
    }


def _call(call: ClientCall) -> ras.Body:
    return {
        "conferenceID": call.conference_id,
        "callReferenceValue": call.reference,
        "callIdentifier": {"guid": call.call_id},
    }


def _identifiers(endpoint: str, gatekeeper: str) -> ras.Body:
    body: ras.Body = {"endpointIdentifier": endpoint} if endpoint else {}
    return body | ({"gatekeeperIdentifier": gatekeeper} if gatekeeper else {})

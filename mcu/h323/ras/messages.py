"""RAS messages of H.225.0 (ITU-T, v7) as the codec wants them, and what is read out of those that come in.

A message is ``(name, body)`` as in ``mcu.h323.per``. Fields that later versions added may be missing in what old
equipment sends, whatever the ASN.1 says; so bodies are read with ``get``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from mcu.h323.media import Address
from mcu.h323.transport import read_transport

Body = dict[str, Any]
Message = tuple[str, Body]

PROTOCOL = (0, 0, 8, 2250, 0, 7)  # H.225.0 7.6: {itu-t recommendation h 2250 version(0) 7}
NULL = 0
DIRECT = ("direct", NULL)
POINT_TO_POINT = ("pointToPoint", NULL)
SIGNALLING_PORT = 1720
RAS_PORT = 1719
DISCOVERY_GROUP = Address("224.0.1.41", 1718)  # H.225.0 Annex D: gatekeepers' multicast address

_DIGITS = re.compile(r"[0-9#*,]{1,128}")
_URL = re.compile(r"(?:h323:)?([^@;]*)(?:@[^;]*)?", re.IGNORECASE)

# No UUIEs are wanted on RAS: we see the signalling ourselves.
NO_UUIES = dict.fromkeys(
    [
        "setup",
        "callProceeding",
        "connect",
        "alerting",
        "information",
        "releaseComplete",
        "facility",
        "progress",
        "empty",
        "status",
        "statusInquiry",
        "setupAcknowledge",
        "notify",
    ],
    False,
)


def alias(text: str) -> tuple[str, str]:
    """An AliasAddress: digits as dialledDigits, all else as h323-ID, in which only Unicode's first 65536 fit."""
    if _DIGITS.fullmatch(text):
        return "dialledDigits", text
    return "h323-ID", "".join(c if ord(c) < 0x10000 else "?" for c in text)[:256] or "?"


def alias_text(value: Any) -> str:
    """What an AliasAddress names, fit for one line: a number, a name, the part of a URL before "@"; "" for nobody."""
    return "".join(c for c in _named(value) if c.isprintable())


def _named(value: Any) -> str:
    match value:
        case ("dialledDigits" | "h323-ID", str(text)):
            return text
        case ("url-ID" | "email-ID", str(text)):
            found = _URL.match(text)
            return found.group(1) if found else ""
        case ("partyNumber", (_, dict(number))):
            digits = number.get("publicNumberDigits") or number.get("privateNumberDigits") or ""
            return str(digits)
        case ("partyNumber", (_, str(digits))):
            return digits
    return ""


def alias_texts(values: Iterable[Any] | None, most: int = 32) -> tuple[str, ...]:
    """The names in a list of AliasAddress, each once."""
    found = dict.fromkeys(alias_text(value) for value in list(values or ())[:most])
    return tuple(text for text in found if text)


def address_of(value: object) -> Address | None:
    """The IP address of a TransportAddress, and of one with a source route."""
    return read_transport(value, routed=True)


def addresses_of(values: Iterable[Any] | None) -> tuple[Address, ...]:
    found = (address_of(value) for value in list(values or ())[:16])
    return tuple(address for address in found if address is not None)


def vendor(product: str, version: str) -> Body:
    """A VendorIdentifier without a T.35 manufacturer of our own."""
    none = {"t35CountryCode": 0, "t35Extension": 0, "manufacturerCode": 0}
    told = {"productId": product.encode()[:256], "versionId": version.encode()[:256]}
    return {"vendor": none, **{key: octets for key, octets in told.items() if octets}}


def product_of(body: Body) -> str:
    """What a VendorIdentifier says for people: product and version."""
    given = (body.get("productId", b""), body.get("versionId", b""))
    texts = (octets.decode("utf-8", "replace") for octets in given if isinstance(octets, bytes))
    return " ".join("".join(c for c in text if c.isprintable()) for text in texts).strip()[:128]


def version_of(body: Body) -> int:
    """Of H.225.0, out of protocolIdentifier; 0 where that is no H.225.0 at all."""
    match body.get("protocolIdentifier"):
        case (0, 0, 8, 2250, 0, int(version)):
            return version
    return 0


def call_id_of(body: Body) -> bytes:
    """What tells calls apart: callIdentifier; version 1 has only the conference and the call reference."""
    match body.get("callIdentifier"):
        case {"guid": bytes(guid)} if any(guid):
            return guid
    conference = body.get("conferenceID", b"")
    return bytes(conference) + int(body.get("callReferenceValue", 0)).to_bytes(2, "big")


def reason_of(body: Body) -> str:
    """The name of a message's reason; "" without one."""
    for field in ("rejectReason", "reason", "disengageReason", "nakReason"):
        match body.get(field):
            case ("securityError", (str(inner), _)):
                return inner
            case (str(name), _):
                return name
    return ""


def reject(name: str, seq: int, reason: str, **more: Any) -> Message:
    """GRJ, RRJ, URJ, ARJ, BRJ, LRJ, DRJ for ``reason``, a name in the message's own CHOICE of reasons."""
    body: Body = {"requestSeqNum": seq, "rejectReason": choice(reason), **more}
    if name in ("gatekeeperReject", "registrationReject"):
        body["protocolIdentifier"] = PROTOCOL
    return name, body


def choice(reason: str) -> tuple[str, Any]:
    """A reason; those of H.235 stand inside securityError."""
    return ("securityError", (reason, NULL)) if reason in SECURITY_ERRORS else (reason, NULL)


# The reasons that SecurityErrors and SecurityErrors2 share, so that every reject can hold them.
SECURITY_ERRORS = frozenset(
    {
        "securityWrongSyncTime",
        "securityReplay",
        "securityWrongGeneralID",
        "securityWrongSendersID",
        "securityIntegrityFailed",
        "securityWrongOID",
    }
)


def not_understood(seq: int, octets: bytes) -> Message:
    """XRS, H.225.0 7.15."""
    return "unknownMessageResponse", {"requestSeqNum": seq, "messageNotUnderstood": octets}

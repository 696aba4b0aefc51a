"""The UUIEs that we send (H.225.0 7.3): what each must hold, as plain values of the codec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mcu.h323.media import Address
from mcu.h323.transport import transport

from . import addresses
from .values import T35_COUNTRY, T35_MANUFACTURER, Endpoint, Target

Body = tuple[str, Any]

NEWEST = 7  # of H.225.0, what the codec holds
EMPTY: Body = ("empty", 0)


def protocol(version: int) -> tuple[int, ...]:
    return (0, 0, 8, 2250, 0, version)


def endpoint_type(local: Endpoint) -> dict[str, Any]:
    """Our EndpointType."""
    identifier: dict[str, Any] = {
        "vendor": {"t35CountryCode": T35_COUNTRY, "t35Extension": 0, "manufacturerCode": T35_MANUFACTURER},
        "productId": local.product.encode()[:256] or b"MCU",
    }
    if local.version:
        identifier["versionId"] = local.version.encode()[:256]
    return {
        "vendor": identifier,
        "mcu" if local.mcu else "terminal": {},
        "mc": local.mcu,
        "undefinedNode": False,
    }


def setup(
    local: Endpoint, target: Target, h245: Address | None, fast_start: Sequence[bytes], parallel: Sequence[bytes]
) -> Body:
    source = target.source or tuple(text for text in (local.name, local.digits) if text)
    body: dict[str, Any] = {
        "protocolIdentifier": protocol(NEWEST),
        "sourceAddress": [addresses.alias(text) for text in source],
        "sourceInfo": endpoint_type(local),
        "destCallSignalAddress": transport(target.destination or target.address),
        "activeMC": False,
        "conferenceID": target.conference_id,
        "conferenceGoal": (target.goal, 0),
        "callType": ("pointToPoint", 0),
        "sourceCallSignalAddress": transport(local.address),
        "callIdentifier": {"guid": target.call_id},
        "mediaWaitForConnect": False,
        "canOverlapSend": False,
        "multipleCalls": False,
        "maintainConnection": False,
    }
    if target.alias:
        body["destinationAddress"] = [addresses.alias(target.alias)]
    if h245:
        body["h245Address"] = transport(h245)
    if fast_start:
        body["fastStart"] = list(fast_start)
    if parallel:
        body["parallelH245Control"] = list(parallel)
    if target.endpoint_identifier:
        body["endpointIdentifier"] = target.endpoint_identifier
    if target.tokens:
        body["tokens"] = list(target.tokens)
    if target.crypto_tokens:
        body["cryptoTokens"] = list(target.crypto_tokens)
    return "setup", body


def answer(
    name: str,
    local: Endpoint,
    version: int,
    call_id: bytes,
    h245: Address | None,
    fast_start: Sequence[bytes],
    refused: bool,
) -> dict[str, Any]:
    """What callProceeding, alerting, progress and connect share; ``refused``: fast start was offered in vain."""
    body: dict[str, Any] = {
        "protocolIdentifier": protocol(version),
        "destinationInfo": endpoint_type(local),
        "callIdentifier": {"guid": call_id},
        "multipleCalls": False,
        "maintainConnection": False,
    }
    if h245:
        body["h245Address"] = transport(h245)
    if fast_start:
        body["fastStart"] = list(fast_start)
    elif refused:
        body["fastConnectRefused"] = 0
    return body


def plain(version: int, call_id: bytes) -> dict[str, Any]:
    """All that information, status and releaseComplete need."""
    return {"protocolIdentifier": protocol(version), "callIdentifier": {"guid": call_id}}


def facility(
    version: int,
    call_id: bytes,
    reason: str,
    h245: Address | None = None,
    *,
    to: Address | None = None,
    aliases: Sequence[str] = (),
) -> Body:
    """``to`` and ``aliases``: where the peer shall call instead."""
    body = plain(version, call_id)
    body |= {"reason": (reason, 0), "multipleCalls": False, "maintainConnection": False}
    if h245:
        body["h245Address"] = transport(h245)
    if to:
        body["alternativeAddress"] = transport(to)
    if aliases:
        body["alternativeAliasAddress"] = [addresses.alias(text) for text in aliases]
    return "facility", body

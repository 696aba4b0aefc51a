"""What a webhook is told, how that is signed, and when it is tried again. Pure.

Signatures follow Standard Webhooks (https://www.standardwebhooks.com, v1): HMAC-SHA256 over "id.timestamp.body", in
base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from mcu.errors import BadRequest

_PREFIX = "whsec_"
_PATTERN = re.compile(r"\*|[a-z0-9_]{1,24}\.\*|[a-z0-9_]{1,24}(\.[a-z0-9_]{1,24})?")
LONGEST_URL = 512
LARGEST = 128 * 1024  # octets of a body: a roll call of a thousand sites is whole
_MOST_FIELDS = 50
# s after each failure; 24 hours altogether, then it is given up.
DELAYS = (5, 30, 120, 600, 1800, *(3600,) * 5, *(7200,) * 9, 1045)


def secret_of(octets: bytes) -> str:
    """As Standard Webhooks writes it: 24 to 64 random octets in base64 after a prefix."""
    return _PREFIX + base64.b64encode(octets).decode()


def sign(secret: str, ident: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature``."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = secret.encode()
    signed = hmac.new(key, f"{ident}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def encode(body: Mapping[str, Any]) -> bytes:
    """What is sent and signed. Of more than LARGEST octets go only those of the data that are single short values, such
    as room and id, and ``shortened`` says so: who is told reads the rest over REST."""
    whole = _encoded(body)
    if len(whole) <= LARGEST:
        return whole
    data = body["data"]
    short = {key: value for key, value in data.items() if not isinstance(value, list | dict | tuple)}
    short = {key: value for key, value in short.items() if len(str(value)) <= LONGEST_URL}
    return _encoded({**body, "shortened": True, "data": dict(list(short.items())[:_MOST_FIELDS])})


def _encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def delay(failures: int) -> float | None:
    """Seconds until the next attempt after this many in a row; None when it is given up."""
    return float(DELAYS[failures - 1]) if 0 < failures <= len(DELAYS) else None


def wants(patterns: Iterable[str], event: str) -> bool:
    """``patterns``: names, prefixes that end in ".*", or "*" for all."""
    return any(one in ("*", event) or (one.endswith(".*") and event.startswith(one[:-1])) for one in patterns)


def check_patterns(patterns: object) -> list[str]:
    """Raises BadRequest."""
    if not isinstance(patterns, list) or not 0 < len(patterns) <= 50:
        raise BadRequest("events must be a list of 1 to 50 names")
    if not all(isinstance(one, str) and _PATTERN.fullmatch(one) for one in patterns):
        raise BadRequest('each of events must be a name, a prefix such as "participant.*", or "*"')
    return list(dict.fromkeys(patterns))


def check_url(url: str, *, private: bool) -> str:
    """Raises BadRequest for what is no address of a web server that we may tell."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadRequest("url is no address") from None
    fits = len(url) <= LONGEST_URL and url.isascii() and url.isprintable() and " " not in url
    if not fits or parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise BadRequest("url must be an http:// or https:// address in ASCII, of at most 512 characters")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadRequest("url must hold no password and no fragment")
    try:
        literal = str(ipaddress.ip_address(parts.hostname))
    except ValueError:
        return url  # a name: its addresses are looked at each time
    if not private and not public(literal):
        raise BadRequest("url leads into a network of our own; webhooks.private allows that")
    return url


def public(address: str) -> bool:
    """Whether an IP address lies in the open Internet, whatever clothes it wears (RFC 6890; IPv4 in IPv6; NAT64)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            found = inner
        elif found.is_site_local:  # fec0::/10, deprecated by RFC 3879 and unknown to the registry behind is_global
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

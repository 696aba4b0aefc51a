"""H.225.0 TransportAddress, as a plain value of the codec, to an Address and back."""

from __future__ import annotations

import ipaddress
from typing import Any

from mcu.h323.media import Address

_DIRECT = ("ipAddress", "ip6Address")


def transport(address: Address) -> tuple[str, dict[str, Any]]:
    ip = ipaddress.ip_address(address.host)
    return "ipAddress" if ip.version == 4 else "ip6Address", {"ip": ip.packed, "port": address.port}


def read_transport(value: object, *, routed: bool = False) -> Address | None:
    """None for other networks, and for an address that nobody can be reached at. ``routed``: one with a source route is
    taken as well, for where it leads to."""
    match value:
        case (str(kind), {"ip": bytes(octets), "port": int(port)}) if len(octets) in (4, 16):
            if kind not in _DIRECT and not (routed and kind == "ipSourceRoute"):
                return None
            ip = ipaddress.ip_address(octets)
            if port and not ip.is_unspecified and not ip.is_multicast:
                return Address(str(ip), port)
    return None

"""H.245's TransportAddress <-> Address."""

from __future__ import annotations

import ipaddress

from ..media import Address, unmapped
from .line import Value


def read(value: Value) -> Address | None:
    """None where it is no IPv4 or IPv6 unicast address that packets can be sent to (0.0.0.0, port 0)."""
    if value is None or value[0] != "unicastAddress":
        return None
    kind, where = value[1]
    if kind not in ("iPAddress", "iP6Address"):
        return None
    host = ipaddress.ip_address(where["network"])
    if host.is_unspecified or not where["tsapIdentifier"]:
        return None
    return Address(str(unmapped(host)), where["tsapIdentifier"])


def write(address: Address) -> Value:
    host = ipaddress.ip_address(address.host)
    kind = "iPAddress" if host.version == 4 else "iP6Address"
    return ("unicastAddress", (kind, {"network": host.packed, "tsapIdentifier": address.port}))

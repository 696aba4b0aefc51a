"""Who counts as one where something is limited for each address."""

from __future__ import annotations

import functools
import ipaddress

from mcu.h323.media import unmapped


@functools.lru_cache(maxsize=4096)
def origin(host: str) -> str:
    """An IPv4 address is one, mapped into IPv6 (RFC 4291 2.5.5.2) or not. Of IPv6 it is the /64: that is one link
    (RFC 4291 2.5.1), on which a single machine takes as many of the 2**64 addresses as it likes (RFC 8981).
    What is no address stays as it is."""
    try:
        address = unmapped(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return f"{ipaddress.IPv6Address(int(address) >> 64 << 64)}/64"

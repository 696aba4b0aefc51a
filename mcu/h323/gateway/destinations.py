"""Whether Asterisk may be told to send media to an address that a terminal named.

Usually it is the terminal's own, but not always: signalling comes by way of a gatekeeper that routes it and lets media
pass, a bridge has its media on other boards, a NAT changes what we see. So another host's address is taken, but not a
group's, and not one that only we can reach: nobody has us send to our own ports.
"""

from __future__ import annotations

import ipaddress

from mcu.h323.media import Address


def allowed(address: Address, terminal: str, ours: str) -> bool:
    """``terminal``: the host whose connection it came on; ``ours``: our own end of that."""
    host, peer = ipaddress.ip_address(address.host), ipaddress.ip_address(terminal)
    # 240.0.0.0/4 is reserved, broadcast with it (RFC 1112 4, RFC 919); 0.0.0.0/8 is "this network" (RFC 1122 3.2.1.3).
    this_network = host.version == 4 and host.packed[0] == 0
    reserved = host.version == 4 and host.is_reserved
    if host.is_multicast or host.is_unspecified or reserved or this_network or not address.port:
        return False
    if host == peer:
        return True
    if host.is_loopback:
        return peer.is_loopback
    return str(host) != ours

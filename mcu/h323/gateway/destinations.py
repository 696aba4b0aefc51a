"""Whether Asterisk may be told to send media to an address that a terminal named.

Usually it is the terminal's own, but not always: signalling comes by way of a gatekeeper that routes it and lets media
pass, a bridge has its media on other boards, a NAT changes what we see. So another host's address is taken, but not a
group's, and not one that only we can reach: nobody has us send to our own ports.
"""

from __future__ import annotations

from mcu.h323 import own_address
from mcu.h323.media import Address, unmapped


def allowed(address: Address, terminal: str, ours: str) -> bool:
    """``terminal``: the host whose connection it came on; ``ours``: our own end of that."""
    host, peer = unmapped(address.host), unmapped(terminal)
    # 240.0.0.0/4 is reserved, broadcast with it (RFC 1112 4, RFC 919); 0.0.0.0/8 is "this network" (RFC 1122 3.2.1.3).
    this_network = host.version == 4 and host.packed[0] == 0
    reserved = host.version == 4 and host.is_reserved
    if host.is_multicast or host.is_unspecified or reserved or this_network or not address.port:
        return False
    if host == peer:
        return True
    if host.is_loopback:
        return peer.is_loopback
    if host == unmapped(ours):
        return False
    # We may have more addresses than that. Who is on our machine needs nobody to reach our ports.
    return not own_address.is_ours(str(host)) or own_address.is_ours(str(peer))

"""Which addresses are this machine's own, asked of the kernel with sockets of UDP; nothing is sent."""

from __future__ import annotations

import contextlib
import socket

# Nobody's (RFC 5737, RFC 3849).
_NOBODY = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}


def towards(host: str) -> str:
    """The one that the kernel would send to ``host`` from, an address; "" where there is no way to it."""
    with contextlib.suppress(OSError), socket.socket(_family(host), socket.SOCK_DGRAM) as probe:
        probe.connect((host, 1))  # of UDP: only looks up the route
        return str(probe.getsockname()[0]).partition("%")[0]
    return ""


def is_ours(host: str) -> bool:
    """Whether packets to ``host``, an address, stay on this machine."""
    # Not by the way to it alone: to an interface's second address of one network Linux sends from the first.
    if _binds(host) and not _binds(_NOBODY[_family(host)]):
        return True
    return towards(host) == host  # with net.ipv4.ip_nonlocal_bind anything can be bound


def _binds(host: str) -> bool:
    try:
        with socket.socket(_family(host), socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET

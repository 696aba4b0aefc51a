"""Where the calls of a host come from whose name stands in the settings.

Asterisk would look the name up itself, when it starts and whenever it reads its endpoints again: four times, and each
as long as a name server that is away keeps it waiting. Its start took 40 s longer, new accounts were given up then, and
in the end it knew nothing of that host at all (ip_identify_apply).
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading

WITHIN = 3.0  # s; an account's change waits for it


def addresses(host: str) -> tuple[str, ...]:
    """Of a name, or the address itself; none where that cannot be told in time."""
    found: set[str] = set()

    def look() -> None:
        with contextlib.suppress(OSError, UnicodeError):  # the latter: a name that can be none ("a..b")
            told = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
            found.update(str(address[0]) for *_, address in told)

    thread = threading.Thread(target=look, daemon=True, name="hosts")
    thread.start()
    thread.join(WITHIN)
    return tuple(sorted(one for one in tuple(found) if is_address(one)))


def is_address(text: str) -> bool:
    """Without a zone: those of one link's are no trunk's."""
    try:
        return not ipaddress.ip_address(text).is_unspecified and "%" not in text
    except ValueError:
        return False

"""Terminals that are known to the MCU, as the telephone switch has to know them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from mcu.errors import BadRequest

REALM = "mcu"  # of SIP digest authentication; part of every stored digest, so it never changes

_NAME = re.compile(r"[a-z0-9_.]{1,32}")
# Names of Asterisk's own objects beside the terminals' in pjsip.conf.
RESERVED_NAMES = frozenset({"mixer", "anonymous", "guest", "global", "system", "terminal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalAccount:
    """A terminal that registers with ``name`` and ``password``, or one that is known by its ``address``.

    ``name`` is the SIP user name and part of the endpoint's name (``t-<name>`` or ``k-<name>``): 1 to 32 of a-z, 0-9,
    "_" and ".". ``password`` may hold anything. ``address`` is an IP address or a network ("10.2.0.0/16"); a terminal
    has a password or an address, not both. ``display`` is the name people see.

    Raises BadRequest with a sentence for people.
    """

    name: str
    password: str = field(default="", repr=False)  # no log shows it
    address: str = ""
    display: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadRequest(f"{self.name[:40]!r} is no terminal name: 1 to 32 of a-z, 0-9, _ and .")
        if self.name in RESERVED_NAMES:
            raise BadRequest(f"the name {self.name} is reserved")
        if bool(self.password) == bool(self.address):
            raise BadRequest(f"terminal {self.name} needs a password or an address, and not both")
        if self.address:
            try:
                ipaddress.ip_network(self.address, strict=False)
            except ValueError:
                raise BadRequest(f"{self.address[:60]!r} is no IP address or network") from None

    @property
    def network(self) -> str:
        """The address in canonical form ("10.2.0.0/16"); empty for one that registers."""
        return str(ipaddress.ip_network(self.address, strict=False)) if self.address else ""

    @property
    def endpoint(self) -> str:
        """What entry requests call it (core.entry.EntryRequest.endpoint)."""
        return f"k-{self.name}" if self.address else f"t-{self.name}"

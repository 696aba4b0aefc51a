"""Terminals that are known to the MCU, as the telephone switch and the H.323 gateway have to know them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Literal

from mcu.core.directory.overrides import Overrides
from mcu.errors import BadRequest

REALM = "mcu"  # of SIP digest authentication; part of every stored digest, so it never changes

Protocol = Literal["sip", "h323", "browser", "phone"]
PROTOCOLS: tuple[Protocol, ...] = ("sip", "h323", "browser", "phone")

_NAME = re.compile(r"[a-z0-9_.]{1,32}")
_ALIAS = re.compile(r"[0-9]{1,16}")  # E.164 has up to 15 digits, a room number up to 16
# Names of Asterisk's own objects beside the terminals' in pjsip.conf.
RESERVED_NAMES = frozenset({"mixer", "anonymous", "guest", "global", "system", "terminal", "h323", "dialled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalAccount:
    """A terminal that registers with a password, is known by its address, or (H.323, phones) by its number.

    ``name`` is the SIP user name or H.323-ID and part of the endpoint's name: 1 to 32 of a-z, 0-9, "_" and ".".
    ``password`` may hold anything. ``address`` is an IP address or a network ("10.2.0.0/16"). ``display`` is the name
    people see. ``alias`` is its E.164 number, by which others dial it. A SIP terminal and a browser have a password or
    an address, not both. An H.323 terminal may have both; its alias alone is enough to know it by. A phone is a number
    that is called, and nothing else. ``site`` is where it stands (a row of the tree), ``position`` its place among that
    site's terminals, ``preset`` the known device that it is (mcu.core.directory.presets).

    Raises BadRequest with a sentence for people.
    """

    name: str
    password: str = field(default="", repr=False)  # no log shows it
    address: str = ""
    display: str = ""
    protocol: Protocol = "sip"
    alias: str = ""
    overrides: Overrides = field(default_factory=Overrides)
    site: int | None = None
    position: int = 0
    preset: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadRequest(f"{self.name[:40]!r} is no terminal name: 1 to 32 of a-z, 0-9, _ and .")
        if self.name in RESERVED_NAMES:
            raise BadRequest(f"the name {self.name} is reserved")
        if self.protocol not in PROTOCOLS:
            raise BadRequest(f"protocol must be one of {', '.join(PROTOCOLS)}")
        if self.alias and not _ALIAS.fullmatch(self.alias):
            raise BadRequest(f"{self.alias[:40]!r} is no alias: 1 to 16 digits")
        if self.protocol == "h323":
            if not (self.password or self.address or self.alias):
                raise BadRequest(f"terminal {self.name} needs an alias, a password or an address")
        elif self.protocol == "phone":
            if not self.alias or self.password or self.address:
                raise BadRequest(f"phone {self.name} needs a number as its alias, no password and no address")
        elif bool(self.password) == bool(self.address):
            raise BadRequest(f"terminal {self.name} needs a password or an address, and not both")
        self.overrides.check(self.protocol)
        if self.address:
            try:
                ipaddress.ip_network(self.address, strict=False)
            except ValueError:
                raise BadRequest(f"{self.address[:60]!r} is no IP address or network") from None

    @property
    def network(self) -> str:
        """The address in canonical form ("10.2.0.0/16"); empty for one without."""
        return str(ipaddress.ip_network(self.address, strict=False)) if self.address else ""

    @property
    def kind(self) -> Literal["registered", "known", "named"]:
        """How it is told from strangers: by a password, by its address, or by its alias alone."""
        if self.password:
            return "registered"
        return "known" if self.address else "named"

    @property
    def endpoint(self) -> str:
        """What entry requests call it (core.entry.EntryRequest.endpoint). H.323 terminals have none in Asterisk: all
        their calls come over the gateway's, and ``h-<name>`` tells them apart. A phone has none either: it is
        called."""
        if self.protocol in ("h323", "phone"):
            return f"{self.protocol[0]}-{self.name}"
        return f"k-{self.name}" if self.address else f"t-{self.name}"

"""Accounts of H.323 terminals and the rules of our gatekeeper, as plain values handed in."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from mcu.h323.media import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A terminal that is known. With a password it has to prove it; without one it is believed, if ``address`` is given
    only there."""

    name: str
    aliases: tuple[str, ...] = ()  # E.164 numbers
    password: str = field(default="", repr=False)
    address: str = ""  # an IP address or network; "" anywhere
    display: str = ""

    @property
    def names(self) -> frozenset[str]:
        """What others dial it by, in lower case."""
        return frozenset({self.name.lower(), *(alias.lower() for alias in self.aliases)})

    @property
    def host(self) -> str:
        """Where it is, if its address is a single one."""
        network = ipaddress.ip_network(self.address, strict=False) if self.address else None
        return str(network.network_address) if network is not None and network.num_addresses == 1 else ""

    def admits(self, host: str) -> bool:
        """Whether it may be at ``host`` at all; one with a password may be anywhere."""
        return bool(self.password) or not self.address or _inside(host, self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the gatekeeper grants. Times are seconds."""

    identifier: str = "MCU"
    signalling: Address = field(default=Address("127.0.0.1", 1720))  # where calls to us go
    ras: Address = field(default=Address("127.0.0.1", 1719))
    guests: bool = False  # may terminals without an account register
    neighbours: tuple[str, ...] = ()  # addresses and networks of gatekeepers that may ask where somebody is (LRQ)
    asked: tuple[Address, ...] = ()  # neighbours that we ask
    time_to_live: int = 120  # at most, of a registration; after a restart of ours it takes that long until all are back
    most_endpoints: int = 1000
    most_calls: int = 2000
    calls_each: int = 16  # of one endpoint
    kbit: int = 0  # kbit/s of a call, both ways together; 0 as much as is asked for
    clock_skew: float = 600  # a terminal's clock may be this wrong
    messages_a_second: float = 20  # from one host, on average; twice as many at once


class Directory:
    """Accounts by what is known of them."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self.by_name = {account.name: account for account in accounts}
        self._by_alias = {name: account for account in self.by_name.values() for name in account.names}
        self._known = [account for account in self.by_name.values() if account.address and not account.password]

    def dialled(self, alias: str) -> Account | None:
        return self._by_alias.get(alias.lower())

    def claimed(self, aliases: Iterable[str]) -> list[Account]:
        """Those whose names are among ``aliases``, each once."""
        found = {account.name: account for alias in aliases if (account := self.dialled(alias))}
        return list(found.values())

    def at(self, host: str) -> Account | None:
        """Who is known by being at ``host``: the narrowest network wins."""
        fitting = [account for account in self._known if _inside(host, account.address)]
        return max(fitting, key=lambda one: ipaddress.ip_network(one.address, strict=False).prefixlen, default=None)


def within(host: str, networks: Iterable[str]) -> bool:
    return any(_inside(host, network) for network in networks)


def _inside(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False

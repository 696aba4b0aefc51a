"""Where a call that the MCU makes goes to: what one writes ("h323:10.0.0.7", "sip:2001@10.0.0.5", "tel:0912345678"),
and its meaning."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.trunk import phone_number
from mcu.errors import BadRequest

_USER = re.compile(r"[A-Za-z0-9_.+*#-]{1,64}")
_HOST = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_NUMBER = re.compile(r"[0-9*#+]{1,32}")
_HOW = "write sip:user@host, sip:host, h323:host, h323:number, h323:number@host or tel:number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """``account``: a known terminal's name, "" for an address that somebody wrote. Of a SIP terminal that registers
    nothing else is needed: where it is, its registration tells. ``host`` is a name or an IP literal without brackets.
    A telephone ("tel", RFC 3966) is its number, ``user``, and reached over the trunk.
    """

    protocol: Literal["sip", "h323", "tel"]
    account: str = ""
    user: str = ""
    host: str = ""
    port: int = 0  # 0: the protocol's own

    def __str__(self) -> str:
        """As people write it."""
        if not (self.user or self.host):
            return f"{self.protocol}:{self.account}"
        return f"{self.protocol}:{'@'.join(part for part in (self.user, self.authority) if part)}"

    @property
    def authority(self) -> str:
        """``host[:port]``, an IPv6 literal in brackets (RFC 3986 3.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if host and self.port else host


def parse_target(text: str) -> Target:
    """What somebody wrote. Raises BadRequest with a sentence for people."""
    scheme, separator, rest = text.strip().partition(":")
    protocol = scheme.lower()
    if separator and protocol == "tel":
        return Target(protocol="tel", user=phone_number(rest))
    if not separator or protocol not in ("sip", "h323"):
        raise BadRequest(f"{text[:60]!r} names no protocol: {_HOW}")
    user, at, authority = rest.rpartition("@")
    if not at and protocol == "h323" and _NUMBER.fullmatch(rest):
        return Target(protocol="h323", user=rest)
    if at and not _USER.fullmatch(user):
        raise BadRequest(f"{user[:60]!r} cannot be dialled: letters, digits and _.+*#- may stand before the @")
    host, port = _authority(authority)
    if protocol == "sip":
        return Target(protocol="sip", user=user, host=host, port=port)
    return Target(protocol="h323", user=user, host=host, port=port)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One terminal by which a site can be reached; ``terminal`` is its account's name, or empty."""

    target: Target
    terminal: str = ""


def target_of(account: TerminalAccount) -> Target:
    """Where a known terminal is called. Raises BadRequest for one whose address is a whole network."""
    host, _, length = account.network.partition("/")
    if account.network and length not in ("32", "128"):
        raise BadRequest(f"terminal {account.name} is known by the network {account.network}: dial its address instead")
    if account.protocol == "h323":
        # One without an address is where it has registered, under its number or its name.
        user = account.alias or ("" if host else account.name)
        return Target(protocol="h323", account=account.name, user=user, host=host)
    if account.protocol == "phone":
        return Target(protocol="tel", account=account.name, user=account.alias)
    return Target(protocol="sip", account=account.name, host=host)


def _authority(text: str) -> tuple[str, int]:
    """Host and port, 0 where none is given."""
    bracketed = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::([0-9]{1,5}))?", text)
    if bracketed:
        host, port = bracketed[1], bracketed[2] or "0"
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise BadRequest(f"{host[:60]!r} is no IPv6 address") from None
    else:
        host, _, port = text.partition(":")
        port = port or "0"
        dotted = re.fullmatch(r"[0-9.]+", host)
        if not _HOST.fullmatch(host) or (dotted and not _is_ipv4(host)):
            raise BadRequest(f"{text[:60]!r} is no address: {_HOW}")
    if not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise BadRequest(f"{port[:20]!r} is no port")
    return host, int(port)


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True

"""What the gatekeeper and the client of a gatekeeper tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mcu.h323.media import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """Gatekeeper: a terminal is there, or has changed where it is or what it is called."""

    endpoint: str  # its endpointIdentifier
    account: str  # "" for a guest
    aliases: tuple[str, ...]
    signalling: Address  # where it takes calls
    product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered:
    """Gatekeeper: a terminal is gone. ``reason``: "asked", "expired", "replaced", "account" (taken away or changed),
    "stopping"."""

    endpoint: str
    account: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Gatekeeper: a request got a no; for the log, and for the operator who wonders."""

    source: Address
    request: str  # "registrationRequest"
    reason: str  # H.225.0's name of it
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Gatekeeper: a terminal may call or answer."""

    endpoint: str
    account: str
    call_id: bytes
    answering: bool
    destination: str  # as dialled
    target: Address
    bit_rate: int  # bit/s both ways together


@dataclass(frozen=True, slots=True, kw_only=True)
class Disengaged:
    """Gatekeeper: a terminal's call is over."""

    endpoint: str
    account: str
    call_id: bytes
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """Gatekeeper: an endpoint told about its calls (IRR), asked or not."""

    endpoint: str
    calls: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Gatekeeper: a neighbour that was asked where somebody is has answered, or none of them knows."""

    request: int  # what ``locate`` returned
    target: Address | None
    destination: tuple[str, ...] = ()  # instead of what was asked for, where the neighbour says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Client: an outside gatekeeper knows us."""

    gatekeeper: Address
    identifier: str
    aliases: tuple[str, ...]  # those it granted
    time_to_live: int  # s; 0 without end


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Client: the gatekeeper knows us no more, does not answer, or does not want us. We go on trying unless stopped."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Client: a call that was asked for may be made to ``target``, or may be answered."""

    request: int
    call_id: bytes
    target: Address | None  # of an answered call it means nothing
    destination: tuple[str, ...]  # instead of what was dialled, where the gatekeeper says so
    tokens: tuple[dict[str, Any], ...]  # to be copied into Setup
    bit_rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """Client: a call may not be."""

    request: int
    call_id: bytes
    reason: str  # H.225.0's name, or "no answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Client: the gatekeeper wants this call to end now; b"" is all of them."""

    call_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """Client: how much a call may take from now on."""

    call_id: bytes
    bit_rate: int


Event = (
    Registered | Unregistered | Refused | Admitted | Disengaged | Reported | Located
    | Joined | Left | Allowed | Denied | Dropped | Limited
)  # fmt: skip

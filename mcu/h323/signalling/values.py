"""Who we are, whom we call, and who the peer says it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mcu.h323.media import Address

# No code of ours is registered; 255/4242 is what GnuGk calls the "Open Source Organisation".
T35_COUNTRY = 255
T35_MANUFACTURER = 4242


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Ourselves, as a call tells it to the peer."""

    address: Address  # our call signalling address
    name: str = "MCU"  # h323-ID and display name
    digits: str = ""  # E.164 alias, where there is one
    product: str = "MCU"
    version: str = ""
    tunnelling: bool = True  # offer and accept H.245 tunnelling
    mcu: bool = True  # tell the peer that we are an MCU; some old terminals only call terminals


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A call that we make. ``call_id`` and ``conference_id``: 16 octets each, chosen at random by whoever starts it."""

    address: Address  # whom the connection goes to: the terminal, or its gatekeeper
    call_id: bytes
    conference_id: bytes
    alias: str = ""  # number or name dialled; "" calls the address alone
    destination: Address | None = None  # destCallSignalAddress, where it isn't ``address``
    display: str = ""  # our name in this call, for example the room's; "" is the endpoint's
    source: tuple[str, ...] = ()  # our aliases in this call; () is the endpoint's
    goal: str = "create"  # conferenceGoal: create, join, invite
    rate: int = 384_000  # bit/s, for Bearer capability
    endpoint_identifier: str = ""  # out of our registration with a gatekeeper
    tokens: tuple[dict[str, Any], ...] = ()  # out of its AdmissionConfirm, copied into Setup
    crypto_tokens: tuple[tuple[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if len(self.call_id) != 16 or len(self.conference_id) != 16:
            raise ValueError("call_id and conference_id have 16 octets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What the other side told of itself; every text is clean and bounded, "" where it told nothing."""

    name: str = ""  # to be shown: display name, else the first alias that is no number
    number: str = ""  # its own number
    aliases: tuple[str, ...] = ()
    vendor: str = ""  # "Polycom", "Huawei"; worked out
    product: str = ""
    version: str = ""
    kind: str = ""  # terminal, gateway, mcu, gatekeeper
    protocol: int = 0  # version of H.225.0, 1 to 7
    address: Address | None = None  # its call signalling address, as it claims

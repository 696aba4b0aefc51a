"""What a call tells the gateway."""

from __future__ import annotations

from dataclasses import dataclass

from mcu.h323.media import Address

from .values import Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupReceived:
    """The peer calls. ``number`` is what was dialled, "" for nothing but the MCU itself (the entry).

    H.245 messages inside Setup (parallelH245Control, H.323 8.2.4) follow as H245Received.
    """

    number: str
    aliases: tuple[str, ...]  # all that the peer said it dialled
    peer: Peer
    fast_start: tuple[bytes, ...]  # OpenLogicalChannels in PER
    h245: Address | None  # the peer listens for H.245 there
    want: str  # conferenceGoal: create, join, invite, capability-negotiation


@dataclass(frozen=True, slots=True)
class Proceeding:
    pass


@dataclass(frozen=True, slots=True)
class Alerting:
    pass


@dataclass(frozen=True, slots=True)
class ProgressReceived:
    in_band: bool  # Progress indicator 1 or 8: sound is there to be heard


@dataclass(frozen=True, slots=True)
class Connected:
    peer: Peer


@dataclass(frozen=True, slots=True)
class H245Address:
    """The peer listens for H.245 there; connect unless there is a control channel already."""

    address: Address


@dataclass(frozen=True, slots=True)
class H245Received:
    message: bytes  # PER, out of the tunnel


@dataclass(frozen=True, slots=True)
class FastStartAccepted:
    channels: tuple[bytes, ...]  # OpenLogicalChannels in PER: what the peer took of our offer


@dataclass(frozen=True, slots=True)
class FastStartRefused:
    pass


@dataclass(frozen=True, slots=True)
class TunnellingRefused:
    """No tunnelling (any more); what was not sent yet is gone, H.245 needs a connection of its own and starts anew."""


@dataclass(frozen=True, slots=True)
class Keypad:
    digits: str


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The peer sends us elsewhere: release this call with ``facilityCallDeflection`` (cause 16) and call there."""

    address: Address | None
    aliases: tuple[str, ...]
    why: str  # callForwarded, routeCallToGatekeeper, routeCallToMC
    conference_id: bytes = b""


@dataclass(frozen=True, slots=True)
class Released:
    cause: int  # Q.850
    reason: str  # for people
    by_peer: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is of no use any more; nothing can be sent on it."""

    reason: str


Event = (
    SetupReceived
    | Proceeding
    | Alerting
    | ProgressReceived
    | Connected
    | H245Address
    | H245Received
    | FastStartAccepted
    | FastStartRefused
    | TunnellingRefused
    | Keypad
    | Forwarded
    | Released
    | Lost
)

"""What a control channel tells: everything that ``Control.feed`` and ``Control.tick`` return.

A logical channel has a number of its own in each direction. "Ours" is a channel that we send on (its number is ours),
"the peer's" is one that we receive on.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..media import Address, Format, Kind


@dataclass(frozen=True, slots=True)
class PeerCapabilities:
    """What the peer can receive, what it likes best first."""

    audio: tuple[Format, ...]
    video: tuple[Format, ...]
    content: tuple[Format, ...]  # H.239; empty without


@dataclass(frozen=True, slots=True)
class Held:
    """An empty capability set came (H.323 8.4.6): our channels are being closed, nothing may be sent."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A full capability set came after an empty one (PeerCapabilities stands before this): open channels again."""


@dataclass(frozen=True, slots=True)
class Determined:
    master: bool  # we are


@dataclass(frozen=True, slots=True)
class ChannelOffered:
    """The peer wants to send: to be answered by ``accept`` or ``reject`` within 30 s."""

    number: int  # the peer's
    kind: Kind
    format: Format  # payload_type is what the peer will send with; -1 where it did not say
    rtcp: Address | None  # where our receiver reports go
    session: int = 0  # as the peer asked: 1, 2, 32…, or 0 where we as the master have to say


@dataclass(frozen=True, slots=True)
class ChannelAccepted:
    """The peer receives what we send."""

    number: int  # ours
    kind: Kind
    format: Format  # as it was opened
    rtp: Address
    rtcp: Address | None
    payload_type: int  # the number to send with


@dataclass(frozen=True, slots=True)
class ChannelRejected:
    number: int  # ours
    cause: str  # H.245's name: "dataTypeNotSupported", "masterSlaveConflict", …; or "timeout", "no address"


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    number: int
    by_peer: bool  # True: a channel of the peer's, the peer has closed it (or we gave it up). False: ours, as asked


@dataclass(frozen=True, slots=True)
class ChannelCloseRequested:
    """The peer wants our channel closed: ``close`` says yes, silence says no after 5 s."""

    number: int  # ours
    reopen: bool = False  # so that it can be opened again with something else


@dataclass(frozen=True, slots=True)
class FastUpdate:
    """The peer needs a keyframe."""

    number: int  # ours


@dataclass(frozen=True, slots=True)
class FlowControl:
    """The peer wants at most so much from us."""

    number: int  # ours; 0 for everything together
    bit_rate: int | None  # bit/s, 0 stops, None lifts the limit


@dataclass(frozen=True, slots=True)
class UserInput:
    digits: str  # of 0-9 * # A-D, at most 64


@dataclass(frozen=True, slots=True)
class RoundTrip:
    ms: float


@dataclass(frozen=True, slots=True)
class ModeRequested:
    """The peer asks us to send something else: ``accept_mode`` or ``reject_mode``; silence refuses after 5 s.

    Of H.263 and H.261 ``video`` has the one size and the bit rate that it wants.
    """

    audio: Format | None
    video: Format | None


@dataclass(frozen=True, slots=True)
class TokenRequested:
    """The peer wants to present (H.239): ``grant_token`` or ``refuse_token``; silence refuses after 5 s."""

    number: int  # the channel it means, the peer's; 0 unknown


@dataclass(frozen=True, slots=True)
class TokenGranted:
    """We may present: the peer has acknowledged our request."""


@dataclass(frozen=True, slots=True)
class TokenRefused:
    """We may not: the peer presents, or it did not answer."""


@dataclass(frozen=True, slots=True)
class TokenTaken:
    """The peer presents without having to be answered: it asked at the same time as we and won, or it just says so."""

    number: int  # its channel, the peer's; 0 unknown


@dataclass(frozen=True, slots=True)
class TokenReleased:
    """The peer has stopped to present, or no longer wants to."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over in good order; nothing more is sent or understood."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The session is over because the peer does not answer."""

    reason: str


Event = (
    PeerCapabilities
    | Held
    | Resumed
    | Determined
    | ChannelOffered
    | ChannelAccepted
    | ChannelRejected
    | ChannelClosed
    | ChannelCloseRequested
    | FastUpdate
    | FlowControl
    | UserInput
    | RoundTrip
    | ModeRequested
    | TokenRequested
    | TokenGranted
    | TokenRefused
    | TokenTaken
    | TokenReleased
    | Ended
    | Lost
)

"""What a SIP call tells the gateway. Descriptions are octets as they came; ``sdp.read`` makes values of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provisional:
    """A response of 180 to 189 to our INVITE; ``description`` is empty without early media."""

    status: int
    description: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """The other side took our call."""

    description: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side did not: SIP status (408 when it never said anything), Q.850 cause out of Reason, or 0."""

    status: int
    cause: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Our answer arrived."""


@dataclass(frozen=True, slots=True)
class InfoReceived:
    """A request in the dialog that carries something: INFO, and MESSAGE, which is how Asterisk sends a text."""

    content_type: str  # lower case, without parameters
    body: bytes


@dataclass(frozen=True, slots=True)
class Reinvited:
    """The other side offers anew (an empty ``offer`` asks for ours); ``accept`` or ``reject`` is due."""

    offer: bytes


@dataclass(frozen=True, slots=True)
class ReinviteAnswered:
    description: bytes


@dataclass(frozen=True, slots=True)
class ReinviteRefused:
    """Our offer was refused; the call goes on as it was."""

    status: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over, by the other side or because it answers no more. Q.850 ``cause`` out of Reason, or 0."""

    cause: int
    reason: str


SipEvent = (
    Provisional | Answered | Refused | Confirmed | InfoReceived | Reinvited | ReinviteAnswered | ReinviteRefused | Ended
)

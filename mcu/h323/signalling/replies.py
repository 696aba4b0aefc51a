"""Answers to messages that belong to no call of ours (Q.931 5.8.3.2)."""

from __future__ import annotations

from mcu.h323 import causes
from mcu.h323.q931 import GLOBAL, CallState, Kind, Message, elements

from . import bodies, received
from .outbox import Outbox

_NO_CALL = bytes(16)


def stray(outbox: Outbox, message: Message, version: int) -> bool:
    """Answers a message that is neither Setup nor of our call. False if it was a proper one, for all that."""
    if message.kind in (Kind.STATUS, Kind.RELEASE_COMPLETE, Kind.NOTIFY):
        return False
    inquiry = message.kind == Kind.STATUS_INQUIRY
    if inquiry or message.reference == GLOBAL:
        cause = causes.STATUS_RESPONSE if inquiry else causes.INVALID_REFERENCE
        outbox.add(
            Kind.STATUS,
            ("status", bodies.plain(version, received.read(message).call_id or _NO_CALL)),
            (elements.cause(cause), elements.call_state(CallState.NULL)),
            reference=message.reference,
            to_originator=not message.to_originator,
            ours=False,
        )
        return not inquiry
    reject(outbox, message, version, causes.INVALID_REFERENCE, "undefinedReason")
    return True


def reject(outbox: Outbox, message: Message, version: int, cause: int, reason: str) -> None:
    """ReleaseComplete for the reference of ``message``."""
    body = bodies.plain(version, received.read(message).call_id or _NO_CALL)
    outbox.add(
        Kind.RELEASE_COMPLETE,
        ("releaseComplete", body | {"reason": (reason, 0)}),
        (elements.cause(cause),),
        reference=message.reference,
        to_originator=not message.to_originator,
        ours=False,
    )

"""Who may come in: the answer to a call that stands before a room. The prompts are files of mcu/asterisk's sounds."""

from __future__ import annotations

from mcu.core.conference import Room
from mcu.core.entry import EntryRequest, Refuse

DIALLED = "dialled"  # the door of those whom the MCU called; their "number" is the id of the call

UNKNOWN_NUMBER = "mcu-unknown-number"
ROOM_LOCKED = "mcu-room-locked"
ROOM_CLOSED = "mcu-not-open"
NO_GUESTS = "mcu-no-guests"

# Q.850 causes
_UNALLOCATED, _REJECTED = 1, 21


def refusal(room: Room | None, request: EntryRequest, *, guests: bool, language: str) -> Refuse | None:
    """Why this call must stay outside, or None. ``guests``: strangers may come to rooms that are open to them."""
    if room is None:
        return Refuse(prompt=UNKNOWN_NUMBER, cause=_UNALLOCATED, language=language)
    if not room.config.open:
        return Refuse(prompt=ROOM_CLOSED, cause=_REJECTED, language=language)
    stranger = request.door not in ("terminal", "known")
    if stranger and not (guests and room.config.guests):
        return Refuse(prompt=NO_GUESTS, cause=_REJECTED, language=language)
    if room.locked:
        return Refuse(prompt=ROOM_LOCKED, cause=_REJECTED, language=language)
    return None


def nobody_called(language: str) -> Refuse:
    """A terminal that answered a call which was given up in the same moment."""
    return Refuse(prompt=ROOM_CLOSED, cause=_REJECTED, language=language)

"""Who may come in: the answer to a call that stands before a room. The prompts are files of mcu/asterisk's sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.core import effects as do
from mcu.core.conference import Room
from mcu.core.entry import Admit, Ask, EntryAnswer, EntryRequest, Refuse
from mcu.core.names import clean_name, display_name, room_number
from mcu.core.pins import TRIES as PIN_TRIES
from mcu.core.rates import choose_video
from mcu.core.roster import PRESENTATION, Participant

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge

PROVED = ("terminal", "known")  # doors of those who have shown who they are
KNOWN = (*PROVED, "named")  # and of those of whom an administrator said that their number will do
DIALLED = "dialled"  # the door of those whom the MCU called; their "number" is the id of the call

UNKNOWN_NUMBER = "mcu-unknown-number"
ROOM_LOCKED = "mcu-room-locked"
ROOM_CLOSED = "mcu-not-open"
NO_GUESTS = "mcu-no-guests"
WELCOME = "mcu-welcome"
ENTER_NUMBER = "mcu-enter-number"
ENTER_PIN = "mcu-enter-pin"
WRONG_PIN = "mcu-wrong-pin"
GOODBYE = "mcu-goodbye"

NUMBER_TRIES = 3  # in one call

# Q.850 causes
_UNALLOCATED, _REJECTED = 1, 21


def enter(
    bridge: Bridge,
    request: EntryRequest,
    *,
    at: float,
    participant: str,
    display: str,
    guests: bool,
    language: str,
) -> tuple[EntryAnswer, list[do.Effect]]:
    """See Bridge.enter. Whoever is admitted stands at the door from now on, and has a place."""
    if request.presents:
        return _present(bridge, request, at=at, participant=participant, language=language), []
    out: list[do.Effect] = []
    if request.door == DIALLED:
        call = bridge.dial_out.find(request.number)
        if call is None or call.room not in bridge.rooms:
            return nobody_called(language), []
        # Whoever an operator calls may come in, whatever the room's door says to others.
        number, participant, display = call.room, call.id, call.name
    else:
        number = room_number(request.number)
        if number not in bridge.rooms and (ask := _ask_number(request, language)):
            return ask, []
        room = bridge.rooms.get(number)
        if refuse := refusal(room, request, guests=guests, language=language):
            return refuse, []
        if room is not None and room.config.pin and request.door not in PROVED:
            answer, told = _ask_pin(bridge, room, request, at=at, language=language)
            if answer is not None:
                return answer, told
    if full := bridge.fullness.check(number, *bridge.crowd(number), at=at, language=language):
        return full
    if request.door == DIALLED:
        out += bridge.dial_out.answered(participant)
    codec, fmtp = choose_video(request.video)
    visitor = Participant(
        id=participant,
        room=number,
        channel=request.channel,
        name=display_name(display, request.caller_name, request.caller_number, request.endpoint, participant),
        number=display_name(request.caller_number),
        kind=request.door,
        entered_at=at,
        call_id=request.call_id,
        device=clean_name(request.device),
        codec=codec,
        fmtp=fmtp,
    )
    bridge.tell_device(visitor)
    visitor.subscribed = visitor.key
    visitor.picture = "waiting" if visitor.rate_class else "none"
    bridge.stand_at_door(visitor)
    answer = Admit(
        participant=participant,
        room=number,
        name=visitor.name,
        muted=False,
        view=visitor.key,
        language=language,
        device=visitor.device,
    )
    return answer, out


def _ask_number(request: EntryRequest, language: str) -> Ask | None:
    """Who called us without a number, as one does with an address alone, is asked for it.

    A wrong one that was dialled is refused at once: nobody may be there to press keys.
    """
    if (request.number and not request.number_tries) or request.number_tries >= NUMBER_TRIES:
        return None
    first = UNKNOWN_NUMBER if request.number else WELCOME
    return Ask(want="number", prompts=(first, ENTER_NUMBER), language=language)


def _ask_pin(
    bridge: Bridge, room: Room, request: EntryRequest, *, at: float, language: str
) -> tuple[EntryAnswer | None, list[do.Effect]]:
    """None once the right one was keyed in."""
    if bridge.pins.closed(room.config.number, at):  # as a room that is not there, in wording and way
        return _ask_number(request, language) or refused_number(language), []
    told: list[do.Effect] = []
    if request.pin_tries:
        right, told = bridge.pins.right(room.config.number, room.config.pin, request.pin, at)
        if right:
            return None, []
    if request.pin_tries >= PIN_TRIES:
        return Refuse(prompt=GOODBYE, cause=_REJECTED, language=language), told
    prompts = (WRONG_PIN, ENTER_PIN) if request.pin_tries else (ENTER_PIN,)
    return Ask(want="pin", prompts=prompts, language=language), told


def _present(bridge: Bridge, request: EntryRequest, *, at: float, participant: str, language: str) -> EntryAnswer:
    """A terminal's second picture comes in beside it, whatever the door says to others. It is sent none itself."""
    owner = bridge.caller(request.presents)
    if owner is None:
        return nobody_called(language)
    codec, fmtp = choose_video(request.video)
    visitor = Participant(
        id=participant,
        room=owner.room,
        channel=request.channel,
        name=owner.name,
        number=owner.number,
        kind=PRESENTATION,
        entered_at=at,
        muted=True,
        call_id=request.call_id,
        presents=owner.id,
        device=owner.device,
        codec=codec,
        fmtp=fmtp,
    )
    visitor.picture = "waiting" if visitor.rate_class else "none"
    bridge.stand_at_door(visitor)
    return Admit(
        participant=participant,
        room=owner.room,
        name=owner.name,
        muted=True,
        view="",
        language=language,
        presents=owner.id,
        device=owner.device,
    )


def refusal(room: Room | None, request: EntryRequest, *, guests: bool, language: str) -> Refuse | None:
    """Why this call must stay outside, or None. ``guests``: strangers may come to rooms that are open to them."""
    if room is None:
        return refused_number(language)
    if not room.config.open:
        return Refuse(prompt=ROOM_CLOSED, cause=_REJECTED, language=language)
    stranger = request.door not in KNOWN
    if stranger and not (guests and room.config.guests):
        return Refuse(prompt=NO_GUESTS, cause=_REJECTED, language=language)
    if room.locked:
        return Refuse(prompt=ROOM_LOCKED, cause=_REJECTED, language=language)
    return None


def refused_number(language: str) -> Refuse:
    return Refuse(prompt=UNKNOWN_NUMBER, cause=_UNALLOCATED, language=language)


def nobody_called(language: str) -> Refuse:
    """A terminal that answered a call which was given up in the same moment, or a presentation of somebody who left."""
    return Refuse(prompt=ROOM_CLOSED, cause=_REJECTED, language=language)

"""Who may come in: the answer to a call that stands before a room. The prompts are keys of sounds/*.toml.

The order of the questions: does it scan, is there such a room (one whose PIN is guessed at is not there), do the room's
rules let it in, which PIN, is there a place, must it wait.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mcu.core import effects as do
from mcu.core.directory.trunk import Trunk, shown_as
from mcu.core.entry import lobby
from mcu.core.entry.admission import (
    PROVED,
    REJECTED,
    TRUNK,
    UNKNOWN_NUMBER,
    may_skip_pin,
    nobody_called,
    pins_of,
    place_of,
    refusal,
    refused_at_once,
    refused_number,
    role_of,
    wants_pin,
)
from mcu.core.entry.answers import Admit, Ask, EntryAnswer, EntryRequest, Refuse, Wait
from mcu.core.entry.pins import TRIES as PIN_TRIES
from mcu.core.languages import first_of
from mcu.core.names import TRUNK_ENDPOINT, clean_name, display_name, room_number
from mcu.core.picture.rates import choose_video
from mcu.core.roster import DIALLED, PRESENTATION, Participant, Role

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge
    from mcu.core.conference import Room

WELCOME = "mcu-welcome"
ENTER_NUMBER = "mcu-enter-number"
ENTER_PIN = "mcu-enter-pin"
ENTER_HOST_PIN = "mcu-enter-host-pin"  # or the pound key alone
WRONG_PIN = "mcu-wrong-pin"
GOODBYE = "mcu-goodbye"

NUMBER_TRIES = 3  # in one call, by keys; the number that was dialled does not count


def enter(
    bridge: Bridge,
    request: EntryRequest,
    *,
    at: float,
    participant: str,
    guests: bool,
    language: str,
) -> tuple[EntryAnswer, list[do.Effect]]:
    """See Bridge.enter. Whoever is admitted stands at the door from now on, and has a place."""
    if request.presents:
        return _present(bridge, request, at=at, participant=participant, language=language), []
    if request.door == DIALLED:  # its "number" is the id of the call
        return _called(bridge, request, at=at, language=language)
    if request.door == TRUNK:
        # The line was set up to be called: whether strangers may call by SIP is another matter.
        request, guests = _by_telephone(bridge, request), True
    stranger = request.door not in PROVED
    if stranger and bridge.scanners.closed(request.source, at):
        return refused_at_once(language), []
    number = room_number(request.number)
    room = bridge.rooms.get(number)
    if room is None or (wants_pin(room.config, request) and bridge.pins.closed(number, at)):
        told = bridge.scanners.wrong(request.source, at) if stranger and request.number else []
        return _ask_number(request, language), told
    language = room.config.language or language
    place = place_of(bridge, request)
    if refuse := refusal(bridge, room, request, place, guests=guests, language=language):
        return refuse, []
    role, out = role_of(room.config, request, place), list[do.Effect]()
    if wants_pin(room.config, request):
        answer, keyed_role, out = _ask_pin(bridge, room, request, at=at, language=language)
        if answer is not None:
            return answer, out
        role = "host" if role == "host" else keyed_role
    if full := bridge.fullness.check(number, *bridge.crowd(number), room.config.capacity, at=at, language=language):
        return full
    visitor = _visitor(request, at, participant, number, place.display if place else _shown(request, language))
    visitor.came_as, visitor.wrong_pins = role, max(0, request.pin_tries - 1)
    if place is not None:
        visitor.site, visitor.terminal = place.site, place.terminal
    bridge.tell_device(visitor)
    if lobby.waits(bridge, room, visitor):
        prompt = lobby.enter(bridge, visitor)
        return _waits(visitor, prompt, language), [*out, lobby.joined(visitor)]
    return _admit(bridge, visitor, language), out


def _by_telephone(bridge: Bridge, request: EntryRequest) -> EntryRequest:
    """Whose telephone it is, and which room it wants: our own number is none. A caller's number proves nothing, it is
    what the network tells."""
    trunk = bridge.directory.trunk or Trunk()
    endpoint = bridge.directory.phone(request.caller_number)
    number = request.number
    if not request.number_tries:  # as the network tells it; later it is what was keyed in
        number = "" if trunk.is_ours(number) else trunk.national(number)
    return replace(
        request,
        door="named" if endpoint else "guest",
        endpoint=endpoint or request.endpoint,
        claimed=bool(endpoint),
        number=number,
        caller_number=trunk.national(request.caller_number),
    )


def _shown(request: EntryRequest, language: str) -> str:
    """The name of a telephone that nobody knows; empty for other strangers, who say their own."""
    if request.endpoint != TRUNK_ENDPOINT:
        return ""
    return shown_as(request.caller_number, request.caller_name, first_of(language))


def _called(bridge: Bridge, request: EntryRequest, *, at: float, language: str) -> tuple[EntryAnswer, list[do.Effect]]:
    """Whom an operator calls may come in, whatever the room's door says to others."""
    call = bridge.dial_out.find(request.number)
    room = bridge.rooms.get(call.room) if call else None
    if call is None or room is None:
        return nobody_called(language), []
    config = room.config
    language = config.language or language
    if full := bridge.fullness.check(call.room, *bridge.crowd(call.room), config.capacity, at=at, language=language):
        refuse, told = full
        call.channel = request.channel  # the refusal is still being said there when it is called again
        return refuse, [*told, *bridge.dial_out.turned_away(call.id, refuse.cause, at)]
    out = bridge.dial_out.answered(call.id, at)
    visitor = _visitor(request, at, call.id, call.room, call.name)
    visitor.site, visitor.terminal, visitor.dialled = call.site, call.terminal, True
    visitor.address = "" if call.terminal else str(call.target)
    if call.target.protocol == "tel":
        visitor.number = call.target.user
    if call.site is not None and call.site == config.presiding_site_id:
        visitor.came_as = "host"
    bridge.tell_device(visitor)
    return _admit(bridge, visitor, language), out


def _visitor(request: EntryRequest, at: float, participant: str, room: str, display: str) -> Participant:
    codec, fmtp = choose_video(request.video)
    visitor = Participant(
        id=participant,
        room=room,
        channel=request.channel,
        name=display_name(display, request.caller_name, request.caller_number, request.endpoint, participant),
        number=display_name(request.caller_number),
        kind=request.door,
        entered_at=at,
        call_id=request.call_id,
        device=clean_name(request.device),
        source=request.source,
        codec=codec,
        fmtp=fmtp,
    )
    visitor.picture = "waiting" if visitor.rate_class else "none"
    return visitor


def _admit(bridge: Bridge, visitor: Participant, language: str) -> Admit:
    visitor.subscribed = visitor.key
    visitor.muted = lobby.joins_muted(bridge, visitor)
    bridge.stand_at_door(visitor)
    return Admit(
        participant=visitor.id,
        room=visitor.room,
        name=visitor.name,
        muted=visitor.muted,
        view=visitor.key,
        language=language,
        device=visitor.device,
        role=visitor.came_as,
        brought=bridge.rooms[visitor.room].locked,
    )


def _waits(visitor: Participant, prompt: str, language: str) -> Wait:
    return Wait(
        participant=visitor.id,
        room=visitor.room,
        name=visitor.name,
        view=visitor.key,
        prompt=prompt,
        language=language,
        device=visitor.device,
    )


def _ask_number(request: EntryRequest, language: str) -> EntryAnswer:
    """Who called us without a number, as one does with an address alone, or with a wrong one, is asked for it."""
    if request.number_tries >= NUMBER_TRIES:
        return refused_number(language)
    first = UNKNOWN_NUMBER if request.number or request.number_tries else WELCOME
    return Ask(want="number", prompts=(first, ENTER_NUMBER), language=language)


def _ask_pin(
    bridge: Bridge, room: Room, request: EntryRequest, *, at: float, language: str
) -> tuple[EntryAnswer | None, Role, list[do.Effect]]:
    """The question, or none and the role once the right one was keyed in."""
    config = room.config
    optional = may_skip_pin(config)
    told: list[do.Effect] = []
    if request.pin_tries:
        if optional and not request.pin:
            return None, "guest", []
        role, told = bridge.pins.whose(config.number, pins_of(config), request.pin, at)
        if role:
            return None, role, []
        if request.door not in PROVED:
            told += bridge.scanners.wrong(request.source, at)
    if request.pin_tries >= PIN_TRIES:
        return Refuse(prompt=GOODBYE, cause=REJECTED, language=language), "", told
    enter_pin = ENTER_HOST_PIN if optional else ENTER_PIN
    prompts = (WRONG_PIN, enter_pin) if request.pin_tries else (enter_pin,)
    return Ask(want="pin", prompts=prompts, language=language), "", told


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

"""A room's rules of entry: whom it refuses and why, of whom it wants a PIN, and as what one comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.core import arrivals
from mcu.core.directory.sites import Place
from mcu.core.entry.answers import EntryRequest, Refuse
from mcu.core.roster import Role, RoomConfig

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge
    from mcu.core.conference import Room

PROVED = ("terminal", "known")  # doors of those who have shown who they are
KNOWN = (*PROVED, "named")  # and of those of whom an administrator said that their number will do

TRUNK = "trunk"  # door of calls from the telephone network; who they are, the directory says

UNKNOWN_NUMBER = "mcu-unknown-number"
ROOM_LOCKED = "mcu-room-locked"
ROOM_CLOSED = "mcu-not-open"
NO_GUESTS = "mcu-no-guests"
NOT_INVITED = "mcu-not-invited"

# Q.850 causes
UNALLOCATED, REJECTED = 1, 21


def place_of(bridge: Bridge, request: EntryRequest) -> Place | None:
    """Whose terminal it is, if it is a known one."""
    return bridge.directory.by_endpoint(request.endpoint) if request.door in KNOWN else None


def wants_pin(config: RoomConfig, request: EntryRequest) -> bool:
    """Whether this call is asked for a PIN. Of strangers a PIN is wanted wherever there is one."""
    return config.entry == "pin" or (request.door not in PROVED and bool(config.pin or config.host_pin))


def may_skip_pin(config: RoomConfig) -> bool:
    """Only who presides has one: others press the pound key alone."""
    return not config.pin and config.entry != "pin"


def pins_of(config: RoomConfig) -> dict[Role, str]:
    return {"host": config.host_pin, "guest": config.pin}


def role_of(config: RoomConfig, request: EntryRequest, place: Place | None) -> Role:
    """As what one comes in who was asked for no PIN. Nobody presides by a number that he only claims."""
    presiding = place is not None and place.site is not None and place.site == config.presiding_site_id
    if presiding and not request.claimed:
        return "host"
    return "" if request.door in KNOWN else "guest"


def refusal(
    bridge: Bridge, room: Room, request: EntryRequest, place: Place | None, *, guests: bool, language: str
) -> Refuse | None:
    """Why this call must stay outside, or None. ``guests``: strangers may come to rooms that are open to them."""
    config = room.config
    if not config.open or (config.entry == "pin" and not (config.pin or config.host_pin)):
        return Refuse(prompt=ROOM_CLOSED, cause=REJECTED, language=language)
    stranger = request.door not in KNOWN
    if stranger and (not (guests and config.guests) or config.entry == "known"):
        return Refuse(prompt=NO_GUESTS, cause=REJECTED, language=language)
    if config.entry == "list" and not _invited(bridge, config, place):
        return Refuse(prompt=NO_GUESTS if stranger else NOT_INVITED, cause=REJECTED, language=language)
    if room.locked and not _expected(bridge, config.number, place):
        return Refuse(prompt=ROOM_LOCKED, cause=REJECTED, language=language)
    return None


def _invited(bridge: Bridge, config: RoomConfig, place: Place | None) -> bool:
    if place is None or place.site is None:
        return False
    return place.site == config.presiding_site_id or place.site in bridge.invited.get(config.number, ())


def _expected(bridge: Bridge, number: str, place: Place | None) -> bool:
    """Whether it was in before, and is awaited: a restart of the switch took its call."""
    conference = bridge.conferences.get(number)
    return conference is not None and place is not None and arrivals.awaited(conference, place.site, place.terminal)


def refused_number(language: str) -> Refuse:
    return Refuse(prompt=UNKNOWN_NUMBER, cause=UNALLOCATED, language=language)


def refused_at_once(language: str) -> Refuse:
    """Without a word, and without a channel that would have to be set up for one."""
    return Refuse(prompt="", cause=UNALLOCATED, language=language)


def nobody_called(language: str) -> Refuse:
    """A terminal that answered a call which was given up in the same moment, or a presentation of somebody who left."""
    return Refuse(prompt=ROOM_CLOSED, cause=REJECTED, language=language)

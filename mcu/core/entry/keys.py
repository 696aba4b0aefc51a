"""What people in a meeting, or in its lobby, order by their keypads: a star and one key more. See docs/keypad.md.

They are the acts of any meeting, done as the panel does them; whoever pressed the keys hears by voice what came of it,
and nobody else does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcu.core import effects as do
from mcu.core import events, microphones
from mcu.core.acts import registry
from mcu.core.acts.draft import Draft
from mcu.core.direction import asks
from mcu.core.entry import admission, lobby
from mcu.core.entry.pins import PIN, TRIES
from mcu.core.picture.layout import AUTO
from mcu.errors import McuError

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge
    from mcu.core.conference import Conference
    from mcu.core.roster import Participant

STEP_DB, MOST_DB = 4.0, 12.0  # of what one hears; each press, and at most

MUTED, UNMUTED = "mcu-you-are-muted", "mcu-you-are-unmuted"
HAND_RAISED, HAND_LOWERED = "mcu-hand-raised", "mcu-hand-lowered"
HELP_CALLED, HELP_CANCELLED = "mcu-help-called", "mcu-help-cancelled"
LOUDER, QUIETER = "mcu-louder", "mcu-quieter"
CHAIR_ONLY, NOT_POSSIBLE = "mcu-chair-only", "mcu-not-possible"
ALL_MUTED, ALL_OPEN = "mcu-all-muted", "mcu-all-open"
LOCKED, UNLOCKED = "mcu-locked-now", "mcu-unlocked-now"
FLOOR_GIVEN, NO_HANDS, FREE_TALK = "mcu-floor-given", "mcu-no-hands", "mcu-free-talk"
LAYOUT_CHANGED = "mcu-layout-changed"
MENU, MENU_OF_CHAIR = "mcu-keys", "mcu-keys-chair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a key means now: an act with its arguments, and what is said when it is done; without an act only that.

    ``own``: it is about nobody but who pressed it, so that nobody else's undo takes it back.
    """

    said: tuple[str, ...]
    act: str = ""
    arguments: Mapping[str, Any] | None = None
    own: Callable[[Draft], None] | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """Who presses, and where."""

    bridge: Bridge
    conference: Conference
    person: Participant

    @property
    def presides(self) -> bool:
        return self.person.id == self.conference.direction.chair or self.person.came_as == "host"


def pressed(bridge: Bridge, event: events.KeyPressed) -> list[do.Effect]:
    """One key of one participant."""
    known = bridge.whereabouts(event.participant)
    if known is None or known[1].channel != event.channel or known[1].presents:
        return []
    conference, person = known
    typed = bridge.keypads.press(person.id, event.digit, event.at)
    if person.id in conference.lobby:
        return _in_lobby(bridge, conference, person, typed, event.at)
    if person.id not in conference.present:
        return []
    if typed[-2:-1] != "*":
        return []  # the first of two, or no order of ours
    bridge.keypads.clear(person.id)
    return _carry_out(Hand(bridge, conference, person), typed[-1], event.at)


def _carry_out(hand: Hand, key: str, at: float) -> list[do.Effect]:
    find = ANYBODYS.get(key) or CHAIRS.get(key)
    if find is None or not hand.bridge.keypads.may_order(hand.person.id, at):
        return []
    if key not in ANYBODYS and not hand.presides:
        return _say(hand, at, CHAIR_ONLY)
    conference = hand.conference
    order = find(hand)
    result, out = "ok", list[do.Effect]()
    try:
        if order.own is not None:
            meeting = Draft(hand.bridge, conference, at)
            order.own(meeting)
            out += registry.put_in_force(meeting, "")
        elif order.act:
            out += registry.perform(hand.bridge, conference.number, order.act, order.arguments or {}, at)
        said = order.said
    except McuError as refused:
        result, said = refused.error_id, (NOT_POSSIBLE,)
    if order.act:
        out.append(
            do.Keyed(
                room=conference.number,
                participant=hand.person.id,
                name=hand.person.name,
                presides=hand.presides,
                act=order.act,
                arguments=order.arguments or {},
                result=result,
            )
        )
    return [*out, *_say(hand, at, *said)]


def _say(hand: Hand, at: float, *prompts: str) -> list[do.Effect]:
    conference = hand.conference
    if not hand.bridge.keypads.may_speak(hand.person.id, at):
        return []
    whisper = do.Whisper(
        room=conference.number,
        channel=hand.person.channel,
        prompts=prompts,
        language=conference.room.config.language,
    )
    return [whisper]


# --- anybody's ------------------------------------------------------------------------------------------------------


def _microphone(hand: Hand) -> Order:
    """One's own. Where somebody has the floor or the roll is called, the others' stay closed."""
    person, direction = hand.person, hand.conference.direction
    on = not person.closed
    who = {"participant": person.id, "on": on}
    if not on and microphones.at_the_door(hand.conference, person.id, host=True):
        return Order(said=(NOT_POSSIBLE,))
    if direction.closed and person.id == direction.focus:
        return Order(said=(MUTED if on else UNMUTED,), act="mute", arguments=who, own=lambda m: m.mute(person, on))
    return Order(
        said=(MUTED if on else UNMUTED,),
        act="mute",
        arguments=who,
        own=lambda meeting: microphones.say(meeting, person, on),
    )


def _hand(hand: Hand) -> Order:
    up = not asks(hand.conference.direction.hands, hand.person.id)
    who = {"participant": hand.person.id, "on": up}
    return Order(said=(HAND_RAISED if up else HAND_LOWERED,), act="hand", arguments=who)


def _help(hand: Hand) -> Order:
    on = not asks(hand.conference.direction.help, hand.person.id)
    who = {"participant": hand.person.id, "on": on}
    return Order(said=(HELP_CALLED if on else HELP_CANCELLED,), act="help", arguments=who)


def _hears(hand: Hand, by: float) -> Order:
    person = hand.person
    now = person.gain_out  # where an operator went further than keys do, it stays at least as loud, or as quiet
    db = max(now, min(MOST_DB, now + by)) if by > 0 else min(now, max(-MOST_DB, now + by))
    return Order(
        said=(LOUDER if by > 0 else QUIETER,),
        act="gain",
        arguments={"participant": person.id, "direction": "out", "db": db},
        own=lambda meeting: meeting.gain(person, "out", db),
    )


def _menu(hand: Hand) -> Order:
    return Order(said=(MENU, MENU_OF_CHAIR) if hand.presides else (MENU,))


# --- the chair's ----------------------------------------------------------------------------------------------------


def _layout(hand: Hand) -> Order:
    """The room's next one."""
    names = hand.bridge.catalogue.names
    now = hand.conference.room.config.layout
    following = names[(names.index(now) + 1) % len(names)] if now in names else AUTO
    return Order(said=(LAYOUT_CHANGED,), act="layout", arguments={"layout": following})


def _everybody(hand: Hand) -> Order:
    """All microphones but the chair's and one's own: closed if one is open."""
    chair, own = hand.conference.direction.chair, hand.person.id
    others = [p for p in hand.conference.present.values() if not p.presents and p.id not in (chair, own)]
    on = any(not p.closed for p in others)
    # Another host than the chair: what the act leaves out by itself is the chair's alone.
    these = {} if own == chair else {"only": [p.id for p in others]}
    return Order(said=(ALL_MUTED if on else ALL_OPEN,), act="mute_all", arguments={"on": on, **these})


def _lock(hand: Hand) -> Order:
    on = not hand.conference.room.locked
    return Order(said=(LOCKED if on else UNLOCKED,), act="lock", arguments={"on": on})


def _floor(hand: Hand) -> Order:
    if not hand.conference.direction.hands:
        return Order(said=(NO_HANDS,))
    return Order(said=(FLOOR_GIVEN,), act="floor_next")


def _free(hand: Hand) -> Order:
    return Order(said=(FREE_TALK,), act="free_talk")


ANYBODYS: Mapping[str, Callable[[Hand], Order]] = {
    "6": _microphone,
    "9": _hand,
    "0": _help,
    "4": lambda hand: _hears(hand, STEP_DB),
    "7": lambda hand: _hears(hand, -STEP_DB),
    "*": _menu,
}
CHAIRS: Mapping[str, Callable[[Hand], Order]] = {
    "1": _layout,
    "2": _free,
    "3": _floor,
    "5": _everybody,
    "8": _lock,
}


# --- in the lobby ---------------------------------------------------------------------------------------------------


def _in_lobby(bridge: Bridge, conference: Conference, person: Participant, typed: str, at: float) -> list[do.Effect]:
    """The host's PIN and the pound key: who was not asked for it at the door may still be who presides."""
    if not typed.endswith("#"):
        return []
    bridge.keypads.clear(person.id)
    config = conference.room.config
    keyed = typed[:-1].rpartition("#")[2].rpartition("*")[2]
    if not config.host_pin or PIN.fullmatch(keyed) is None or bridge.pins.closed(config.number, at):
        return []
    if person.wrong_pins >= TRIES:
        return []  # for the rest of this call, as at the door
    role, told = bridge.pins.whose(config.number, {"host": config.host_pin}, keyed, at)
    if role != "host":
        person.wrong_pins += 1
        if person.kind not in admission.PROVED:
            told += bridge.scanners.wrong(person.source, at)
        return told
    person.came_as = "host"
    try:
        return [*told, *lobby.admit(bridge, conference, person.id, at)]
    except McuError:
        return told  # no place, or the switch is away

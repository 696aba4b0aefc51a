"""What follows from an event or a command: instructions for the adapters, in order.

Each names its room, so that whoever carries them out can keep one room's order without holding up another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mcu.core.dialling.targets import Target
from mcu.core.events import Event
from mcu.core.picture.rates import RateClass
from mcu.core.picture.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    room: str


# --- for the switch ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute(Effect):
    channel: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kick(Effect):
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KickAll(Effect):
    """Everybody out. ``channels``: of those who are known to be in."""

    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock(Effect):
    on: bool
    was: bool  # what it goes back to, should the switch refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class DialLeg(Effect):
    """Bring a participant's picture to the mixer."""

    participant: str
    mixer: str
    codec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialView(Effect):
    """Bring one rate class of a view to the switch."""

    view: str
    rate_class: str
    mixer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialSlides(Effect):
    """Bring the room's presentation, published as ``key``, to a terminal by H.239."""

    participant: str
    tag: str  # the H.323 gateway's name for the terminal's call
    key: str
    codec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialTerminal(Effect):
    """Call a terminal into the room; its channel carries the participant's id to the door."""

    participant: str
    target: Target
    caller: str  # who calls, as the terminal shows it


@dataclass(frozen=True, slots=True, kw_only=True)
class StopDialling(Effect):
    """Give up a call to a terminal that was not answered yet."""

    participant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(Effect):
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe(Effect):
    """Give a terminal, or its slides' line, the picture published as ``key``; an empty key ends it."""

    participant: str
    channel: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deafen(Effect):
    """It hears nothing of the room, or again all."""

    channel: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain(Effect):
    """Louder or softer: "in" what the room hears of it, "out" what it hears of the room."""

    channel: str
    direction: Literal["in", "out"]
    db: float  # 0: as it comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Effect):
    """Into another room, without a new call."""

    channel: str
    participant: str
    to: str
    view: str  # key of the picture that it shall see there
    muted: bool = False  # as it was


@dataclass(frozen=True, slots=True, kw_only=True)
class LetIn(Effect):
    """From the lobby into the room."""

    channel: str
    participant: str
    view: str  # key of the picture that it shall see
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisper(Effect):
    """Say this to one terminal alone, over what it hears of the room."""

    channel: str
    prompts: tuple[str, ...]
    language: str  # empty: the installation's


# --- for the mixer -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PutView(Effect):
    """The whole state of a view; putting it twice changes nothing."""

    view: str
    scene: Scene
    classes: tuple[RateClass, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropView(Effect):
    view: str


# --- for people and records ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell(Effect):
    """An event for the bus."""

    event: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Effect):
    """Something an operator wants to know; ``code`` is stable, ``text`` is for people.

    ``data``: what the text names (JSON), so that it can be told in another language. A room's number is in it, too,
    where it is told: ``room`` is not kept, for it says who may see this.
    """

    level: str  # "info", "warning"
    code: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed(Effect):
    """An act that somebody in the meeting ordered by keypad, for the audit."""

    participant: str
    name: str
    presides: bool
    act: str
    arguments: Mapping[str, Any]
    result: str  # "ok", or the error's id


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLock(Effect):
    """Keep the room's lock beyond this process."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLayout(Effect):
    """Keep the room's layout beyond this process."""

    layout: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetCall(Effect):
    """Nobody calls this terminal again: nor does the process that follows this one."""

    call: str  # id


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDirection(Effect):
    """Keep what was ordered in a conference beyond this process: ``direction.recall`` reads it."""

    conference: str  # id
    data: Mapping[str, Any]


def told_to_go(effect: Effect) -> tuple[str, ...]:
    """The channels that this ends, or sends out of their room."""
    match effect:
        case HangUp() | Kick():
            return (effect.channel,)
        case KickAll():
            return effect.channels
    return ()


# --- and back ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectFailed(Event):
    """An instruction could not be carried out; core decides whether and when it is tried again."""

    effect: Effect
    fault: str = ""  # error_id of mcu.errors

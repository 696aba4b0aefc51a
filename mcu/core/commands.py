"""What operators ask for. A command is either carried out or refused with an error of mcu.errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mcu.core.dialling.targets import Target, Way
from mcu.core.roster import RoomConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRoom(Command):
    """Make a room known, or change its settings."""

    config: RoomConfig
    locked: bool | None = None  # None leaves it as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRoom(Command):
    """Raises RoomNotFound, or Conflict while people are in it."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRoom(Command):
    """Change what is given (None leaves it), all of it or nothing."""

    number: str
    name: str | None = None
    layout: str | None = None
    guests: bool | None = None
    pin: str | None = field(default=None, repr=False)  # 4 to 12 digits; empty: none is asked for
    locked: bool | None = None
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)  # other fields of RoomConfig
    back: bool = False  # to what was before the change that was just made


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Command):
    """One of the acts of a meeting; ``acts.SCHEMAS`` says which there are and what arguments they take."""

    number: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack(Command):
    """The switch refused part of an act that was just done: it is taken back if nothing was done since. ``step``: the
    number of the room's latest one (``Stack.top``) right after it."""

    number: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEnd(Command):
    """When the meeting in a room is to end; also of a room in which nobody is, for its next conference."""

    number: str
    ends_at: float | None  # seconds since the epoch; None: it goes on until somebody ends it


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginTest(Command):
    """A test session: the room's conference begins now and stays, whether anybody is there or not."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginAnew(Command):
    """Another meeting begins in this room: the conference that is on ends, another one goes on with the same people."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTest(Command):
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTerminal(Command):
    """Call a terminal into a room, and again up to ``tries`` times if it does not come. ``participant``: a fresh id.

    ``others`` are tried when it fails, in order: a site's further terminals. ``terminal`` is the account's name."""

    number: str
    participant: str
    target: Target
    name: str
    tries: int = 0
    site: int | None = None
    terminal: str = ""
    others: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAgain(Command):
    """At once, an outgoing call that failed or waits for its next attempt; by these ``ways``, if any are given."""

    call: str
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCall(Command):
    """Give an outgoing call up, or take a failed one off the list."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCalls(Command):
    """All outgoing calls into a room that were not answered."""

    number: str

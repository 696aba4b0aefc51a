"""What operators ask for. A command is either carried out or refused with an error of mcu.errors."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcu.core.roster import RoomConfig
from mcu.core.targets import Target


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRoom(Command):
    """Nobody else gets in. The lock ends with the conference, when the last one has left."""

    number: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteParticipant(Command):
    number: str
    participant: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KickParticipant(Command):
    number: str
    participant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTerminal(Command):
    """Call a terminal into a room, and again up to ``tries`` times if it does not come. ``participant``: a fresh id."""

    number: str
    participant: str
    target: Target
    name: str
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAgain(Command):
    """At once, an outgoing call that failed or waits for its next attempt."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCall(Command):
    """Give an outgoing call up, or take a failed one off the list."""

    call: str

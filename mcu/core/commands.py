"""What operators ask for. A command is either carried out or refused with an error of mcu.errors."""

from __future__ import annotations

from dataclasses import dataclass

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

"""Who may log in: the narrow seam between the panel and the users' table."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import Protocol, cast

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask_login import UserMixin
from sqlalchemy import select

from mcu.core.roles import Actor, Role
from mcu.errors import Busy
from mcu.models import Database, UserRow

_AT_A_TIME = 2  # checks; Argon2 takes 64 MiB for each, and a flood of log-ins must not take all memory
_WAITING = 6  # more; whoever waits holds a thread that a panel in use may want
_PATIENCE = 3.0  # seconds that one waits; a check takes some 50 ms


@dataclass(frozen=True, slots=True)
class User(UserMixin):  # type: ignore[misc]  # flask-login carries no types
    """Somebody who is logged in. ``stamp`` changes with the password, which ends the sessions made with the old one."""

    key: int
    login: str
    role: Role
    stamp: str
    branch: int | None = None  # of the tree of sites; None: the whole
    room: str = ""  # of a chair

    def get_id(self) -> str:
        return f"{self.key}:{self.stamp}"

    @property
    def may_act(self) -> bool:
        """Whether this user may change anything; others only look on."""
        return "act" in self.actor.rights

    @property
    def may_administer(self) -> bool:
        """Whether this user may look into the wires: what terminals send, octet by octet."""
        return "admin" in self.actor.rights

    @property
    def actor(self) -> Actor:
        """As control knows who asks."""
        return Actor(login=self.login, role=self.role, branch=self.branch, room=self.room, via="web")


class Accounts(Protocol):
    def verify(self, login: str, password: str) -> User | None:
        """The user, if there is one of that name and the password is right; takes as long either way.

        Raises Busy when too many log in at once.
        """

    def find(self, session_id: str) -> User | None:
        """The user whose ``get_id()`` was ``session_id``, unless deleted or given another password since."""


def stamp_of(password_hash: str) -> str:
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]


class PasswordCheck:
    """Argon2 with few checks at a time, and few that wait for one."""

    def __init__(self, at_a_time: int = _AT_A_TIME, waiting: int = _WAITING, patience: float = _PATIENCE) -> None:
        self._hasher = PasswordHasher()
        self._doors = threading.BoundedSemaphore(at_a_time + waiting)
        self._places = threading.BoundedSemaphore(at_a_time)
        self._patience = patience
        self._nobody = self._hasher.hash("nobody has this password")

    def right(self, password_hash: str | None, password: str) -> bool:
        """Whether ``password`` fits; without a hash (no such user) it takes as long and is False.

        Raises Busy when too many wait already, or the wait took too long.
        """
        if not self._doors.acquire(blocking=False):
            raise Busy("too many log-ins at once")
        try:
            if not self._places.acquire(timeout=self._patience):
                raise Busy("too many log-ins at once")
            try:
                return self._hasher.verify(password_hash or self._nobody, password) and password_hash is not None
            except (Argon2Error, InvalidHashError):
                return False
            finally:
                self._places.release()
        finally:
            self._doors.release()


class TableAccounts:
    """The users' table. Raises Unavailable when the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._check = PasswordCheck()

    def verify(self, login: str, password: str) -> User | None:
        row = None
        if "\0" not in login:  # PostgreSQL has no such text, and no answer to who would be called so
            with self._database.session() as session:
                row = session.scalar(select(UserRow).where(UserRow.login == login))
        right = self._check.right(row.password_hash if row else None, password)
        return _user(row) if row and right else None

    def find(self, session_id: str) -> User | None:
        key, _, _ = session_id.partition(":")
        if not (key.isascii() and key.isdigit() and len(key) < 10):
            return None
        with self._database.session() as session:
            row = session.get(UserRow, int(key))
        user = _user(row) if row else None
        return user if user and user.get_id() == session_id else None


def _user(row: UserRow) -> User:
    return User(
        key=row.id,
        login=row.login,
        role=cast("Role", row.role),
        stamp=stamp_of(row.password_hash),
        branch=row.branch_id,
        room=row.room or "",
    )

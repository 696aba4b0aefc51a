"""Users in memory, for tests of the panel."""

from __future__ import annotations

from dataclasses import dataclass, field

from mcu.web.accounts import User, stamp_of

from mcu.errors import Busy


@dataclass
class FakeAccounts:
    """``passwords`` by log-in name; the role is the log-in name, "admin" has all rights."""

    passwords: dict[str, str] = field(default_factory=lambda: {"admin": "right horse", "viewer": "only looking"})
    busy: bool = False

    def _users(self) -> dict[str, User]:
        return {
            login: User(key=n, login=login, role=login, stamp=stamp_of(password))
            for n, (login, password) in enumerate(self.passwords.items(), start=1)
        }

    def verify(self, login: str, password: str) -> User | None:
        if self.busy:
            raise Busy("too many log-ins at once")
        return self._users().get(login) if self.passwords.get(login) == password else None

    def find(self, session_id: str) -> User | None:
        return next((user for user in self._users().values() if user.get_id() == session_id), None)

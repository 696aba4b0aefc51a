"""SIP users that the mixer answers to: ``leg-<participant>`` and ``view-<view>-<class>``.

Names match ``[A-Za-z0-9_.]{1,32}`` and so have no dash: the dash separates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = r"[A-Za-z0-9_.]{1,32}"
_LEG = re.compile(rf"leg-({NAME})")
_VIEW = re.compile(rf"view-({NAME})-({NAME})")
_REQUEST_URI = re.compile(r"[A-Z]+ sips?:([^@;?\s]+)@")


@dataclass(frozen=True, slots=True)
class LegUser:
    """The call brings the picture of a participant."""

    participant: str
    kind = "leg"

    @property
    def ident(self) -> str:
        return self.participant


@dataclass(frozen=True, slots=True)
class ViewUser:
    """The call takes one class of a view's picture."""

    view: str
    rate_class: str
    kind = "view"

    @property
    def ident(self) -> str:
        return f"{self.view}/{self.rate_class}"


User = LegUser | ViewUser


def parse_user(name: str) -> User | None:
    """What a call to this user is for; None if it is for nothing of ours."""
    if match := _LEG.fullmatch(name):
        return LegUser(match[1])
    if match := _VIEW.fullmatch(name):
        return ViewUser(match[1], match[2])
    return None


def called_user(message: str) -> str:
    """The user part of a request's URI (RFC 3261, 8.1.1.1: the To header may say something else); empty without one."""
    match = _REQUEST_URI.match(message)
    return match[1] if match else ""

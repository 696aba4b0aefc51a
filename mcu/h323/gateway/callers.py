"""Whose terminal is it that calls, and so which door it comes by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mcu.core.directory.overrides import Overrides
from mcu.errors import BadRequest
from mcu.h323.gateway.formats import NOTHING
from mcu.h323.media import Address
from mcu.h323.ras.accounts import Account, Directory

Door = Literal["terminal", "known", "named", "guest"]


@dataclass(frozen=True, slots=True)
class Caller:
    door: Door
    terminal: str = ""  # name of its account
    name: str = ""  # what people call it; "" as it calls itself


GUEST = Caller("guest")


@dataclass(frozen=True, slots=True)
class Known:
    """A terminal that has an account."""

    account: Account
    overrides: Overrides = NOTHING


class Callers:
    """The accounts as control told them last. ``registered``: where our gatekeeper has each account registered."""

    def __init__(self) -> None:
        self.directory = Directory()
        self._overrides: dict[str, Overrides] = {}
        self.registered: dict[str, Address] = {}
        self.gateway_at: Callable[[str], str] = lambda host: ""  # the account of a proved gateway at a host

    def replace(self, known: Iterable[Known]) -> None:
        listed = list(known)
        self.directory = Directory(one.account for one in listed)
        self._overrides = {one.account.name: one.overrides for one in listed if one.overrides != NOTHING}

    def overrides(self, terminal: str) -> Overrides:
        """What is done differently for a terminal; nothing for one without an account."""
        return self._overrides.get(terminal, NOTHING)

    def expected(self, host: str) -> Overrides:
        """For who calls from ``host``, before it has said who it is."""
        there = self.directory.at(host)
        names = [there.name] if there is not None else [n for n, place in self.registered.items() if place.host == host]
        return self.overrides(names[0]) if names else NOTHING

    def who(self, host: str, aliases: Iterable[str]) -> Caller:
        """A terminal is known by its registration, by its address, or by a number alone where its account has no more.

        An account with a password is believed only while it is registered, from the address that it registered from.
        """
        claimed = self.directory.claimed(aliases)
        for account in claimed:
            place = self.registered.get(account.name)
            if account.password and place is not None and place.host == host:
                return Caller("terminal", account.name, account.display)
        if gateway := self.gateway_at(host):
            return Caller("terminal", gateway)  # who is behind it says himself what he is called
        there = self.directory.at(host)
        if there is not None:
            return Caller("known", there.name, there.display)
        for account in claimed:
            if not account.password and not account.address:
                return Caller("named", account.name, account.display)
        return GUEST


def read_accounts(values: Any) -> list[Known]:
    """What control tells: ``[{name, alias, password, address, display, overrides}]``. Raises BadRequest."""
    if not isinstance(values, list):
        raise BadRequest("accounts must be a list")
    return [_known(value) for value in values]


def _known(value: Any) -> Known:
    if not isinstance(value, Mapping):
        raise BadRequest("an account must be an object")
    texts = {key: value.get(key) or "" for key in ("name", "alias", "password", "address", "display")}
    if not all(isinstance(text, str) for text in texts.values()) or not texts["name"]:
        raise BadRequest("an account needs a name, and texts in its other fields")
    overrides = value.get("overrides") or {}
    if not isinstance(overrides, Mapping):
        raise BadRequest("overrides must be an object")
    account = Account(
        name=texts["name"], aliases=(texts["alias"],) if texts["alias"] else (), password=texts["password"],
        address=texts["address"], display=texts["display"],
    )  # fmt: skip
    return Known(account, Overrides.parse(overrides))

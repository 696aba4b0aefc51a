"""Whose terminal is it that calls, and so which door it comes by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mcu.errors import BadRequest
from mcu.h323.media import Address
from mcu.h323.ras.accounts import Account, Directory

Door = Literal["terminal", "known", "guest"]


@dataclass(frozen=True, slots=True)
class Caller:
    door: Door
    terminal: str = ""  # name of its account
    name: str = ""  # what people call it; "" as it calls itself


GUEST = Caller("guest")


class Callers:
    """The accounts as control told them last. ``registered``: where our gatekeeper has each account registered."""

    def __init__(self) -> None:
        self.directory = Directory()
        self.registered: dict[str, Address] = {}

    def replace(self, accounts: Iterable[Account]) -> None:
        self.directory = Directory(accounts)

    def who(self, host: str, aliases: Iterable[str]) -> Caller:
        """A terminal is known by its registration, by its address, or by a number alone where its account has no more.

        An account with a password is believed only while it is registered, from the address that it registered from.
        """
        claimed = self.directory.claimed(aliases)
        for account in claimed:
            place = self.registered.get(account.name)
            if account.password and place is not None and place.host == host:
                return Caller("terminal", account.name, account.display)
        there = self.directory.at(host)
        if there is not None:
            return Caller("known", there.name, there.display)
        for account in claimed:
            if not account.password and not account.address:
                return Caller("known", account.name, account.display)
        return GUEST


def read_accounts(values: Any) -> list[Account]:
    """What control tells: ``[{name, alias, password, address, display}]``. Raises BadRequest."""
    if not isinstance(values, list):
        raise BadRequest("accounts must be a list")
    return [_account(value) for value in values]


def _account(value: Any) -> Account:
    if not isinstance(value, Mapping):
        raise BadRequest("an account must be an object")
    texts = {key: value.get(key) or "" for key in ("name", "alias", "password", "address", "display")}
    if not all(isinstance(text, str) for text in texts.values()) or not texts["name"]:
        raise BadRequest("an account needs a name, and texts in its other fields")
    return Account(
        name=texts["name"], aliases=(texts["alias"],) if texts["alias"] else (), password=texts["password"],
        address=texts["address"], display=texts["display"],
    )  # fmt: skip

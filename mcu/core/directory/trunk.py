"""The line to the telephone network: how numbers are written there, and which may be called."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from mcu.core.languages import Language, Wording, worded
from mcu.core.names import folded
from mcu.errors import BadRequest, NumberAbroad

_SEPARATORS = re.compile(r"[\s.()-]")  # that people write between digits (RFC 3966 3, visual-separator)
_NUMBER = re.compile(r"[0-9]{2,17}|\+[0-9]{6,15}")
_SUBSCRIBER = 8  # digits of a national number without its 0, at the least; and of one that never has a 0, at the most
_TELEPHONE: Wording = ("Điện thoại", "Telephone")
_NOBODY = frozenset({"anonymous", "unknown", "unavailable", "private", "restricted", "withheld"})  # as networks say it


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """``number`` is ours there, ``country`` its country's code, "84"; ``international``: numbers abroad may be
    called. ``host`` and ``networks`` are where it is."""

    number: str = ""
    country: str = ""
    international: bool = False
    host: str = ""
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def national(self, number: str) -> str:
        """As it is dialled within the country: "0" and the rest, whether it was written +84…, 0084… or 84…; a number of
        another country, or a short one, as it is."""
        digits = number.removeprefix("+")
        if digits == number:
            digits = number.removeprefix("00")
        rest = digits.removeprefix(self.country)
        written_out = digits != number  # with + or 00: what follows is a country's code
        if self.country and rest != digits and (written_out or len(rest) >= _SUBSCRIBER):
            return f"0{rest.removeprefix('0')}"
        return number

    def is_ours(self, number: str) -> bool:
        """Is it the number by which telephones reach us?"""
        return bool(self.number) and self.national(number) == self.national(self.number)

    def dialled(self, number: str) -> str:
        """The digits to call. Raises NumberAbroad where those may not be called: whoever finds a way to make us call
        could have us pay for it."""
        digits = self.national(number)
        if not self.international and self._abroad(digits):
            raise NumberAbroad(f"{number} is abroad, or lacks its 0, and trunk.international does not allow that")
        return digits

    def _abroad(self, digits: str) -> bool:
        """Networks take a country's code without + or 00, too, and codes before it that choose who carries the call
        (17800…). Within the country, a number of some length begins with one 0."""
        return digits.startswith(("+", "00")) or bool(
            self.country and not digits.startswith("0") and len(digits) > _SUBSCRIBER
        )

    def check_address(self, user: str, host: str) -> None:
        """A number at its own address is a telephone's, whatever it is called by. Raises NumberAbroad."""
        if self._is_at(host) and _NUMBER.fullmatch(number := _SEPARATORS.sub("", user)):
            self.dialled(number)

    def _is_at(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return host != "" and host.casefold() == self.host.casefold()
        return str(address) == self.host or any(address in network for network in self.networks)


def phone_number(text: str) -> str:
    """A number as somebody wrote it, without what stands between its digits. Raises BadRequest."""
    number = _SEPARATORS.sub("", text)
    if not _NUMBER.fullmatch(number):
        raise BadRequest(f"{text[:40]!r} is no telephone number: digits, or + and a country's code before them")
    return number


def shown_as(number: str, name: str, language: Language) -> str:
    """A telephone of which nobody wrote down whose it is: the name that the network tells, or else no more than the end
    of its number. All sites see it, and whoever records them; operators see the number beside it."""
    clean = _SEPARATORS.sub("", name).removeprefix("+")
    if clean and not clean.isdigit() and folded(name) not in _NOBODY:
        return name
    digits = "".join(digit for digit in number if digit in "0123456789")
    end = f"…{digits[-3:]}" if len(digits) >= _SUBSCRIBER - 1 else digits
    return f"{worded(_TELEPHONE, language)} {end}".rstrip()

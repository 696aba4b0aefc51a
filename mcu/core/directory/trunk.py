"""The line to the telephone network: how numbers are written there, and which may be called."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mcu.errors import BadRequest, NumberAbroad

_SEPARATORS = re.compile(r"[\s.()-]")  # that people write between digits (RFC 3966 3, visual-separator)
_NUMBER = re.compile(r"[0-9]{2,17}|\+[0-9]{6,15}")
_SUBSCRIBER = 8  # digits of a national number without its 0, at the least


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """``number`` is ours there, ``country`` its country's code, "84"; ``international``: numbers abroad may be
    called."""

    number: str = ""
    country: str = ""
    international: bool = False

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
        if digits.startswith(("+", "00")) and not self.international:
            raise NumberAbroad(f"{number} is abroad, and trunk.international does not allow that")
        return digits


def phone_number(text: str) -> str:
    """A number as somebody wrote it, without what stands between its digits. Raises BadRequest."""
    number = _SEPARATORS.sub("", text)
    if not _NUMBER.fullmatch(number):
        raise BadRequest(f"{text[:40]!r} is no telephone number: digits, or + and a country's code before them")
    return number

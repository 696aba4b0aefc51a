"""What arguments an act takes: declared once, checked here, and told to whoever offers acts to people (API, CLI)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mcu.core.names import clean_name, is_participant_id, is_room_number
from mcu.errors import BadRequest

Kind = Literal[
    "participant",
    "participants",
    "sites",
    "flag",
    "whole",
    "number",
    "text",
    "name",
    "room",
    "layout",
    "choice",
    "rules",
]
_MISSING = object()
MOST_LISTED = 1000  # participants or sites in one argument
LONGEST_TEXT = 200  # characters of a banner
MOST_RULES = 64  # panes


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """``default``: what is taken where it is not given; without one it must be. ``null``: None means something."""

    kind: Kind
    help: str
    default: Any = _MISSING
    null: bool = False
    choices: tuple[str, ...] = ()
    least: float = 0.0
    most: float = 0.0

    @property
    def required(self) -> bool:
        return self.default is _MISSING

    def describe(self) -> dict[str, Any]:
        """JSON: ``type``, ``required``, ``default`` and what else bounds it."""
        told: dict[str, Any] = {"type": self.kind, "help": self.help, "required": self.required}
        if not self.required:
            told["default"] = self.default
        if self.null:
            told["null"] = True
        if self.choices:
            told["choices"] = list(self.choices)
        if self.kind in ("whole", "number"):
            told["least"], told["most"] = self.least, self.most
        return told

    def check(self, name: str, value: Any) -> Any:
        """The value as core takes it. Raises BadRequest with a sentence that names the argument."""
        if value is None and self.null:
            return None
        return _CHECKS[self.kind](self, name, value)


def check_all(act: str, schema: Mapping[str, Argument], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every argument of the act, checked, defaults filled in. Raises BadRequest."""
    if strange := sorted(given.keys() - schema.keys()):
        raise BadRequest(f"{act} takes no argument {str(strange[0])[:40]!r}; it takes {', '.join(schema) or 'none'}")
    checked = {}
    for name, argument in schema.items():
        if name in given:
            checked[name] = argument.check(name, given[name])
        elif argument.required:
            raise BadRequest(f"{act} needs {name}: {argument.help}")
        else:
            checked[name] = argument.default
    return checked


def _flag(argument: Argument, name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadRequest(f"{name} must be true or false")
    return value


def _number(argument: Argument, name: str, value: Any) -> float:
    """NaN and infinities are in no range."""
    fits = isinstance(value, int | float) and not isinstance(value, bool) and argument.least <= value <= argument.most
    if not fits or not math.isfinite(value):
        raise BadRequest(f"{name} must be a number from {argument.least:g} to {argument.most:g}")
    return float(value)


def _whole(argument: Argument, name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not argument.least <= value <= argument.most:
        raise BadRequest(f"{name} must be a whole number from {argument.least:g} to {argument.most:g}")
    return value


def _participant(argument: Argument, name: str, value: Any) -> str:
    if not isinstance(value, str) or not is_participant_id(value):
        raise BadRequest(f"{name} must be a participant's id")
    return value


def _participants(argument: Argument, name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_LISTED:
        raise BadRequest(f"{name} must be a list of at most {MOST_LISTED} participants' ids")
    return tuple(dict.fromkeys(_participant(argument, f"each of {name}", one) for one in value))


def _sites(argument: Argument, name: str, value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_LISTED:
        raise BadRequest(f"{name} must be a list of at most {MOST_LISTED} sites' ids")
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in value):
        raise BadRequest(f"{name} must be a list of sites' ids, which are whole numbers")
    return tuple(dict.fromkeys(value))


def _text(argument: Argument, name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise BadRequest(f"{name} must be a text of at most {LONGEST_TEXT} characters")
    return clean_name(value, LONGEST_TEXT)


def _name(argument: Argument, name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise BadRequest(f"{name} must be a text of at most {LONGEST_TEXT} characters")
    if not (clean := clean_name(value)):
        raise BadRequest(f"{name} has nothing to show")
    return clean


def _room(argument: Argument, name: str, value: Any) -> str:
    if not isinstance(value, str) or not is_room_number(value):
        raise BadRequest(f"{name} must be a room number, 1 to 16 digits")
    return value


def _layout(argument: Argument, name: str, value: Any) -> str:
    """Which there are, the catalogue says."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise BadRequest(f"{name} must be a layout's name")
    return value


def _choice(argument: Argument, name: str, value: Any) -> str:
    if not isinstance(value, str) or value not in argument.choices:
        named = ", ".join(choice or "nothing" for choice in argument.choices)
        raise BadRequest(f"{name} must be one of {named}")
    return value


def _rules(argument: Argument, name: str, value: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_RULES or not all(isinstance(r, Mapping) for r in value):
        raise BadRequest(f"{name} must be a list of at most {MOST_RULES} rules, one for each pane")
    return tuple(value)


_CHECKS = {
    "participant": _participant,
    "participants": _participants,
    "sites": _sites,
    "flag": _flag,
    "whole": _whole,
    "number": _number,
    "text": _text,
    "name": _name,
    "room": _room,
    "layout": _layout,
    "choice": _choice,
    "rules": _rules,
}

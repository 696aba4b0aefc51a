"""Arguments of calls on the bus, checked. Each raises BadRequest that names the argument."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, TypeGuard

from mcu.core.entry.pins import PIN
from mcu.core.languages import LANGUAGES, Language
from mcu.core.names import clean_name, is_participant_id, room_number
from mcu.errors import BadRequest

Args = Mapping[str, Any]
_MISSING = object()
LONGEST = 256
_LATEST = 253_370_764_799.0  # s: the end of year 9998; a day more, and some zones' clocks could not show it


def text(args: Args, name: str, default: Any = _MISSING) -> str:
    value = args.get(name, default)
    if value is _MISSING or value is None:
        if default is _MISSING or default is None:
            raise BadRequest(f"{name} is missing")
        value = default
    if not isinstance(value, str) or len(value) > LONGEST:
        raise BadRequest(f"{name} must be a text of at most {LONGEST} characters")
    return value


def flag(args: Args, name: str, default: Any = _MISSING) -> bool:
    value = args.get(name, default)
    if value is _MISSING:
        raise BadRequest(f"{name} is missing")
    if not isinstance(value, bool):
        raise BadRequest(f"{name} must be true or false")
    return value


def whole(args: Args, name: str, least: int, most: int, default: int) -> int:
    value = args.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadRequest(f"{name} must be a whole number from {least} to {most}")
    return value


def choice(args: Args, name: str, choices: Collection[str]) -> str:
    value = args.get(name)
    if not isinstance(value, str) or value not in choices:
        raise BadRequest(f"{name} must be one of {', '.join(repr(one) for one in choices)}")
    return value


def is_ident(value: object) -> TypeGuard[int]:
    """Whether it may be the table's id of a row, which a database can be asked for."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def ident(args: Args, name: str = "id") -> int:
    """The table's id of a row."""
    value = args.get(name)
    if value is None:
        raise BadRequest(f"{name} is missing")
    if not is_ident(value):
        raise BadRequest(f"{name} must be the number of one")
    return value


def ident_or_none(args: Args, name: str) -> int | None:
    """Likewise; None if it is null or not given."""
    value = args.get(name)
    if value is not None and not is_ident(value):
        raise BadRequest(f"{name} must be the number of one, or null for none")
    return value


def language(args: Args, default: str, name: str = "language") -> Language:
    """The one that is asked for, or else ``default``."""
    wanted = text(args, name, "") or default
    for one in LANGUAGES:
        if wanted == one:
            return one
    raise BadRequest(f"{name} must be one of {', '.join(LANGUAGES)}")


def number(args: Args, name: str = "number") -> str:
    """A room number, 1 to 16 digits."""
    found = room_number(text(args, name))
    if not found:
        raise BadRequest(f"{name} must be 1 to 16 digits")
    return found


def pin(args: Args, name: str = "pin", default: Any = _MISSING) -> str:
    """A room's PIN; empty for none."""
    found = text(args, name, default).strip()
    if found and not PIN.fullmatch(found):
        raise BadRequest(f"{name} must be 4 to 12 digits, or empty for none")
    return found


def moment(args: Args, name: str) -> datetime | None:
    """Seconds since the epoch as a moment; None if not given."""
    value = args.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise BadRequest(f"{name} must be a moment in seconds since the epoch")
    return datetime.fromtimestamp(value, UTC)


def participants(args: Args, name: str) -> frozenset[str]:
    """Ids of participants."""
    value = args.get(name)
    if not isinstance(value, list) or not all(isinstance(one, str) and is_participant_id(one) for one in value):
        raise BadRequest(f"{name} must be a list of participants' ids")
    return frozenset(value)


def shown(args: Args, name: str, default: Any = _MISSING) -> str:
    """A name for people: NFC, without controls, not longer than a picture can show; empty only if the default is."""
    given = text(args, name, default)
    clean = clean_name(given)
    if not clean and default is _MISSING:
        raise BadRequest(f"{name} has nothing to show")
    return clean

"""Lists that are told a page at a time: ``limit`` items, and ``next``, by which ``after`` asks for what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from mcu.control import arguments as arg
from mcu.errors import BadRequest

Args = Mapping[str, Any]
T = TypeVar("T")
NO_CURSOR = "after is no cursor of this list"
_DIGITS = 18  # of a number that every database holds


def limit_in(args: Args) -> int:
    return arg.whole(args, "limit", 1, 1000, 100)


def after_row(args: Args, digits: int = _DIGITS) -> int | None:
    """The number of the row that ``after`` names; None at the begin."""
    after = arg.text(args, "after", "")
    if not after:
        return None
    if not (after.isascii() and after.isdigit() and len(after) <= digits):
        raise BadRequest(NO_CURSOR)
    return int(after)


def after_item(args: Args, items: Sequence[T], name: Callable[[T], str]) -> Sequence[T]:
    """What comes after the item that ``after`` names; all at the begin."""
    after = arg.text(args, "after", "")
    if not after:
        return items
    place = next((place for place, item in enumerate(items) if name(item) == after), None)
    if place is None:
        raise BadRequest(f"{NO_CURSOR}, or what it names is gone: begin anew")
    return items[place + 1 :]


def cut(found: Sequence[T], limit: int, name: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """The page, and its ``next``: None where nothing follows. Of ``found`` one more than ``limit`` is enough."""
    page = found[:limit]
    return page, name(page[-1]) if len(found) > limit else None

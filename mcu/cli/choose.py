"""What an operator types for a room, a participant or a site, and which one that is.

A participant may be given by its id, its name, its number, or its site's code; a site by its code, id or name. Case and
accents don't matter, the beginning of a name will do if nobody else's begins so. What could mean two is refused by
naming both: the wrong microphone is worse than one more try. But a number that is a site's code means that site, though
another one has it for its id: people know codes, which are given out officially, and ids come from the database.
``code:7`` and ``id:7`` say which of the two it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from mcu.core.names import folded, is_participant_id
from mcu.errors import BadRequest, NotFound, ParticipantNotFound

if TYPE_CHECKING:
    from mcu.cli.session import Session

_MOST_NAMED = 5  # of those that were found, in a refusal


@dataclass(frozen=True, slots=True)
class Named:
    """Something that can be chosen: what it is known by, and what is shown of it."""

    key: Any
    exact: tuple[str, ...]  # ids, codes, numbers
    name: str
    shown: str = ""  # what to type for this one and no other; empty: the key


def one_of(known: Iterable[Named], text: str) -> Named | None:
    """Whom ``text`` means, None for nobody. Raises BadRequest when that could be several."""
    wanted, whole = folded(text), list(known)
    tests: tuple[Callable[[Named], bool], ...] = (
        lambda one: text in one.exact,
        lambda one: one.name == text,
        lambda one: folded(one.name) == wanted,
        lambda one: folded(one.name).startswith(wanted),
        lambda one: wanted in folded(one.name),
    )
    for test in tests if wanted else tests[:1]:
        if found := [one for one in whole if test(one)]:
            if len(found) == 1:
                return found[0]
            raise BadRequest(f"{text} could be {_listed(found)}: give what stands in brackets")
    return None


def _listed(found: Sequence[Named]) -> str:
    named = [f"{one.name} ({one.shown or one.key})" for one in found[:_MOST_NAMED]]
    return " or ".join(named) + (f", or {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else "")


def participant(session: Session, text: str, room: str | None = None) -> dict[str, Any]:
    """Who is meant, of those in ``room``, or everywhere. Raises ParticipantNotFound."""
    people: list[dict[str, Any]] = session.call("participant.list", **({"room": room} if room else {}))
    by_id = {one["id"]: one for one in people}
    if (ident := text.removeprefix("id:")) in by_id:
        return by_id[ident]
    present = [one for one in people if not one.get("presents")]
    codes = _codes(session) if any(one.get("site") for one in present) else {}
    if (code := text.removeprefix("code:")) != text:
        text, present = code, [one for one in present if codes.get(one.get("site")) == code]
    found = one_of(
        (
            Named(one["id"], tuple(filter(None, (one["number"], codes.get(one.get("site"))))), one["name"])
            for one in present
        ),
        text,
    )
    if found is None:
        where = f"room {room}" if room else "any room"
        raise ParticipantNotFound(f"there is no participant {text} in {where}; `mcu participant list` shows who is")
    return by_id[found.key]


def participant_id(session: Session, text: str, room: str) -> str:
    """As ``participant``; an id is taken as it is, so that who has an id needs no look at the roster."""
    ident = text.removeprefix("id:")
    return ident if is_participant_id(ident) else str(participant(session, text, room)["id"])


def site(session: Session, text: str) -> int:
    """The site that is meant. Raises NotFound."""
    sites = list(session.each("site.list"))
    kind, colon, value = text.partition(":")
    for key, wanted in ((kind, value),) if colon and kind in ("id", "code") else (("code", text), ("id", text)):
        if wanted and (found := [one for one in sites if str(one.get(key) or "") == wanted]):
            return int(found[0]["id"])
    chosen = one_of((Named(one["id"], (), one["name"], f"id:{one['id']}") for one in sites), text)
    if chosen is None:
        raise NotFound(f"there is no site {text}; `mcu site list` shows those there are")
    return int(chosen.key)


def sites(session: Session, texts: Iterable[str]) -> list[int]:
    return [site(session, text) for text in texts]


def site_names(session: Session, wanted: Iterable[Any]) -> dict[Any, str]:
    """What people call the sites with these ids: ``Xã Tân Lập (02701)``; of one that is gone, ``id:7``."""
    idents = {one for one in wanted if one is not None}
    if not idents:
        return {}
    found = {one["id"]: one for one in session.each("site.list") if one["id"] in idents}
    return {ident: _called(found[ident]) if ident in found else f"id:{ident}" for ident in idents}


def _called(one: dict[str, Any]) -> str:
    return f"{one['name']} ({one.get('code') or 'id:' + str(one['id'])})"


def _codes(session: Session) -> dict[Any, str]:
    return {one["id"]: one["code"] for one in session.each("site.list") if one.get("code")}


class _Completed(click.ParamType[str]):
    """A text; the shell is told what there is."""

    def __init__(self, name: str, candidates: Callable[[Session, dict[str, Any]], Iterable[tuple[str, str]]]) -> None:
        self.name = name
        self._candidates = candidates

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from mcu.cli.completion import quietly

        begun = folded(incomplete)
        return [
            CompletionItem(value, help=help_ or None)
            for value, help_ in quietly(ctx, self._candidates)
            if folded(value).startswith(begun) or (begun and folded(help_).startswith(begun))
        ]


def _rooms(session: Session, given: dict[str, Any]) -> Iterable[tuple[str, str]]:
    return ((one["number"], one["name"]) for one in session.call("room.list"))


def _participants(session: Session, given: dict[str, Any]) -> Iterable[tuple[str, str]]:
    room = given.get("room")
    return ((one["id"], one["name"]) for one in session.call("participant.list", **({"room": room} if room else {})))


def _sites(session: Session, given: dict[str, Any]) -> Iterable[tuple[str, str]]:
    return ((one.get("code") or f"id:{one['id']}", one["name"]) for one in session.each("site.list"))


def _terminals(session: Session, given: dict[str, Any]) -> Iterable[tuple[str, str]]:
    return ((one["name"], one["display"]) for one in session.each("terminal.list"))


def _layouts(session: Session, given: dict[str, Any]) -> Iterable[tuple[str, str]]:
    return ((one["name"], "") for one in session.call("layout.list"))


ROOM = _Completed("room", _rooms)
PARTICIPANT = _Completed("participant", _participants)
SITE = _Completed("site", _sites)
TERMINAL = _Completed("terminal", _terminals)
LAYOUT = _Completed("layout", _layouts)

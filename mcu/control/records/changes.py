"""What is new in a direction (as the bus tells it), in the words of the minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    kind: str
    participant: str = ""
    site: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def of_direction(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """``before`` may be empty: nothing was ordered yet."""
    yield from _mode(before, after)
    yield from _queue("hand", "raised", "lowered", before.get("hands"), after.get("hands"))
    yield from _queue("help", "asked", "ended", before.get("help"), after.get("help"))
    yield from _roll(before, after)
    if after.get("chair", "") != before.get("chair", ""):
        yield Change(kind="chair" if after.get("chair") else "chair.none", participant=after.get("chair", ""))
    for key, kind in (("presentation_locked", "presentation"), ("mute_joiners", "joiners")):
        if bool(after.get(key)) != bool(before.get(key)):
            yield Change(kind=f"{kind}.{_ON_OFF[kind][bool(after.get(key))]}")
    text, was = ((found.get("banner") or {}).get("text", "") for found in (after, before))
    if text != was:
        yield Change(kind="banner", data={"text": text}) if text else Change(kind="banner.ended")
    ends_at = after.get("ends_at")
    if ends_at != before.get("ends_at") and ends_at is not None:
        yield Change(kind="extended" if before.get("ends_at") is not None else "ends_at", data={"ends_at": ends_at})


_ON_OFF = {"presentation": ("unlocked", "locked"), "joiners": ("open", "muted")}


def _mode(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    was = before.get("mode", "free"), before.get("focus", "")
    now = after.get("mode", "free"), after.get("focus", "")
    if was[0] == "roll_call" != now[0]:
        yield Change(kind="roll_call.ended")
    # In a roll call the focus goes through all sites: its begin, marks and end are what is of interest.
    # That somebody has left whom all saw is told by the leaving.
    if was != now and now[0] != "roll_call" and (now[1] or was[0] != now[0]):
        yield Change(kind=f"mode.{now[0]}", participant=now[1])


def _queue(kind: str, came: str, went: str, before: Any, after: Any) -> Iterator[Change]:
    had, has = ([one["participant"] for one in found or ()] for found in (before, after))
    yield from (Change(kind=f"{kind}.{came}", participant=who) for who in has if who not in had)
    yield from (Change(kind=f"{kind}.{went}", participant=who) for who in had if who not in has)


def _roll(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """The marks stand after the roll call's end, too, and go when another one begins."""
    lines = list(_lines(after))
    if after.get("mode") == "roll_call" != before.get("mode"):
        yield Change(kind="roll_call.began", data={"entries": len(lines)})
        known: dict[Any, str] = {}
    else:
        known = {line: entry.get("mark", "") for line, entry in _lines(before)}
    for line, entry in lines:
        mark = entry.get("mark", "")
        if mark != known.get(line, ""):
            told = {"name": entry.get("name", ""), "mark": mark}
            who = entry.get("participant", "")
            yield Change(kind="roll_call.mark", participant=who, site=entry.get("site"), data=told)


def _lines(told: Mapping[str, Any]) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Each entry of the roll, and what it is known by: a site stays the same line when another of its terminals comes,
    a stranger has a name, of which there may be several."""
    seen: Counter[Any] = Counter()
    for entry in (told.get("roll_call") or {}).get("entries", ()):
        site = entry.get("site")
        called = (site, "") if site is not None else (None, entry.get("name", ""))
        yield (*called, seen[called]), entry
        seen[called] += 1

"""The acts that can be taken back, as control's record keeps them, so that a restart of control forgets none.

From the latest to the first, each direction as what differs from the one after it, beginning with what is ordered now:
in a meeting of 200 sites a step is some hundred bytes where twenty of them, whole, would be half a megabyte an act.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from mcu.core.direction import Direction, Entry, RollCall, recall
from mcu.core.undo import MOST, Sound, Stack, Step

LARGEST = 128 * 1024  # characters of JSON; the first steps are left out where there are more


def record(stack: Stack, now: Direction, there: Iterable[str]) -> dict[str, Any]:
    """JSON, for ``restore``. ``there``: who is present."""
    kept: list[dict[str, Any]] = []
    room, base, present = LARGEST, now, frozenset(there)
    for step in reversed(list(stack)):
        made = _describe(step, base, present)
        room -= len(json.dumps(made))
        if room < 0:
            break
        kept.append(made)
        base, present = step.before, step.there
    return {"last": stack.last, "steps": kept}


def restore(stack: Stack, data: Any, now: Direction, there: Iterable[str]) -> None:
    """Out of control's record. What this version cannot read ends it: no step is made up."""
    if not isinstance(data, Mapping):
        return
    steps: list[Step] = []
    base, present = now, frozenset(there)
    try:
        for made in data["steps"][:MOST]:
            step = _step(made, base, present)
            steps.append(step)
            base, present = step.before, step.there
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        pass
    last = data.get("last")
    stack.restore(steps[::-1], last if isinstance(last, int) else 0)


def _describe(step: Step, base: Direction, present: frozenset[str]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "number": step.number,
        "act": step.act,
        "after": _differs(step.after, base),
        "before": _differs(step.before, step.after),
        "layout": step.layout,
        "locked": step.locked,
    }
    sound: dict[Sound, list[str]] = {}
    for who, was in step.sound.items():
        sound.setdefault(was, []).append(who)
    more = {
        "came": sorted(step.there - present),
        "left": sorted(present - step.there),
        "sound": [{**asdict(was), "of": whose} for was, whose in sound.items()],
        "names": dict(step.names),
    }
    return made | {key: value for key, value in more.items() if value}


def _step(made: Mapping[str, Any], base: Direction, present: frozenset[str]) -> Step:
    after = _apply(base, made["after"])
    return Step(
        number=int(made["number"]),
        act=str(made["act"]),
        before=_apply(after, made["before"]),
        after=after,
        layout=str(made["layout"]),
        locked=bool(made["locked"]),
        there=(present | frozenset(made.get("came", ()))) - frozenset(made.get("left", ())),
        sound={who: _sound(group) for group in made.get("sound", ()) for who in group["of"]},
        names=dict(made.get("names", {})),
    )


def _sound(group: Mapping[str, Any]) -> Sound:
    return Sound(
        muted=bool(group["muted"]),
        deafened=bool(group["deafened"]),
        gain_in=float(group["gain_in"]),
        gain_out=float(group["gain_out"]),
    )


def _differs(one: Direction, base: Direction) -> dict[str, Any]:
    """Fields of ``one`` that are not as in ``base``; of the same roll, the entries that are not."""
    if one is base:
        return {}
    names = [f.name for f in fields(Direction) if getattr(one, f.name) != getattr(base, f.name)]
    roll, based = one.roll_call, base.roll_call
    marks: dict[str, Any] = {}
    if "roll_call" in names and roll and based and len(roll.entries) == len(based.entries):
        names.remove("roll_call")
        pairs = enumerate(zip(roll.entries, based.entries, strict=True))
        changed = {str(n): asdict(mine) for n, (mine, other) in pairs if mine is not other and mine != other}
        marks = {"marks": {"at": roll.at, "ended": roll.ended, "entries": changed}}
    whole = Direction(**{name: getattr(one, name) for name in names}).record() if names else {}
    return {name: whole[name] for name in names} | marks


def _apply(base: Direction, data: Mapping[str, Any]) -> Direction:
    read = recall(data)
    one = replace(base, **{f.name: getattr(read, f.name) for f in fields(Direction) if f.name in data})
    marks = data.get("marks")
    if marks is None or one.roll_call is None:
        return one
    entries = list(one.roll_call.entries)
    for n, entry in marks["entries"].items():
        entries[int(n)] = Entry(**entry)
    roll = RollCall(entries=tuple(entries), at=marks["at"], ended=bool(marks["ended"]))
    return replace(one, roll_call=roll)

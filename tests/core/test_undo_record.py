"""The steps of undo in control's record: what comes out is what went in, and it never grows beyond its bound."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mcu.core import undo_record
from mcu.core.direction import Direction, Entry, RollCall
from mcu.core.undo import MOST, Sound, Stack, Step

SITES = 200
PEOPLE = [f"{n:08x}" for n in range(SITES)]


def step(stack: Stack, before: Direction, after: Direction, **more: Any) -> Step:
    kept: dict[str, Any] = {"sound": {}, "names": {}, "there": frozenset(PEOPLE), **more}
    number = stack.fresh_number(1000.0)
    made = Step(number=number, act="mute", before=before, after=after, layout="auto", locked=False, **kept)
    stack.push(made)
    return made


def back(stack: Stack, now: Direction, there: list[str]) -> tuple[Stack, int]:
    text = json.dumps(undo_record.record(stack, now, there))
    found = Stack()
    undo_record.restore(found, json.loads(text), now, there)
    return found, len(text)


def rolls(stack: Stack) -> Direction:
    """A roll call of all sites, and as many marks as steps are kept."""
    entries = tuple(Entry(participant=who, site=n, name=f"UBND xã Số {n}") for n, who in enumerate(PEOPLE))
    now = Direction(mode="roll_call", roll_call=RollCall(entries=entries))
    for n in range(MOST):
        assert now.roll_call
        marked = list(now.roll_call.entries)
        marked[n] = replace(marked[n], mark="present")
        after = replace(now, focus=PEOPLE[n], roll_call=RollCall(entries=tuple(marked), at=n))
        step(stack, now, after)
        now = after
    return now


def test_a_roll_call_of_many_sites_is_small() -> None:
    stack = Stack()
    now = rolls(stack)
    found, size = back(stack, now, PEOPLE[:-1])
    assert list(found) == list(stack)
    assert found.last == stack.last
    assert size < 12_000


def test_what_grows_beyond_all_bounds_loses_its_first_steps() -> None:
    stack, now = Stack(), Direction()
    for n in range(MOST):
        entries = tuple(Entry(site=site, name=f"{n} {'x' * 60}") for site in range(300 + n))
        after = replace(now, roll_call=RollCall(entries=entries))
        step(stack, now, after, sound={who: Sound(muted=True, deafened=False, gain_in=0, gain_out=0) for who in PEOPLE})
        now = after
    found, size = back(stack, now, PEOPLE)
    steps = list(stack)
    assert 0 < len(list(found)) < MOST
    assert list(found) == steps[-len(list(found)) :]
    assert size < undo_record.LARGEST + 100


def test_numbers_are_not_given_twice() -> None:
    stack = Stack()
    step(stack, Direction(), Direction(mute_joiners=True))
    taken = step(stack, Direction(), Direction(mute_joiners=True)).number
    stack.pop()
    found, _ = back(stack, Direction(), [])
    assert found.fresh_number(0.0) > taken


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"steps": None}, {"steps": [{}]}, {"steps": [{"number": 1}]}, {"steps": 7, "last": "x"},
     {"steps": [{"number": 1, "act": "mute", "after": [], "before": {}, "layout": "", "locked": 0}]}],
)  # fmt: skip
def test_what_cannot_be_read_is_left_out(data: Any) -> None:
    stack = Stack()
    undo_record.restore(stack, data, Direction(), [])
    assert all(one.number for one in stack)

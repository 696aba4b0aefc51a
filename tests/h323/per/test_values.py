"""Values made up from the types: what is written is read back, by ours and by pycrate's decoder."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcu.errors import Garbled
from mcu.h323 import per
from mcu.h323.per import schema
from mcu.h323.per.parts import Choice
from tests.h323.per import stock, values

MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(0, 2**32 - 1)


def part(message: Any, *names: str) -> Any:
    """The type of an alternative of a CHOICE, and of one within it."""
    for name in names:
        assert isinstance(message, Choice)
        message = (message.places.get(name) or message.added[name])[1]
    return message


def both_read(kind: str, value: Any) -> None:
    try:
        octets = getattr(per, f"encode_{kind}")(value)
    except Garbled as reason:
        if "too large" not in str(reason):
            raise
        return
    assert getattr(per, f"decode_{kind}")(octets) == value
    assert stock.decode(kind, octets) == value


@MANY
@given(SEEDS)
def test_terminal_capability_sets(seed: int) -> None:
    code = part(schema.h245(), "request", "terminalCapabilitySet")
    both_read("h245", ("request", ("terminalCapabilitySet", values.make(code, random.Random(seed)))))


@MANY
@given(SEEDS)
def test_open_logical_channels(seed: int) -> None:
    both_read("olc", values.make(schema.olc(), random.Random(seed)))


@MANY
@given(SEEDS)
def test_h245_messages(seed: int) -> None:
    both_read("h245", values.make(schema.h245(), random.Random(seed)))


@MANY
@given(SEEDS)
def test_h225_messages(seed: int) -> None:
    both_read("h225", values.make(schema.h225(), random.Random(seed)))


@MANY
@given(SEEDS)
def test_ras_messages(seed: int) -> None:
    both_read("ras", values.make(schema.ras(), random.Random(seed)))


@pytest.mark.parametrize("kind", ["h225", "h245", "olc", "ras"])
def test_a_value_is_left_as_it_was(kind: str) -> None:
    import copy

    for seed in range(30):
        value = values.make(getattr(schema, kind)(), random.Random(seed))
        before = copy.deepcopy(value)
        getattr(per, f"encode_{kind}")(value)
        assert value == before

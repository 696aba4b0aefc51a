"""Thousands of wrong messages: each is a value or Garbled, and the good message after it is read as ever."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mcu.errors import Garbled
from mcu.h323 import per
from tests.h323 import vectors
from tests.h323.per import mutate

ROUNDS = 12  # times 311 different messages


def attempt(kind: str, octets: bytes) -> Any:
    """The value, or None for Garbled; whatever was read can be shown, and written unless it outgrew the limit."""
    try:
        value = getattr(per, f"decode_{kind}")(octets)
    except Garbled as reason:
        if not 0 < len(str(reason)) < 1000:
            raise
        return None
    assert per.text(value).isascii()
    try:
        again = getattr(per, f"encode_{kind}")(value)
    except Garbled as reason:
        if "too large" not in str(reason):
            raise
        return value
    assert getattr(per, f"decode_{kind}")(again) == value
    return value


@pytest.mark.parametrize("change", mutate.OCTETS, ids=lambda change: change.__name__)
def test_wrong_octets(change: Any) -> None:
    chance = random.Random(change.__name__)
    good = [(v.kind, v.octets, getattr(per, f"decode_{v.kind}")(v.octets)) for v in vectors.distinct()]
    read = 0
    for _ in range(ROUNDS):
        for kind, octets, _ in good:
            read += attempt(kind, change(chance, octets)) is not None
        kind, octets, value = chance.choice(good)
        assert getattr(per, f"decode_{kind}")(octets) == value, "what failed before has left something behind"
    assert 0 < read < ROUNDS * len(good)
    assert [getattr(per, f"decode_{kind}")(octets) for kind, octets, _ in good] == [value for *_, value in good]


def test_altered_values() -> None:
    chance = random.Random(323)
    written = 0
    for _ in range(ROUNDS):
        for vector in vectors.distinct():
            octets = mutate.structured(chance, vector.kind, vector.octets)
            if octets is not None:
                written += 1
                assert attempt(vector.kind, octets) is not None
    assert written > 500


def test_as_large_as_may_be() -> None:
    chance = random.Random(8192)
    for vector in vectors.distinct():
        for _ in range(3):
            attempt(vector.kind, mutate.swell(chance, vector.octets))


@pytest.mark.parametrize("kind", ["h225", "h245", "olc", "ras"])
def test_noise_and_nothing(kind: str) -> None:
    chance = random.Random(kind)
    for length in (0, 1, 2, 3, 5, 10, 100, 1000):
        for _ in range(100):
            attempt(kind, chance.randbytes(length))
    with pytest.raises(Garbled, match="too large"):
        getattr(per, f"decode_{kind}")(bytes(per.MAX_OCTETS + 1))


@pytest.mark.parametrize("kind", ["h225", "h245", "olc", "ras"])
@pytest.mark.parametrize(
    "value", [None, 0, "", b"", [], {}, (), ("request",), ("request", None), ("x", 1, 2), object()]
)
def test_what_is_no_message_is_not_written(kind: str, value: Any) -> None:
    with pytest.raises(Garbled):
        getattr(per, f"encode_{kind}")(value)


def test_octets_of_any_sort() -> None:
    octets = vectors.pick("openLogicalChannel", "video264").octets
    for view in (bytearray(octets), memoryview(octets)):
        assert per.decode_h245(view) == per.decode_h245(octets)  # type: ignore[arg-type]
    wrong: Any
    for wrong in (None, 5, "text"):
        with pytest.raises(Garbled):
            per.decode_h245(wrong)


def test_values_without_an_end() -> None:
    """A GenericParameter holds GenericParameters: neither read nor written without an end."""
    value: dict[str, Any] = {"parameterIdentifier": ("standard", 1)}
    for _ in range(3000):
        value = {"parameterIdentifier": ("standard", 1), "parameterValue": ("genericParameter", [value])}
    message = ("request", ("genericRequest", {"messageIdentifier": ("standard", (0, 0, 8)), "messageContent": [value]}))
    with pytest.raises(Garbled):
        per.encode_h245(message)
    assert len(per.text(message)) < 100_000
    value["parameterValue"] = ("genericParameter", [value])
    with pytest.raises(Garbled):
        per.encode_h245(message)

"""Messages made wrong: octets that are flipped, cut, spliced, and values that are altered before they are written."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from mcu.errors import Garbled
from mcu.h323 import per
from tests.h323 import vectors

LENGTHS = (0, 1, 2, 0x3F, 0x40, 0x7F, 0x80, 0x81, 0xBF, 0xC0, 0xC1, 0xC4, 0xFF)


def flip(chance: random.Random, octets: bytes) -> bytes:
    changed = bytearray(octets)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def lengths(chance: random.Random, octets: bytes) -> bytes:
    """Octets become numbers that mean something as lengths and counts."""
    changed = bytearray(octets)
    for _ in range(chance.choice((1, 1, 2, 3))):
        changed[chance.randrange(len(changed))] = chance.choice(LENGTHS)
    return bytes(changed)


def cut(chance: random.Random, octets: bytes) -> bytes:
    start, stop = sorted(chance.choices(range(len(octets) + 1), k=2))
    return octets[:stop] if chance.random() < 0.5 else octets[:start] + octets[stop:]


def splice(chance: random.Random, octets: bytes) -> bytes:
    other = chance.choice(vectors.distinct()).octets
    at, start = chance.randrange(len(octets) + 1), chance.randrange(len(other))
    return octets[:at] + other[start : start + chance.randrange(1, 200)] + octets[at + chance.randrange(2) :]


def swell(chance: random.Random, octets: bytes) -> bytes:
    """As large as may be: the tail is zeros, ones, noise or a pattern."""
    at = chance.randrange(len(octets) + 1)
    left = per.MAX_OCTETS - at
    pattern = chance.choice(
        (b"\0", b"\xff", b"\x01", b"\x80", chance.randbytes(chance.randrange(1, 9)), octets[at:] or b"\0")
    )
    tail = chance.randbytes(left) if chance.random() < 0.3 else (pattern * (left // len(pattern) + 1))[:left]
    return lengths(chance, octets[:at] + tail[:8]) + tail[8:] if chance.random() < 0.5 else octets[:at] + tail


OCTETS: tuple[Callable[[random.Random, bytes], bytes], ...] = (flip, lengths, cut, splice)


def alter(chance: random.Random, value: Any) -> Any:
    """``value`` with something in it changed, dropped, doubled, or made far too large."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(list(value))
        what = chance.random()
        if what < 0.15:
            return {key: inner for key, inner in value.items() if key != name}
        if what < 0.2:
            return {**value, chance.choice(("_ext_40", "_ext_0", "no such field")): b"\x00"}
        return {**value, name: alter(chance, value[name])}
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        what = chance.random()
        if what < 0.1:
            return value[:at] + value[at + 1 :]
        if what < 0.2:
            return value + value[at : at + 1]
        if what < 0.25:
            return value * chance.choice((2, 20, 300))
        return [*value[:at], alter(chance, value[at]), *value[at + 1 :]]
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and chance.random() < 0.9:
        return (chance.choice((value[0], value[0], value[0], "_ext_9", "nobody")), alter(chance, value[1]))
    return _other(chance, value)


def _other(chance: random.Random, value: Any) -> Any:
    if isinstance(value, bool) and chance.random() < 0.8:
        return not value
    if isinstance(value, bool) or chance.random() < 0.03:
        return chance.choice((True, False, None, 0, "", b"", [], {}, ("a", 1), object(), -1.5))
    if isinstance(value, int):
        if chance.random() < 0.6:
            return max(value + chance.choice((-1, 1, 2, 5)), 0)
        return chance.choice((value + 1, value - 1, 0, -1, 255, 256, 65535, 65536, 2**32, -(2**70), value ^ 1))
    if isinstance(value, bytes):
        if chance.random() < 0.6:
            return chance.randbytes(len(value))
        return chance.choice((value[:-1], value + b"\0", b"", value * 50, chance.randbytes(len(value))))
    if isinstance(value, str):
        if chance.random() < 0.5:
            return value + value[-1:]
        return chance.choice((value[:-1], value + "\u0416", "", value * 50, "\ud800", "\U0001f600", "a\0b\x7f"))
    if isinstance(value, tuple):
        return chance.choice((value[:1], (*value, 1), (), (3, 3), tuple(-1 for _ in value)))
    return chance.choice(({}, [], 0, value))


def structured(chance: random.Random, kind: str, octets: bytes) -> bytes | None:
    """A decoded message, altered and written again; None where it cannot be written, which has to be Garbled."""
    value = getattr(per, f"decode_{kind}")(octets)
    for _ in range(chance.choice((1, 1, 1, 1, 2, 4))):
        value = alter(chance, value)
    try:
        again: bytes = getattr(per, f"encode_{kind}")(value)
    except Garbled:
        return None
    return again

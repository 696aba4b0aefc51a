"""Random values of any type, made from the type itself; deep ones end with as little as the type allows."""

from __future__ import annotations

import random
import string
from typing import Any

from mcu.h323.per.parts import Choice, List, Sequence
from mcu.h323.per.plain import (
    Bits,
    Boolean,
    Characters,
    Code,
    Enumerated,
    Free,
    Identifier,
    Integer,
    Null,
    Octets,
    Open,
    Size,
)

DEEP = 7
EDGES = (0, 1, 63, 64, 127, 128, 255, 256, 65535, 65536)


def make(code: Code, chance: random.Random, depth: int = 0) -> Any:
    """A value that ``code`` can write."""
    match code:
        case Sequence():
            return _sequence(code, chance, depth)
        case Choice():
            names = [*code.places, *code.added]
            if depth > DEEP:
                names = _flat(code) or names
            name = chance.choice(names)
            if depth <= DEEP and code.extensions is not None and chance.random() < 0.01:
                return (f"_ext_{len(code.added) + chance.choice((0, 3, 70))}", chance.randbytes(chance.randrange(1, 9)))
            return name, make((code.places.get(name) or code.added[name])[1], chance, depth + 1)
        case List():
            least = code.size.least
            count = least if depth > DEEP else max(least, min(code.size.most or 9, chance.choice((0, 1, 1, 2, 3))))
            return [make(code.item, chance, depth + 1) for _ in range(count)]
        case _:
            return plain(code, chance)


def plain(code: Code, chance: random.Random) -> Any:
    match code:
        case Null():
            return 0
        case Boolean():
            return chance.random() < 0.5
        case Integer():
            return _integer(code, chance)
        case Octets():
            return chance.randbytes(_count(code.size, chance))
        case Bits():
            count = _count(code.size, chance)
            return chance.getrandbits(count) if count else 0, count
        case Identifier():
            return (
                chance.randrange(2),
                chance.randrange(40),
                *(chance.choice(EDGES) for _ in range(chance.randrange(7))),
            )
        case Characters():
            letters = code.alphabet or (string.ascii_letters if code.width == 8 else "ab\u0416\u4e2d")
            if code.width == 8 and code.size == Size(1, 1):
                letters = "0123456789#*ABCD!"  # signalType, whose alphabet needs all eight bits
            # pycrate aligns for no characters at all, which X.691 11.9.3.3 does not: at least one
            return "".join(chance.choice(letters) for _ in range(_count(code.size, chance) or 1))
        case Free():
            return "".join(chance.choice("0123456789#*") for _ in range(chance.randrange(5)))
        case Enumerated():
            return chance.choice(code.root + (code.extensions or []))
        case Open():
            return Open.NAME, chance.randbytes(chance.randrange(1, 20))
    raise NotImplementedError(type(code))


def _sequence(code: Sequence, chance: random.Random, depth: int) -> dict[str, Any]:
    often = 0.0 if depth > DEEP else chance.choice((0.1, 0.4, 0.8)) / (1 + depth / 3)
    value = {
        name: make(inner, chance, depth + 1)
        for name, inner, optional in code.root
        if not optional or chance.random() < often
    }
    for name, inner in code.additions or ():
        if chance.random() < often / 2:
            if name:
                value[name] = make(inner, chance, depth + 1)
            else:
                group = make(inner, chance, depth + 1)
                value.update(group if group else {})
    if code.additions is not None and chance.random() < 0.01:
        value[f"_ext_{len(code.additions) + chance.randrange(3)}"] = chance.randbytes(chance.randrange(1, 9))
    return value


def _flat(code: Choice) -> list[str]:
    """Alternatives without anything inside."""
    both = {**code.places, **code.added}
    return [name for name, (_, inner) in both.items() if not isinstance(inner, Sequence | Choice | List)]


def _integer(code: Integer, chance: random.Random) -> int:
    lowest = -(1 << 40) if code.lowest is None else code.lowest
    highest = 1 << 40 if code.highest is None else code.highest
    inside = [edge for edge in (*EDGES, lowest, highest) if lowest <= edge <= highest]
    if code.extensible and chance.random() < 0.2:
        return highest + chance.choice(EDGES[1:])
    return chance.choice((chance.choice(inside), chance.randint(lowest, highest)))


def _count(size: Size, chance: random.Random) -> int:
    most = min(size.most, size.least + 300) if size.most is not None else size.least + 20
    return chance.choice(
        (size.least, most, chance.randint(size.least, most), chance.randint(size.least, min(most, size.least + 4)))
    )

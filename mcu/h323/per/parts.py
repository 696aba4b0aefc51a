"""ASN.1 types made of others, in aligned PER: SEQUENCE, CHOICE and SEQUENCE OF (ITU-T X.691, 2021).

They refer to one another in circles (a GenericParameter holds GenericParameters), so their parts are filled in after
they were made.
"""

from __future__ import annotations

from typing import Any

from mcu.errors import Garbled

from .bits import MAX_DEPTH, MAX_ITEMS, Reader, Writer
from .plain import UNKNOWN, Code, Size

MAX_ADDITIONS = 64  # more is no normally small length (11.9.3.4); the longest type of H.225.0 has 30


class Sequence:
    """SEQUENCE (19), as a dict. ``root``: (name, type, optional); ``additions``: None where the type is not extensible.

    An addition is (name, type), or ("", a Sequence) for a group in [[ ]], whose fields stand in the same dict.
    """

    def __init__(self) -> None:
        self.root: list[tuple[str, Code, bool]] = []
        self.additions: list[tuple[str, Code]] | None = None
        self.optional = 0
        self.names: frozenset[str] = frozenset()
        self.added: frozenset[str] = frozenset()

    def fill(self, root: list[tuple[str, Code, bool]], additions: list[tuple[str, Code]] | None) -> None:
        self.root, self.additions = root, additions
        self.optional = sum(optional for _, _, optional in root)
        self.names = frozenset(name for name, _, _ in root)
        added: set[str] = set()
        for name, code in additions or ():
            added |= {name} if name else code.names if isinstance(code, Sequence) else set()
        self.added = frozenset(added)

    def read(self, reader: Reader) -> dict[str, Any]:
        reader.depth += 1
        reader.items += 1
        if reader.depth > MAX_DEPTH or reader.items > MAX_ITEMS:
            raise Garbled("too many values, or too deep")
        value: dict[str, Any] = {}
        extended = self.additions is not None and reader.bit()
        left = self.optional
        present = reader.bits(left) if left else 0
        for name, code, optional in self.root:
            if optional:
                left -= 1
                if not present >> left & 1:
                    continue
            value[name] = code.read(reader)
        if extended:
            self._read_additions(reader, value)
        reader.depth -= 1
        return value

    def _read_additions(self, reader: Reader, value: dict[str, Any]) -> None:
        """The bitmap (19.7, 19.8), then every addition that is present as an open type (19.9)."""
        if reader.bit():
            raise Garbled(f"more than {MAX_ADDITIONS} additions")
        count = 1 + reader.bits(6)
        present = reader.bits(count)
        additions = self.additions or []
        for place in range(count):
            if not present >> (count - 1 - place) & 1:
                continue
            if place >= len(additions):
                value[f"{UNKNOWN}{place}"] = reader.take(reader.length())
                continue
            name, code = additions[place]
            if name:
                value[name] = read_open(reader, code)
            else:
                value.update(read_open(reader, code))

    def write(self, writer: Writer, value: Any) -> None:
        if not isinstance(value, dict):
            raise Garbled(f"{type(value).__name__} where a SEQUENCE belongs")
        extended = not value.keys() <= self.names
        if self.additions is not None:
            writer.bits(1 if extended else 0, 1)
        elif extended:
            raise Garbled(f"no field {', '.join(map(str, value.keys() - self.names))}")
        if self.optional:
            present = 0
            for name, _, optional in self.root:
                if optional:
                    present = present << 1 | (name in value)
            writer.bits(present, self.optional)
        for name, code, optional in self.root:
            if name in value:
                code.write(writer, value[name])
            elif not optional:
                raise Garbled(f"{name} is missing")
        if extended:
            self._write_additions(writer, value)

    def _write_additions(self, writer: Writer, value: dict[str, Any]) -> None:
        """Each addition is an encoding of its own, so that its alignment starts anew (11.2)."""
        present: dict[int, bytes] = {}
        additions = self.additions or []
        for place, (name, code) in enumerate(additions):
            if name in value:
                present[place] = encoding(code, value[name])
            elif isinstance(code, Sequence) and not name and not code.names.isdisjoint(value):
                present[place] = encoding(code, {inner: value[inner] for inner in code.names if inner in value})
        for name in value.keys() - self.names - self.added:
            place = _unknown(name)
            if not len(additions) <= place < MAX_ADDITIONS:
                raise Garbled(f"no field {name}")
            present[place] = bytes(value[name])
        count = max(len(additions), max(present) + 1)
        writer.bits(count - 1, 7)
        writer.bits(sum(1 << (count - 1 - place) for place in present), count)
        for place in sorted(present):
            writer.length(len(present[place]))
            writer.put(present[place])


class Choice:
    """CHOICE (23), as (name, value); ``extensions`` is None where the type is not extensible."""

    def __init__(self) -> None:
        self.root: list[tuple[str, Code]] = []
        self.extensions: list[tuple[str, Code]] | None = None
        self.places: dict[str, tuple[int, Code]] = {}
        self.added: dict[str, tuple[int, Code]] = {}

    def fill(self, root: list[tuple[str, Code]], extensions: list[tuple[str, Code]] | None) -> None:
        self.root, self.extensions = root, extensions
        self.places = {name: (place, code) for place, (name, code) in enumerate(root)}
        self.added = {name: (place, code) for place, (name, code) in enumerate(extensions or ())}

    def read(self, reader: Reader) -> tuple[str, Any]:
        reader.depth += 1
        if reader.depth > MAX_DEPTH:
            raise Garbled("too deep")
        extensions = self.extensions
        if extensions is not None and reader.bit():
            place = reader.small()
            if place < len(extensions):
                name, code = extensions[place]
                value = read_open(reader, code)
            else:
                name, value = f"{UNKNOWN}{place}", reader.take(reader.length())
        else:
            name, code = self.root[reader.whole(0, len(self.root) - 1)]
            value = code.read(reader)
        reader.depth -= 1
        return name, value

    def write(self, writer: Writer, value: Any) -> None:
        name, inner = value
        if name in self.places:
            place, code = self.places[name]
            if self.extensions is not None:
                writer.bits(0, 1)
            writer.whole(place, 0, len(self.root) - 1)
            code.write(writer, inner)
            return
        if self.extensions is None:
            raise Garbled(f"no alternative {name}")
        if name in self.added:
            place, code = self.added[name]
            octets = encoding(code, inner)
        else:
            place, octets = _unknown(name), bytes(inner)
            if place < len(self.extensions):
                raise Garbled(f"no alternative {name}")
        writer.bits(1, 1)
        writer.small(place)
        writer.length(len(octets))
        writer.put(octets)


class List:
    """SEQUENCE OF (20) and SET OF (22), as a list."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.item: Code

    def read(self, reader: Reader) -> list[Any]:
        count = self.size.read(reader)
        reader.items += count  # items of no bits at all take up time as well
        if reader.items > MAX_ITEMS:
            raise Garbled("too many values")
        item = self.item
        return [item.read(reader) for _ in range(count)]

    def write(self, writer: Writer, value: Any) -> None:
        if not isinstance(value, list | tuple):
            raise Garbled(f"{type(value).__name__} where a list belongs")
        self.size.write(writer, len(value))
        for inner in value:
            self.item.write(writer, inner)


def read_open(reader: Reader, code: Code) -> Any:
    """A value in an open type (11.2); whatever it takes of its octets, the reader stands behind them afterwards."""
    count = reader.length()
    end, stop = reader.end, reader.at + 8 * count
    if stop > end:
        raise Garbled("the octets end early")
    reader.end = stop
    value = code.read(reader)
    reader.at, reader.end = stop, end
    return value


def encoding(code: Code, value: Any) -> bytes:
    writer = Writer()
    code.write(writer, value)
    return writer.octets()


def _unknown(name: str) -> int:
    """The place that the name of an unknown extension tells."""
    place = name.removeprefix(UNKNOWN)
    if place == name or not (place.isascii() and place.isdigit() and len(place) < 6):
        raise Garbled(f"no field or alternative {name}")
    return int(place)

"""ASN.1 types without parts, in aligned PER: each reads its value from a Reader and writes it to a Writer.

Sections are those of ITU-T X.691 (2021).
"""

from __future__ import annotations

from collections.abc import Sequence as Listing
from typing import Any, NamedTuple, Protocol

from mcu.errors import Garbled

from .bits import Reader, Writer

MAX_NUMBER = 64  # octets of an unconstrained INTEGER or of an OBJECT IDENTIFIER; so that str() of it stays cheap
UNKNOWN = "_ext_"  # what our version of the protocol does not know is called _ext_<its place among the extensions>


class Code(Protocol):
    """How a type is written: ``read`` takes its value off the reader, ``write`` adds it to the writer."""

    def read(self, reader: Reader) -> Any: ...

    def write(self, writer: Writer, value: Any) -> None: ...


class Size(NamedTuple):
    """An effective size constraint; ``most`` is None where there is no upper bound below 64K."""

    least: int
    most: int | None

    def read(self, reader: Reader) -> int:
        if self.most is None:
            return reader.length()
        return self.least if self.least == self.most else reader.whole(self.least, self.most)

    def write(self, writer: Writer, count: int) -> None:
        if self.most is None:
            writer.length(count)
        elif self.least != self.most:
            writer.whole(count, self.least, self.most)
        elif count != self.least:
            raise Garbled(f"{count} where the size is {self.least}")


class Null:
    def read(self, reader: Reader) -> int:
        return 0

    def write(self, writer: Writer, value: Any) -> None:
        pass


class Boolean:
    """One bit (12)."""

    def read(self, reader: Reader) -> bool:
        return reader.bit() == 1

    def write(self, writer: Writer, value: Any) -> None:
        writer.bits(1 if value else 0, 1)


class Integer:
    """INTEGER (13); ``lowest`` or ``highest`` or both may be None; ``extensible``: values outside may follow."""

    def __init__(self, lowest: int | None, highest: int | None, extensible: bool) -> None:
        self.lowest, self.highest, self.extensible = lowest, highest, extensible

    def read(self, reader: Reader) -> int:
        if self.extensible and reader.bit():
            return self._free(reader, None)
        if self.lowest is not None and self.highest is not None:
            # A peer that says more than there can be means as much as can be: its other capabilities still count.
            return min(self.lowest + reader.offset(self.highest - self.lowest), self.highest)
        return self._free(reader, self.lowest)

    @staticmethod
    def _free(reader: Reader, lowest: int | None) -> int:
        """A semi-constrained (11.7) or unconstrained (11.8) whole number."""
        count = reader.length()
        if count > MAX_NUMBER:
            raise Garbled(f"an INTEGER of {count} octets")
        octets = reader.take(count)
        return int.from_bytes(octets, "big", signed=True) if lowest is None else lowest + int.from_bytes(octets, "big")

    def write(self, writer: Writer, value: Any) -> None:
        number, lowest = int(value), self.lowest
        if lowest is not None and self.highest is not None:
            inside = lowest <= number <= self.highest
            if self.extensible:
                writer.bits(0 if inside else 1, 1)
            if inside or not self.extensible:
                writer.whole(number, lowest, self.highest)
                return
            lowest = None
        if lowest is None:
            octets = number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)
        elif number < lowest:
            raise Garbled(f"{number} is less than {lowest}")
        else:
            octets = (number - lowest).to_bytes(max(1, ((number - lowest).bit_length() + 7) >> 3), "big")
        writer.length(len(octets))
        writer.put(octets)


class Octets:
    """OCTET STRING (17): up to two octets of a fixed size are not aligned (17.6)."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.loose = size.least == size.most and size.least <= 2

    def read(self, reader: Reader) -> bytes:
        if self.loose:
            return reader.bits(8 * self.size.least).to_bytes(self.size.least, "big")
        return reader.take(self.size.read(reader))

    def write(self, writer: Writer, value: Any) -> None:
        octets = _octets(value)
        self.size.write(writer, len(octets))
        if self.loose:
            writer.bits(int.from_bytes(octets, "big"), 8 * len(octets))
        else:
            writer.put(octets)


class Bits:
    """BIT STRING (16), as (number, count of bits): up to sixteen bits of a fixed size are not aligned (16.9)."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.loose = size.least == size.most and size.least <= 16

    def read(self, reader: Reader) -> tuple[int, int]:
        count = self.size.read(reader)
        if count and not self.loose:
            reader.align()
        return reader.bits(count), count

    def write(self, writer: Writer, value: Any) -> None:
        number, count = value
        if number < 0 or number >> count:
            raise Garbled(f"{number} has more than {count} bits")
        self.size.write(writer, count)
        if count and not self.loose:
            writer.align()
        writer.bits(number, count)


class Identifier:
    """OBJECT IDENTIFIER (24), as a tuple of numbers; the contents are those of BER (X.690 8.19)."""

    def read(self, reader: Reader) -> tuple[int, ...]:
        count = reader.length()
        if not 0 < count <= MAX_NUMBER:
            raise Garbled(f"an OBJECT IDENTIFIER of {count} octets")
        octets = reader.take(count)
        if octets[-1] & 0x80:
            raise Garbled("an OBJECT IDENTIFIER that does not end")
        numbers, number = [], 0
        for octet in octets:
            number = number << 7 | octet & 0x7F
            if octet < 0x80:
                numbers.append(number)
                number = 0
        top = min(numbers[0] // 40, 2)
        return (top, numbers[0] - 40 * top, *numbers[1:])

    def write(self, writer: Writer, value: Any) -> None:
        top, second, *others = value
        if top not in (0, 1, 2) or min(second, *others, 0) < 0 or (top < 2 and second > 39):
            raise Garbled(f"{value} is no OBJECT IDENTIFIER")
        octets = bytearray()
        for number in (40 * top + second, *others):
            groups = [number & 0x7F]
            while number := number >> 7:
                groups.append(number & 0x7F | 0x80)
            octets += bytes(reversed(groups))
        if len(octets) > MAX_NUMBER:
            raise Garbled(f"an OBJECT IDENTIFIER of {len(octets)} octets")
        writer.length(len(octets))
        writer.put(bytes(octets))


class Characters:
    """A string whose characters all take ``width`` bits (30.5): IA5String 8, or 4 with few characters; BMPString 16.

    ``alphabet`` holds the permitted characters in order where they are numbered (30.5.4), or is empty. Of eight bits a
    character may have all: old terminals put Latin-1 into an IA5String. Half a UTF-16 pair is read as U+FFFD.
    """

    def __init__(self, width: int, size: Size, alphabet: str) -> None:
        self.width, self.size, self.alphabet = width, size, alphabet
        most = size.most
        if most is None:
            self.aligned = True
        else:  # 30.5.6 and 30.5.7: sixteen bits of a fixed size still fit unaligned, of a variable size they do not
            self.aligned = most * width > 16 if size.least == most else most * width >= 16
        self.codec = "utf-16-be" if width == 16 else "latin-1"
        self.places = {character: place for place, character in enumerate(alphabet)}

    def read(self, reader: Reader) -> str:
        count = self.size.read(reader)
        if count and self.aligned:
            reader.align()
        width = self.width
        packed = reader.bits(width * count)
        if not self.alphabet:
            return packed.to_bytes(count * width >> 3, "big").decode(self.codec, "replace")
        mask = (1 << width) - 1
        try:
            return "".join(self.alphabet[packed >> shift & mask] for shift in range(width * (count - 1), -1, -width))
        except IndexError:
            raise Garbled("a character that is not permitted") from None

    def write(self, writer: Writer, value: Any) -> None:
        width = self.width
        if self.alphabet:
            try:
                numbers = [self.places[character] for character in value]
            except KeyError as character:
                raise Garbled(f"the character {character} is not permitted") from None
            count, packed = len(numbers), 0
            for number in numbers:
                packed = packed << width | number
        else:
            octets = _string(value, self.codec)
            count, packed = 8 * len(octets) // width, int.from_bytes(octets, "big")
        self.size.write(writer, count)
        if count and self.aligned:
            writer.align()
        writer.bits(packed, width * count)


class Free:
    """A GeneralString (30.6): octets. H.245 puts DTMF digits there; ISO 2022 escapes have never been seen."""

    def read(self, reader: Reader) -> str:
        return reader.take(reader.length()).decode("latin-1")

    def write(self, writer: Writer, value: Any) -> None:
        octets = _string(value, "latin-1")
        writer.length(len(octets))
        writer.put(octets)


class Enumerated:
    """ENUMERATED (14), as the name of the value."""

    def __init__(self, root: Listing[str], extensions: Listing[str] | None) -> None:
        self.root, self.extensions = list(root), None if extensions is None else list(extensions)

    def read(self, reader: Reader) -> str:
        if self.extensions is not None and reader.bit():
            number = reader.small()
            return self.extensions[number] if number < len(self.extensions) else f"{UNKNOWN}{number}"
        return self.root[reader.whole(0, len(self.root) - 1)]

    def write(self, writer: Writer, value: Any) -> None:
        if value in self.root:
            if self.extensions is not None:
                writer.bits(0, 1)
            writer.whole(self.root.index(value), 0, len(self.root) - 1)
        elif self.extensions is not None:
            writer.bits(1, 1)
            writer.small(self.extensions.index(value) if value in self.extensions else int(value.removeprefix(UNKNOWN)))
        else:
            raise Garbled(f"{value} is not among the values")


class Open:
    """An open type (11.2) whose contents nothing here needs to know: ``("_unk_004", octets)``, as pycrate calls it."""

    NAME = "_unk_004"

    def read(self, reader: Reader) -> tuple[str, bytes]:
        return self.NAME, reader.take(reader.length())

    def write(self, writer: Writer, value: Any) -> None:
        name, octets = value
        if name != self.NAME:
            raise Garbled(f"{name} is not written here")
        writer.length(len(octets))
        writer.put(_octets(octets))


def _octets(value: Any) -> bytes:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise Garbled(f"{type(value).__name__} where octets belong")
    return bytes(value)


def _string(value: Any, codec: str) -> bytes:
    if not isinstance(value, str):
        raise Garbled(f"{type(value).__name__} where a string belongs")
    try:
        return value.encode(codec)
    except UnicodeEncodeError as reason:
        raise Garbled(str(reason)) from None

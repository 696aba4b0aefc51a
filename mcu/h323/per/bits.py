"""The bits of one message in aligned PER: a reader that never leaves its octets, and a writer.

Sections are those of ITU-T X.691 (2021). Alignment is counted from the start of the whole message; that is the same as
from the start of an open type (11.2), because an open type begins on an octet boundary.
"""

from __future__ import annotations

from mcu.errors import Garbled

MAX_DEPTH = 100  # constructed types inside one another; the deepest captured message has 10
MAX_ITEMS = 5000  # constructed values in one message; the largest captured message has 173
LONG = 16384  # lengths from here on come in fragments (11.9.3.8), which a message of 8 KiB cannot hold


class Reader:
    """``octets`` from the first bit on. Everything raises Garbled where the octets end before the message does."""

    __slots__ = ("at", "depth", "end", "items", "octets")

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.at = 0  # in bits
        self.end = 8 * len(octets)
        self.depth = 0
        self.items = 0

    def bit(self) -> int:
        at = self.at
        if at >= self.end:
            raise Garbled("the octets end early")
        self.at = at + 1
        return self.octets[at >> 3] >> (7 - (at & 7)) & 1

    def bits(self, count: int) -> int:
        at = self.at
        stop = at + count
        if stop > self.end:
            raise Garbled("the octets end early")
        self.at = stop
        number = int.from_bytes(self.octets[at >> 3 : (stop + 7) >> 3], "big") >> (-stop & 7)
        return number & ((1 << count) - 1)

    def align(self) -> None:
        self.at = (self.at + 7) & ~7

    def take(self, count: int) -> bytes:
        """``count`` octets from the next octet boundary on; no octets need no boundary (11.9.3.3)."""
        if not count:
            return b""
        at = (self.at + 7) >> 3
        stop = at + count
        if 8 * stop > self.end:
            raise Garbled("the octets end early")
        self.at = 8 * stop
        return self.octets[at:stop]

    def length(self) -> int:
        """An unconstrained length determinant (11.9.3.5 to 11.9.3.8)."""
        self.align()
        first = self.bits(8)
        if first < 0x80:
            return first
        if first < 0xC0:
            return (first & 0x3F) << 8 | self.bits(8)
        raise Garbled("a fragmented field in so small a message")

    def small(self) -> int:
        """A normally small whole number (11.6)."""
        if not self.bit():
            return self.bits(6)
        count = self.length()
        if count > 2:
            raise Garbled(f"a place of {count} octets among the extensions")
        return int.from_bytes(self.take(count), "big")

    def whole(self, lowest: int, highest: int) -> int:
        """A constrained whole number (11.5.7)."""
        number = lowest + self.offset(highest - lowest)
        if number > highest:
            raise Garbled(f"{number} is more than {highest}")
        return number

    def offset(self, span: int) -> int:
        """What is added to the lowest number; may be more than ``span`` where that fits the bits."""
        if span < 255:
            return self.bits(span.bit_length())
        if span < 65536:
            self.align()
            return self.bits(8 if span == 255 else 16)
        # the length in octets is a constrained whole number itself (11.5.7.4)
        most = (span.bit_length() + 7) >> 3
        octets = 1 + self.bits((most - 1).bit_length())
        self.align()
        return self.bits(8 * octets)


class Writer:
    """Collects bits; ``octets()`` is the finished encoding, at least one octet long (11.1.3)."""

    __slots__ = ("done", "free", "pending")

    def __init__(self) -> None:
        self.done = bytearray()
        self.pending = 0  # bits that do not fill an octet yet, at most 7 of them
        self.free = 0  # how many those are

    def bits(self, number: int, count: int) -> None:
        """The lowest ``count`` bits of ``number``, which has no more."""
        total = self.free + count
        number |= self.pending << count
        rest = total & 7
        if total > 7:
            self.done += (number >> rest).to_bytes(total >> 3, "big")
            number &= (1 << rest) - 1
        self.pending = number
        self.free = rest

    def align(self) -> None:
        if self.free:
            self.bits(0, 8 - self.free)

    def put(self, octets: bytes) -> None:
        """Octets, on an octet boundary; no octets need no boundary (11.9.3.3)."""
        if octets:
            self.align()
            self.done += octets

    def length(self, count: int) -> None:
        self.align()
        if count < 0x80:
            self.bits(count, 8)
        elif count < LONG:
            self.bits(0x8000 | count, 16)
        else:
            raise Garbled(f"a field of {count} octets is too long")

    def small(self, number: int) -> None:
        if number < 64:
            self.bits(number, 7)
        elif number > 0xFFFF:
            raise Garbled(f"place {number} among the extensions")
        else:
            self.bits(1, 1)
            octets = number.to_bytes((number.bit_length() + 7) >> 3, "big")
            self.length(len(octets))
            self.put(octets)

    def whole(self, number: int, lowest: int, highest: int) -> None:
        if not lowest <= number <= highest:
            raise Garbled(f"{number} is not within {lowest} to {highest}")
        span, offset = highest - lowest, number - lowest
        if span < 255:
            self.bits(offset, span.bit_length())
        elif span < 65536:
            self.align()
            self.bits(offset, 8 if span == 255 else 16)
        else:
            most = (span.bit_length() + 7) >> 3
            octets = max(1, (offset.bit_length() + 7) >> 3)
            self.bits(octets - 1, (most - 1).bit_length())
            self.align()
            self.bits(offset, 8 * octets)

    def octets(self) -> bytes:
        self.align()
        return bytes(self.done) or b"\0"

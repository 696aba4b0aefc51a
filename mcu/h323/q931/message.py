"""One Q.931 message as H.225.0 carries it: octets in, a Message out, and back (Q.931 clause 4, H.225.0 7.2)."""

from __future__ import annotations

from dataclasses import dataclass

from mcu.errors import Garbled

from .codes import PROTOCOL_DISCRIMINATOR, Ie

MAX_ELEMENTS = 64
GLOBAL = 0  # the global call reference, Q.931 4.3
MAX_REFERENCE = 0x7FFF

_SHIFT = 0x90
_NON_LOCKING = 0x08
_LONG = Ie.USER_USER  # the one element whose length has two octets, H.225.0 7.2.2.31


@dataclass(frozen=True, slots=True)
class Element:
    """An information element of codeset 0; those of one octet have no contents."""

    id: int
    contents: bytes = b""


@dataclass(frozen=True, slots=True)
class Message:
    """``kind`` is a Kind where we know it. ``to_originator``: the reference's flag, set by the side that was called."""

    kind: int
    reference: int  # 0 to 32767
    to_originator: bool
    elements: tuple[Element, ...] = ()
    damaged: bool = False  # the last element was cut short; it is left out

    def get(self, id: int) -> bytes | None:
        """Contents of the first element with this number: repetitions count for nothing (Q.931 5.8.5.2)."""
        return next((element.contents for element in self.elements if element.id == id), None)

    @property
    def not_understood(self) -> tuple[int, ...]:
        """Elements that we should have understood and don't (Q.931 5.8.7.1)."""
        return tuple(e.id for e in self.elements if e.id < 0x10 and e.id not in (Ie.BEARER_CAPABILITY, Ie.CAUSE))


def decode(octets: bytes) -> Message:
    """Raises Garbled for what can't be told to be a message; elements of other codesets are passed over."""
    if len(octets) < 3 or octets[0] != PROTOCOL_DISCRIMINATOR:
        raise Garbled("no Q.931 message")
    length = octets[1]  # Q.931 4.3: the upper half is spare and must be zero; H.225.0 7.2.1.2 has 2 octets
    if length > 2:
        raise Garbled(f"a call reference of {length} octets")
    start = 2 + length
    if len(octets) <= start:
        raise Garbled("the message ends before its type")
    number = int.from_bytes(octets[2:start], "big")
    flag = 1 << (8 * length - 1) if length else 0
    kind = octets[start]
    if kind & 0x80:
        raise Garbled("a message type of another table")  # Q.931 4.4: bit 8 is reserved
    elements, damaged = _elements(octets, start + 1)
    return Message(kind, number & ~flag, bool(number & flag), elements, damaged)


def _elements(octets: bytes, at: int) -> tuple[tuple[Element, ...], bool]:
    found: list[Element] = []
    locked = codeset = 0
    while at < len(octets):
        if len(found) >= MAX_ELEMENTS:
            raise Garbled(f"more than {MAX_ELEMENTS} information elements")
        id = octets[at]
        at += 1
        if id & 0xF0 == _SHIFT:  # Q.931 4.5.3, 4.5.4
            if id & _NON_LOCKING:
                codeset = id & 0x07
            else:
                locked = codeset = max(locked, id & 0x07)  # a locking shift only goes up
            continue
        contents = b""
        if not id & 0x80:
            size = 2 if id == _LONG and codeset == 0 else 1
            end = at + size + int.from_bytes(octets[at : at + size], "big")
            if at + size > len(octets) or end > len(octets):
                return tuple(found), True
            contents, at = octets[at + size : end], end
        if codeset == 0:
            found.append(Element(id, contents))
        codeset = locked
    return tuple(found), False


def encode(message: Message) -> bytes:
    """ValueError for what doesn't fit: a reference above 32767, contents above 255 octets (65535 for User-User)."""
    if not 0 <= message.reference <= MAX_REFERENCE:
        raise ValueError(f"call reference {message.reference}")
    flag = 0x8000 if message.to_originator else 0
    parts = [bytes((PROTOCOL_DISCRIMINATOR, 2)), (message.reference | flag).to_bytes(2, "big"), bytes((message.kind,))]
    for element in message.elements:
        parts.append(bytes((element.id,)))
        if element.id & 0x80:
            continue
        size = 2 if element.id == _LONG else 1
        if len(element.contents) >= 1 << (8 * size):
            raise ValueError(f"{len(element.contents)} octets in information element 0x{element.id:02x}")
        parts += [len(element.contents).to_bytes(size, "big"), element.contents]
    return b"".join(parts)

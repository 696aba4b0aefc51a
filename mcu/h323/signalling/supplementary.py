"""H.450.1: supplementary services (transfer, hold, names) ride in any H.225.0 message. We have none of them and say so.

An APDU is read no further than to know which invocations it holds and what the peer wants done with those that nobody
knows (interpretationApdu, H.450.1 8.2); the standard's answer to one is Reject, ReturnError is for operations that are
known. Layout in aligned PER (X.691) of H4501SupplementaryService and of X.880's ROS, Invoke and Reject.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mcu.errors import Garbled
from mcu.h323.per import schema
from mcu.h323.per.bits import Reader, Writer

MOST_OCTETS = 2048  # of one APDU; a transfer with addresses has some two hundred
MOST_INVOKES = 8  # of one APDU
MOST_APDUS = 8  # of one message

Interpretation = Literal["discard", "clear", "reject"]
_INTERPRETATIONS: tuple[Interpretation, ...] = ("discard", "clear", "reject")
_INVOKE, _REJECT = 0, 3  # places in ROS
_INVOKE_PROBLEM = 1  # place in Reject.problem
_UNRECOGNIZED_OPERATION = 1


@dataclass(frozen=True, slots=True)
class Services:
    """``invocations``: their invokeIds, in order; answers to what we never asked are none."""

    interpretation: Interpretation
    invocations: tuple[int, ...]


def read(octets: bytes) -> Services:
    """Raises Garbled."""
    if len(octets) > MOST_OCTETS:
        raise Garbled(f"a supplementary service of {len(octets)} octets")
    reader = Reader(octets)
    reader.bit()  # extensions would come behind all that is read here
    facility, interpreted = reader.bit(), reader.bit()
    if facility:
        _pass_facility(reader)
    # What is left out means reject; a way of interpreting that came after us is none that we could follow.
    interpretation = _interpretation(reader) if interpreted else "reject"
    if reader.bit():
        return Services(interpretation, ())  # ServiceApdus of a later version
    invocations: list[int] = []
    for _ in range(min(reader.length(), MOST_INVOKES)):
        if reader.bits(2) != _INVOKE:
            break  # an answer; what is behind it can't be told without knowing what it answers
        invocations.append(_invoke(reader))
    return Services(interpretation, tuple(invocations))


def _pass_facility(reader: Reader) -> None:
    """NetworkFacilityExtension: between whom it is. We are who it came to."""
    extended, source, destination = reader.bit(), reader.bit(), reader.bit()
    if extended:
        raise Garbled("a networkFacilityExtension of a later version")
    for addressed in (source, destination):
        if reader.bit():
            raise Garbled("an entity of a later version")
        reader.bit()  # endpoint or anyEntity
        if addressed:
            schema.alias().read(reader)


def _interpretation(reader: Reader) -> Interpretation:
    if reader.bit():
        reader.small()
        reader.take(reader.length())
        return "reject"
    place = reader.bits(2)
    if place >= len(_INTERPRETATIONS):
        raise Garbled(f"interpretationApdu {place}")
    return _INTERPRETATIONS[place]


def _invoke(reader: Reader) -> int:
    linked, argued = reader.bit(), reader.bit()
    number = reader.whole(0, 65535)
    if linked:
        reader.take(reader.length())
    reader.bit()  # opcode: a number or an OBJECT IDENTIFIER, both with their length in front
    reader.take(reader.length())
    if argued:
        reader.take(reader.length())
    return number


def reject(number: int) -> bytes:
    """An APDU with a Reject of the invocation ``number``: unrecognizedOperation."""
    writer = Writer()
    writer.bits(0, 4)  # nothing but the serviceApdu, and that is rosApdus
    writer.length(1)
    writer.bits(_REJECT, 2)
    _integer(writer, number)
    writer.bits(_INVOKE_PROBLEM, 2)
    _integer(writer, _UNRECOGNIZED_OPERATION)
    return writer.octets()


def _integer(writer: Writer, number: int) -> None:
    """An INTEGER without bounds (X.691 11.8), not negative."""
    octets = number.to_bytes(number.bit_length() // 8 + 1, "big")
    writer.length(len(octets))
    writer.put(octets)

"""H.225.0, RAS and H.245 messages: octets (aligned PER, ITU-T X.691) in, plain Python values out, and back.

A value is plain and deep, in the shape that pycrate gives ASN.1: a dict for a SEQUENCE, ``(name, value)`` for a CHOICE,
a list for a SEQUENCE OF, ``bytes`` for an OCTET STRING, ``(number, bits)`` for a BIT STRING, a tuple of numbers for an
OBJECT IDENTIFIER, ``int``, ``bool``, ``str``, the name of an ENUMERATED, and 0 for NULL. What our H.225.0 or H.245
does not know is kept as octets under the name ``_ext_<n>``. Each call makes a new value and keeps no hold of it.

Everything that does not decode or encode is Garbled, and nothing else gets out. The work that octets cause is bounded
(MAX_OCTETS, MAX_ITEMS, MAX_DEPTH). The types are loaded with the first message or by ``prepare``, not with the import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mcu.errors import Garbled

from . import schema
from .bits import Reader
from .parts import encoding
from .plain import Code

MAX_OCTETS = 8192  # the largest message captured has 3479; TPKT would allow 65531

Value = Any
Uuie = dict[str, Any]
Message = tuple[str, Any]


def prepare() -> None:
    """Loads all types now (0.3 s), so that the first call does not wait for it."""
    for kind in (schema.h225, schema.ras, schema.h245, schema.olc):
        kind()


def decode_h225(octets: bytes) -> Uuie:
    """H323-UserInformation, out of a Q.931 User-User element behind its protocol octet."""
    value: Uuie = _decode(schema.h225, octets)
    return value


def encode_h225(value: Uuie) -> bytes:
    return _encode(schema.h225, value)


def decode_ras(octets: bytes) -> Message:
    """RasMessage, one UDP datagram."""
    value: Message = _decode(schema.ras, octets)
    return value


def encode_ras(value: Message) -> bytes:
    return _encode(schema.ras, value)


def decode_h245(octets: bytes) -> Message:
    """MultimediaSystemControlMessage, tunnelled or out of a TPKT."""
    value: Message = _decode(schema.h245, octets)
    return value


def encode_h245(value: Message) -> bytes:
    return _encode(schema.h245, value)


def decode_olc(octets: bytes) -> Uuie:
    """OpenLogicalChannel, an element of fastStart (H.323 8.1.7)."""
    value: Uuie = _decode(schema.olc, octets)
    return value


def encode_olc(value: Uuie) -> bytes:
    return _encode(schema.olc, value)


def _decode(kind: Callable[[], Code], octets: bytes) -> Any:
    try:
        if len(octets) > MAX_OCTETS:
            raise Garbled(f"a message of {len(octets)} octets is too large")
        return kind().read(Reader(bytes(octets)))
    except Garbled:
        raise
    except Exception as reason:  # a defect here is no reason to lose the terminal's other messages
        raise Garbled(f"{type(reason).__name__}: {reason}"[:300]) from None


def _encode(kind: Callable[[], Code], value: Any) -> bytes:
    try:
        octets = encoding(kind(), value)
    except Garbled:
        raise
    except Exception as reason:  # a value of any shape, perhaps made of what a terminal said
        raise Garbled(f"{type(reason).__name__}: {reason}"[:300]) from None
    if len(octets) > MAX_OCTETS:
        raise Garbled(f"a message of {len(octets)} octets is too large")
    return octets

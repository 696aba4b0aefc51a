"""H.225.0, RAS and H.245 messages: octets (aligned PER, ITU-T X.691) in, plain Python values out, and back.

A value is what pycrate makes of the ASN.1, plain and deep: a dict for a SEQUENCE, ``(name, value)`` for a CHOICE, a
list for a SEQUENCE OF, ``bytes`` for an OCTET STRING, ``(number, bits)`` for a BIT STRING, a tuple of numbers for an OBJECT
IDENTIFIER, ``int``, ``bool``, ``str``, and 0 for NULL. What our version of the protocol does not know is kept as octets
under the name ``_ext_<n>``.

Everything that does not decode or encode is Garbled, and nothing else gets out. pycrate keeps global state: all calls
come from one thread. The types are loaded with the first call (0.2 s, 14 MB), so that importing this costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mcu.errors import Garbled

from . import types

MAX_OCTETS = 8192  # the largest message captured has 1.2 KiB; TPKT would allow 64 KiB

Value = Any
Uuie = dict[str, Any]
Message = tuple[str, Any]


def decode_h225(octets: bytes) -> Uuie:
    """H323-UserInformation, out of a Q.931 User-User element behind its protocol octet."""
    value: Uuie = _decode(types.h225, octets)
    return value


def encode_h225(value: Uuie) -> bytes:
    return _encode(types.h225, value)


def decode_ras(octets: bytes) -> Message:
    """RasMessage, one UDP datagram."""
    value: Message = _decode(types.ras, octets)
    return value


def encode_ras(value: Message) -> bytes:
    return _encode(types.ras, value)


def decode_h245(octets: bytes) -> Message:
    """MultimediaSystemControlMessage, tunnelled or out of a TPKT."""
    value: Message = _decode(types.h245, octets)
    return value


def encode_h245(value: Message) -> bytes:
    return _encode(types.h245, value)


def decode_olc(octets: bytes) -> Uuie:
    """OpenLogicalChannel, an element of fastStart (H.323 8.1.7)."""
    value: Uuie = _decode(types.olc, octets)
    return value


def encode_olc(value: Uuie) -> bytes:
    return _encode(types.olc, value)


def _decode(kind: Callable[[], Any], octets: bytes) -> Any:
    if len(octets) > MAX_OCTETS:
        raise Garbled(f"a message of {len(octets)} octets is too large")
    coder = kind()
    try:
        coder.from_aper(bytes(octets))
        return coder._val
    except Exception as reason:
        types.clean()
        raise _garbled(reason) from None


def _encode(kind: Callable[[], Any], value: Any) -> bytes:
    coder = kind()
    try:
        octets: bytes = coder.to_aper(value)
    except Exception as reason:
        types.clean()
        raise _garbled(reason) from None
    if octets is None:
        raise Garbled("no value")
    if len(octets) > MAX_OCTETS:
        raise Garbled(f"a message of {len(octets)} octets is too large")
    return octets


def _garbled(reason: Exception) -> Garbled:
    return Garbled(f"{type(reason).__name__}: {reason}"[:300])

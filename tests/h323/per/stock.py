"""pycrate's own codec, as the reference: its decoder is right for well-formed messages."""

from __future__ import annotations

from typing import Any

from pycrate_asn1dir import H225, H245
from pycrate_asn1rt.asnobj import ASN1Obj
from pycrate_asn1rt.codecs import ASN1CodecPER

TYPES = {
    "h225": H225.H323_MESSAGES.H323_UserInformation,
    "ras": H225.H323_MESSAGES.RasMessage,
    "h245": H245.MULTIMEDIA_SYSTEM_CONTROL.MultimediaSystemControlMessage,
    "olc": H245.MULTIMEDIA_SYSTEM_CONTROL.OpenLogicalChannel,
}

# A GenericParameter within another is its own ancestor while it is read, and fullname() then never ends.
ASN1Obj.fullname = lambda self: self._name


def decode(kind: str, octets: bytes) -> Any:
    ASN1CodecPER._off.clear()  # a message that failed leaves its offsets behind
    TYPES[kind].from_aper(octets)
    return TYPES[kind]._val


def encode(kind: str, value: Any) -> bytes:
    ASN1CodecPER._off.clear()
    octets: bytes = TYPES[kind].to_aper(value)
    return octets

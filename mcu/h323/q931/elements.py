"""What is inside the information elements (Q.931 4.5, H.225.0 7.2.2). Readers take any octets and never raise."""

from __future__ import annotations

from .codes import Ie
from .message import Element

KEYS = frozenset("0123456789*#ABCDabcd")
_DIGITS = frozenset("0123456789*#")
MAX_DIGITS = 128  # dialledDigits, H.225.0 AliasAddress
MAX_DISPLAY = 82  # octets, Q.931 table 4-16
USER_USER_ASN1 = 0x05  # protocol discriminator: X.208 and X.209 coded user information, H.225.0 7.2.2.31


# Information transfer rates of Q.931 table 4-6 that have a code of their own: 64, 2x64, 384, 1536, 1920 kbit/s.
_RATES = {1: 0x90, 2: 0x91, 6: 0x93, 24: 0x95, 30: 0x97}
_MULTIRATE = 0x18


def bearer(rate: int = 384_000) -> Element:
    """Unrestricted digital information, H.221/H.242 at layer 1 (H.225.0 7.2.2.1); ``rate`` in bit/s, in steps of 64000.

    Other rates go as multirate with a multiplier of at most 127 (octet 4.1).
    """
    multiplier = max(1, min(127, rate // 64_000))
    octets = (_RATES[multiplier],) if multiplier in _RATES else (_MULTIRATE, 0x80 | multiplier)
    return Element(Ie.BEARER_CAPABILITY, bytes((0x88, *octets, 0xA5)))


def cause(value: int, location: int = 0) -> Element:
    """``value`` of Q.850, 1 to 127; the location 0 is "user"."""
    if not 1 <= value <= 127:
        raise ValueError(f"cause {value}")
    return Element(Ie.CAUSE, bytes((0x80 | location, 0x80 | value)))


def read_cause(contents: bytes | None) -> int | None:
    """The cause value; octet 3a (recommendation) may come before it (Q.850 2.1)."""
    if not contents:
        return None
    at = 1 if contents[0] & 0x80 else 2
    return contents[at] & 0x7F or None if at < len(contents) else None


def call_state(state: int) -> Element:
    return Element(Ie.CALL_STATE, bytes((state & 0x3F,)))


def progress(description: int = 8) -> Element:
    """8: in-band information is now available (Q.931 table 4-20)."""
    return Element(Ie.PROGRESS_INDICATOR, bytes((0x80, 0x80 | description)))


def read_progress(contents: bytes | None) -> int | None:
    return contents[1] & 0x7F if contents and len(contents) > 1 else None


def display(name: str) -> Element:
    """``name`` in UTF-8, cut between characters."""
    return Element(Ie.DISPLAY, name.encode("utf-8", "ignore")[:MAX_DISPLAY].decode("utf-8", "ignore").encode())


def keypad(digits: str) -> Element:
    """ValueError for what is no key."""
    if not digits or not set(digits) <= KEYS or len(digits) > 32:
        raise ValueError(f"not to be keyed: {digits!r}")
    return Element(Ie.KEYPAD, digits.encode("ascii"))


def read_keypad(contents: bytes | None) -> str:
    """The keys in it, what is none left out."""
    text = (contents or b"").decode("latin-1")
    return "".join(key for key in text if key in KEYS).upper()


def called_number(digits: str) -> Element:
    """Unknown type, E.164 plan (Q.931 4.5.8)."""
    return Element(Ie.CALLED_PARTY_NUMBER, b"\x81" + _digits(digits))


def _digits(digits: str) -> bytes:
    if not set(digits) <= _DIGITS or len(digits) > MAX_DIGITS:
        raise ValueError(f"no telephone number: {digits!r}")
    return digits.encode("ascii")


def read_number(contents: bytes | None) -> str:
    """Digits of a Calling, Called or Connected party number; octet 3a is told by the extension bit of octet 3."""
    if not contents:
        return ""
    at = 1 if contents[0] & 0x80 else 2
    return contents[at:].decode("latin-1").strip("\0 ")[:MAX_DIGITS]


def user_user(octets: bytes) -> Element:
    return Element(Ie.USER_USER, bytes((USER_USER_ASN1,)) + octets)


def read_user_user(contents: bytes | None) -> bytes | None:
    """The PER octets, or None where there are none."""
    return contents[1:] if contents and contents[0] == USER_USER_ASN1 and len(contents) > 1 else None

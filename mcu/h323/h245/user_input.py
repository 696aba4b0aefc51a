"""UserInputIndication of H.245: keys pressed, in each of its forms, and ours as the peer likes them."""

from __future__ import annotations

from .line import Line, Value
from .peer import Peer

KEYS = frozenset("0123456789*#ABCD")
MOST = 64  # keys a message: a dialled address is shorter
DURATION = 180  # ms a key is held


def read(body: Value, by_rtp: bool) -> str:
    """The keys of a UserInputIndication, "" where it holds none.

    ``by_rtp``: telephone events were agreed on; what says that it also comes as such would be taken twice.
    """
    form, value = body
    if form == "alphanumeric":
        return keys(value)
    if form == "signal":
        if by_rtp and "rtpPayloadIndication" in value:
            return ""
        return keys(value["signalType"])  # signalUpdate that may follow only says how long it was held
    if form == "extendedAlphanumeric":
        return "" if by_rtp and "rtpPayloadIndication" in value else keys(value["alphanumeric"])
    return ""


def keys(text: object) -> str:
    """What of ``text`` is on a telephone's keypad, 64 at most."""
    return "".join(key for key in str(text).upper()[:MOST] if key in KEYS)


def write(digits: str, peer: Peer, line: Line) -> None:
    """Sends ``digits``: one signal each where the peer says it understands only those, else as a string.

    Raises ValueError where something is on no keypad.
    """
    if not digits or keys(digits) != digits:
        raise ValueError(f"no keys: {digits!r}")
    for key in digits:
        if "signal" in peer.user_input and "alphanumeric" not in peer.user_input:
            line.indication("userInput", ("signal", {"signalType": key, "duration": DURATION}))
        else:
            line.indication("userInput", ("alphanumeric", key))

"""The SIP call that a terminal's second picture has beside its own (H.239), either way: what its descriptions hold."""

from __future__ import annotations

from collections.abc import Iterable

from mcu.h323.media import DISCARD, STATIC_PAYLOAD_TYPES, Address, Format
from mcu.h323.sip import sdp

# Asterisk's calls have sound. Nobody speaks on this one and nobody listens; "sendonly" or "inactive" would put the call
# on hold (RFC 3264 8.4).
SOUND = sdp.Media(
    kind="audio", address=Address("127.0.0.1", DISCARD), direction="recvonly",
    formats=(Format(codec="pcmu", payload_type=STATIC_PAYLOAD_TYPES["pcmu"]),),
)  # fmt: skip


def answer(theirs: Iterable[sdp.Media], picture: sdp.Media) -> tuple[sdp.Media, ...]:
    """Ours in the order of an offer's lines, one for each (RFC 3264 6)."""
    left = {"audio": SOUND, "video": picture}
    refused = (sdp.Media(kind=line.kind, address=None, formats=line.formats[:1]) for line in theirs)
    return tuple(left.pop(no.kind, no) for no in refused)

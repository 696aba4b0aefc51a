"""What goes inside SIP INFO between Asterisk and us: keys (application/dtmf-relay) and keyframe requests (RFC 5168)."""

from __future__ import annotations

import re

DTMF_RELAY = "application/dtmf-relay"
MEDIA_CONTROL = "application/media_control+xml"
FAST_UPDATE = (
    b'<?xml version="1.0" encoding="utf-8"?>\r\n<media_control><vc_primitive><to_encoder>'
    b"<picture_fast_update/></to_encoder></vc_primitive></media_control>\r\n"
)
DIGITS = frozenset("0123456789*#ABCD")
_SIGNAL = re.compile(rb"^\s*signal\s*=\s*([0-9*#A-Da-d]{1,2})\s*$", re.IGNORECASE | re.MULTILINE)
_BY_NUMBER = {10: "*", 11: "#", 12: "A", 13: "B", 14: "C", 15: "D"}  # RFC 4733's events, as some write them


def dtmf(digit: str) -> bytes:
    return f"Signal={digit}\r\nDuration=160\r\n".encode("ascii")


def digits(content_type: str, body: bytes) -> str:
    """The key that an INFO brings, "" for none."""
    if content_type != DTMF_RELAY:
        return ""
    found = _SIGNAL.search(body.replace(b"\r", b"\n")[:200])
    if not found:
        return ""
    signal = found[1].decode("ascii").upper()
    if len(signal) == 1:
        return signal
    return _BY_NUMBER.get(int(signal), "") if signal.isdigit() else ""


def wants_keyframe(content_type: str, body: bytes) -> bool:
    """RFC 5168, or the text that our video router has Asterisk send where it would send an RTCP FIR, which no terminal
    of H.323 listens for (mcu/asterisk/module/keyframes.c)."""
    return content_type in (MEDIA_CONTROL, "text/plain") and b"picture_fast_update" in body

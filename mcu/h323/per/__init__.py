"""The PER codec: H.225.0, RAS and H.245 messages as plain Python values, and as text for the trace."""

from .messages import (
    MAX_OCTETS,
    Message,
    Uuie,
    decode_h225,
    decode_h245,
    decode_olc,
    decode_ras,
    encode_h225,
    encode_h245,
    encode_olc,
    encode_ras,
    prepare,
)
from .text import text

__all__ = [
    "MAX_OCTETS",
    "Message",
    "Uuie",
    "decode_h225",
    "decode_h245",
    "decode_olc",
    "decode_ras",
    "encode_h225",
    "encode_h245",
    "encode_olc",
    "encode_ras",
    "prepare",
    "text",
]

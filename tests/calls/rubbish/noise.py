"""Packets that nobody should send."""

from __future__ import annotations

import random
import struct


def packet(chance: random.Random) -> bytes:
    """One of: pure noise, RTP with a wrong header, RTP with noise as H.264, RTCP with wrong lengths."""
    noise = chance.randbytes(chance.randrange(1, 1200))
    kind = chance.randrange(4)
    if kind == 0:
        return noise
    if kind == 1:
        return bytes([0x80 | chance.randrange(64), chance.randrange(256)]) + noise
    if kind == 2:
        return struct.pack("!BBHII", 0x80, 97, chance.randrange(65536), chance.randrange(2**32), 5) + noise
    return struct.pack("!BBH", 0x80 | chance.randrange(32), chance.randrange(200, 208), chance.randrange(65536)) + noise

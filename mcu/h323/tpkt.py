"""TPKT, RFC 1006 section 6: messages out of a TCP stream and into it. H.225.0 and H.245 both travel in it."""

from __future__ import annotations

MAX_OCTETS = 8192  # of one message; the longest captured Setup (24 fast start channels) has 3.5 KiB
VERSION = 3
HEADER = 4


def frame(message: bytes) -> bytes:
    """``message`` in a TPKT; ValueError if it is longer than MAX_OCTETS."""
    if len(message) > MAX_OCTETS:
        raise ValueError(f"a message of {len(message)} octets is too large for a TPKT of ours")
    return bytes((VERSION, 0)) + (HEADER + len(message)).to_bytes(2, "big") + message


class Deframer:
    """Takes a TCP stream apart, whatever pieces it comes in.

    A TPKT without contents is a keep-alive (Tandberg sends them) and is passed over. What is no TPKT, or one that is
    too large, is the end of the stream, for nothing says where the next one starts: ``broken`` then tells why, and
    nothing more comes out.
    """

    def __init__(self) -> None:
        self.broken = ""
        self._held = bytearray()

    def feed(self, octets: bytes) -> list[bytes]:
        """The messages that are whole now, in order."""
        if self.broken:
            return []
        self._held += octets
        found: list[bytes] = []
        start = 0
        while len(self._held) - start >= HEADER:
            length = int.from_bytes(self._held[start + 2 : start + 4], "big")
            if self._held[start] != VERSION or length < HEADER:
                self.broken = "what came is no TPKT"
            elif length > HEADER + MAX_OCTETS:
                self.broken = f"a TPKT of {length} octets is too large"
            if self.broken:
                self._held.clear()
                return found
            if len(self._held) - start < length:
                break
            if length > HEADER:
                found.append(bytes(self._held[start + HEADER : start + length]))
            start += length
        del self._held[:start]
        return found

"""A capture file (pcap, LINKTYPE_RAW) of TCP streams of which only the contents are known."""

from __future__ import annotations

import ipaddress
import struct

from mcu.h323.media import Address

_LINKTYPE_RAW = 101  # the packet begins with its IP header
_SEGMENT = 1400
_TCP = 6
_ACK_PSH = 0x18


class Writer:
    """Checksums are left 0, which Wireshark takes for "not captured"."""

    def __init__(self) -> None:
        self._parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _LINKTYPE_RAW)]
        self._sequence: dict[tuple[Address, Address], int] = {}

    def add(self, at: float, source: Address, target: Address, octets: bytes) -> None:
        """``octets`` of the stream from ``source`` to ``target``, at ``at`` seconds since the epoch."""
        for start in range(0, len(octets), _SEGMENT):
            piece = octets[start : start + _SEGMENT]
            sequence = self._sequence.get((source, target), 1)
            acknowledged = self._sequence.get((target, source), 1)
            self._sequence[source, target] = (sequence + len(piece)) & 0xFFFFFFFF
            packet = _packet(source, target, sequence, acknowledged, piece)
            header = struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(packet), len(packet))
            self._parts += [header, packet]

    def octets(self) -> bytes:
        return b"".join(self._parts)


def _packet(source: Address, target: Address, sequence: int, acknowledged: int, piece: bytes) -> bytes:
    tcp = struct.pack(
        "!HHIIBBHHH", source.port, target.port, sequence, acknowledged, 5 << 4, _ACK_PSH, 65535, 0, 0
    )  # fmt: skip
    ours, theirs = ipaddress.ip_address(source.host), ipaddress.ip_address(target.host)
    length = len(tcp) + len(piece)
    if ours.version == 4 and theirs.version == 4:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 64, _TCP, 0)
        return head + ours.packed + theirs.packed + tcp + piece
    head = struct.pack("!IHBB", 6 << 28, length, _TCP, 64)
    return head + _v6(ours) + _v6(theirs) + tcp + piece


def _v6(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bytes:
    return address.packed if address.version == 6 else bytes(10) + b"\xff\xff" + address.packed

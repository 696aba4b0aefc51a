"""RTP packets that carry a tag in a payload shaped as an H.264 slice, and the RTCP feedback that asks for keyframes."""

from __future__ import annotations

import asyncio
import random
import select
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

# RFC 6184 1.3: a NAL unit of type 1, a slice of a picture that isn't a keyframe
SLICE = 0x41
# RTCP: payload-specific feedback, RFC 4585 6.1; PLI is format 1 (6.3.1), FIR format 4 (RFC 5104 4.3.1)
PSFB = 206
PLI = 1
FIR = 4


@dataclass(frozen=True, slots=True)
class Packet:
    """An RTP packet as received; ``sender`` and ``number`` are the tag."""

    sequence: int
    timestamp: int
    marker: bool
    payload_type: int
    sender: str
    number: int
    arrived: float


def build(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, marker: bool, sender: str, number: int, size: int
) -> bytes:
    head = struct.pack("!BBHII", 0x80, payload_type | (marker << 7), sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
    return head + (struct.pack("!B16sI", SLICE, sender.encode(), number)).ljust(size, b"\xaa")


def parse(data: bytes) -> Packet | None:
    """None for anything but a tagged packet."""
    if len(data) < 33 or data[12] != SLICE:
        return None
    _, mark_type, sequence, timestamp, _ = struct.unpack_from("!BBHII", data)
    _, sender, number = struct.unpack_from("!B16sI", data, 12)
    return Packet(
        sequence,
        timestamp,
        bool(mark_type >> 7),
        mark_type & 0x7F,
        sender.rstrip(b"\0").decode(),
        number,
        time.monotonic(),
    )


def feedback(data: bytes) -> list[int]:
    """Formats of the payload-specific feedback in a compound RTCP packet."""
    formats = []
    while len(data) >= 4:
        first, kind, words = struct.unpack_from("!BBH", data)
        if kind == PSFB:
            formats.append(first & 0x1F)
        data = data[(words + 1) * 4 :]
    return formats


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._take(data)

    def error_received(self, exc: Exception) -> None:
        """The other side is gone already; that shows in what is missing."""


class Stream:
    """One side of a video stream on loopback: RTP on an even port, RTCP on the next."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.received: list[Packet] = []
        self.keyframe_requests: list[float] = []  # when each FIR or PLI came, s
        self.payload_type = 97
        self.remote: tuple[str, int] | None = None
        self.sent = 0
        self.changed = asyncio.Event()
        self.ssrc = random.getrandbits(32)
        self._sequence = random.getrandbits(16)
        self._timestamp = random.getrandbits(32)
        self._sending: asyncio.Task[None] | None = None

    async def open(self) -> int:
        loop = asyncio.get_running_loop()
        while True:
            rtp, rtcp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
            port = random.randrange(20000, 31000, 2)  # Asterisk's begin above
            try:
                rtp.bind(("127.0.0.1", port))
                rtcp.bind(("127.0.0.1", port + 1))
                break
            except OSError:
                rtp.close()
                rtcp.close()
        rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        self._rtp, _ = await loop.create_datagram_endpoint(lambda: _Receiver(self._take), sock=rtp)
        self._rtcp, _ = await loop.create_datagram_endpoint(lambda: _Receiver(self._take_rtcp), sock=rtcp)
        return port

    def close(self) -> None:
        self.stop()
        self._rtp.close()
        self._rtcp.close()

    def _take(self, data: bytes) -> None:
        if packet := parse(data):
            self.received.append(packet)
            self.changed.set()

    def _take_rtcp(self, data: bytes) -> None:
        asked = [kind for kind in feedback(data) if kind in (FIR, PLI)]
        if asked:
            self.keyframe_requests.extend([time.monotonic()] * len(asked))
            self.changed.set()

    def frame(self, packets: int = 3, size: int = 200, marked: bool = True) -> None:
        """Send one picture; the marker ends it (RFC 6184 5.1), and not all senders set it."""
        for index in range(packets):
            self.packet(size, marked and index == packets - 1)
        self.next_picture()

    def packet(self, size: int = 200, marker: bool = False) -> None:
        """Send one packet of the present picture."""
        data = build(self.payload_type, self._sequence, self._timestamp, self.ssrc, marker, self.name, self.sent, size)
        if self.remote:
            self._rtp.sendto(data, self.remote)
        self._sequence += 1
        self.sent += 1

    def next_picture(self) -> None:
        self._timestamp += 3000

    def start(self, fps: float = 50, packets: int = 3, size: int = 200) -> None:
        """Send pictures until stopped."""
        self._sending = asyncio.create_task(self._send(1 / fps, packets, size))

    async def _send(self, interval: float, packets: int, size: int) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.frame(packets, size)
            due += interval
            await asyncio.sleep(due - loop.time())

    def stop(self) -> None:
        if self._sending:
            self._sending.cancel()
            self._sending = None

    def new_source(self) -> None:
        """As after a restart of the encoder: another SSRC, other numbers (RFC 3550 8)."""
        self.ssrc = random.getrandbits(32)
        self._sequence = random.getrandbits(16)
        self._timestamp = random.getrandbits(32)

    def ask_keyframe(self) -> None:
        """Send a PLI about whatever is received."""
        assert self.remote
        data = struct.pack("!BBHIBBHII", 0x80, 201, 1, self.ssrc, 0x80 | PLI, PSFB, 2, self.ssrc, 0)
        self._rtcp.sendto(data, (self.remote[0], self.remote[1] + 1))

    async def until(self, condition: Callable[[], object], seconds: float = 20) -> None:
        """Wait for a condition on what was received."""
        async with asyncio.timeout(seconds):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def drained(self) -> None:
        """Return when all that has been delivered to this machine's socket is in ``received``: one that comes late to
        read finds many packets there, and reads one each turn."""
        while select.select([self._rtp.get_extra_info("socket").fileno()], [], [], 0)[0]:
            await asyncio.sleep(0)

    async def hear(self, sender: str, count: int = 1) -> list[Packet]:
        """Wait for that many further packets of a sender."""
        before = len(self.received)

        def fresh() -> list[Packet]:
            return [p for p in self.received[before:] if p.sender == sender]

        await self.until(lambda: len(fresh()) >= count)
        return fresh()

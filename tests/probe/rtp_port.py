"""A pair of UDP sockets for RTP and RTCP, with the book-keeping of both directions (RFC 3550)."""

from __future__ import annotations

import contextlib
import secrets
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable

from tests.probe import rtp
from tests.probe.pump import shared

_REPORT_INTERVAL = 2.0  # seconds; RFC 3550 6.2's 5 s minimum would make tests wait for the first report
_LATE = 0.03  # seconds; the mixer waits 40 ms for a packet that was overtaken
_SO_TIMESTAMPNS, _SO_RCVBUFFORCE = 35, 33  # asm-generic/socket.h; the socket module has no names for them
_BUFFER = 8 << 20  # octets: a pump that a crowded machine held up for a second finds everything still there


class RtpPort:
    """``on_packet`` gets every RTP packet, in the pump's thread; without it packets are counted by their headers."""

    def __init__(self, host: str, on_packet: Callable[[rtp.RtpPacket], None] | None = None) -> None:
        self.host = host
        self.on_packet = on_packet
        self.log = rtp.SequenceLog()
        self.rtcp: Counter[str] = Counter()  # kinds that came in
        self.on_keyframe_request: Callable[[], None] | None = None
        self.reports = True
        self.ssrc = secrets.randbits(32)
        self.sent = self.sent_octets = 0
        self._sequence = secrets.randbits(15)
        self._remote: tuple[str, int] | None = None
        self._last_timestamp = 0
        self._next_report = 0.0
        self._fir_number = 0
        self._held = b""
        self.late = 0  # packets held back that a crowded machine kept here for so long that they were as good as lost
        self._pump = shared()
        self._rtp, self._control = _pair(host)
        self._scrap = bytearray(12)
        self._pump.add_socket(self._rtp, self._drain)
        self._pump.add_socket(self._control, self._drain_control)
        self._pump.add_tick(self._report)

    @property
    def port(self) -> int:
        return int(self._rtp.getsockname()[1])

    @property
    def remote(self) -> tuple[str, int] | None:
        """Where packets go; None holds them back."""
        return self._remote

    @remote.setter
    def remote(self, address: tuple[str, int] | None) -> None:
        self._remote = address

    def close(self) -> None:
        self._pump.remove_tick(self._report)
        for sock in (self._rtp, self._control):
            self._pump.remove_socket(sock)
            sock.close()

    def send(self, payload_type: int, timestamp: int, payload: bytes, marker: bool, hold_back: bool = False) -> None:
        """``hold_back`` lets the next packet overtake this one."""
        if self._remote is None:
            return
        self._sequence += 1
        self._last_timestamp = timestamp
        self.sent += 1
        self.sent_octets += len(payload)
        data = rtp.header(payload_type, self._sequence, timestamp, self.ssrc, marker) + payload
        if hold_back and not self._held:
            self._held = data
            return
        begun = time.monotonic()
        self.send_raw(data)
        if self._held:
            self.send_raw(self._held)
            self._held = b""
            self.late += time.monotonic() - begun > _LATE

    def skip(self) -> None:
        """A packet that is lost on the way."""
        self._sequence += 1

    def begin_anew(self) -> None:
        """Another SSRC and another place in the sequence numbers."""
        self.ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(15)

    def send_raw(self, data: bytes) -> None:
        """Any octets to the peer's RTP port; a refusal by ICMP is no fault of ours."""
        if self._remote is not None:
            with contextlib.suppress(OSError):
                self._rtp.sendto(data, self._remote)

    def ask_keyframe(self, kind: str = "pli") -> None:
        """Send a PLI (RFC 4585 6.3.1) or a FIR (RFC 5104 4.3.1) for the stream that comes in."""
        media = self.log.ssrcs[-1] if self.log.ssrcs else 0
        self._fir_number += 1
        self.send_control(rtp.pli(self.ssrc, media) if kind == "pli" else rtp.fir(self.ssrc, media, self._fir_number))

    def send_control(self, data: bytes) -> None:
        if self._remote is not None:
            with contextlib.suppress(OSError):
                self._control.sendto(data, (self._remote[0], self._remote[1] + 1))

    def _drain(self, sock: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            while True:
                if self.on_packet is None:
                    size = sock.recv_into(self._scrap, 12, socket.MSG_TRUNC)
                    if size >= 12:
                        _, second, sequence, _, ssrc = struct.unpack("!BBHII", self._scrap)
                        self.log.note(second, sequence, ssrc, size, time.time())
                    continue
                data, ancillary, _, _ = sock.recvmsg(2048, 64)
                packet = rtp.parse(data, _arrival(ancillary))
                if packet:
                    second = packet.payload_type | (0x80 if packet.marker else 0)
                    self.log.note(second, packet.sequence, packet.ssrc, len(data), packet.arrival)
                    self.on_packet(packet)

    def _drain_control(self, sock: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            while True:
                for kind in rtp.rtcp_kinds(sock.recv(2048)):
                    self.rtcp[kind] += 1
                    if kind in ("pli", "fir") and self.on_keyframe_request:
                        self.on_keyframe_request()

    def _report(self, now: float) -> None:
        if now < self._next_report or self._remote is None or not self.reports:
            return
        self._next_report = now + _REPORT_INTERVAL
        if self.sent:
            self.send_control(rtp.sender_report(self.ssrc, now, self._last_timestamp, self.sent, self.sent_octets))
        elif self.log.ssrcs:
            self.send_control(rtp.receiver_report(self.ssrc, self.log.ssrcs[-1], self.log))


def _arrival(ancillary: list[tuple[int, int, bytes]]) -> float:
    for _, kind, value in ancillary:
        if kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("qq", value[:16])
            return float(seconds + nanoseconds / 1e9)
    return time.time()


def _pair(host: str) -> tuple[socket.socket, socket.socket]:
    """RTP on an even port, RTCP on the next (RFC 3550 11)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        first, second = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
        first.bind((host, 0))
        number = first.getsockname()[1]
        try:
            if number % 2:
                raise OSError("odd port")
            second.bind((host, number + 1))
        except OSError:
            first.close()
            second.close()
            continue
        for sock in (first, second):
            sock.setblocking(False)
        try:
            first.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        except PermissionError:  # of the superuser only; others get what net.core.rmem_max allows
            first.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        first.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        return first, second

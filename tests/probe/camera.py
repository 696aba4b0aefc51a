"""The probe's camera: plays a clip on an RTP port and answers keyframe requests by going back to its IDR."""

from __future__ import annotations

import random
import secrets
import time

from tests.probe import h264
from tests.probe.clip import Clip, ClipFormat, clip
from tests.probe.rtp_port import RtpPort

_CLOCK = 90_000  # Hz, RFC 6184 8.2.1


class Camera:
    def __init__(self, port: RtpPort, form: ClipFormat, payload_type: int, mode: int) -> None:
        self.port = port
        self.payload_type = payload_type
        self.on = True
        self.requests = 0  # keyframe requests that came
        self.answers_requests = True
        self.flip_bits = 0.0  # share of packets that go out with one bit wrong
        self.counter = -1  # of the picture sent last
        self.sent_at: dict[int, float] = {}  # counter → time its last packet went out
        self._random = random.Random(form.colour)
        self._mode = mode
        self._next = 0
        self._due = 0.0
        self._timestamp = secrets.randbits(31)
        self._load(clip(form))
        port.on_keyframe_request = self.keyframe

    def _load(self, loop: Clip) -> None:
        self.form = loop.form
        self._units = [h264.packetize(unit, self._mode) for unit in loop.units]

    def keyframe(self) -> None:
        self.requests += 1
        if self.answers_requests:
            self._next = 0

    def tick(self, now: float) -> None:
        if not self.on or self.port.remote is None:
            self._due = 0.0
            return
        if not self._due or now - self._due > 0.5:
            self._due = now
        while now >= self._due:
            self._due += 1 / self.form.fps
            self._timestamp += _CLOCK // self.form.fps
            self._send()

    def _send(self) -> None:
        number = self._next
        payloads = self._units[number]
        self._next = (number + 1) % len(self._units)
        for position, payload in enumerate(payloads):
            if self.flip_bits and self._random.random() < self.flip_bits:
                payload = self._damaged(payload)
            self.port.send(self.payload_type, self._timestamp, payload, position == len(payloads) - 1)
        self.counter = number
        self.sent_at[number] = time.time()

    def _damaged(self, payload: bytes) -> bytes:
        spoilt = bytearray(payload)
        spoilt[self._random.randrange(len(spoilt))] ^= 1 << self._random.randrange(8)
        return bytes(spoilt)

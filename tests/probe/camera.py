"""The probe's camera: plays a clip on an RTP port and answers keyframe requests by going back to its IDR."""

from __future__ import annotations

import random
import secrets
import threading
import time

from tests.probe.clip import Clip, ClipFormat, clip, of_codec
from tests.probe.rtp_port import RtpPort

_CLOCK = 90_000  # Hz, for every codec of pictures (RFC 3551 5)


class Camera:
    def __init__(self, port: RtpPort, form: ClipFormat, payload_type: int, mode: int) -> None:
        self.port = port
        self.payload_type = payload_type
        self.on = True
        self.requests = 0  # keyframe requests that came
        self.answers_requests = True
        self.flip_bits = 0.0  # share of packets that go out with one bit wrong
        self.lose = 0.0  # share of packets that do not go out
        self.shuffle = 0.0  # share of packets that go out after their successor
        self.counter = -1  # of the picture sent last
        self.sent_at: dict[int, float] = {}  # counter → time its last packet went out
        self._random = random.Random(form.colour)
        self._mode = mode
        self._turn = threading.Lock()  # which picture is next is the pump's and its owner's to say
        self._next = 0
        self._due = 0.0
        self._timestamp = secrets.randbits(31)
        self._load(clip(form))
        port.on_keyframe_request = self.keyframe

    def _load(self, loop: Clip) -> None:
        self.form = loop.form
        self.interval = 1 / loop.form.fps  # seconds
        self._units = loop.payloads(self._mode)

    def show(self, form: ClipFormat) -> None:
        """Another picture from its IDR on, as when a camera changes its size."""
        loop = clip(form)
        with self._turn:
            self._load(loop)
            self._next = 0

    def use(self, codec: str, payload_type: int) -> None:
        """What the other side takes, from the next picture on."""
        self.payload_type = payload_type
        if codec != self.form.codec:
            self.show(of_codec(self.form, codec))

    def begin_anew(self, counter: int = 0) -> None:
        """A new stream on the same port: SSRC, sequence number and timestamp all jump (RFC 3550 8.2).

        ``counter``: with this picture; only the first one is intra coded.
        """
        with self._turn:
            self._timestamp = secrets.randbits(31)
            self._next = counter
        self.port.begin_anew()

    def keyframe(self) -> None:
        self.requests += 1
        if self.answers_requests:
            with self._turn:
                self._next = 0

    def tick(self, now: float) -> None:
        if not self.on or self.port.remote is None:
            self._due = 0.0
            return
        if not self._due or now - self._due > 0.5:
            self._due = now
        while now >= self._due:
            self._due += self.interval
            self._send()

    def _send(self) -> None:
        with self._turn:
            self._timestamp += round(_CLOCK * self.interval)
            number = self._next
            payloads = self._units[number]
            self._next = (number + 1) % len(self._units)
        for position, payload in enumerate(payloads):
            if self.flip_bits and self._random.random() < self.flip_bits:
                payload = self._damaged(payload)
            last = position == len(payloads) - 1
            if self.lose and self._random.random() < self.lose:
                self.port.skip()
            elif self.shuffle and self._random.random() < self.shuffle:
                self.port.send(self.payload_type, self._timestamp, payload, last, hold_back=True)
            else:
                self.port.send(self.payload_type, self._timestamp, payload, last)
        self.counter = number
        self.sent_at[number] = time.time()

    def _damaged(self, payload: bytes) -> bytes:
        spoilt = bytearray(payload)
        spoilt[self._random.randrange(len(spoilt))] ^= 1 << self._random.randrange(8)
        return bytes(spoilt)

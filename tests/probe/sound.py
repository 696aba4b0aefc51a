"""The probe's voice and ear: a tone out in 20 ms packets, and a record of what came in to ask questions of."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from tests.probe import tones, wideband
from tests.probe.rtp import RtpPacket
from tests.probe.rtp_port import RtpPort

_FRAME = 0.020  # seconds


class Hole(NamedTuple):
    """A stretch without the tone that was asked for."""

    at: float
    seconds: float


_PAYLOAD_TYPES = {"PCMU": 0, "PCMA": 8} | {name: codec.payload_type for name, codec in wideband.CODECS.items()}


class Voice:
    """Sends one tone (0 is silence) on ``port``; ``burst`` sounds another for a moment."""

    def __init__(self, port: RtpPort, frequency: int, codec: str = "PCMU") -> None:
        self.port = port
        self.paused = False
        self.bursts: list[float] = []  # when the first packet of each burst was sent
        self._frequency = frequency
        self._burst: list[bytes] = []
        self._burst_packets = self._burst_left = 0
        self._timestamp = secrets.randbits(31)
        self._due = 0.0
        self._count = 0
        self.use(codec)

    @property
    def timestamp(self) -> int:
        """The clock of its RTP now, which other packets of the same stream (telephone-events) go by."""
        return self._timestamp & 0xFFFFFFFF

    def use(self, codec: str) -> None:
        """Speak PCMU, PCMA, G722 or OPUS from now on."""
        self._codec = codec
        self.payload_type = _PAYLOAD_TYPES[codec]
        self._step = 960 if codec == "OPUS" else tones.SAMPLES  # of the RTP clock: RFC 7587 4.1 has 48 kHz
        self._packets = self._encoded(self._frequency)

    def change(self, frequency: int) -> None:
        self._frequency = frequency
        self._packets = self._encoded(frequency)

    def burst(self, frequency: int, packets: int = 10) -> None:
        self._burst = self._encoded(frequency)
        self._burst_packets = packets
        self._burst_left = packets  # last: the pump's thread looks at this one

    def _encoded(self, frequency: int) -> list[bytes]:
        if self._codec in wideband.CODECS:
            return wideband.tone(self._codec, frequency)
        samples = tones.tone(frequency) if frequency else np.zeros(tones.SAMPLES)
        return [tones.encode(samples, self.payload_type)]

    def tick(self, now: float) -> None:
        if not self._due or now - self._due > 0.5:
            self._due = now
        while now >= self._due:
            self._due += _FRAME
            self._timestamp += self._step
            self._count += 1
            if self.paused:
                continue
            packets = self._packets
            if self._burst_left:
                if self._burst_left == self._burst_packets:
                    self.bursts.append(time.time())
                self._burst_left -= 1
                packets = self._burst
            self.port.send(self.payload_type, self._timestamp, packets[self._count % len(packets)], False)


class Ear:
    """Keeps the last ``keep`` seconds of what came in, as G.711."""

    def __init__(self, keep: float = 180.0) -> None:
        self._limit = int(keep / _FRAME)
        self._lock = threading.Lock()
        self._packets: list[RtpPacket] = []
        self._decoders: dict[int, Callable[[bytes], bytes]] = {}

    def feed(self, packet: RtpPacket) -> None:
        name = next((name for name, codec in wideband.CODECS.items() if codec.payload_type == packet.payload_type), "")
        if name:
            decode = self._decoders.get(packet.payload_type)
            if decode is None:
                decode = self._decoders[packet.payload_type] = wideband.decoder(name)
            packet = packet._replace(payload=decode(packet.payload), payload_type=0)
        if packet.payload_type in tones.TABLES:
            with self._lock:
                self._packets.append(packet)
                if len(self._packets) > self._limit + 500:
                    del self._packets[:500]

    def record(self, since: float = 0.0, until: float = float("inf")) -> list[RtpPacket]:
        with self._lock:
            return [packet for packet in self._packets if since <= packet.arrival < until]

    def hears(self, candidates: Iterable[int], window: float = 0.4) -> set[int]:
        """Which of these tones sounded in at least three quarters of the packets of the last ``window`` seconds."""
        packets = self.record(time.time() - window)
        if len(packets) < window / _FRAME / 2:
            return set()
        samples = _samples(packets)
        return {
            frequency
            for frequency in candidates
            if float(np.mean(tones.levels(samples, frequency) > tones.AUDIBLE)) >= 0.75
        }

    def level(self, frequency: int, window: float = 0.4) -> float:
        """Median level of one tone over the last ``window`` seconds, dBFS; -120 when nothing came."""
        packets = self.record(time.time() - window)
        return float(np.median(tones.levels(_samples(packets), frequency))) if packets else -120.0

    def holes(self, frequency: int, since: float, until: float) -> list[Hole]:
        """The stretches between the two times without the tone: packets that lack it, and packets that never came."""
        found: list[Hole] = []
        last_good = since
        packets = self.record(since, until)
        if packets:
            for packet, level in zip(packets, tones.levels(_samples(packets), frequency), strict=True):
                if level > tones.AUDIBLE:
                    if packet.arrival - last_good > 2 * _FRAME:
                        found.append(Hole(last_good, packet.arrival - last_good - _FRAME))
                    last_good = packet.arrival
        if until - last_good > 2 * _FRAME:
            found.append(Hole(last_good, until - last_good - _FRAME))
        return found

    def onset(self, frequency: int, since: float) -> float | None:
        """When the tone began: the receive time of its packet, less the part of the packet from there on."""
        packets = self.record(since)
        for number, level in enumerate(tones.levels(_samples(packets), frequency) if packets else []):
            if level > tones.AUDIBLE:
                start = max(number - 1, 0)
                samples = _samples(packets[start : number + 1])
                window = 40  # 5 ms: a multiple of the tone's period would be exact, this is good to a millisecond
                kernel = np.exp(-2j * np.pi * frequency * np.arange(window) / tones.RATE)
                views = np.lib.stride_tricks.sliding_window_view(samples, window)
                strength = np.abs(views @ kernel) * 2 / window
                half = strength.max() / 2
                first = int(np.argmax(strength > half)) + window // 2  # half the strength: the window stands half in it
                before_end = len(samples) - first
                return packets[number].arrival - before_end / tones.RATE
        return None


def _samples(packets: list[RtpPacket]) -> tones.Samples:
    """One packet's worth of samples for each packet; a comfort noise packet or a short one counts as silence."""
    parts = []
    for packet in packets:
        samples = tones.decode(packet.payload, packet.payload_type)
        parts.append(samples if len(samples) == tones.SAMPLES else np.zeros(tones.SAMPLES))
    return np.concatenate(parts)

"""G.722 and Opus for the probe's voice and ear, by PyAV. The ear gets them as G.711, which is enough to tell tones."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from tests.probe import tones


class Codec(NamedTuple):
    payload_type: int
    rtpmap: str
    encoder: str
    decoder: str
    rate: int  # Hz, of the samples that are coded


# RFC 3551 4.5.2: G.722's RTP clock is 8000 Hz though it samples at 16000.
CODECS = {
    "G722": Codec(9, "G722/8000", "g722", "g722", 16000),
    "OPUS": Codec(111, "opus/48000/2", "libopus", "libopus", 48000),
}
_PACKETS = 50  # a second: a loop of a tone of whole periods has no seam but the coder's own memory


def tone(name: str, frequency: int, decibels: float = -14.0) -> list[bytes]:
    """A second of a tone (0 Hz is silence) in packets of 20 ms. Raises KeyError for a codec that is not in CODECS."""
    codec = CODECS[name]
    encoder = av.CodecContext.create(codec.encoder, "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.time_base = codec.rate, "mono", Fraction(1, codec.rate)
    encoder.format = "s16"
    each = codec.rate // _PACKETS
    moments = np.arange(codec.rate * 2) / codec.rate
    samples = 10 ** (decibels / 20) * np.sin(2 * np.pi * frequency * moments) * 32767
    packets: list[bytes] = []
    for number in range(2 * _PACKETS):
        part = samples[number * each : (number + 1) * each].astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
        frame.sample_rate, frame.pts = codec.rate, number * each
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets[_PACKETS // 2 : _PACKETS // 2 + _PACKETS]  # past the coder's start


def decoder(name: str) -> Callable[[bytes], bytes]:
    """A function that makes PCMU of one packet after the other."""
    codec = CODECS[name]
    context = av.CodecContext.create(codec.decoder, "r")
    assert isinstance(context, AudioCodecContext)
    context.sample_rate, context.layout = codec.rate, "mono"
    resampler = av.AudioResampler(format="s16", layout="mono", rate=tones.RATE)

    def decode(payload: bytes) -> bytes:
        frames = [down for frame in context.decode(av.Packet(payload)) for down in resampler.resample(frame)]
        parts = [np.asarray(frame.to_ndarray(), np.float64).reshape(-1) for frame in frames]
        samples = np.concatenate(parts) / 32768 if parts else np.zeros(0)
        whole = np.zeros(tones.SAMPLES)  # the resampler begins with a packet that is a little short
        whole[: min(len(samples), tones.SAMPLES)] = samples[: tones.SAMPLES]
        return tones.encode(whole, 0)

    return decode

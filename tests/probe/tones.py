"""G.711 and tones: make one, and say which are in what is heard, 20 ms by 20 ms.

Tones are multiples of 50 Hz, so that 160 samples at 8 kHz hold whole periods: in every single packet one tone is
orthogonal to all others, and a hole of one packet shows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RATE = 8000
SAMPLES = 160  # of one packet
AUDIBLE = -32.0  # dBFS; a tone is sent at -14
Samples = npt.NDArray[np.float64]


def _mulaw_table() -> npt.NDArray[np.float64]:
    """ITU-T G.711 table 2: octet → sample, -1..1."""
    octets = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent, mantissa = (octets >> 4) & 7, octets & 0x0F
    magnitude = ((mantissa << 3) + 0x84 << exponent) - 0x84
    return np.where(octets & 0x80, -magnitude, magnitude) / 32768.0


def _alaw_table() -> npt.NDArray[np.float64]:
    """ITU-T G.711 table 1."""
    octets = np.arange(256, dtype=np.int32) ^ 0x55
    exponent, mantissa = (octets >> 4) & 7, octets & 0x0F
    magnitude = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(octets & 0x80, magnitude, -magnitude) / 32768.0


TABLES = {0: _mulaw_table(), 8: _alaw_table()}  # by payload type


def decode(payload: bytes, payload_type: int) -> Samples:
    """Samples -1..1. Raises KeyError for a payload type other than PCMU and PCMA."""
    return TABLES[payload_type][np.frombuffer(payload, np.uint8)]


def encode(samples: Samples, payload_type: int) -> bytes:
    """The nearest code word of each sample."""
    table = TABLES[payload_type]
    order = np.argsort(table, kind="stable")
    sorted_ = table[order]
    right = np.clip(np.searchsorted(sorted_, samples), 1, 255)
    nearer = np.where(samples - sorted_[right - 1] < sorted_[right] - samples, right - 1, right)
    return order[nearer].astype(np.uint8).tobytes()


def tone(frequency: int, decibels: float = -14.0) -> Samples:
    """One packet of a tone that can be repeated without a seam. Raises ValueError unless it is a multiple of 50 Hz."""
    if frequency % 50:
        raise ValueError(f"{frequency} Hz has no whole number of periods in 20 ms")
    return 10 ** (decibels / 20) * np.sin(2 * np.pi * frequency * np.arange(SAMPLES) / RATE)


def levels(samples: Samples, frequency: int) -> npt.NDArray[np.float64]:
    """Goertzel's measure of one tone in each packet's worth of samples: dBFS of its amplitude, shape (packets,)."""
    whole = samples[: len(samples) // SAMPLES * SAMPLES].reshape(-1, SAMPLES)
    kernel = np.exp(-2j * np.pi * frequency * np.arange(SAMPLES) / RATE)
    amplitude = np.abs(whole @ kernel) * 2 / SAMPLES
    decibels: npt.NDArray[np.float64] = 20 * np.log10(np.maximum(amplitude, 1e-6))
    return decibels

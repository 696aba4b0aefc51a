"""The lobby's music: half a minute of plucked notes over slow chords, reckoned here, so that it is nobody's but ours.

Its end runs into its beginning: Asterisk plays it over and over.
"""

from __future__ import annotations

import array
import math
import wave
from collections.abc import Iterator
from pathlib import Path

RATE = 16000  # Hz
BAR = 4.0  # s
_PEAK = 0.22  # of full scale: soft beside a prompt
# Roots of the chords, and which notes are plucked over each, as numbers of MIDI; the scale is pentatonic, on C.
_BARS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((48, 55, 64), (72, 76, 79, 76)),
    ((45, 52, 60), (69, 72, 76, 72)),
    ((50, 57, 65), (74, 69, 74, 81)),
    ((43, 55, 62), (67, 74, 79, 74)),
    ((48, 55, 64), (76, 79, 84, 79)),
    ((45, 52, 60), (81, 76, 72, 76)),
    ((41, 53, 60), (69, 72, 77, 72)),
    ((43, 50, 59), (74, 67, 74, 79)),
)


def make(file: Path) -> None:
    """Write it as WAV, mono, 16 bit, RATE."""
    length = round(len(_BARS) * BAR * RATE)
    sound = [0.0] * length
    for start, midi, seconds, loudness in _notes():
        _add(sound, round(start * RATE), 440.0 * 2 ** ((midi - 69) / 12), round(seconds * RATE), loudness)
    loudest = max(map(abs, sound))
    samples = array.array("h", (round(32767 * _PEAK * value / loudest) for value in sound))
    if array.array("h", [1]).tobytes() != b"\1\0":
        samples.byteswap()  # WAV is little-endian
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())


def _notes() -> Iterator[tuple[float, int, float, float]]:
    """Start, pitch, length in seconds, loudness."""
    for number, (chord, melody) in enumerate(_BARS):
        begin = number * BAR
        for midi in chord:
            yield begin, midi, 1.4 * BAR, 0.5
        for beat, midi in enumerate(melody):
            yield begin + beat * BAR / len(melody), midi, 2.5, 0.8


def _add(sound: list[float], start: int, hertz: float, length: int, loudness: float) -> None:
    """A note with a soft beginning that dies away; what goes beyond the end sounds at the beginning."""
    step = 2 * math.pi * hertz / RATE
    rise, fall = 0.03 * RATE, 5.0 / length
    whole = len(sound)
    for n in range(length):
        swell = min(1.0, n / rise) * math.exp(-fall * n) * min(1.0, (length - n) / rise)
        tone = math.sin(step * n) + 0.3 * math.sin(2 * step * n) + 0.1 * math.sin(3 * step * n)
        sound[(start + n) % whole] += loudness * swell * tone

"""A stranger at the keypad, and what it is told: for the tests of the door."""

from __future__ import annotations

import asyncio
import struct

import numpy as np

from tests.probe import Terminal, tones
from tests.probe.h323 import H323Terminal

_AUDIBLE = -45.0  # dBFS of a packet; between words a prompt is silent


async def press(terminal: Terminal, digits: str) -> None:
    for digit in digits:
        if isinstance(terminal, H323Terminal):
            await terminal.press(digit)
        else:
            assert await terminal.call.dtmf(digit) == 200


async def press_events(terminal: Terminal, digits: str) -> None:
    """As telephone-events in the sound's stream (RFC 4733 2.3), 100 ms each, at the pace of a hand: begin, and the end
    three times over."""
    for digit in digits:
        event, at = "0123456789*#ABCD".index(digit), terminal.voice.timestamp
        for end, duration in ((0, 160), (0, 480), (0x80, 800), (0x80, 800), (0x80, 800)):
            payload = struct.pack("!BBH", event, end | 10, duration)
            terminal.sound.send(101, at, payload, duration == 160)
            await asyncio.sleep(0.0 if end else 0.05)
        await asyncio.sleep(0.1)


async def asked(terminal: Terminal, packets: int = 0) -> int:
    """Until a prompt is heard; how many packets of sound there were then."""
    await terminal.until(lambda: terminal.sound.log.packets > packets + 20, 15, "a prompt")
    return terminal.sound.log.packets


def loud(terminal: Terminal, since: float) -> float:
    """Seconds of sound since then, silence left out."""
    packets = terminal.ear.record(since)
    levels = [np.sqrt(np.mean(np.square(tones.decode(one.payload, one.payload_type)))) for one in packets]
    return 0.02 * sum(1 for level in levels if 20 * np.log10(max(float(level), 1e-6)) > _AUDIBLE)

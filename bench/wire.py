"""When what an operator ordered is heard: from the order to the first packet at a terminal that tells."""

from __future__ import annotations

import asyncio
import time

import numpy as np

from bench import meeting
from mcu.bus import Peer
from tests.probe import Terminal, tones

_PATIENCE = 5.0  # s
_LOOK = 0.06  # s between two looks


async def muted(bus: Peer, ident: str, tone: int, listener: Terminal, rounds: int) -> list[tuple[str, object]]:
    """Somebody with a ``tone`` is muted and heard again: until it is gone from, and back in, what ``listener`` gets."""
    gone, back = await _in_turn(bus, {"act": "mute", "participant": ident}, tone, listener, rounds)
    return [
        ("mute: the first packet without its voice", meeting.summary(gone)),
        ("mute lifted: the first packet with its voice", meeting.summary(back)),
    ]


async def all_muted(bus: Peer, tone: int, listener: Terminal, rounds: int) -> list[tuple[str, object]]:
    """The same, where everybody is muted and heard again."""
    gone, back = await _in_turn(bus, {"act": "mute_all"}, tone, listener, rounds)
    return [
        ("mute all: the first packet without the voice of who speaks", meeting.summary(gone)),
        ("mute all lifted: the first packet with the voice", meeting.summary(back)),
    ]


async def _in_turn(
    bus: Peer, order: dict[str, str], tone: int, listener: Terminal, rounds: int
) -> tuple[list[float], list[float]]:
    gone: list[float] = []
    back: list[float] = []
    for n in range(2 * rounds):
        on = n % 2 == 0
        begun = time.time()
        await bus.call("room.act", room=meeting.ROOM, on=on, **order)
        (gone if on else back).append(await _turned(listener, tone, begun, heard=not on) - begun)
        await asyncio.sleep(0.5)  # so that each order finds the sound settled
    return gone, back


async def _turned(listener: Terminal, frequency: int, since: float, *, heard: bool) -> float:
    """When the first packet came that has the tone, or lacks it."""
    while time.time() < since + _PATIENCE:
        for packet in listener.ear.record(since):
            samples = tones.decode(packet.payload, packet.payload_type)
            audible = len(samples) == tones.SAMPLES and bool(np.all(tones.levels(samples, frequency) > tones.AUDIBLE))
            if audible == heard:
                return packet.arrival
        await asyncio.sleep(_LOOK)
    raise AssertionError(f"not within {_PATIENCE:g} s: its voice is {'heard' if heard else 'gone'}")

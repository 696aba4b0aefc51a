"""Somebody who guesses: calls from many addresses, PINs one after the other, and what each call was answered with."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np

from tests.calls.door.keys import press
from tests.probe import CallRefused, Offer, Terminal, tones
from tests.product import Mcu

_SILENCE = 1e-3  # RMS of a packet, of full scale
# Packets. A prompt goes on until its first key is over, 0.2 s later: what is heard beyond is the next one. Who keys in
# a PIN sooner, while control is still asked about the last, loses keys (Asterisk drops them meanwhile).
_MORE = 25


@dataclass(frozen=True)
class Answer:
    """What a caller can tell one number from another by."""

    status: int
    provisional: tuple[int, ...]
    seconds: float  # from INVITE to its final response
    words: bytes  # the first of what is said, as it came: 2.5 s


@asynccontextmanager
async def stranger(mcu: Mcu, host: str) -> AsyncIterator[Terminal]:
    """Without a camera, from an address of its own."""
    async with Terminal(mcu.sip, host=host, offer=Offer(video=()), tone=0) as terminal:
        yield terminal


async def guess(mcu: Mcu, host: str, number: str, pins: list[str]) -> None:
    """One call; three PINs are all that it may try."""
    async with stranger(mcu, host) as caller:
        await caller.dial(number)
        for pin in pins:
            await _said(caller, len(_spoken(caller)) + _MORE)
            await press(caller, f"{pin}#")
        await _said(caller, len(_spoken(caller)) + _MORE)  # an answer to the last one


async def ring(mcu: Mcu, host: str, number: str, packets: int = 125) -> Answer:
    """One call that presses nothing, and ends when it has heard so many packets of a prompt."""
    async with stranger(mcu, host) as caller:
        try:
            await caller.dial(number)
        except CallRefused as refusal:
            return Answer(refusal.status, _progress(caller), 0.0, b"")
        await _said(caller, packets)
        call = caller.call
        words = b"".join(_spoken(caller)[:packets])
        return Answer(200, _progress(caller), call.answered_at - call.invited_at, words)


def _progress(caller: Terminal) -> tuple[int, ...]:
    """One after the other; an INVITE that was sent again on a crowded machine is answered once more by the same."""
    return tuple(status for status, _ in itertools.groupby(caller.call.progress))


def _spoken(caller: Terminal) -> list[bytes]:
    """Packets from the first that is not silent."""
    packets = caller.ear.record()
    loud = [float(np.sqrt(np.mean(np.square(tones.decode(p.payload, p.payload_type))))) > _SILENCE for p in packets]
    first = loud.index(True) if True in loud else len(packets)
    return [packet.payload for packet in packets[first:]]


async def _said(caller: Terminal, packets: int) -> None:
    ended = caller.call.ended
    await caller.until(lambda: ended.is_set() or len(_spoken(caller)) >= packets, 20, f"{packets} packets of a prompt")


async def close(mcu: Mcu, room: str, hosts: list[str]) -> None:
    """21 wrong PINs, three a call, at most nine from one address."""
    pins = [f"{1000 + n}" for n in range(21)]
    calls = [pins[n : n + 3] for n in range(0, len(pins), 3)]
    await asyncio.gather(*(guess(mcu, hosts[n // 3], room, three) for n, three in enumerate(calls)))

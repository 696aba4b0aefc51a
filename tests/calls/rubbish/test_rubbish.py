"""Rubbish on the media ports costs at most the sender's own tile; nobody else's sound or picture, no process."""

from __future__ import annotations

import asyncio
import random
import socket
import time

from tests.calls.rubbish.noise import packet
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import Terminal
from tests.product import Mcu
from tests.starvation import Starvation

_LASTS = 6.0  # seconds of rubbish; bench/rubbish.py goes on for a minute
_LONGEST_HOLE = 0.1  # seconds without a tone


async def _others_are_fine(first: Terminal, second: Terminal, since: float, starved: Starvation) -> None:
    """Both of them hear each other without a hole since then, and see each other still."""
    until, longest = time.time(), _LONGEST_HOLE + starved.seconds()
    for ear, tone in ((first.ear, second.tone), (second.ear, first.tone)):
        holes = [hole for hole in ear.holes(tone, since, until) if hole.seconds > longest]
        assert not holes, holes
    for terminal in (first, second):
        await terminal.sees(auto(3)[:2], [first.colour, second.colour])
        await terminal.more_pictures(15, seconds=8)


async def _three(seat: Seat) -> tuple[Terminal, Terminal, Terminal]:
    first, second, third = [await seat(number) for number in range(3)]
    for terminal in (first, second):
        await terminal.sees(auto(3), [first.colour, second.colour, third.colour])
    await first.hears({second.tone, third.tone}, {first.tone, second.tone, third.tone})
    await second.hears({first.tone, third.tone}, {first.tone, second.tone, third.tone})
    return first, second, third


async def test_rubbish_from_a_terminal(mcu: Mcu, seat: Seat) -> None:
    before = mcu.pids()
    first, second, bad = await _three(seat)
    starved = Starvation(mcu, "asterisk")
    begun, chance = time.time(), random.Random(1)
    while time.time() < begun + _LASTS:
        for port in (bad.video, bad.sound):
            for _ in range(10):
                port.send_raw(packet(chance))
            port.send_control(packet(chance))
        await asyncio.sleep(0.02)  # a thousand packets a second
    await _others_are_fine(first, second, begun, starved)
    assert mcu.pids() == before
    await first.sees(auto(3), [first.colour, second.colour, bad.colour], seconds=10)


async def test_rubbish_from_strangers_on_every_port(mcu: Mcu, seat: Seat) -> None:
    before = mcu.pids()
    first, second, third = await _three(seat)
    starved = Starvation(mcu, "asterisk")
    begun, chance = time.time(), random.Random(2)
    ports = [*mcu.rtp_ports, *mcu.mixer_rtp_ports]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        while time.time() < begun + _LASTS:
            for port in chance.sample(ports, 40):
                stranger.sendto(packet(chance), ("127.0.0.1", port))
            for port in (*(leg for leg in (first.video.remote, second.sound.remote) if leg),):
                stranger.sendto(packet(chance), port)
            await asyncio.sleep(0.02)
    await _others_are_fine(first, second, begun, starved)
    assert mcu.pids() == before
    await third.sees(auto(3), [first.colour, second.colour, third.colour])


async def test_h264_with_wrong_bits(mcu: Mcu, seat: Seat) -> None:
    before = mcu.pids()
    first, second, bad = await _three(seat)
    starved = Starvation(mcu, "asterisk")
    begun = time.time()
    bad.camera.flip_bits = 0.3
    while time.time() < begun + _LASTS:
        await asyncio.sleep(0.2)
        bad.camera.keyframe()  # parameter sets and IDR slices get their share of wrong bits too
    await _others_are_fine(first, second, begun, starved)
    assert mcu.pids() == before
    bad.camera.flip_bits = 0.0
    bad.camera.keyframe()
    await first.sees(auto(3), [first.colour, second.colour, bad.colour], seconds=10)

"""Floods by SIPp, of broken SIP and of strangers, and octets that are no SIP: the meeting goes on, the door opens."""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
import time
from pathlib import Path

import pytest

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.patience import Patience
from tests.product import Mcu
from tests.starvation import Starvation

_LONGEST_HOLE = 0.1
_SCANNER = "127.0.0.66"  # not the other terminals' address, which would be refused with it


@pytest.mark.parametrize(("scenario", "rate", "number"), [("flood.xml", 100, 500), ("strangers.xml", 30, 150)])
async def test_a_flood(mcu: Mcu, seat: Seat, tmp_path: Path, scenario: str, rate: int, number: int) -> None:
    sipp = shutil.which("sipp")
    assert sipp, "SIPp is not there: apt-get install sip-tester"
    first, second = [await seat(number) for number in range(2)]
    await first.hears({second.tone}, {first.tone, second.tone})
    await second.hears({first.tone}, {first.tone, second.tone})
    before, begun, starved = mcu.pids(), time.time(), Starvation(mcu, "asterisk")
    flood = await asyncio.create_subprocess_exec(
        sipp, f"{mcu.sip[0]}:{mcu.sip[1]}", "-sf", str(Path(__file__).with_name(scenario)), "-i", _SCANNER,
        "-r", str(rate), "-m", str(number), "-nostdin", cwd=tmp_path,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    chance = random.Random(3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        patience = Patience(30)
        while flood.returncode is None and not patience.over:
            for _ in range(5):
                stranger.sendto(chance.randbytes(chance.randrange(1, 1400)), mcu.sip)
            await asyncio.sleep(0.02)
    if flood.returncode is None:
        flood.kill()
    assert await flood.wait() == 0, "SIPp got other answers than it expects, or none"
    longest = _LONGEST_HOLE + starved.seconds()
    for ear, tone in ((first.ear, second.tone), (second.ear, first.tone)):
        holes = [hole for hole in ear.holes(tone, begun, time.time()) if hole.seconds > longest]
        assert not holes, holes
    third = await seat(2)
    await third.sees(auto(3), [first.colour, second.colour, third.colour])
    assert mcu.pids() == before

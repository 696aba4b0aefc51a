"""A part that is dead or hangs just when somebody comes, leaves or talks: what works without it goes on working."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import Terminal
from tests.product import Mcu
from tests.starvation import Starvation

_LONGEST_HOLE = 0.1  # seconds without a tone


@contextmanager
def _hanging(mcu: Mcu, process: str) -> Iterator[None]:
    """The process is stopped as if it hung; whoever watches it may kill it meanwhile."""
    pid = mcu.pid(process)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


async def _pair(seat: Seat) -> tuple[Terminal, Terminal]:
    first, second = [await seat(number) for number in range(2)]
    await first.sees(auto(2), [first.colour, second.colour])
    await first.hears({second.tone}, {first.tone, second.tone})
    await second.hears({first.tone}, {first.tone, second.tone})
    return first, second


def _sound_was_whole(first: Terminal, second: Terminal, since: float, starved: Starvation) -> None:
    longest = _LONGEST_HOLE + starved.seconds()
    for terminal, tone in ((first, second.tone), (second, first.tone)):
        assert [hole for hole in terminal.ear.holes(tone, since, time.time()) if hole.seconds > longest] == []


async def test_the_mixer_is_dead_when_somebody_comes(own_mcu: Mcu, seat: Seat, room: str) -> None:
    first, second = await _pair(seat)
    tones = {first.tone, second.tone, 700}
    own_mcu.kill("mixer")
    third = await seat(2, dial=None)
    await third.dial(room)
    starved = Starvation(own_mcu, "asterisk", "control")
    took = await third.hears({first.tone, second.tone}, tones)
    assert took < 1.5 + starved.seconds(), "sound waited for the mixer"
    for terminal in (first, second, third):
        await terminal.sees(auto(3), [first.colour, second.colour, third.colour], seconds=20)


async def test_the_mixer_hangs(own_mcu: Mcu, seat: Seat, room: str) -> None:
    first, second = await _pair(seat)
    begun, starved = time.time(), Starvation(own_mcu, "asterisk")
    with _hanging(own_mcu, "mixer"):
        third = await seat(2, dial=None)
        await third.dial(room)
        await third.hears({first.tone, second.tone}, {first.tone, second.tone, third.tone})
        await asyncio.sleep(4)  # longer than the 2 s in which Asterisk asks the mixer for a sign of life
        await third.hang_up()
        await first.hears({second.tone}, {first.tone, second.tone, third.tone})
    _sound_was_whole(first, second, begun, starved)
    for terminal in (first, second):
        await terminal.sees(auto(2), [first.colour, second.colour], seconds=20)
        await terminal.runs(auto(2)[0])


async def test_control_is_dead_when_somebody_comes(own_mcu: Mcu, seat: Seat, room: str) -> None:
    first, second = await _pair(seat)
    own_mcu.kill("control")
    third = await seat(2, dial=None)
    await third.dial(room)  # rings until control is back
    await third.hears({first.tone, second.tone}, {first.tone, second.tone, third.tone})
    for terminal in (first, second, third):
        await terminal.sees(auto(3), [first.colour, second.colour, third.colour], seconds=15)


async def test_control_is_dead_when_somebody_leaves(own_mcu: Mcu, seat: Seat, room: str) -> None:
    first, second = await _pair(seat)
    own_mcu.kill("control")
    await second.hang_up()
    await first.sees(auto(1), [first.colour], seconds=15)
    own_mcu.await_(lambda: len(own_mcu.bus.call("room.show", number=room)["participants"]) == 1, 10, "one is left")


async def test_control_hangs(own_mcu: Mcu, seat: Seat, room: str) -> None:
    first, second = await _pair(seat)
    begun, starved, pictures = time.time(), Starvation(own_mcu, "asterisk", "mixer"), first.video.log.frames
    with _hanging(own_mcu, "control"):
        third = await seat(2, dial=None)
        calling = asyncio.create_task(third.dial(room))
        await asyncio.sleep(3)
        assert not third.call.up, "somebody was let in without anybody asked"
    await calling
    _sound_was_whole(first, second, begun, starved)
    assert first.video.log.frames - pictures > 25 * (time.time() - begun - starved.seconds())
    for terminal in (first, second, third):
        await terminal.sees(auto(3), [first.colour, second.colour, third.colour], seconds=15)


async def test_what_an_operator_set_outlives_control(own_mcu: Mcu, seat: Seat, room: str) -> None:
    first, second = await _pair(seat)
    bus = own_mcu.bus
    person = next(p for p in bus.call("room.show", number=room)["participants"] if p["name"] == "Probe 1")
    bus.call("room.act", room=room, act="mute", participant=person["id"], on=True)
    bus.call("room.act", room=room, act="lock", on=True)
    bus.call("room.act", room=room, act="layout", layout="1+5")
    await first.hears(set(), {first.tone, second.tone})
    killed = own_mcu.kill("control")
    own_mcu.await_(lambda: own_mcu.started_anew("control", killed) and own_mcu.ready(), 15, "control is back")

    def kept() -> bool:
        state = bus.call("room.show", number=room)
        muted = {p["name"] for p in state["participants"] if p["muted"]}
        return bool(state["locked"] and state["layout"] == "1+5" and muted == {"Probe 1"})

    own_mcu.await_(kept, 5, "locked, 1+5, Probe 1 muted")
    third = 1 / 3
    await first.sees([(0.0, 0.0, 2 * third, 2 * third), (2 * third, 0.0, third, third)], [first.colour, second.colour])
    await first.hears(set(), {first.tone, second.tone})

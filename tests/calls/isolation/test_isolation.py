"""What happens in one room, or to the accounts, is not felt in another."""

from __future__ import annotations

import contextlib
import time

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.product import Mcu
from tests.starvation import Starvation

_LONGEST_HOLE = 0.1  # seconds without a tone


async def test_two_rooms_hear_and_see_only_themselves(mcu: Mcu, seat: Seat, room: str) -> None:
    other = f"9{room}"
    mcu.bus.call("room.create", number=other, name="Phòng bên", guests=True)
    here = [await seat(number) for number in (0, 1)]
    there = [await seat(number, other) for number in (2, 3, 4)]
    tones = {terminal.tone for terminal in (*here, *there)}
    for people in (here, there):
        for terminal in people:
            await terminal.sees(auto(len(people)), [one.colour for one in people])
            await terminal.hears({one.tone for one in people} - {terminal.tone}, tones)
    for terminal in there:
        await terminal.hang_up()
    await here[0].sees(auto(2), [one.colour for one in here])
    mcu.await_(lambda: not mcu.bus.call("room.show", number=other)["participants"], 5, "the other room is empty")
    mcu.bus.call("room.delete", number=other)
    await here[0].hears({here[1].tone}, tones)


async def test_accounts_come_and_go_beside_a_meeting(mcu: Mcu, seat: Seat) -> None:
    """Asterisk reads its endpoints again for each: no call may feel it."""
    first, second = [await seat(number) for number in range(2)]
    await first.sees(auto(2), [first.colour, second.colour])
    await first.hears({second.tone}, {first.tone, second.tone})
    begun, starved = time.time(), Starvation(mcu, "asterisk")
    for number in range(8):
        mcu.bus.call("terminal.create", name=f"extra{number}", password="long-enough-9c1", display=f"Thêm {number}")
        await first.more_pictures(5)
    for number in range(8):
        mcu.bus.call("terminal.delete", name=f"extra{number}")
        await first.more_pictures(5)
    longest = _LONGEST_HOLE + starved.seconds()
    for terminal, tone in ((first, second.tone), (second, first.tone)):
        assert terminal.sound.log.missing_since(begun) == 0
        assert [hole for hole in terminal.ear.holes(tone, begun, time.time()) if hole.seconds > longest] == []
    assert not first.call.ended.is_set()
    with contextlib.suppress(Exception):
        await second.hang_up()
    await first.sees(auto(1), [first.colour])

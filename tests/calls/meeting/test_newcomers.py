"""Who joins late sees the meeting at once, however many joined before."""

from __future__ import annotations

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.product import Mcu
from tests.starvation import Starvation

_AT_ONCE = 0.8  # seconds: the shared encoder makes a keyframe at most every 0.5 s


async def test_each_of_many_newcomers_gets_a_picture_at_once(mcu: Mcu, seat: Seat) -> None:
    terminals = []
    for number in range(8):
        starved = Starvation(mcu, "asterisk", "control", "mixer")
        terminal = await seat(number)
        waited = await terminal.first_picture(15)
        assert waited < _AT_ONCE + starved.seconds(), f"newcomer {number} waited {waited:.2f} s"
        terminals.append(terminal)
    colours = [terminal.colour for terminal in terminals]
    for terminal in terminals:
        await terminal.sees(auto(8), colours)


async def test_one_who_comes_back_gets_a_picture_at_once(mcu: Mcu, seat: Seat, room: str) -> None:
    sitting = await seat(0)
    restless = await seat(1)
    for _ in range(6):
        await restless.hang_up()
        await sitting.sees(auto(1), [sitting.colour])
        starved = Starvation(mcu, "asterisk", "control", "mixer")
        await restless.dial(room)
        waited = await restless.first_picture(15)
        assert waited < _AT_ONCE + starved.seconds(), f"waited {waited:.2f} s"
        await sitting.sees(auto(2), [sitting.colour, restless.colour])

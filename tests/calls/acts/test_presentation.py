"""A presentation while one site is seen by all: both are seen, and by who has H.239 each as a picture of its own."""

from __future__ import annotations

from typing import Any

from tests.calls.acts.meeting import WHOLE
from tests.calls.h323.test_presentation import SLIDES
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe.h239 import H239Terminal
from tests.probe.screen import Rect
from tests.product import Mcu

_THIRD = 1 / 3
# layouts.toml, 1+5: the large one and the first two beside it
_SIX: list[Rect] = [
    (0, 0, 2 * _THIRD, 2 * _THIRD),
    (2 * _THIRD, 0, _THIRD, _THIRD),
    (2 * _THIRD, _THIRD, _THIRD, _THIRD),
]


async def test_broadcast_with_a_presentation(mcu: Mcu, seat: Seat, room: str) -> None:
    chair, shown, third = [await seat(number) for number in range(3)]
    async with (
        H239Terminal(mcu.h323, colour="magenta", slides="yellow", tone=0, name="Một") as presenter,
        H239Terminal(mcu.h323, colour="cyan", tone=0, name="Hai") as beside,
    ):
        await presenter.dial(room)
        await beside.dial(room)
        people = {person["name"]: person["id"] for person in mcu.bus.call("room.show", number=room)["participants"]}

        def act(act: str, **arguments: Any) -> None:
            mcu.bus.call("room.act", room=room, act=act, **arguments)

        act("chair", participant=people["Probe 0"])
        act("broadcast", participant=people["Probe 1"])
        await third.sees(WHOLE, [shown.colour])
        await presenter.present()
        await third.sees(SLIDES[:2], ["yellow", shown.colour])
        await third.runs(SLIDES[1])
        await beside.shown("yellow")
        await beside.sees(WHOLE, [shown.colour])
        await chair.sees(_SIX[:3], ["yellow", "red", "green"])
        await presenter.stop_presenting()
        await third.sees(WHOLE, [shown.colour])
        await beside.shown_nothing()
        act("free_talk")
        await third.sees(auto(5), ["red", "green", "blue", "magenta", "cyan"])

"""The room's presentation goes out to terminals that know H.239, as a second picture of their own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.calls.h323.test_presentation import SLIDES
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe.h239 import H239Terminal
from tests.product import Mcu


def _participant(mcu: Mcu, room: str, name: str) -> dict[str, Any]:
    people = mcu.bus.call("room.show", number=room)["participants"]
    return next(one for one in people if one["name"] == name and not one["presents"])


async def _told(mcu: Mcu, room: str, name: str, receives: bool) -> None:
    await asyncio.to_thread(
        mcu.await_, lambda: _participant(mcu, room, name)["slides"] is receives, 8, f"slides of {name}: {receives}"
    )


@pytest.mark.parametrize("tunnelling", [True, False], ids=["tunnelled", "separate"])
async def test_slides_come_on_a_channel_of_their_own_and_end(mcu: Mcu, seat: Seat, room: str, tunnelling: bool) -> None:
    sip = await seat(0)
    async with (
        H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700, name="Một") as one,
        H239Terminal(mcu.h323, colour="green", tone=950, name="Hai", tunnelling=tunnelling) as other,
    ):
        await one.dial(room)
        await other.dial(room)
        assert not other.watching
        await one.present()
        await sip.sees(SLIDES[:1], ["yellow"])
        await other.shown("yellow")
        assert other.board.size == (1280, 720)
        assert other.receiving["content"].session == 32
        assert not one.watching, "it has its own"
        await _told(mcu, room, "Hai", True)
        assert _participant(mcu, room, "Một")["slides"] is False
        before = other.board.facts.idrs
        await other.ask_slide()
        await other.until(lambda: other.board.facts.idrs > before, 5, "a keyframe of the slides")

        await one.stop_presenting()
        await other.shown_nothing()
        await sip.sees(auto(3), ["red", "blue", "green"])
        await _told(mcu, room, "Hai", False)
        assert not other.h323.ended.is_set()

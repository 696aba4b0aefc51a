"""An H.323 terminal dials a room: it and a SIP terminal see and hear each other."""

from __future__ import annotations

import contextlib

import pytest

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import CallRefused
from tests.probe.h323 import H323Terminal, capabilities
from tests.product import Mcu


@pytest.mark.parametrize("tunnelling", [True, False], ids=["tunnelled", "separate"])
async def test_h323_and_sip_see_and_hear_each_other(mcu: Mcu, seat: Seat, room: str, tunnelling: bool) -> None:
    sip = await seat(0)
    async with H323Terminal(mcu.h323, tunnelling=tunnelling, colour="blue", tone=700, name="Hội trường A") as terminal:
        await terminal.dial(room)
        await terminal.sees(auto(2), [sip.colour, "blue"])
        await sip.sees(auto(2), [sip.colour, "blue"])
        await terminal.hears({sip.tone}, {sip.tone, 700})
        await sip.hears({700}, {sip.tone, 700})
        people = mcu.bus.call("room.show", number=room)["participants"]
        assert "Hội trường A" in {one["name"] for one in people}


async def test_who_dials_a_wrong_number_is_asked_for_the_right_one(mcu: Mcu, room: str) -> None:
    async with H323Terminal(mcu.h323, colour="blue", tone=700) as terminal:
        await terminal.dial("99999")
        await terminal.until(lambda: terminal.sound.log.packets > 50, 15, "a prompt")
        for digit in f"{room}#":
            await terminal.press(digit)
        await terminal.sees(auto(1), ["blue"], seconds=20)


async def test_a_refusal_tells_its_cause(mcu: Mcu, room: str) -> None:
    mcu.bus.call("room.act", room=room, act="lock", on=True)
    async with H323Terminal(mcu.h323) as terminal:
        with contextlib.suppress(CallRefused):
            await terminal.dial(room)
        # The refusal is spoken first: the call stands until the prompt is over.
        await terminal.until(terminal.h323.ended.is_set, 15, "the end of a refused call")
        assert terminal.h323.ended_by_peer
        assert terminal.h323.cause == 21


async def test_one_whose_camera_is_closed_sees_the_others_and_has_a_card(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with H323Terminal(mcu.h323, opens=("audio",), colour="blue", tone=700) as terminal:
        await terminal.dial(room)
        await terminal.sees(auto(2), [sip.colour, ""])
        await sip.hears({700}, {sip.tone, 700})
        await sip.sees(auto(2), [sip.colour, ""])


async def test_one_that_takes_no_picture_is_seen_all_the_same(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with H323Terminal(mcu.h323, takes=("audio",), colour="blue", tone=700) as terminal:
        await terminal.dial(room)
        await sip.sees(auto(2), [sip.colour, "blue"])
        await terminal.hears({sip.tone}, {sip.tone, 700})
        assert not terminal.video.log.packets, "it refused our channel"


async def test_a_terminal_with_sound_only_takes_part(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with H323Terminal(mcu.h323, can=capabilities(("g722", "pcma"), h264=""), tone=700) as terminal:
        await terminal.dial(room)
        await sip.hears({700}, {sip.tone, 700})
        await terminal.hears({sip.tone}, {sip.tone, 700})


async def test_a_terminal_on_a_slow_line_gets_a_smaller_picture(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with H323Terminal(mcu.h323, can=capabilities(bit_rate=400_000), colour="blue", tone=700) as terminal:
        await terminal.dial(room)
        await terminal.until(lambda: terminal.screen.size == (352, 288), 15, "CIF")
        await sip.sees(auto(2), [sip.colour, "blue"])

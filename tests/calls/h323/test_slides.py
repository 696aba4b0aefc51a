"""The room's presentation goes out to terminals that know H.239, as a second picture of their own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.calls.h323.test_presentation import SLIDES
from tests.calls.seating import Seat
from tests.calls.tiles import auto, letterboxed
from tests.probe.h239 import H239Terminal
from tests.probe.h323 import capabilities
from tests.product import Mcu


def _participant(mcu: Mcu, room: str, name: str) -> dict[str, Any]:
    people = mcu.bus.call("room.show", number=room)["participants"]
    return next((one for one in people if one["name"] == name and not one["presents"]), {})


async def _told(mcu: Mcu, room: str, name: str, receives: bool) -> None:
    await asyncio.to_thread(
        mcu.await_, lambda: _participant(mcu, room, name).get("slides") is receives, 8, f"slides of {name}: {receives}"
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


async def test_who_has_slides_beside_sees_the_people_alone_in_the_main_picture(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with (
        H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700, name="Một") as one,
        H239Terminal(mcu.h323, colour="green", slides="magenta", tone=950, name="Hai") as other,
    ):
        await one.dial(room)
        await one.present()
        await sip.sees(SLIDES[:2], ["yellow", "red"])
        await other.dial(room)  # while it runs
        await other.shown("yellow")
        await other.sees(auto(3), ["red", "blue", "green"])
        await other.runs(auto(3)[0])
        await one.sees(SLIDES[:1], ["yellow"])
        await sip.sees(SLIDES, ["yellow", "red", "blue", "green"])

        # It presents itself: what it was shown ends, and who presented before is shown its slides.
        await other.present()
        await other.shown_nothing()
        await one.shown("magenta")
        await sip.sees(SLIDES[:1], ["magenta"])
        await one.sees(auto(3), ["red", "blue", "green"])
        await other.sees(SLIDES[:1], ["magenta"])
        await other.hang_up()
        await one.shown_nothing()
        await one.sees(auto(2), ["red", "blue"])
        await one.runs(auto(2)[1])


async def test_less_is_asked_for_by_flow_control_and_the_channel_stays(mcu: Mcu, room: str) -> None:
    small = capabilities(h264="profile-level-id=42e00c;packetization-mode=0;max-mbps=6000;max-fs=396")
    async with (
        H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700) as one,
        H239Terminal(mcu.h323, colour="green", tone=950) as big,
        H239Terminal(mcu.h323, colour="red", tone=400, can=small) as little,
    ):
        for terminal in (one, big, little):
            await terminal.dial(room)
        await one.present()
        await big.shown("yellow")
        await little.shown("yellow")
        await little.until(lambda: little.board.size == (352, 288), 5, "CIF")
        assert big.board.size == (1280, 720)
        before = big.receiving["content"].number
        await big.limit_slides(320_000)
        await big.until(lambda: big.board.size == (640, 360), 8, "a smaller picture of the slides")
        await big.limit_slides(None)
        await big.until(lambda: big.board.size == (1280, 720), 8, "the large picture again")
        assert big.receiving["content"].number == before
        assert big.content_offers == 1


async def test_terminals_of_the_older_codecs_get_slides_too(mcu: Mcu, room: str) -> None:
    async with (
        H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700) as one,
        H239Terminal(mcu.h323, colour="green", tone=950, can=capabilities(codecs=("h263p", "h263"))) as plus,
        H239Terminal(mcu.h323, colour="red", tone=400, can=capabilities(codecs=("h261",))) as old,
    ):
        for terminal in (one, plus, old):
            await terminal.dial(room)
        await one.present()
        for terminal, codec in ((plus, "h263p"), (old, "h261")):
            await terminal.shown("yellow", rect=letterboxed((0, 0, 1, 1)))
            assert (terminal.board.codec, terminal.board.size) == (codec, (352, 288))
        await one.stop_presenting()
        await plus.shown_nothing()
        await old.shown_nothing()


async def test_who_refuses_or_closes_is_left_in_peace(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with (
        H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700) as one,
        H239Terminal(mcu.h323, colour="green", tone=950, refuses="dataTypeNotSupported", name="Hai") as other,
    ):
        await one.dial(room)
        await other.dial(room)
        await one.present()
        await other.until(lambda: other.content_offers, 8, "a channel for slides")
        await sip.sees(SLIDES, ["yellow", "red", "blue", "green"])
        await other.sees(SLIDES[:1], ["yellow"])
        assert other.content_offers == 1
        await one.stop_presenting()
        await sip.sees(auto(3), ["red", "blue", "green"])
        assert other.content_offers == 1, "asked again for the same slides"

        other.refuses = ""
        await one.present()
        await other.shown("yellow")
        await other.close_slides()
        await other.shown_nothing()
        await other.sees(SLIDES[:1], ["yellow"])
        await _told(mcu, room, "Hai", False)
        assert other.content_offers == 2
        assert not other.h323.ended.is_set()


async def test_control_and_mixer_die_and_the_slides_go_on_until_the_gateway_dies(own_mcu: Mcu, room: str) -> None:
    async with (
        H239Terminal(own_mcu.h323, colour="blue", slides="yellow", tone=700, name="Một") as one,
        H239Terminal(own_mcu.h323, colour="green", tone=950, name="Hai") as other,
    ):
        await one.dial(room)
        await other.dial(room)
        await one.present()
        await other.shown("yellow")
        await other.sees(auto(2), ["blue", "green"])
        own_mcu.kill("control")
        await asyncio.to_thread(own_mcu.await_, own_mcu.ready, 30, "control again")
        await _told(own_mcu, room, "Hai", True)
        await other.shown("yellow")
        await other.sees(auto(2), ["blue", "green"])
        assert other.content_offers == 1, "its channel was closed and opened again"

        seen = own_mcu.pid("mixer")
        own_mcu.kill("mixer")
        await asyncio.to_thread(own_mcu.await_, lambda: own_mcu.started_anew("mixer", seen), 20, "a mixer again")
        before = other.board.pictures
        await other.until(lambda: other.board.pictures > before + 5, 15, "slides of the new mixer")
        await other.shown("yellow")
        await other.sees(auto(2), ["blue", "green"], seconds=15)
        assert other.content_offers == 1

        own_mcu.kill("h323")
        await one.until(one.h323.ended.is_set, 10, "the end of its call")
        await asyncio.to_thread(
            own_mcu.await_, lambda: "PJSIP/h323-" not in own_mcu.console("core show channels concise"), 30,
            "an end of what the gateway left in Asterisk",
        )  # fmt: skip

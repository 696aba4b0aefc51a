"""A terminal shows slides by H.239: they stand in the first, large tile of the room, and go when they are over."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mcu.h323 import sip
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe.h239 import H239Terminal
from tests.probe.screen import Rect
from tests.product import Mcu

# layouts.toml, 1+3: in twelfths, the large one and the column beside it
SLIDES: list[Rect] = [(0, 1 / 12, 9 / 12, 9 / 12), *((9 / 12, n / 12, 3 / 12, 3 / 12) for n in (1, 4, 7))]


def _presentations(mcu: Mcu, room: str) -> list[dict[str, Any]]:
    people = mcu.bus.call("room.show", number=room)["participants"]
    return [one for one in people if one["kind"] == "presentation"]


async def _no_presentation(mcu: Mcu, room: str) -> None:
    """Its picture goes before its channel's end is told."""
    await asyncio.to_thread(mcu.await_, lambda: not _presentations(mcu, room), 10, "the end of the presentation")


@pytest.mark.parametrize("channel_first", [False, True], ids=["token-first", "channel-first"])
async def test_slides_take_the_large_tile_and_give_it_back(
    mcu: Mcu, seat: Seat, room: str, channel_first: bool
) -> None:
    sip = await seat(0)
    async with H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700, name="Hội trường A") as terminal:
        await terminal.dial(room)
        await sip.sees(auto(2), [sip.colour, "blue"])
        await terminal.present(channel_first)
        await sip.sees(SLIDES[:3], ["yellow", sip.colour, "blue"])
        await terminal.sees(SLIDES[:3], ["yellow", sip.colour, "blue"])
        await sip.runs(SLIDES[0])
        await sip.until(
            lambda: [(one["name"], one["muted"]) for one in _presentations(mcu, room)] == [("Hội trường A", True)],
            5,
            "a presentation without sound",
        )
        assert mcu.bus.call("room.show", number=room)["number"] == room
        assert next(r for r in mcu.bus.call("room.list") if r["number"] == room)["participants"] == 2
        await sip.hears({700}, {sip.tone, 700})

        await terminal.stop_presenting()
        await sip.sees(auto(2), [sip.colour, "blue"])
        await _no_presentation(mcu, room)
        await sip.runs(auto(2)[1])


@pytest.mark.parametrize("by", ["token", "channel"])
async def test_slides_end_by_the_token_or_the_channel_and_may_come_again(
    mcu: Mcu, seat: Seat, room: str, by: str
) -> None:
    sip = await seat(0)
    async with H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700) as terminal:
        await terminal.dial(room)
        await terminal.present()
        await sip.sees(SLIDES[:1], ["yellow"])
        await terminal.stop_presenting(by)
        await sip.sees(auto(2), [sip.colour, "blue"])
        await terminal.until(lambda: not terminal.presenting, 5, "the channel's end")
        terminal.has_token = False
        await terminal.stop_presenting()
        await terminal.present()
        await sip.sees(SLIDES[:1], ["yellow"])


async def test_slides_get_into_a_locked_room_and_go_with_their_terminal(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700) as terminal:
        await terminal.dial(room)
        await sip.sees(auto(2), [sip.colour, "blue"])
        mcu.bus.call("room.act", room=room, act="lock", on=True)
        await terminal.present()
        await sip.sees(SLIDES[:1], ["yellow"])
    await sip.sees(auto(1), [sip.colour])
    await _no_presentation(mcu, room)


async def test_who_presents_last_is_seen_and_the_other_is_told(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with (
        H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700, name="Một") as one,
        H239Terminal(mcu.h323, colour="green", slides="magenta", tone=950, name="Hai") as other,
    ):
        await one.dial(room)
        await other.dial(room)
        await one.present()
        await sip.sees(SLIDES[:1], ["yellow"])
        await other.present()
        await sip.sees(SLIDES[:1], ["magenta"])
        await one.until(lambda: one.token_taken and not one.presenting, 5, "to be told that its slides are over")
        await sip.until(
            lambda: [shown["name"] for shown in _presentations(mcu, room)] == ["Hai"], 10, "one presentation"
        )
        await sip.runs(SLIDES[0])


async def test_who_knows_no_rtcp_is_asked_for_keyframes_of_the_slides_by_h245(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700) as terminal:
        terminal.content.on_keyframe_request = None
        await terminal.dial(room)
        await terminal.present()
        await terminal.until(lambda: terminal.content_updates, 8, "videoFastUpdatePicture for the slides")
        await sip.sees(SLIDES[:1], ["yellow"])


async def test_an_operator_ends_slides(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700) as terminal:
        await terminal.dial(room)
        await terminal.present()
        await sip.sees(SLIDES[:1], ["yellow"])
        (shown,) = _presentations(mcu, room)
        mcu.bus.call("room.act", room=room, act="drop", participant=shown["id"])
        await sip.sees(auto(2), [sip.colour, "blue"])
        await terminal.until(lambda: terminal.token_taken and not terminal.presenting, 5, "to be told so")
        assert not terminal.h323.ended.is_set()


async def test_a_terminal_that_was_called_presents(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with H239Terminal(mcu.h323, colour="blue", slides="yellow", tone=700) as terminal:
        host, port = await terminal.wait_for_calls()
        mcu.bus.call("call.dial", room=room, address=f"h323:{host}:{port}", name="Chi nhánh")
        await sip.sees(auto(2), [sip.colour, "blue"], seconds=15)
        await terminal.present()
        await sip.sees(SLIDES[:3], ["yellow", sip.colour, "blue"])
        assert [one["name"] for one in _presentations(mcu, room)] == ["Chi nhánh"]


async def test_nobody_is_asked_for_slides_where_a_terminal_is_not_offered_h239(mcu: Mcu, room: str) -> None:
    mcu.bus.call(
        "terminal.create", name="odd", display="Odd", protocol="h323", alias="5077", overrides={"no_h239": True}
    )
    try:
        async with H239Terminal(mcu.h323, colour="blue", tone=700, number="5077") as terminal:
            await terminal.dial(room)
            assert terminal.control is not None
            assert not terminal.control.peer.h239
            assert terminal.peer_formats is not None
            assert not terminal.peer_formats.content
    finally:
        mcu.bus.call("terminal.delete", name="odd")


async def test_control_dies_and_slides_stay_until_their_terminal_goes(own_mcu: Mcu, room: str, seat: Seat) -> None:
    sip = await seat(0)
    async with H239Terminal(own_mcu.h323, colour="blue", slides="yellow", tone=700) as terminal:
        await terminal.dial(room)
        await terminal.present()
        await sip.sees(SLIDES[:3], ["yellow", sip.colour, "blue"])
        (before,) = _presentations(own_mcu, room)
        own_mcu.kill("control")
        await asyncio.to_thread(own_mcu.await_, own_mcu.ready, 30, "control again")

        def kept() -> bool:
            """As it was."""
            same = ("id", "presents", "name", "view")
            now = [[one[key] for key in same] for one in _presentations(own_mcu, room)]
            return now == [[before[key] for key in same]]

        await asyncio.to_thread(own_mcu.await_, kept, 20, "the same slides again")
        await sip.sees(SLIDES[:3], ["yellow", sip.colour, "blue"], seconds=15)
    await sip.sees(auto(1), [sip.colour], seconds=15)
    await _no_presentation(own_mcu, room)


async def test_a_presentation_of_nobody_is_refused_without_a_word(mcu: Mcu, room: str) -> None:
    """Only the gateway can say such a thing, and would where its terminal has just left."""
    secret = (mcu.home / "asterisk" / "secrets" / "h323").read_text().strip()
    agent = sip.UserAgent(("127.0.0.1", 0), mcu.sip, sip.Account("h323", secret), lambda call: None)
    await agent.start()
    try:
        heard: asyncio.Queue[sip.SipEvent] = asyncio.Queue()
        call = agent.new_call()
        call.on_event = heard.put_nowait
        offer = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
        headers = {"X-MCU-H323": "0123456789abcdef", "X-MCU-Door": "guest", "X-MCU-Presentation": "nobody@mcu"}
        call.place("", offer, display="Nobody", user="", headers=headers)
        async with asyncio.timeout(30):
            event = await heard.get()
        assert event == sip.Refused(403, 21), event
        assert not _presentations(mcu, room)
    finally:
        agent.close()
        await asyncio.sleep(0)

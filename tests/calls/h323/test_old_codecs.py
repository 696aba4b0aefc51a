"""H.323 terminals that know nothing newer than H.263 or H.261, in a room with a SIP terminal of today."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.calls.seating import Seat
from tests.calls.tiles import auto, letterboxed, of_cif, part
from tests.probe.clip import ClipFormat
from tests.probe.h239 import H239Terminal
from tests.probe.h323 import H323Terminal, capabilities
from tests.product import Mcu

OLD = ("h263p", "h263", "h261")
ALL = ("h264", *OLD)


# Two people, the SIP terminal first: as that one sees them, and as one with CIF does.
WIDE = [auto(2)[0], of_cif(auto(2)[1])]
CIF = [letterboxed(tile) for tile in WIDE]


@contextlib.asynccontextmanager
async def _old(mcu: Mcu, room: str, codecs: tuple[str, ...], **options: Any) -> AsyncIterator[H323Terminal]:
    """A terminal of those codecs, in the room."""
    can = capabilities(codecs=codecs, sizes=options.pop("sizes", "CIF=1;QCIF=1"))
    async with H323Terminal(mcu.h323, can=can, colour="blue", tone=700, **options) as terminal:
        await terminal.dial(room)
        yield terminal


@pytest.mark.parametrize("codec", OLD)
async def test_both_see_and_hear_each_other(mcu: Mcu, seat: Seat, room: str, codec: str) -> None:
    sip = await seat(0)
    colours = [sip.colour, "blue"]
    async with _old(mcu, room, (codec,), tunnelling=codec != "h263") as terminal:
        await sip.sees(WIDE, colours)
        await terminal.sees(CIF, colours)
        await sip.runs(WIDE[1])
        await terminal.runs(CIF[0])
        await terminal.hears({sip.tone}, {sip.tone, 700})
        await sip.hears({700}, {sip.tone, 700})
        assert (terminal.screen.codec, terminal.screen.size) == (codec, (352, 288))
        assert terminal.video.log.payload_types == {terminal.receiving["video"].format.payload_type}
        assert sip.screen.size == (1280, 720), "nobody else gets less for it"


async def test_an_h261_and_an_h263_terminal_with_a_sip_one(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    h263 = H323Terminal(mcu.h323, can=capabilities(codecs=("h263",)), colour="yellow", tone=950, name="H.263")
    async with _old(mcu, room, ("h261",)) as h261, h263:
        await h263.dial(room)
        wide = [auto(3)[0], *map(of_cif, auto(3)[1:3])]
        colours = [sip.colour, "blue", "yellow"]
        await sip.sees(wide, colours)
        for old in (h261, h263):
            await old.sees([letterboxed(tile) for tile in wide], colours)
            await old.runs(letterboxed(wide[0]))
        for tile in wide:
            await sip.runs(tile)


@pytest.mark.parametrize("codec", OLD)
async def test_keyframes_are_asked_for_and_given_both_ways(mcu: Mcu, seat: Seat, room: str, codec: str) -> None:
    sip = await seat(0)
    async with _old(mcu, room, (codec,)) as terminal:
        await terminal.sees(CIF, [sip.colour, "blue"])
        before = terminal.screen.facts.idrs
        await terminal.ask_keyframe_h245()
        await terminal.idr_after(before, 3)
        asked = terminal.fast_updates
        terminal.camera.begin_anew(100)  # in the midst of predicted pictures
        await terminal.until(lambda: terminal.fast_updates > asked, 8, "a request for a keyframe")
        await sip.runs(WIDE[1])


@pytest.mark.parametrize("codec", ["h263", "h261"])
async def test_hold_and_resume(mcu: Mcu, seat: Seat, room: str, codec: str) -> None:
    sip = await seat(0)
    async with _old(mcu, room, (codec,)) as terminal:
        await terminal.sees(CIF, [sip.colour, "blue"])
        await terminal.hold()
        await sip.sees(WIDE, [sip.colour, ""], 12)
        await terminal.resume()
        await sip.sees(WIDE, [sip.colour, "blue"], 12)
        await terminal.runs(CIF[0], 8)
        assert terminal.screen.codec == codec


@pytest.mark.parametrize(("codec", "sizes"), [("h261", "QCIF=2"), ("h263", "QCIF=2")])
async def test_a_terminal_of_qcif(mcu: Mcu, seat: Seat, room: str, codec: str, sizes: str) -> None:
    sip = await seat(0)
    clip = ClipFormat("blue", 176, 144, fps=15, codec=codec)
    async with _old(mcu, room, (codec,), sizes=sizes, clip=clip) as terminal:
        await sip.sees(WIDE, [sip.colour, "blue"])
        await terminal.sees(CIF, [sip.colour, "blue"])
        assert terminal.screen.size == (176, 144)


async def test_flow_control_makes_the_picture_smaller_and_lifting_it_brings_it_back(
    mcu: Mcu, seat: Seat, room: str
) -> None:
    await seat(0)
    async with _old(mcu, room, ("h261",)) as terminal:
        await terminal.until(lambda: terminal.screen.size == (352, 288), 10, "CIF")
        await terminal.limit_video(100_000)
        await terminal.until(lambda: terminal.screen.size == (176, 144), 10, "QCIF")
        await terminal.limit_video(None)
        await terminal.until(lambda: terminal.screen.size == (352, 288), 10, "CIF again")


async def test_a_mode_is_granted(mcu: Mcu, seat: Seat, room: str) -> None:
    await seat(0)
    async with _old(mcu, room, ("h261",)) as terminal:
        await terminal.until(lambda: terminal.screen.size == (352, 288), 10, "CIF")
        mode = {"resolution": ("qcif", 0), "bitRate": 960, "stillImageTransmission": False}
        assert await terminal.request_mode(("h261VideoMode", mode)) == "requestModeAck"
        await terminal.until(lambda: terminal.screen.size == (176, 144), 10, "QCIF")


@pytest.mark.parametrize("codec", ["h263p", "h261"])
async def test_the_codec_that_a_terminal_of_several_sends_is_what_it_gets(
    mcu: Mcu, seat: Seat, room: str, codec: str
) -> None:
    sip = await seat(0)
    async with _old(mcu, room, ALL, sends=codec) as terminal:
        await sip.sees(WIDE, [sip.colour, "blue"])
        await terminal.sees(CIF, [sip.colour, "blue"])
        assert terminal.screen.codec == codec
        people = mcu.bus.call("room.show", number=room)["participants"]
        assert len(people) == 2


async def test_of_several_codecs_h264_is_taken(mcu: Mcu, seat: Seat, room: str) -> None:
    sip = await seat(0)
    async with _old(mcu, room, ALL) as terminal:
        await terminal.sees(auto(2), [sip.colour, "blue"])
        assert terminal.screen.codec == "h264"


async def test_a_codec_that_the_terminal_does_not_take_after_all_is_followed_by_the_next(
    mcu: Mcu, seat: Seat, room: str
) -> None:
    sip = await seat(0)
    async with _old(mcu, room, ("h263", "h261"), opens=("audio",), refuses=("h263",)) as terminal:
        await terminal.sees([CIF[0]], [sip.colour])
        assert terminal.screen.codec == "h261"


async def test_slides_in_h263(mcu: Mcu, seat: Seat, room: str) -> None:
    """People+Content of old: the second picture is in the same codec as the first."""
    sip = await seat(0)
    can = capabilities(codecs=("h263",))
    async with H239Terminal(mcu.h323, can=can, colour="blue", slides="yellow", tone=700) as terminal:
        await terminal.dial(room)
        await sip.sees(WIDE, [sip.colour, "blue"])
        await terminal.present()
        large = part((0, 1 / 12, 9 / 12, 9 / 12), 0.125, 0.0, 0.75, 1.0)
        await sip.sees([large], ["yellow"])
        await sip.runs(large)
        await terminal.stop_presenting()
        await sip.sees(WIDE, [sip.colour, "blue"])

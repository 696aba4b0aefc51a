"""Calls of older terminals: H.263 by both payload formats and H.261, in through legs and out of view legs."""

from __future__ import annotations

import pytest

from tests.mixer.rig import HALVES, HD, Rig
from tests.probe import Offer, VideoFormat
from tests.waiting import until

WHOLE = [(0.0, 0.0, 1.0, 1.0)]
FORMATS = {
    "h263p": VideoFormat(96, "CIF=1;QCIF=1", "h263-1998"),  # as Asterisk writes it
    "h263": VideoFormat(34, "CIF=1;QCIF=1", "H263"),
    "h261": VideoFormat(31, "CIF=1;QCIF=1", "H261"),
}
CODECS = list(FORMATS)
BOXED = [(0.0625, 0.25, 0.375, 0.5), HALVES[1]]  # the first of the halves, where a source of 4:3 stands between bars
MIDDLE = [(0.125, 0.0, 0.75, 1.0)]


def offer(*codecs: str) -> Offer:
    return Offer(video=tuple(FORMATS[codec] if codec in FORMATS else VideoFormat() for codec in codecs))


def rate_class(codec: str, size: str = "cif", fps: int = 30, kbps: int = 384) -> dict[str, object]:
    width, height = {"cif": (352, 288), "qcif": (176, 144)}[size]
    return {
        "name": codec + size,
        "width": width,
        "height": height,
        "fps": fps,
        "kbps": kbps,
        "level_idc": 0,
        "codec": codec,
    }


@pytest.mark.parametrize("codec", CODECS)
async def test_a_leg_s_pictures_are_in_the_view(rig: Rig, codec: str) -> None:
    await rig.control.put("1001", ["aaaa0001", "aaaa0002"], HALVES)
    async with rig.leg("red", offer=offer(codec)) as red, rig.leg("blue") as blue, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await blue.dial("leg-aaaa0002")
        await screen.dial("view-1001-hd")
        (answered,) = red.peer[1].payloads
        assert answered == FORMATS[codec].payload
        assert "CIF=1" in red.peer[1].fmtp[answered]
        await screen.sees(BOXED, ["red", "blue"])
        await screen.runs(BOXED[0])
        leg = await rig.control.leg("leg", participant="aaaa0001")
        assert (leg["codec"], leg["refused"], leg["lost"]) == (codec, 0, 0)
        assert (await rig.control.leg("leg", participant="aaaa0002"))["codec"] == "h264"
        await until(lambda: rig.control.picture("aaaa0001") == "live", "its state", 5)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", ["cif", "qcif"])
async def test_a_view_leg_gets_its_class(rig: Rig, codec: str, size: str) -> None:
    own = rate_class(codec, size)
    await rig.control.put("1001", ["aaaa0001"], WHOLE, [HD, own])
    async with rig.leg("green") as green, rig.viewer(offer=offer(codec)) as old, rig.viewer() as screen:
        await green.dial("leg-aaaa0001")
        await old.dial(f"view-1001-{codec}{size}")
        await screen.dial("view-1001-hd")
        await old.sees(WHOLE, ["green"])
        await screen.sees(WHOLE, ["green"])
        assert old.screen.codec == codec
        assert old.screen.size == (own["width"], own["height"])
        assert old.screen.facts.largest_payload <= 1300
        assert (old.screen.decode_errors, old.screen.damaged) == (0, 0)
        for kind in ("fir", "pli"):
            before = old.screen.facts.idrs
            old.video.ask_keyframe(kind)
            await old.idr_after(before, 2)


async def test_h264_is_taken_where_it_is_offered_first(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red", offer=offer("h264", *CODECS)) as red, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        assert red.peer[1].payloads == [97]
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["red"])
        assert (await rig.control.leg("leg", participant="aaaa0001"))["codec"] == "h264"


async def test_a_reinvite_changes_a_leg_s_codec(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red") as red, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["red"])
        for codec in ("h263", "h261", "h263p", "h264"):
            await red.change(video=offer(codec).video)
            assert red.peer[1].payloads == [offer(codec).video[0].payload]
            assert (await rig.control.leg("leg", participant="aaaa0001"))["codec"] == codec
            shown = WHOLE if codec == "h264" else MIDDLE
            await screen.sees(shown, ["red"])
            await screen.runs(shown[0])


async def test_a_view_leg_of_another_codec_than_its_class_is_ended(rig: Rig) -> None:
    """Rather than sent pictures that its receiver takes for something else; also when its class comes later."""
    await rig.control.put("1001", [], [], [HD, rate_class("h261")])
    async with rig.viewer() as wrong, rig.viewer(offer=offer("h261")) as right:
        await wrong.dial("view-1001-h261cif")
        await right.dial("view-1001-h261cif")
        await right.first_picture()
        await right.more_pictures(10)
        assert wrong.video.log.packets == 0
        await until(lambda: wrong.call.ended_by_peer, "its end", 5)
        await wrong.dial("view-7-h261cif")
        await rig.control.put("7", [], [], [rate_class("h261")])
        await until(lambda: wrong.call.ended_by_peer, "its end", 5)
        assert right.call.up


async def test_hostile_packets_of_older_codecs_cost_only_their_own_tile(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001", "aaaa0002"], HALVES)
    for codec in CODECS:
        async with rig.leg("red", offer=offer(codec)) as red, rig.leg("blue") as blue, rig.viewer() as screen:
            await red.dial("leg-aaaa0001")
            await blue.dial("leg-aaaa0002")
            await screen.dial("view-1001-hd")
            await screen.sees(BOXED, ["red", "blue"])
            red.camera.flip_bits, red.camera.lose, red.camera.shuffle = 0.5, 0.1, 0.1
            await red.until(lambda: red.video.sent > 300, 20, "some seconds of damage")
            assert screen.colours([HALVES[1]]) == ["blue"]
            await screen.runs(HALVES[1])
            red.camera.flip_bits = red.camera.lose = red.camera.shuffle = 0.0
            red.camera.keyframe()
            await screen.sees(BOXED, ["red", "blue"])

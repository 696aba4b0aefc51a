"""Terminals that know nothing newer than H.263 or H.261: they see the room and are seen, each in its own codec."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.calls.seating import Seat
from tests.calls.tiles import auto, letterboxed, of_cif
from tests.probe import ClipFormat, Offer, VideoFormat
from tests.product import Mcu

H263P = VideoFormat(96, "CIF=1;QCIF=1", "H263-1998")
H263 = VideoFormat(34, "CIF=1;QCIF=1;MAXBR=3840", "H263")
H261 = VideoFormat(31, "CIF=1;QCIF=1", "H261")
OLD = {"h263p": H263P, "h263": H263, "h261": H261}


async def test_each_codec_sees_and_hears_every_other(mcu: Mcu, seat: Seat) -> None:
    forms = [VideoFormat(), *OLD.values()]
    everybody = [await seat(number, offer=Offer(video=(form,))) for number, form in enumerate(forms)]
    colours, tones = [one.colour for one in everybody], {one.tone for one in everybody}
    tiles = [auto(4)[0], *map(of_cif, auto(4)[1:])]
    for one, form in zip(everybody, forms, strict=True):
        assert [line.payloads for line in one.peer if line.kind == "video"] == [[form.payload]]
        seen = tiles if one is everybody[0] else [letterboxed(tile) for tile in tiles]
        await one.sees(seen, colours)
        await one.runs(seen[0], 10)
        await one.hears(tones - {one.tone}, among=tones)
        assert one.screen.codec == form.codec_name
        assert one.video.log.payload_types == {form.payload}
    for tile in tiles:
        await everybody[0].runs(tile, 10)
    for old in everybody[1:]:
        assert old.screen.size == (352, 288)
        assert old.screen.damaged == old.screen.decode_errors == 0
        assert old.screen.facts.largest_payload <= 1460, "with the headers of IP, UDP and RTP more than 1500 octets"
    assert everybody[0].screen.size == (1280, 720), "old terminals are a brake for the others"


@pytest.mark.parametrize("form", list(OLD.values()), ids=list(OLD))
async def test_keyframes_are_sent_and_asked_for_on_demand(mcu: Mcu, seat: Seat, form: VideoFormat) -> None:
    """The clip's only intra picture is its first: whoever sees it later has asked for another."""
    viewer = await seat(0, offer=Offer(video=(form,)))
    await viewer.first_picture()
    for ask in ("fir", "info"):
        before = viewer.screen.facts.idrs
        if ask == "info":
            assert await viewer.call.fast_update() == 200
        else:
            viewer.video.ask_keyframe(ask)
        await viewer.idr_after(before, 8)
    await viewer.sees([letterboxed(of_cif(auto(1)[0]))], [viewer.colour])
    asked = viewer.camera.requests
    viewer.camera.begin_anew(100)  # in the midst of its P pictures
    await viewer.until(lambda: viewer.camera.requests > asked, 10, "a request for a keyframe")
    await viewer.runs(letterboxed(of_cif(auto(1)[0])), 10)


@pytest.mark.parametrize("form", [replace(form, fmtp="QCIF=2") for form in OLD.values()], ids=list(OLD))
async def test_qcif_only(mcu: Mcu, seat: Seat, form: VideoFormat) -> None:
    clip = ClipFormat("green", 176, 144, fps=15, codec=form.codec_name)
    partner = await seat(0)
    small = await seat(1, offer=Offer(video=(form,)), clip=clip)
    tiles = [auto(2)[0], of_cif(auto(2)[1])]
    colours = [partner.colour, small.colour]
    await partner.sees(tiles, colours)
    await small.sees([letterboxed(tile) for tile in tiles], colours)
    assert small.screen.size == (176, 144)
    begun, pictures = small.screen.last_at, small.screen.pictures
    await small.more_pictures(60, 15)  # of so many, what a crowded machine held back and sends at once is a small part
    rate = (small.screen.pictures - pictures) / (small.screen.last_at - begun)
    assert rate < 20, "a least interval of 2 is 15 pictures a second"


async def test_of_several_codecs_the_best_alone_is_agreed(mcu: Mcu, seat: Seat) -> None:
    """In the order of a terminal that likes its old ones best: who is answered with several may send any of them."""
    viewer = await seat(0, offer=Offer(video=(H261, H263, VideoFormat(), H263P)))
    assert [line.payloads for line in viewer.peer if line.kind == "video"] == [[97]]
    await viewer.sees(auto(1), [viewer.colour])
    assert viewer.screen.codec == "h264"


async def test_a_terminal_that_sends_another_codec_than_agreed_is_seen(mcu: Mcu, seat: Seat) -> None:
    """Static payload types need no agreement, and some terminals don't wait for one."""
    viewer = await seat(0, offer=Offer(video=(VideoFormat(), H263)))
    await viewer.sees(auto(1), [viewer.colour])
    viewer.camera.use("h263", 34)
    await viewer.sees([of_cif(auto(1)[0])], [viewer.colour])
    await viewer.runs(of_cif(auto(1)[0]), 10)
    assert viewer.screen.codec == "h264"


async def test_the_codec_changes_within_the_call(mcu: Mcu, seat: Seat) -> None:
    partner = await seat(0)
    changing = await seat(1)
    colours = [partner.colour, changing.colour]
    await partner.sees(auto(2), colours)
    for form in (H263, H261, VideoFormat()):
        await changing.change(video=(form,))
        new = form.codec_name != "h264"
        tiles = [auto(2)[0], of_cif(auto(2)[1]) if new else auto(2)[1]]
        await partner.sees(tiles, colours)
        await partner.runs(tiles[1], 10)
        await changing.until(lambda form=form: changing.screen.codec == form.codec_name, 10, form.codec)  # type: ignore[misc]
        await changing.sees([letterboxed(tile) for tile in tiles] if new else tiles, colours)
    assert not changing.call.ended.is_set()


async def test_a_late_offer_is_answered_with_an_old_codec(mcu: Mcu, seat: Seat, room: str) -> None:
    """INVITE without SDP: at the door nobody knows yet what the terminal has; its ACK tells."""
    partner = await seat(0)
    old = await seat(1, dial=None, offer=Offer(video=(H263,)))
    await old.dial(room, late_offer=True)
    tiles = [auto(2)[0], of_cif(auto(2)[1])]
    colours = [partner.colour, old.colour]
    await partner.sees(tiles, colours)
    await old.sees([letterboxed(tile) for tile in tiles], colours)
    assert old.screen.codec == "h263"


@pytest.mark.parametrize("form", list(OLD.values()), ids=list(OLD))
async def test_damage_is_one_terminals_own(mcu: Mcu, seat: Seat, form: VideoFormat) -> None:
    """Bits turned over in a third of its packets: its tile suffers, the others' do not, and it gets well again."""
    pids = {name: mcu.pid(name) for name in ("mixer", "asterisk", "control")}
    partner = await seat(0)
    hurt = await seat(1, offer=Offer(video=(form,)))
    tiles = [auto(2)[0], of_cif(auto(2)[1])]
    colours = [partner.colour, hurt.colour]
    await partner.sees(tiles, colours)
    hurt.camera.flip_bits = 0.3
    for _ in range(3):
        await partner.more_pictures(30, 15)
        await partner.runs(tiles[0], 10)
    hurt.camera.flip_bits = 0.0
    await partner.sees(tiles, colours, seconds=10)
    await partner.runs(tiles[1], seconds=10)
    assert {name: mcu.pid(name) for name in pids} == pids

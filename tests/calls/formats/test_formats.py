"""Offers as terminals in the field make them: each gets a picture that it can decode, none more than it can take."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.calls.seating import Seat
from tests.calls.tiles import auto, letterboxed, part
from tests.probe import ClipFormat, Offer, Terminal, VideoFormat
from tests.probe.h264 import FU_A, PAYLOAD_LIMIT, STAP_A
from tests.product import Mcu
from tests.starvation import Starvation

_CIF = ClipFormat("green", width=352, height=288, level="1.3", frames=300)


async def _with_a_partner(seat: Seat, offer: Offer, **options: Any) -> tuple[Terminal, Terminal]:
    """An ordinary terminal and the odd one, both seen and heard by each other."""
    partner = await seat(0)
    odd = await seat(1, offer=offer, **options)
    both = {partner.tone, odd.tone}
    await odd.hears({partner.tone}, both)
    await partner.hears({odd.tone}, both)
    return partner, odd


async def test_level_1_3_in_mode_0_gets_cif_in_single_nal_units(mcu: Mcu, seat: Seat) -> None:
    """Polycom VVX: H264 42800d without packetization-mode. RFC 6184 6.2: single NAL unit mode."""
    offer = Offer(video=(VideoFormat(109, "profile-level-id=42800d"),))
    partner, small = await _with_a_partner(seat, offer, clip=_CIF)
    await small.first_picture()
    await partner.until(lambda: small.screen.pictures > 45, 5, "a stream of pictures at the small terminal")
    width, height = small.screen.size
    facts = small.screen.facts
    assert width <= 352
    assert height <= 288
    assert width // 16 * height // 16 <= 396, "level 1.3 takes 396 macroblocks"
    assert facts.level <= 13
    assert facts.profile == 66
    assert not {kind for kind in facts.nal_types if kind >= STAP_A}, "aggregates or fragments in mode 0"
    assert facts.largest_payload <= PAYLOAD_LIMIT + 100
    # A source of 4:3 stands in its 16:9 tile between bars.
    tiles = [auto(2)[0], part(auto(2)[1], 0.125, 0.0, 0.75, 1.0)]
    await small.sees([letterboxed(tile) for tile in tiles], [partner.colour, small.colour], seconds=5)
    await partner.sees(tiles, [partner.colour, small.colour])
    assert partner.screen.size == (1280, 720), "one small terminal is a brake for the others"


_GOOD = {
    "high-profile": Offer(video=(VideoFormat(97, "profile-level-id=640028;packetization-mode=1"),)),
    "no-fmtp": Offer(video=(VideoFormat(97, ""),)),
    "cisco-sx": Offer(
        video=(
            VideoFormat(
                126, "profile-level-id=42801f;max-mbps=108000;max-fs=3600;max-smbps=323500;packetization-mode=1"
            ),
            VideoFormat(97, "profile-level-id=42801f;max-mbps=108000;max-fs=3600;max-smbps=323500"),
        ),
        bandwidth=1920,
    ),
    "polycom-group": Offer(
        video=(
            VideoFormat(109, "profile-level-id=64001f;packetization-mode=1;max-br=1920;sar=13"),
            VideoFormat(110, "profile-level-id=42801f;max-br=1920;sar=13"),
            VideoFormat(111, "profile-level-id=42801f;packetization-mode=1;max-br=1920;sar=13"),
            VideoFormat(96, "SQCIF=1;QCIF=1;CIF=1", "H263-1998"),
        ),
        bandwidth=1024,
        extra_video=("a=rtcp-fb:* nack pli", "a=rtcp-fb:* ccm fir", "a=rtcp-fb:* ccm tmmbr"),
        extra_media=("m=application 0 UDP/BFCP *",),
    ),
    "cisco-88xx": Offer(
        video=(
            VideoFormat(100, "profile-level-id=640c16;packetization-mode=1;max-rcmd-nalu-size=1300"),
            VideoFormat(126, "profile-level-id=428016;packetization-mode=1;max-rcmd-nalu-size=1300"),
            VideoFormat(97, "profile-level-id=428016;packetization-mode=0"),
        ),
        extra_video=("a=imageattr:* recv [x=800,y=480,q=0.60] [x=1280,y=720,q=0.50]",),
    ),
    "main-profile-mode-0": Offer(video=(VideoFormat(98, "profile-level-id=4d001f"),)),
}


@pytest.mark.parametrize("offer", list(_GOOD.values()), ids=list(_GOOD))
async def test_an_offer_from_the_field_sees_and_is_seen(mcu: Mcu, seat: Seat, offer: Offer) -> None:
    partner, odd = await _with_a_partner(seat, offer)
    expected = [partner.colour, odd.colour]
    await odd.sees(auto(2), expected)
    await partner.sees(auto(2), expected)
    assert odd.video.log.payload_types <= {form.payload for form in offer.video}, "a payload type that was not offered"
    first = offer.video[0]
    if all(form.packetization_mode == 0 for form in offer.video):
        assert not {kind for kind in odd.screen.facts.nal_types if kind >= STAP_A}, first.fmtp
    assert FU_A not in odd.screen.facts.nal_types or any(form.packetization_mode for form in offer.video)


async def test_a_high_profile_stream_with_large_nal_units_is_seen(mcu: Mcu, seat: Seat) -> None:
    offer = Offer(video=(VideoFormat(97, "profile-level-id=640028;packetization-mode=1"),))
    clip = ClipFormat("green", width=1280, height=720, profile="high", level="4.0", sliced=False, kbps=1500, frames=150)
    partner, odd = await _with_a_partner(seat, offer, clip=clip)
    await partner.until(lambda: partner.screen.counter(auto(2)[1]) is not None, 8, "the counter of the 720p terminal")
    await odd.until(lambda: odd.screen.counter(auto(2)[0]) is not None, 8, "the counter of its partner")


async def test_recvonly_sees_and_has_a_card(mcu: Mcu, seat: Seat) -> None:
    """Cisco 88xx with its shutter closed."""
    partner, watcher = await _with_a_partner(seat, Offer(video_direction="recvonly"))
    await watcher.sees(auto(2), [partner.colour, ""])
    assert not watcher.call.ended.is_set()


async def test_sendonly_is_seen_and_gets_nothing(mcu: Mcu, seat: Seat) -> None:
    partner, camera = await _with_a_partner(seat, Offer(video_direction="sendonly"))
    await partner.sees(auto(2), [partner.colour, camera.colour])
    assert camera.video.log.packets == 0


async def test_disabled_video_is_a_voice_call(mcu: Mcu, seat: Seat) -> None:
    partner, voice = await _with_a_partner(seat, Offer(video_port_zero=True))
    await partner.sees(auto(2), [partner.colour, ""])
    assert not voice.call.ended.is_set()


@pytest.mark.parametrize("name", ["PCMA", "PCMU", "G722", "OPUS"])
async def test_every_codec_of_sound_is_heard(mcu: Mcu, seat: Seat, name: str) -> None:
    await _with_a_partner(seat, Offer(audio=(name,)))


async def test_a_foreign_video_codec_alone_leaves_the_sound(mcu: Mcu, seat: Seat) -> None:
    partner, vp8 = await _with_a_partner(seat, Offer(video=(VideoFormat(100, "", "VP8"),)))
    await partner.sees(auto(2), [partner.colour, ""])
    assert not vp8.call.ended.is_set()


@pytest.mark.parametrize("kind", ["pli", "fir", "info"])
async def test_a_viewer_that_asks_for_a_keyframe_gets_one(mcu: Mcu, seat: Seat, kind: str) -> None:
    viewer = await seat(0)
    await viewer.first_picture()
    before = viewer.screen.facts.idrs

    async def ask() -> None:
        if kind == "info":
            assert await viewer.call.fast_update() == 200
        else:
            viewer.video.ask_keyframe(kind)

    await ask()
    await viewer.idr_after(before, 2.5)


async def test_one_that_asks_all_the_time_is_slowed_alone(mcu: Mcu, seat: Seat) -> None:
    """Its requests fade; a newcomer's is answered at once all the same."""
    viewer, glutton = [await seat(number) for number in range(2)]
    await viewer.sees(auto(2), [viewer.colour, glutton.colour])

    async def ask_on(pictures: int) -> tuple[int, float]:
        """How many keyframes came, and in how many seconds."""
        before, goal, begun = viewer.screen.facts.idrs, viewer.screen.pictures + pictures, time.monotonic()
        while viewer.screen.pictures < goal:
            glutton.video.ask_keyframe("pli")
            await viewer.more_pictures(1)
        return viewer.screen.facts.idrs - before, time.monotonic() - begun

    came, took = await ask_on(90)
    assert came <= max(6, 2 * took), "in 3 s more than 2 keyframes a second"
    came, took = await ask_on(180)
    assert came <= max(6, took), "in the next 6 s still more than one a second"
    starved = Starvation(mcu, "asterisk", "control", "mixer")
    newcomer = await seat(2)
    asking = asyncio.create_task(ask_on(90))
    assert await newcomer.first_picture() < 0.8 + starved.seconds()
    await asking

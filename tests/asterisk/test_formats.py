"""Which video a call ends up with: one codec, with the sizes that the terminal told (modules of ours, pjsip.conf)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcu.core.events import Joined, PictureStarted, VideoNegotiated
from mcu.core.picture.rates import choose_video
from tests.asterisk.conftest import Bench
from tests.probe import Offer, Terminal, VideoFormat

_OURS = "max-mbps=108000;max-fs=3600;level-asymmetry-allowed=1;profile-level-id=42801F"
H264 = VideoFormat(97, "profile-level-id=42800d")
H263P = VideoFormat(96, "CIF=2;QCIF=1;F=1;K=1;CUSTOM=640,480,1", "H263-1998")
H263 = VideoFormat(34, "SQCIF=1 QCIF=1 CIF=1 MAXBR=3840", "H263")
H261 = VideoFormat(31, "QCIF=2", "H261")
WITHOUT = VideoFormat(31, "", "H261")


@pytest.mark.parametrize(
    ("video", "answer", "asked"),
    [
        ((H261, H263, H263P, H264), {97: "profile-level-id=42800D"}, "h264 profile-level-id=42800D"),
        (
            (
                VideoFormat(97, "profile-level-id=64001f;packetization-mode=1;max-br=1920;sar=13"),
                replace(H264, payload=98),
            ),
            {97: "max-br=1920;packetization-mode=1;profile-level-id=64001F"},
            "h264 max-br=1920;packetization-mode=1;profile-level-id=64001F",
        ),
        ((VideoFormat(97, ""),), {97: _OURS}, "h264"),
        ((VideoFormat(97, "packetization-mode=1"),), {97: "packetization-mode=1"}, "h264 packetization-mode=1"),
        (
            (VideoFormat(97, "profile-level-id=42e0; max-fs=-1;max-mbps=9999999999;sprop-parameter-sets=Z0IA,aM4="),),
            {97: _OURS},
            "h264",
        ),
        ((H261, H263, H263P), {96: "CIF=2;QCIF=1"}, "h263p CIF=2;QCIF=1"),
        (
            (H261, H263),
            {34: "CIF=1;QCIF=1;SQCIF=1;MAXBR=3840"},
            "h263 CIF=1;QCIF=1;SQCIF=1;MAXBR=3840",
        ),
        ((H261,), {31: "QCIF=2"}, "h261 QCIF=2"),
        ((WITHOUT,), {31: "CIF=1;QCIF=1"}, "h261"),  # what we take; of what it takes nothing is known
        ((VideoFormat(34, "", "H263"),), {34: "CIF=1;QCIF=1"}, "h263"),
        ((VideoFormat(31, "cif=3; annexd=1;CIF=1;QCIF=9999999999", "H261"),), {31: "CIF=3"}, "h261 CIF=3"),
        (
            (VideoFormat(96, "PROFILE=0;LEVEL=20", "H263-2000"), H263),
            {34: "CIF=1;QCIF=1;SQCIF=1;MAXBR=3840"},
            "h263 CIF=1;QCIF=1;SQCIF=1;MAXBR=3840",
        ),
        ((VideoFormat(96, "profile=0;level=20", "H263-1998"),), {96: "LEVEL=20;PROFILE=0"}, "h263p LEVEL=20;PROFILE=0"),
        ((VideoFormat(34, "CIF=1;" * 60, "H263"),), {34: "CIF=1"}, "h263 CIF=1"),
        ((VideoFormat(34, '"$(id)";CIF=1\';=;;= ;CIF=;QCIF=2x', "H263"),), {34: "CIF=1;QCIF=1"}, "h263"),
    ],
)
async def test_one_codec_is_answered_with_the_sizes_of_the_terminal(
    bench: Bench, video: tuple[VideoFormat, ...], answer: dict[int, str], asked: str
) -> None:
    server = ("127.0.0.1", bench.asterisk.settings.sip.port)
    async with Terminal(server, offer=Offer(video=video), watch=False, listen=False) as probe:
        await probe.dial("1001")
        (line,) = [media for media in probe.peer if media.kind == "video"]
        assert {number: line.fmtp.get(number, "") for number in line.payloads} == answer
        assert bench.requests[-1].video == asked
        await bench.heard(Joined)
        member = (await bench.switch.snapshot()).members[0]
        assert (member.codec, member.fmtp) == choose_video(asked)


async def test_one_codec_of_sound_is_answered(bench: Bench) -> None:
    server = ("127.0.0.1", bench.asterisk.settings.sip.port)
    async with Terminal(server, offer=Offer(audio=("PCMU", "PCMA", "G722"), video=()), listen=False) as probe:
        await probe.dial("1001")
        assert [media.payloads for media in probe.peer] == [[9, 101]]


async def test_another_codec_within_the_call_is_told(bench: Bench) -> None:
    server = ("127.0.0.1", bench.asterisk.settings.sip.port)
    async with Terminal(server, watch=False, listen=False) as probe:
        await probe.dial("1001")
        assert (await bench.heard(PictureStarted)).codec == "h264"
        await probe.change(video=(H261,))
        negotiated = await bench.heard(VideoNegotiated)
        assert (negotiated.participant, negotiated.video) == ("0000000a", "h261 QCIF=2")
        assert (await bench.heard(PictureStarted, count=2)).codec == "h261"
        member = (await bench.switch.snapshot()).members[0]
        assert (member.codec, member.fmtp, member.sends) == ("h261", "QCIF=2", "h261")

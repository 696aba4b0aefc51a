"""Terminals of several video codecs, or of old ones: one codec for both ways, under the terminal's number."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mcu.core.directory.overrides import Overrides
from mcu.core.picture.rates import class_for
from mcu.h323.gateway.formats import affordable, limited, local_offer
from mcu.h323.gateway.streams import Received, Sent, Streams
from mcu.h323.media import Format
from tests.h323.gateway.answering import Answering, running
from tests.probe.h323 import H323Terminal, capabilities

ALL = ("h264", "h263p", "h263", "h261")


def _flows(terminal: H323Terminal) -> tuple[str, str]:
    """The codecs that it sends and receives."""
    sent, received = terminal.sending.get("video"), terminal.receiving.get("video")
    return (sent.format.codec if sent else "", received.format.codec if received else "")


async def _settles(terminal: H323Terminal, asterisk: Answering, codec: str, number: int) -> None:
    def settled() -> bool:
        return _flows(terminal) == (codec, codec) and [one[:2] for one in asterisk.picture] == [(codec, number)]

    await terminal.until(settled, 8, f"{codec} both ways; flows {_flows(terminal)}, Asterisk heard {asterisk.picture}")


@pytest.mark.parametrize("options", [{}, {"tunnelling": False}, {"fast_start": True}], ids=str)
@pytest.mark.parametrize(
    ("codecs", "settled", "number"),
    [
        (ALL, "h264", 109),
        (("h263p", "h263", "h261"), "h263p", 96),
        (("h263",), "h263", 34),
        (("h261",), "h261", 31),
    ],
)
async def test_both_ways_in_one_codec(
    codecs: tuple[str, ...], settled: str, number: int, options: dict[str, Any]
) -> None:
    asterisk = Answering()
    async with running(asterisk, fast_start=True) as gateway:
        address = ("127.0.0.1", gateway.settings.port)
        async with H323Terminal(address, can=capabilities(codecs=codecs), **options) as terminal:
            await terminal.dial("1001")
            await _settles(terminal, asterisk, settled, number)
            if settled != "h264":
                assert asterisk.picture[0][2] == "CIF=1;QCIF=1;MAXBR=19200"


async def test_the_terminal_s_own_order_decides_about_what_it_sends_and_that_about_ours() -> None:
    asterisk = Answering()
    async with running(asterisk) as gateway:
        can = capabilities(codecs=("h261", "h263"))
        async with H323Terminal(("127.0.0.1", gateway.settings.port), can=can) as terminal:
            await terminal.dial("1001")
            await _settles(terminal, asterisk, "h261", 31)


@pytest.mark.parametrize("listens", [False, True])
async def test_a_terminal_that_prefers_h263_although_it_can_h264(listens: bool) -> None:
    asterisk = Answering()
    async with running(asterisk) as gateway:
        can = capabilities(codecs=ALL)
        address = ("127.0.0.1", gateway.settings.port)
        async with H323Terminal(address, can=can, sends="h263", tunnelling=not listens, listens=listens) as terminal:
            await terminal.dial("1001")
            await _settles(terminal, asterisk, "h263", 34)
            assert [line.formats[0].codec for line in asterisk.answers[0].media] == ["pcmu", "h263"], (
                "from the first on"
            )


async def test_what_the_terminal_refuses_is_opened_in_the_next_codec() -> None:
    asterisk = Answering()
    async with running(asterisk) as gateway:
        address = ("127.0.0.1", gateway.settings.port)
        can = capabilities(codecs=("h263", "h261"))
        async with H323Terminal(address, can=can, opens=("audio",), refuses=("h263",)) as terminal:
            await terminal.dial("1001")
            await terminal.until(lambda: _flows(terminal) == ("", "h261"), 8, "H.261")
            await terminal.until(lambda: [one[0] for one in asterisk.picture] == ["h261"], 8, "Asterisk to know it")


async def test_who_refuses_the_codec_that_it_sends_is_asked_for_the_one_that_it_takes() -> None:
    asterisk = Answering()
    async with running(asterisk) as gateway:
        address = ("127.0.0.1", gateway.settings.port)
        async with H323Terminal(address, can=capabilities(codecs=("h264", "h261")), refuses=("h264",)) as terminal:
            await terminal.dial("1001")
            await _settles(terminal, asterisk, "h261", 31)
            assert terminal.rejected == ["h264"]


async def test_a_codec_that_the_terminal_cannot_receive_is_refused_for_one_that_it_can() -> None:
    """What it told and what it opens are not the same: here H.261, told as what it receives, H.263 sent."""
    asterisk = Answering()
    async with running(asterisk) as gateway:
        address = ("127.0.0.1", gateway.settings.port)
        async with H323Terminal(address, can=capabilities(codecs=("h261",))) as terminal:
            terminal.opening = capabilities(codecs=("h263", "h261")).video
            await terminal.dial("1001")
            await _settles(terminal, asterisk, "h261", 31)
            assert terminal.rejected == ["h263"]


async def test_a_terminal_on_a_narrow_line_is_asked_with_less_of_the_same_codec() -> None:
    asterisk = Answering()
    async with running(asterisk) as gateway:
        address = ("127.0.0.1", gateway.settings.port)
        async with H323Terminal(address, can=capabilities(codecs=ALL), opens=("audio",), line=500_000) as terminal:
            await terminal.dial("1001")
            await terminal.until(lambda: _flows(terminal) == ("", "h264"), 8, "H.264")
            assert terminal.receiving["video"].format.bit_rate == 480_000, "1.92 Mbit/s, halved twice"
            await terminal.until(lambda: len(asterisk.picture) == 1, 8, "Asterisk to know it")
            assert class_for("h264", asterisk.picture[0][2]) == "cif"
        async with H323Terminal(address, can=capabilities(codecs=("h263",)), opens=("audio",), line=1) as terminal:
            calling = asyncio.create_task(terminal.dial("1001"))  # which waits for a picture, too
            await terminal.until(lambda: terminal.refusals == 6, 8, "1920, 960, 480, 240, 120, 64 kbit/s to be refused")
            await terminal.until(lambda: bool(terminal.sending), 8, "a call without a picture")
            calling.cancel()


async def test_hold_and_resume_keep_the_codec() -> None:
    asterisk = Answering()
    async with running(asterisk) as gateway:
        address = ("127.0.0.1", gateway.settings.port)
        async with H323Terminal(address, can=capabilities(codecs=ALL), sends="h261") as terminal:
            await terminal.dial("1001")
            await _settles(terminal, asterisk, "h261", 31)
            await terminal.hold()
            await terminal.until(lambda: not terminal.sending and not terminal.receiving.get("video"), 8, "a hold")
            await terminal.resume()
            await _settles(terminal, asterisk, "h261", 31)


H261_QCIF = ("h261VideoMode", {"resolution": ("qcif", 0), "bitRate": 960, "stillImageTransmission": False})


async def test_a_mode_of_the_same_codec_is_granted_and_asterisk_asked_for_it() -> None:
    asterisk = Answering()
    async with running(asterisk) as gateway:
        address = ("127.0.0.1", gateway.settings.port)
        async with H323Terminal(address, can=capabilities(codecs=("h261",))) as terminal:
            await terminal.dial("1001")
            await _settles(terminal, asterisk, "h261", 31)
            assert await terminal.request_mode(H261_QCIF) == "requestModeAck"
            await terminal.until(lambda: asterisk.picture[0][2] == "QCIF=1;MAXBR=960", 8, "a small picture")
            (call,) = gateway.calls.values()
            assert call.describe()["media"]["video"]["to_terminal"]["fmtp"] == "QCIF=1;MAXBR=960"


async def test_a_mode_in_another_codec_than_the_terminal_sends_is_refused() -> None:
    asterisk = Answering()
    async with running(asterisk) as gateway:
        address = ("127.0.0.1", gateway.settings.port)
        async with H323Terminal(address, can=capabilities(codecs=ALL)) as terminal:
            await terminal.dial("1001")
            await _settles(terminal, asterisk, "h264", 109)
            assert await terminal.request_mode(H261_QCIF) == "requestModeReject"
            assert _flows(terminal) == ("h264", "h264")


async def test_a_terminal_without_a_camera_may_ask_for_another_codec() -> None:
    asterisk = Answering()
    async with running(asterisk) as gateway:
        address = ("127.0.0.1", gateway.settings.port)
        async with H323Terminal(address, can=capabilities(codecs=ALL), opens=("audio",)) as terminal:
            await terminal.dial("1001")
            await terminal.until(lambda: _flows(terminal) == ("", "h264"), 8, "H.264")
            assert await terminal.request_mode(H261_QCIF) == "requestModeAck"
            await terminal.until(lambda: _flows(terminal) == ("", "h261"), 8, "H.261")
            await terminal.until(lambda: asterisk.picture == (("h261", 31, "QCIF=1;MAXBR=960"),), 8, "a small picture")


async def test_flow_control_is_told_in_maxbr() -> None:
    asterisk = Answering()
    async with running(asterisk) as gateway:
        address = ("127.0.0.1", gateway.settings.port)
        async with H323Terminal(address, can=capabilities(codecs=("h263p", "h263"))) as terminal:
            await terminal.dial("1001")
            await _settles(terminal, asterisk, "h263p", 96)
            await terminal.limit_video(128_000)
            await terminal.until(lambda: asterisk.picture[0][2] == "CIF=1;QCIF=1;MAXBR=1280", 8, "the limit")
            await terminal.limit_video(None)
            await terminal.until(lambda: asterisk.picture[0][2] == "CIF=1;QCIF=1;MAXBR=19200", 8, "no limit")


# --- without a call ---------------------------------------------------------------------------------------------------


def test_who_tells_rfc_2190_alone_may_send_rfc_2429() -> None:
    streams = Streams(local_offer(2_000_000), "10.0.0.2", "")
    streams.learn((), (Format(codec="h263", payload_type=34, fmtp="CIF=1;QCIF=1"),))
    assert not streams.strange("video", Format(codec="h263p"))
    streams.receive("video", Received(1, Format(codec="h263p", payload_type=99, fmtp="CIF=1")))
    line = streams._line("video")
    assert line is not None
    assert [(form.codec, form.payload_type, form.fmtp) for form in line.formats] == [("h263p", 99, "CIF=1;QCIF=1")]


def test_what_fast_start_opened_is_no_larger_than_what_the_terminal_tells_later() -> None:
    """We propose CIF and QCIF, and a terminal of QCIF alone takes that as it stands."""
    streams = Streams(local_offer(2_000_000), "10.0.0.2", "")
    streams.sent["video"] = Sent(1, Format(codec="h261", payload_type=31, fmtp="CIF=1;QCIF=1", bit_rate=1_920_000))
    streams.learn((), (Format(codec="h261", payload_type=31, fmtp="QCIF=2", bit_rate=96_000),))
    line = streams._line("video")
    assert line is not None
    assert [form.fmtp for form in line.formats] == ["QCIF=2;MAXBR=960"]


@pytest.mark.parametrize(
    ("told", "overrides", "asked"),
    [
        ("CIF=1;QCIF=1", {"picture": "qcif"}, "QCIF=1"),
        ("CIF=1;QCIF=1", {"picture": "cif", "frame_rate": 15}, "CIF=2;QCIF=2"),
        ("CIF4=2;CIF=1;QCIF=1", {"picture": "720p"}, "CIF4=2;CIF=1;QCIF=1"),
        ("CIF=2;QCIF=1", {"frame_rate": 4}, "CIF=8;QCIF=8"),
        ("CIF=1", {"picture": "qcif", "frame_rate": 10}, "QCIF=3"),
        ("CIF=x;QCIF=1;MAXBR=3840", {"frame_rate": 30}, "CIF=1;QCIF=1;MAXBR=3840"),
    ],
)
def test_overrides_narrow_sizes_and_intervals(told: str, overrides: dict[str, Any], asked: str) -> None:
    assert limited(Format(codec="h263", fmtp=told), Overrides(**overrides)).fmtp == asked


def test_h261_leaves_out_three_pictures_at_most() -> None:
    assert limited(Format(codec="h261", fmtp="CIF=1"), Overrides(frame_rate=1)).fmtp == "CIF=4"


@pytest.mark.parametrize(("bit_rate", "said"), [(384_000, "3840"), (50, "1"), (621_700, "6217")])
def test_a_rate_is_said_in_hundreds(bit_rate: int, said: str) -> None:
    form = affordable(Format(codec="h261", fmtp="CIF=1;QCIF=1", bit_rate=bit_rate), 0)
    assert form.fmtp == f"CIF=1;QCIF=1;MAXBR={said}"
    assert affordable(form, 0).fmtp == form.fmtp, "once"


def test_our_own_offer_has_the_best_first_and_an_odd_terminal_s_alone() -> None:
    assert [form.codec for form in local_offer(2_000_000).video] == list(ALL)
    (only,) = local_offer(2_000_000, Overrides(video_codec="h261", picture="qcif")).video
    assert (only.codec, only.payload_type, only.fmtp) == ("h261", 31, "QCIF=1")

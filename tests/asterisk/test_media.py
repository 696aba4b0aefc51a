"""What a member sends, sound, picture and keys, as events."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest

from mcu.core.events import Joined, KeyPressed, PictureStarted, PictureStopped, Talking
from tests.asterisk.conftest import Bench
from tests.probe import Offer, Terminal


@pytest.fixture
async def terminal(bench: Bench) -> AsyncIterator[Terminal]:
    """A terminal in room 1001, sending a tone and a picture."""
    async with Terminal(("127.0.0.1", bench.asterisk.settings.sip.port), watch=False, listen=False) as probe:
        await probe.dial("1001")
        yield probe


async def test_who_speaks_is_told(bench: Bench, terminal: Terminal) -> None:
    joined = await bench.heard(Joined)
    talking = await bench.heard(Talking)
    assert (talking.participant, talking.room, talking.channel, talking.on) == (
        "0000000a",
        "1001",
        joined.channel,
        True,
    )
    assert (await bench.switch.snapshot()).members[0].talking
    terminal.voice.change(0)
    assert not (await bench.heard(Talking, count=2)).on


async def test_a_picture_is_told_with_its_parameters(bench: Bench, terminal: Terminal) -> None:
    started = await bench.heard(PictureStarted)
    assert (started.participant, started.codec) == ("0000000a", "h264")
    assert "profile-level-id=" in started.fmtp.lower()
    member = (await bench.switch.snapshot()).members[0]
    assert (member.sends_picture, member.codec) == (True, "h264")
    assert member.fmtp == started.fmtp
    await terminal.call.hang_up()
    assert (await bench.heard(PictureStopped)).participant == "0000000a"


async def test_the_answer_tells_what_the_terminal_told(bench: Bench, terminal: Terminal) -> None:
    """Some bridges compute bandwidth from max-fs and max-mbps; Asterisk repeats those of the offer."""
    video = next(media for media in terminal.peer if media.kind == "video")
    assert "max-fs=3600" in str(video)
    assert "max-mbps=108000" in str(video)


async def test_a_second_picture_is_declined_and_the_call_stands(bench: Bench) -> None:
    second = ("m=video 40100 RTP/AVP 97", "a=rtpmap:97 H264/90000", "a=content:slides")
    server = ("127.0.0.1", bench.asterisk.settings.sip.port)
    async with Terminal(server, offer=Offer(extra_media=second), watch=False, listen=False) as probe:
        await probe.dial("1001")
        assert [media.port > 0 for media in probe.peer] == [True, True, False]
        await bench.heard(PictureStarted)


async def press(terminal: Terminal, digit: str, way: str) -> None:
    if way == "info":
        assert await terminal.call.dtmf(digit) == 200
        return
    event, start = "0123456789*#".index(digit), terminal.voice._timestamp  # one clock for sound and keys
    for number in range(9):  # RFC 4733 2.5.1: a packet every 20 ms while it is held, its end three times
        ended = 0x80 if number >= 6 else 0
        length = 160 * (min(number, 6) + 1)
        terminal.sound.send(101, start, struct.pack("!BBH", event, ended | 10, length), marker=number == 0)
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("way", ["rtp", "info"])
async def test_keys_are_told(bench: Bench, terminal: Terminal, way: str) -> None:
    await bench.heard(Joined)
    for count, digit in enumerate("1*#", 1):
        await press(terminal, digit, way)
        await bench.heard(KeyPressed, count=count)
    pressed = [event for event in bench.events if isinstance(event, KeyPressed)]
    assert [event.digit for event in pressed] == ["1", "*", "#"]
    assert {event.participant for event in pressed} == {"0000000a"}

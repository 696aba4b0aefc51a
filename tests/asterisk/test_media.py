"""What a member sends, sound, picture and keys, as events."""

from __future__ import annotations

import struct
import time
from collections.abc import AsyncIterator

import pytest

from mcu.core.events import Joined, KeyPressed, PictureStarted, PictureStopped, Talking
from tests.asterisk.conftest import Bench
from tests.probe import Terminal


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


async def press(terminal: Terminal, digit: str, way: str) -> None:
    if way == "info":
        assert await terminal.call.dtmf(digit) == 200
        return
    event, start = "0123456789*#".index(digit), int(time.monotonic() * 8000) % 2**32
    for number in range(6):  # RFC 4733 2.5.1: three packets while it is held, the end three times
        ended = 0x80 if number >= 3 else 0
        length = 160 * (min(number, 3) + 1)
        terminal.sound.send(101, start, struct.pack("!BBH", event, ended | 10, length), marker=number == 0)


@pytest.mark.parametrize("way", ["rtp", "info"])
async def test_keys_are_told(bench: Bench, terminal: Terminal, way: str) -> None:
    await bench.heard(Joined)
    for count, digit in enumerate("1*#", 1):
        await press(terminal, digit, way)
        await bench.heard(KeyPressed, count=count)
    pressed = [event for event in bench.events if isinstance(event, KeyPressed)]
    assert [event.digit for event in pressed] == ["1", "*", "#"]
    assert {event.participant for event in pressed} == {"0000000a"}

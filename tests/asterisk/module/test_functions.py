"""The dialplan functions as a caller sees them."""

from __future__ import annotations

import pytest

from tests.waiting import until

from .ami import Ami
from .channels import channel_of
from .conftest import MakeTerminal
from .switch import Switch
from .terminal import Codec


@pytest.mark.parametrize(
    ("codec", "formats"),
    [
        (
            Codec(97, "H264", "profile-level-id=42801f;packetization-mode=1;max-fs=3600"),
            "h264 max-fs=3600;packetization-mode=1;profile-level-id=42801F",
        ),
        (
            Codec(97, "H264", "profile-level-id=42e00d;sprop-parameter-sets=Z0LAH9kA8ARqAgICgA==,aMuDyyA="),
            "h264 profile-level-id=42E00D",
        ),
        (Codec(97, "H264", ""), "h264"),
        (Codec(98, "VP8", ""), "vp8"),
    ],
)
async def test_fmtp_tells_what_was_negotiated_before_and_after_the_answer(
    ami: Ami, terminal: MakeTerminal, codec: Codec, formats: str
) -> None:
    caller = await terminal("caller", codec)
    await caller.dial("early")
    channel = await channel_of(ami, caller)
    assert await ami.get_variable(channel, "MCU_FMTP") == formats
    assert await ami.get_variable(channel, "VIDEO_FMTP()") == formats


async def test_fmtp_of_a_call_without_video_is_empty(ami: Ami, terminal: MakeTerminal) -> None:
    caller = await terminal("caller", video=False)
    await caller.dial("early")
    assert await ami.get_variable(await channel_of(ami, caller), "VIDEO_FMTP()") == ""


@pytest.mark.parametrize("function", ["VIDEO_PUBLISH()", "VIDEO_SUBSCRIBE()"])
async def test_keys_of_other_characters_are_refused(
    ami: Ami, terminal: MakeTerminal, switch: Switch, function: str
) -> None:
    caller = await terminal("caller")
    await caller.dial("alone")
    channel = await channel_of(ami, caller)
    await ami.set_variable(channel, function, "A-z_0.9")
    for key in ("a b", "é", "x" * 65, "a/b", "a:b", "a,b", ";"):
        assert (await ami.set_variable(channel, function, key))["Response"] == "Error"
        assert await ami.get_variable(channel, function) == "A-z_0.9"
    await until(lambda: f"{function} on {channel}: refused a key" in switch.log(), "the log")
    assert (await ami.set_variable(channel, function, "x" * 64))["Response"] == "Success"
    assert await ami.get_variable(channel, function) == "x" * 64
    assert (await ami.set_variable(channel, function, ""))["Response"] == "Success"
    assert await ami.get_variable(channel, function) == ""


async def test_without_a_channel_nothing_happens(ami: Ami, switch: Switch) -> None:
    await ami.action("Setvar", Variable="VIDEO_PUBLISH()", Value="p-1")
    assert not await ami.items("VideoRouterList")
    assert (await ami.action("Ping"))["Response"] == "Success"


async def test_an_option_that_is_not_known_is_refused(ami: Ami, terminal: MakeTerminal, switch: Switch) -> None:
    caller = await terminal("caller")
    await caller.dial("alone")
    channel = await channel_of(ami, caller)
    assert (await ami.set_variable(channel, "VIDEO_SUBSCRIBE(greedy)", "v-1"))["Response"] == "Error"
    assert await ami.get_variable(channel, "VIDEO_SUBSCRIBE()") == ""
    await until(lambda: "VIDEO_SUBSCRIBE(greedy): the only option is 'eager'" in switch.log(), "the log")
    assert (await ami.set_variable(channel, "VIDEO_SUBSCRIBE(eager)", "v-1"))["Response"] == "Success"
    assert await ami.get_variable(channel, "VIDEO_SUBSCRIBE()") == "v-1"

"""Who is asked for a keyframe, when, and how often."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from .ami import Ami
from .channels import channel_of, entry_of
from .conftest import MakeTerminal
from .switch import Switch
from .terminal import Codec, Terminal

INTERVAL = 0.5  # s, video_router.conf's keyframe_interval


async def watched(terminal: MakeTerminal) -> tuple[Terminal, Terminal]:
    """A sender and its viewer, and the limit's time over since the requests that a new viewer makes."""
    sender, viewer = await terminal("sender"), await terminal("viewer")
    await sender.dial("leg", X_Publish="p-1")
    sender.video.start()
    await viewer.dial("room", X_Room="1", X_Subscribe="p-1")
    await viewer.video.hear("sender", 10)
    await sender.video.until(lambda: sender.video.keyframe_requests)
    await asyncio.sleep(2 * INTERVAL)
    return sender, viewer


async def test_the_first_request_goes_at_once_and_the_rest_as_one(ami: Ami, terminal: MakeTerminal) -> None:
    sender, viewer = await watched(terminal)
    asked = sender.video.keyframe_requests
    before = len(asked)
    for _ in range(20):
        viewer.video.ask_keyframe()
    await sender.video.until(lambda: len(asked) == before + 1)
    await sender.video.until(lambda: len(asked) == before + 2)
    assert asked[before + 1] - asked[before] > INTERVAL / 2  # else 0; either may be late
    await asyncio.sleep(1.5 * INTERVAL)
    assert len(asked) == before + 2
    entry = await entry_of(ami, await channel_of(ami, sender), "publisher")
    assert int(entry["KeyframeRequests"]) == len(asked)
    entry = await entry_of(ami, await channel_of(ami, viewer), "subscriber")
    assert int(entry["KeyframesMerged"]) >= 18


@pytest.mark.parametrize(("option", "count", "least", "most"), [("", 4, 3, 30), ("eager", 8, 3, 14)])
async def test_one_that_keeps_asking_is_slowed_unless_it_limits_itself(
    ami: Ami, terminal: MakeTerminal, option: str, count: int, least: float, most: float
) -> None:
    """When asked without pause: at 0, 0.5, 1.5, 3.5 and 7.5 s; a mixer's leg at each interval, the eighth at 3.5 s."""
    sender, viewer = await watched(terminal)
    await ami.set_variable(await channel_of(ami, viewer), f"VIDEO_SUBSCRIBE({option})", "p-1")
    asked = sender.video.keyframe_requests
    before, begun = len(asked), asyncio.get_running_loop().time()
    while len(asked) < before + count and asyncio.get_running_loop().time() < begun + most:
        viewer.video.ask_keyframe()
        await asyncio.sleep(0.05)
    assert len(asked) >= before + count
    assert least < asked[before + count - 1] - begun < most


async def test_a_late_request_is_not_lost(terminal: MakeTerminal) -> None:
    sender, viewer = await watched(terminal)
    asked = sender.video.keyframe_requests
    before = len(asked)
    for turn in range(1, 4):
        viewer.video.ask_keyframe()
        await sender.video.until(lambda turn=turn: len(asked) == before + turn)
    assert asked[-1] - asked[before] > INTERVAL  # of two; the first may be late


async def test_a_request_goes_to_the_publisher_alone(terminal: MakeTerminal) -> None:
    sender, viewer = await watched(terminal)
    bystander = await terminal("bystander")
    await bystander.dial("room", X_Room="1", X_Publish="p-2")
    bystander.video.start()
    before = len(sender.video.keyframe_requests)
    viewer.video.ask_keyframe()
    await sender.video.until(lambda: len(sender.video.keyframe_requests) > before)
    assert not bystander.video.keyframe_requests
    assert not viewer.video.keyframe_requests


async def test_a_switch_asks_the_new_publisher(ami: Ami, terminal: MakeTerminal) -> None:
    _, viewer = await watched(terminal)
    second = await terminal("second")
    await second.dial("leg", X_Publish="p-2")
    second.video.start()
    await ami.event("VideoPublishStart", Key="p-2")
    assert not second.video.keyframe_requests
    await ami.set_variable(await channel_of(ami, viewer), "VIDEO_SUBSCRIBE()", "p-2")
    await second.video.until(lambda: second.video.keyframe_requests)


async def test_a_codec_without_rtcp_feedback_is_asked_by_info(terminal: MakeTerminal) -> None:
    codec = Codec(115, "H263-1998", "CIF=1;QCIF=1")
    sender, viewer = await terminal("sender", codec), await terminal("viewer", codec)
    await sender.dial("leg", X_Publish="p-1")
    sender.video.start()
    await viewer.dial("room", X_Room="1", X_Subscribe="p-1")
    await viewer.video.hear("sender", 10)
    await sender.video.until(lambda: sender.infos)
    assert not sender.video.keyframe_requests


@pytest.fixture
def config(switch: Switch) -> Path:
    return switch.home / "etc" / "video_router.conf"


async def test_the_request_is_kept_for_when_the_subscriber_can_receive(
    ami: Ami, terminal: MakeTerminal, config: Path
) -> None:
    """A request made at the subscription would use up the limit, and the picture would come after it."""
    before = config.read_text()
    config.write_text("[general]\nkeyframe_interval = 60000\n")
    await ami.action("Reload", Module="res_video_router.so")
    try:
        sender, viewer = await terminal("sender"), await terminal("viewer")
        await sender.dial("leg", X_Publish="p-1")
        sender.video.start()
        await ami.event("VideoPublishStart", Key="p-1")
        await viewer.dial("alone", X_Subscribe="p-1")
        await ami.event("VideoSubscribe", Key="p-1")
        channel = await channel_of(ami, viewer)
        assert not sender.video.keyframe_requests
        await ami.action("Redirect", Channel=channel, Context="terminals", Exten="other", Priority="1")
        await sender.video.until(lambda: sender.video.keyframe_requests)
        await viewer.video.hear("sender", 10)
    finally:
        config.write_text(before)
        await ami.action("Reload", Module="res_video_router.so")


async def test_one_whom_a_menu_kept_away_gets_a_keyframe_when_it_is_back(ami: Ami, terminal: MakeTerminal) -> None:
    """A key of ConfBridge's menu suspends the channel in its bridge, which throws away what comes meanwhile."""
    sender, viewer = await watched(terminal)
    asked = sender.video.keyframe_requests
    before = len(asked)
    channel = await channel_of(ami, viewer)
    await ami.action("PlayDTMF", Channel=channel, Digit="1", Receive="true")
    await ami.event("UserEvent", UserEvent="Away")
    assert len(asked) == before
    await ami.event("UserEvent", UserEvent="Back")
    await sender.video.until(lambda: len(asked) > before)
    await viewer.video.hear("sender", 10)
    assert int((await entry_of(ami, channel, "subscriber"))["FramesDropped"]) > 30
    steps = {(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(viewer.video.received)}
    assert steps == {1}, "it asks no second time for what was not lost on the way"

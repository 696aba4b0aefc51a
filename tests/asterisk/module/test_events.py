"""What AMI tells, and to whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .ami import Ami
from .channels import channel_of, entry_of, until_entry
from .conftest import MakeTerminal
from .switch import Switch
from .terminal import Codec, Terminal


async def test_a_user_who_may_read_calls_hears_of_pictures(terminal: MakeTerminal, ami: Ami, switch: Switch) -> None:
    listener = Ami()
    await listener.connect(switch.ami, "listener")
    sender, viewer = await terminal("sender"), await terminal("viewer")
    await viewer.dial("leg", X_Subscribe="p-1", X_Id="9")
    subscribed = await listener.event("VideoSubscribe", Key="p-1")
    assert subscribed["Channel"] == await channel_of(ami, viewer)
    assert not listener.heard("VideoPublishStart")

    await sender.dial("leg", X_Publish="p-1", X_Id="7")
    assert not listener.heard("VideoPublishStart")
    sender.video.start()
    start = await listener.event("VideoPublishStart")
    channel = await channel_of(ami, sender)
    assert start["Channel"] == channel
    assert start["Key"] == "p-1"
    assert start["Format"] == "h264"
    assert start["Fmtp"] == "max-fs=3600;packetization-mode=1;profile-level-id=42801F"
    assert "MCU_ID=7" in start["ChanVariable"].split("\n")
    assert start["Uniqueid"]

    await ami.set_variable(channel, "VIDEO_PUBLISH()", "p-2")
    stop = await listener.event("VideoPublishStop")
    assert (stop["Key"], stop["Reason"], stop["Channel"]) == ("p-1", "removed", channel)
    assert (await listener.event("VideoPublishStart", 2))["Key"] == "p-2"

    await viewer.hang_up()
    left = await listener.event("VideoUnsubscribe")
    assert (left["Key"], left["Reason"]) == ("p-1", "hangup")
    await sender.hang_up()
    stop = await listener.event("VideoPublishStop", 2)
    assert (stop["Key"], stop["Reason"]) == ("p-2", "hangup")
    assert len(listener.heard("VideoPublishStart")) == 2
    await listener.close()


async def test_a_picture_that_never_came_never_stops(ami: Ami, terminal: MakeTerminal) -> None:
    silent = await terminal("silent")
    await silent.dial("leg", X_Publish="p-1")
    await silent.hang_up()
    await ami.event("Hangup")
    assert not ami.heard("VideoPublishStart")
    assert not ami.heard("VideoPublishStop")


async def test_a_picture_that_pauses_two_seconds_starts_anew(ami: Ami, terminal: MakeTerminal) -> None:
    sender = await terminal("sender")
    await sender.dial("leg", X_Publish="p-1")
    sender.video.frame()
    await ami.event("VideoPublishStart")
    # the dialplan tells when two seconds are over
    channel = await channel_of(ami, sender)
    await ami.action("Redirect", Channel=channel, Context="terminals", Exten="pause", Priority="1")
    await ami.event("UserEvent", UserEvent="Paused")
    sender.video.frame()
    await ami.event("VideoPublishStart", 2)
    assert not ami.heard("VideoPublishStop")


async def test_another_codec_and_other_formats_are_told(ami: Ami, terminal: MakeTerminal) -> None:
    """A re-INVITE that changes the codec; one that changes nothing is no news, nor is a hold."""
    sender = await terminal("sender")
    await sender.dial("leg", X_Publish="p-1")
    sender.video.frame()
    assert (await ami.event("VideoPublishStart"))["Format"] == "h264"
    await sender.hold("inactive")
    await sender.hold("sendrecv")
    await _sends_until(sender, lambda: len(ami.heard("VideoPublishStart")) >= 2)
    assert not ami.heard("VideoFormats")
    sender.codec = Codec(97, "H264", "profile-level-id=42800c")
    await sender.hold("sendrecv")
    await _sends_until(sender, lambda: ami.heard("VideoFormats"))
    assert (await ami.event("VideoFormats"))["Formats"] == "h264 profile-level-id=42800C"
    sender.codec = Codec(98, "H263-1998", "CIF=2;K=1")
    sender.video.payload_type = 98
    await sender.hold("sendrecv")
    await _sends_until(sender, lambda: ami.heard("VideoPublishStart", Format="h263p"))
    assert (await ami.event("VideoFormats", 2))["Formats"].startswith("h263p CIF=2")
    assert ami.heard("VideoPublishStart")[-1]["Key"] == "p-1"
    assert len(ami.heard("VideoFormats")) == 2


async def test_who_mixes_codecs_is_told_of_once_a_second(ami: Ami, terminal: MakeTerminal) -> None:
    """Each announcement has a leg dialled anew; the packets may come by hundreds."""
    sender = await terminal("sender")
    await sender.dial("leg", X_Publish="p-1")
    began = asyncio.get_running_loop().time()
    sender.video.frame()
    await ami.event("VideoPublishStart")
    async with asyncio.timeout(20):
        while len(ami.heard("VideoPublishStart")) < 3:
            for payload_type in (34, 97):
                sender.video.payload_type = payload_type
                sender.video.frame()
                await asyncio.sleep(0.005)
    assert asyncio.get_running_loop().time() - began > 1.9


async def _sends_until(sender: Terminal, told: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not told():
            sender.video.frame()
            await asyncio.sleep(0.05)


async def test_the_list_counts(ami: Ami, terminal: MakeTerminal) -> None:
    sender, viewer = await terminal("sender"), await terminal("viewer")
    await sender.dial("leg", X_Publish="p-1")
    for _ in range(10):
        sender.video.frame()
    await until_entry(ami, await channel_of(ami, sender), "publisher", FramesIn="30")
    await viewer.dial("leg", X_Subscribe="p-1")
    await ami.event("BridgeEnter", 2)
    for _ in range(20):
        sender.video.frame()
    await viewer.video.until(lambda: len(viewer.video.received) == 60)
    published = await entry_of(ami, await channel_of(ami, sender), "publisher")
    assert (published["FramesIn"], published["FramesDropped"], published["Key"]) == ("90", "30", "p-1")
    shown = await entry_of(ami, await channel_of(ami, viewer), "subscriber")
    assert (shown["FramesOut"], shown["FramesDropped"], shown["FramesNoFormat"]) == ("60", "0", "0")
    table = await ami.command("video router show")
    assert "p-1" in table
    assert "publisher" in table
    assert "2 roles" in table

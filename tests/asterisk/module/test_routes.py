"""Whose frames reach whom, while calls come, move and go."""

from __future__ import annotations

import pytest

from .ami import Ami
from .channels import channel_of, entry_of, until_entry
from .conftest import MakeTerminal
from .switch import Switch
from .terminal import Codec


async def test_frames_reach_the_subscribers_of_their_key_alone(terminal: MakeTerminal) -> None:
    senders = [await terminal(f"sender{i}") for i in range(2)]
    viewers = [await terminal(f"viewer{i}") for i in range(3)]
    for i, sender in enumerate(senders):
        await sender.dial("leg", X_Publish=f"p-{i}")
        sender.video.start()
    for viewer, key in zip(viewers, ("p-0", "p-1", "p-1"), strict=True):
        await viewer.dial("room", X_Room="1", X_Subscribe=key)
    for viewer, sender in zip(viewers, (senders[0], senders[1], senders[1]), strict=True):
        await viewer.video.hear(sender.name, 200)
        assert {p.sender for p in viewer.video.received} == {sender.name}
    assert all(not sender.video.received for sender in senders)


async def test_terminals_in_one_room_see_nothing_of_each_other_unless_subscribed(terminal: MakeTerminal) -> None:
    publisher, bystander, viewer = [await terminal(name) for name in ("publisher", "bystander", "viewer")]
    await publisher.dial("room", X_Room="1", X_Publish="p-1")
    await bystander.dial("room", X_Room="1", X_Publish="p-2")
    await viewer.dial("room", X_Room="1", X_Subscribe="p-1")
    publisher.video.start()
    bystander.video.start()
    await viewer.video.hear("publisher", 200)
    assert {p.sender for p in viewer.video.received} == {"publisher"}
    assert publisher.video.received == bystander.video.received == []


async def test_a_pair_sends_both_ways(terminal: MakeTerminal) -> None:
    one, leg = await terminal("one"), await terminal("leg")
    await one.dial("room", X_Room="1", X_Publish="p-7", X_Subscribe="m-7")
    await leg.dial("leg", X_Publish="m-7", X_Subscribe="p-7")
    one.video.start()
    leg.video.start()
    await one.video.hear("leg", 50)
    await leg.video.hear("one", 50)


async def test_a_subscriber_may_come_before_its_publisher(ami: Ami, terminal: MakeTerminal) -> None:
    viewer, sender = await terminal("viewer"), await terminal("sender")
    await viewer.dial("leg", X_Subscribe="later")
    await until_entry(ami, await channel_of(ami, viewer), "subscriber", Active="Yes")
    await sender.dial("alone", X_Publish="later")
    sender.video.start()
    await viewer.video.hear("sender", 50)
    await sender.video.until(lambda: sender.video.keyframe_requests)


async def test_a_subscription_changes_on_a_live_channel(ami: Ami, terminal: MakeTerminal) -> None:
    senders = [await terminal(f"sender{i}") for i in range(2)]
    for i, sender in enumerate(senders):
        await sender.dial("leg", X_Publish=f"v-{i}")
        sender.video.start()
    viewer = await terminal("viewer")
    await viewer.dial("room", X_Room="1", X_Subscribe="v-0")
    channel = await channel_of(ami, viewer)
    for turn in range(10):
        sender, other = senders[turn % 2], senders[1 - turn % 2]
        assert (await ami.set_variable(channel, "VIDEO_SUBSCRIBE()", f"v-{turn % 2}"))["Response"] == "Success"
        assert await ami.get_variable(channel, "VIDEO_SUBSCRIBE()") == f"v-{turn % 2}"
        first = (await viewer.video.hear(sender.name, 50))[0]
        after = viewer.video.received[viewer.video.received.index(first) :]
        assert all(p.sender != other.name for p in after)

    await ami.set_variable(channel, "VIDEO_SUBSCRIBE()", "")
    assert await ami.get_variable(channel, "VIDEO_SUBSCRIBE()") == ""
    witness = await terminal("witness")
    await witness.dial("leg", X_Subscribe="v-1")
    await witness.video.hear("sender1", 10)
    await viewer.video.drained()
    before = len(viewer.video.received)
    await witness.video.hear("sender1", 50)
    assert len(viewer.video.received) == before


async def test_a_publisher_that_hangs_up_is_followed_by_the_next(ami: Ami, terminal: MakeTerminal) -> None:
    viewer, first, second = [await terminal(name) for name in ("viewer", "first", "second")]
    await viewer.dial("room", X_Room="1", X_Subscribe="p-1")
    await first.dial("leg", X_Publish="p-1")
    first.video.start()
    await viewer.video.hear("first", 20)
    await first.hang_up()
    await ami.event("VideoPublishStop", Key="p-1", Reason="hangup")
    await second.dial("leg", X_Publish="p-1")
    second.video.start()
    await viewer.video.hear("second", 20)


async def test_a_subscriber_that_hangs_up_leaves_the_others_their_picture(ami: Ami, terminal: MakeTerminal) -> None:
    sender, leaver, stayer = [await terminal(name) for name in ("sender", "leaver", "stayer")]
    await sender.dial("leg", X_Publish="p-1")
    sender.video.start()
    for viewer in (leaver, stayer):
        await viewer.dial("room", X_Room="1", X_Subscribe="p-1")
        await viewer.video.hear("sender", 20)
    await leaver.hang_up()
    await ami.event("VideoUnsubscribe", Key="p-1", Reason="hangup")
    await stayer.video.hear("sender", 50)
    assert [e["Key"] for e in await ami.items("VideoRouterList")] == ["p-1", "p-1"]


async def test_a_terminal_keeps_its_picture_through_a_redirect(ami: Ami, terminal: MakeTerminal) -> None:
    one, leg = await terminal("one"), await terminal("leg")
    await one.dial("room", X_Room="1", X_Publish="p-7", X_Subscribe="m-7")
    await leg.dial("leg", X_Publish="m-7", X_Subscribe="p-7")
    one.video.start()
    leg.video.start()
    await one.video.hear("leg", 20)
    channel = await channel_of(ami, one)
    for turn, number in enumerate(("other", "elsewhere", "other"), 2):
        asked = len(leg.video.keyframe_requests)
        moved = await ami.action("Redirect", Channel=channel, Context="terminals", Exten=number, Priority="1")
        assert moved["Response"] == "Success"
        await ami.event("ConfbridgeJoin", turn, Channel=channel)
        await one.video.hear("leg", 30)
        await leg.video.hear("one", 30)
        # it missed frames on the way between the rooms
        await leg.video.until(lambda asked=asked: len(leg.video.keyframe_requests) > asked)


async def test_the_last_to_publish_a_key_has_it(ami: Ami, terminal: MakeTerminal) -> None:
    viewer, first, second = [await terminal(name) for name in ("viewer", "first", "second")]
    await viewer.dial("room", X_Room="1", X_Subscribe="p-1")
    await first.dial("leg", X_Publish="p-1")
    first.video.start()
    await viewer.video.hear("first", 20)
    await second.dial("leg", X_Publish="p-1")
    second.video.start()
    taken = (await viewer.video.hear("second", 100))[0]
    assert all(p.sender == "second" for p in viewer.video.received[viewer.video.received.index(taken) :])
    await ami.event("VideoPublishStop", Key="p-1", Reason="takeover")
    assert await ami.get_variable(await channel_of(ami, first), "VIDEO_PUBLISH()") == ""
    # and can take it back
    await ami.set_variable(await channel_of(ami, first), "VIDEO_PUBLISH()", "p-1")
    await viewer.video.hear("first", 20)


async def test_a_subscriber_on_hold_is_sent_nothing(ami: Ami, terminal: MakeTerminal) -> None:
    sender, viewer, witness = [await terminal(name) for name in ("sender", "viewer", "witness")]
    await sender.dial("leg", X_Publish="p-1")
    sender.video.start()
    for one in (viewer, witness):
        await one.dial("room", X_Room="1", X_Subscribe="p-1")
    await viewer.video.hear("sender", 20)
    channel = await channel_of(ami, viewer)
    await viewer.hold()
    await until_entry(ami, channel, "subscriber", Held="Yes", Active="No")
    await viewer.video.drained()
    before = len(viewer.video.received)
    asked = len(sender.video.keyframe_requests)
    await witness.video.hear("sender", 60)
    assert len(viewer.video.received) == before
    await viewer.hold("sendrecv")
    await viewer.video.hear("sender", 20)
    await sender.video.until(lambda: len(sender.video.keyframe_requests) > asked)


async def test_a_publisher_on_hold_shows_nothing(ami: Ami, terminal: MakeTerminal) -> None:
    sender, viewer = await terminal("sender"), await terminal("viewer")
    await sender.dial("room", X_Room="1", X_Publish="p-1")
    sender.video.start()
    await viewer.dial("leg", X_Subscribe="p-1")
    await viewer.video.hear("sender", 20)
    channel = await channel_of(ami, sender)
    await sender.hold()
    await ami.event("VideoPublishStop", Channel=channel, Reason="hold")
    await viewer.video.drained()
    before = len(viewer.video.received)
    dropped = int((await until_entry(ami, channel, "publisher", Held="Yes"))["FramesDropped"])
    await until_entry(ami, channel, "publisher", dropped=dropped + 30)
    assert len(viewer.video.received) <= before + 3  # what was on its way when the hold came
    await sender.hold("sendrecv")
    await ami.event("VideoPublishStart", 2, Channel=channel)
    await viewer.video.hear("sender", 20)


@pytest.mark.parametrize(("codec", "other"), [(Codec(98, "VP8", ""), Codec()), (Codec(), Codec(98, "VP8", ""))])
async def test_frames_of_a_codec_that_was_not_negotiated_are_counted_not_sent(
    ami: Ami, terminal: MakeTerminal, codec: Codec, other: Codec
) -> None:
    sender, viewer = await terminal("sender", codec), await terminal("viewer", codec)
    mute = await terminal("mute", other)
    blind = await terminal("blind", video=False)
    await sender.dial("leg", X_Publish="p-1")
    sender.video.start()
    for one in (viewer, mute, blind):
        await one.dial("room", X_Room="1", X_Subscribe="p-1")
    await viewer.video.hear("sender", 100)
    for one in (mute, blind):
        assert not one.video.received
        entry = await entry_of(ami, await channel_of(ami, one), "subscriber")
        assert int(entry["FramesNoFormat"]) > 50
        assert entry["FramesOut"] == "0"


async def test_each_subscriber_is_sent_its_own_payload_type_whatever_the_profile(terminal: MakeTerminal) -> None:
    sender = await terminal("sender", Codec(97, "H264", "profile-level-id=42e01f;packetization-mode=1"))
    high = await terminal("high", Codec(123, "H264", "profile-level-id=640028;packetization-mode=1"))
    plain = await terminal("plain", Codec(104, "H264", ""))
    await sender.dial("leg", X_Publish="p-1")
    sender.video.start()
    for viewer in (high, plain):
        await viewer.dial("room", X_Room="1", X_Subscribe="p-1")
        heard = await viewer.video.hear("sender", 50)
        assert {p.payload_type for p in heard} == {viewer.codec.payload_type}


async def test_a_call_that_becomes_another_channel_keeps_its_wiring(
    ami: Ami, terminal: MakeTerminal, switch: Switch
) -> None:
    """A channel without a dialplan that is redirected is masqueraded into a new one."""
    leg, one = await terminal("leg"), await terminal("one")
    await one.dial("room", X_Room="1", X_Publish="p-7", X_Subscribe="m-7")
    one.video.start()
    await ami.action(
        "Originate",
        Channel=f"PJSIP/terminal/sip:leg@127.0.0.1:{leg.port}",
        Application="Wait",
        Data="600",
        Async="true",
        Codecs="ulaw,h264",
        Variable="VIDEO_PUBLISH()=m-7,VIDEO_SUBSCRIBE()=p-7",
    )
    await leg.came_in.wait()
    leg.video.start()
    await one.video.hear("leg", 20)  # one can be sent video in a bridge alone, but be seen anywhere
    assert not leg.video.received
    channel = await channel_of(ami, leg)
    moved = await ami.action("Redirect", Channel=channel, Context="terminals", Exten="other", Priority="1")
    assert moved["Response"] == "Success"
    await ami.event("ConfbridgeJoin", 2)
    await leg.video.hear("one", 30)
    await one.video.hear("leg", 30)
    assert {(e["Key"], e["Role"]) for e in await ami.items("VideoRouterList")} == {
        ("p-7", "publisher"),
        ("p-7", "subscriber"),
        ("m-7", "publisher"),
        ("m-7", "subscriber"),
    }

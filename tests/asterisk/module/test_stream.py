"""A receiver sees one stream, whatever it is switched to (RFC 3550 5.1)."""

from __future__ import annotations

from itertools import pairwise

from .ami import Ami
from .channels import channel_of
from .conftest import MakeTerminal
from .rtp import Packet
from .terminal import Terminal

CLOCK = 90000


def assert_continuous(packets: list[Packet]) -> None:
    """No number missing or twice, and timestamps that go forward as time does."""
    for before, after in pairwise(packets):
        assert (after.sequence - before.sequence) & 0xFFFF == 1, (before, after)
        step = (after.timestamp - before.timestamp + (1 << 31)) % (1 << 32) - (1 << 31)
        assert 0 <= step < CLOCK * (after.arrived - before.arrived) + CLOCK, (before, after)
    elapsed = packets[-1].arrived - packets[0].arrived
    spread = ((packets[-1].timestamp - packets[0].timestamp) % (1 << 32)) / CLOCK
    assert abs(spread - elapsed) < 1  # of 13 hours; the last may have lain unread for a while


async def wired(terminal: MakeTerminal) -> tuple[list[Terminal], Terminal]:
    senders = [await terminal(f"sender{i}") for i in range(3)]
    for i, sender in enumerate(senders):
        await sender.dial("leg", X_Publish=f"v-{i}")
        sender.video.start(fps=100 / 3)  # 3000 ticks a picture are thirty a second
    viewer = await terminal("viewer")
    await viewer.dial("room", X_Room="1", X_Subscribe="v-0")
    await viewer.video.hear("sender0", 30)
    return senders, viewer


async def test_switching_shows_no_loss_and_no_leap(ami: Ami, terminal: MakeTerminal) -> None:
    _, viewer = await wired(terminal)
    channel = await channel_of(ami, viewer)
    for turn in (1, 2, 0, 2, 1, 0):
        await ami.set_variable(channel, "VIDEO_SUBSCRIBE()", f"v-{turn}")
        await viewer.video.hear(f"sender{turn}", 30)
    assert_continuous(viewer.video.received)


async def test_a_pause_between_two_pictures_is_a_pause_in_time_alone(ami: Ami, terminal: MakeTerminal) -> None:
    _, viewer = await wired(terminal)
    channel = await channel_of(ami, viewer)
    await ami.set_variable(channel, "VIDEO_SUBSCRIBE()", "")
    witness = await terminal("witness")
    await witness.dial("leg", X_Subscribe="v-0")
    await witness.video.hear("sender0", 60)
    for key in ("v-0", "v-1"):
        await ami.set_variable(channel, "VIDEO_SUBSCRIBE()", key)
        await viewer.video.hear(f"sender{key[-1]}", 30)
    packets = viewer.video.received
    assert all((b.sequence - a.sequence) & 0xFFFF == 1 for a, b in pairwise(packets))
    assert_continuous(packets[-30:])


async def test_a_sender_that_starts_anew_goes_on_in_the_same_stream(terminal: MakeTerminal) -> None:
    senders, viewer = await wired(terminal)
    senders[0].video.new_source()
    await viewer.video.hear("sender0", 60)
    assert_continuous(viewer.video.received)


async def test_loss_on_the_way_in_stays_visible(terminal: MakeTerminal) -> None:
    """A receiver that isn't told can't ask for a keyframe."""
    senders, viewer = await wired(terminal)
    senders[0].video._sequence += 5
    await viewer.video.hear("sender0", 30)
    steps = [(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(viewer.video.received)]
    assert sorted(set(steps)) == [1, 6]


async def test_the_marker_ends_the_same_pictures(ami: Ami, terminal: MakeTerminal) -> None:
    _, viewer = await wired(terminal)
    heard = await viewer.video.hear("sender0", 60)
    assert all(p.marker == (p.number % 3 == 2) for p in heard)

"""The packets of a picture go on together, and none stays behind."""

from __future__ import annotations

from itertools import pairwise

from .ami import Ami
from .conftest import MakeTerminal
from .terminal import Terminal


async def pair(terminal: MakeTerminal) -> tuple[Terminal, Terminal]:
    """A sender and a viewer that has been shown a first picture."""
    sender, viewer = await terminal("sender"), await terminal("viewer")
    await sender.dial("leg", X_Publish="v")
    await viewer.dial("room", X_Room="1", X_Subscribe="v")
    sender.video.start()
    await viewer.video.hear("sender", 3)
    sender.video.stop()
    last = sender.video.sent - 1
    await viewer.video.until(lambda: viewer.video.received[-1].number == last)
    return sender, viewer


def assert_whole(viewer: Terminal, first: int, last: int) -> None:
    heard = [p for p in viewer.video.received if p.number >= first]
    assert [p.number for p in heard] == list(range(first, last + 1))
    assert all((b.sequence - a.sequence) & 0xFFFF == 1 for a, b in pairwise(heard))


async def frames_in(ami: Ami) -> int:
    """Read from the sender so far."""
    return sum(int(entry["FramesIn"]) for entry in await ami.items("VideoRouterList"))


async def test_a_picture_goes_on_with_its_last_packet(ami: Ami, terminal: MakeTerminal) -> None:
    sender, viewer = await pair(terminal)
    first = sender.video.sent
    before = len(viewer.video.received)
    taken = await frames_in(ami)
    for _ in range(3):
        sender.video.packet()
    while await frames_in(ami) < taken + 3:
        pass  # each look is a round trip
    assert len(viewer.video.received) == before
    sender.video.packet(marker=True)
    await viewer.video.hear("sender", 4)
    assert_whole(viewer, first, first + 3)


async def test_without_a_marker_the_next_timestamp_ends_a_picture(terminal: MakeTerminal) -> None:
    sender, viewer = await pair(terminal)
    first = sender.video.sent
    sender.video.frame(4, marked=False)
    sender.video.packet()
    await viewer.video.hear("sender", 4)
    assert_whole(viewer, first, first + 3)


async def test_a_keyframe_of_many_packets_goes_on_in_parts(terminal: MakeTerminal) -> None:
    sender, viewer = await pair(terminal)
    first = sender.video.sent
    for _ in range(40):
        sender.video.packet(1000)
    await viewer.video.hear("sender", 32)
    assert_whole(viewer, first, first + 31)
    sender.video.packet(1000, marker=True)
    await viewer.video.hear("sender", 9)
    assert_whole(viewer, first, first + 40)


async def test_what_a_sender_began_before_it_started_anew_is_not_lost(terminal: MakeTerminal) -> None:
    sender, viewer = await pair(terminal)
    first = sender.video.sent
    sender.video.packet()
    sender.video.new_source()
    sender.video.frame(3)
    await viewer.video.hear("sender", 4)
    assert_whole(viewer, first, first + 3)


async def test_half_a_picture_of_a_sender_that_hangs_up_is_let_go(ami: Ami, terminal: MakeTerminal) -> None:
    sender, viewer = await pair(terminal)
    before = len(viewer.video.received)
    await viewer.video.drained()
    sender.video.packet()
    await sender.close()
    await ami.until(lambda: ami.heard("Hangup"))
    other = await terminal("other")
    await other.dial("leg", X_Publish="v")
    other.video.start()
    await viewer.video.hear("other", 3)
    assert all(p.sender == "other" for p in viewer.video.received[before:])

"""Whose frames reach whom."""

from __future__ import annotations

from .ami import Ami
from .conftest import MakeTerminal
from .terminal import Terminal


async def channel_of(ami: Ami, terminal: Terminal) -> str:
    """Name of the channel of a terminal's call."""
    assert terminal.call
    for entry in await ami.items("CoreShowChannels"):
        found = await ami.action("Getvar", Channel=entry["Channel"], Variable="CHANNEL(pjsip,call-id)")
        if found.get("Value") == terminal.call.call_id:
            return entry["Channel"]
    raise LookupError(terminal.name)


async def test_frames_reach_the_subscribers_of_their_key_alone(ami: Ami, terminal: MakeTerminal) -> None:
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

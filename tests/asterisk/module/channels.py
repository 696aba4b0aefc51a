"""Which of Asterisk's channels is whose, and what the patch bay says of it."""

from __future__ import annotations

import asyncio

from .ami import Ami, Message
from .terminal import Terminal


async def channel_of(ami: Ami, terminal: Terminal) -> str:
    """Name of the channel of a terminal's call."""
    assert terminal.call
    entries = await ami.items("CoreShowChannels")
    for entry in entries:
        if f"TEST_CALL={terminal.call.call_id}" in entry.get("ChanVariable", "").split("\n"):
            return entry["Channel"]
    for entry in entries:  # one that never passed through the dialplan
        found = await ami.action("Getvar", Channel=entry["Channel"], Variable="CHANNEL(pjsip,call-id)")
        if found.get("Value") == terminal.call.call_id:
            return entry["Channel"]
    raise LookupError(terminal.name)


async def entry_of(ami: Ami, channel: str, role: str) -> Message:
    """The channel's line in the list of routes."""
    for entry in await ami.items("VideoRouterList"):
        if entry["Channel"] == channel and entry["Role"] == role:
            return entry
    raise LookupError(f"{channel} is no {role}")


async def until_entry(ami: Ami, channel: str, role: str, dropped: int = 0, **wanted: str) -> Message:
    """Ask until the channel's line says what is wanted, and counts at least that many frames as dropped."""
    async with asyncio.timeout(20):
        while True:
            entry = await entry_of(ami, channel, role)
            if int(entry["FramesDropped"]) >= dropped and all(entry[k] == v for k, v in wanted.items()):
                return entry
            await asyncio.sleep(0.05)

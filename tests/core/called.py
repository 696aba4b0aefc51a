"""A site that the MCU calls answers: what the door says, and its way into the room."""

from __future__ import annotations

import itertools

from mcu.core.entry.answers import Admit, EntryRequest
from tests.core.world import HD, World

_numbers = itertools.count(1)


def at_the_door(world: World, ident: str) -> tuple[Admit, str]:
    """What the door said, and the channel."""
    channel = f"PJSIP/dialled-{next(_numbers):08x}"
    request = EntryRequest(
        channel=channel, uniqueid=channel, number=ident, door="dialled", endpoint="dialled", caller_name="",
        caller_number="", video=f"h264 {HD}",
    )  # fmt: skip
    got, effects = world.bridge.enter(
        request, at=world.at, participant="ffffffff", display="", guests=False, language="vi"
    )
    assert isinstance(got, Admit), got
    world.at_the_door[channel] = ident, "1001", "h264", HD
    world.carry_out(effects)
    return got, channel


def answer(world: World, ident: str) -> tuple[Admit, str]:
    """Its terminal answers and goes in: what the door said, and the channel."""
    got, channel = at_the_door(world, ident)
    world.join(channel)
    return got, channel

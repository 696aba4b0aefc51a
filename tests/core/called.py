"""Sites that the MCU calls: what the door says to one that answers, its way into the room, and how its call breaks."""

from __future__ import annotations

import itertools

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.dialling.calling import Dialling
from mcu.core.dialling.targets import parse_target
from mcu.core.entry.answers import Admit, EntryRequest
from tests.core.world import HD, World, catalogue

FIRST, SECOND = "0000000a", "0000000b"
_numbers = itertools.count(1)


def at_the_door(world: World, ident: str) -> tuple[Admit, str]:
    """What the door said, and the channel."""
    channel = f"PJSIP/dialled-{next(_numbers):08x}"
    request = EntryRequest(
        channel=channel, uniqueid=channel, number=ident, door="dialled", endpoint="dialled", caller_name="",
        caller_number="", video=f"h264 {HD}",
    )  # fmt: skip
    got, effects = world.bridge.enter(request, at=world.at, participant="ffffffff", guests=False, language="vi")
    assert isinstance(got, Admit), got
    world.at_the_door[channel] = ident, "1001", "h264", HD
    world.carry_out(effects)
    return got, channel


def answer(world: World, ident: str) -> tuple[Admit, str]:
    """Its terminal answers and goes in: what the door said, and the channel."""
    got, channel = at_the_door(world, ident)
    world.join(channel)
    return got, channel


def world_of(redials: int = 2) -> World:
    world = World(Bridge(catalogue(), dialling=Dialling(redials=redials, per_second=50)))
    world.switch_up()
    return world


def dial(world: World, ident: str) -> None:
    target = parse_target(f"sip:{ident}@10.0.0.7")
    world.command(
        commands.CallTerminal(at=world.at, number="1001", participant=ident, target=target, name=f"Xã {ident[-1]}")
    )


def hang_up(world: World, channel: str, cause: int) -> list[do.Effect]:
    member = world.members.pop(channel)
    gone = events.Left(at=world.at, participant=member.participant, channel=channel, room=member.room)
    return [
        *world.happen(gone),
        *world.happen(
            events.HungUp(at=world.at, channel=channel, kind="terminal", ident=member.participant, cause=cause)
        ),
    ]


def here(world: World) -> list[str]:
    return [p.id for p in world.bridge.participants("1001")]


def dialled(effects: list[do.Effect]) -> list[str]:
    return [e.participant for e in effects if isinstance(e, do.DialTerminal)]

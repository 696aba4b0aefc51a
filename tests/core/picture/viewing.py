"""People in room 1001 of a world, what is ordered for their pictures, and what each then sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.core.world import World, ident


def order(world: World, room: str = "1001", **changes: Any) -> None:
    conference = world.bridge.conferences[room]
    conference.direct(replace(conference.direction, **changes))
    world.bridge.touch(room)
    world.tick(0)
    world.answer_all()


def shown(world: World, view: str = "1001") -> list[str]:
    return [tile.participant for tile in world.views[view].scene.tiles]


def sees(world: World, channel: str) -> list[str]:
    """Who is in the picture that this terminal gets, over view leg and subscription."""
    key = world.members[channel].subscribed
    view, _, rate_class = key.removeprefix("v-").rpartition("-")
    assert ("view", f"{view}/{rate_class}") in {(leg.kind, leg.ident) for leg in world.legs.values()}, key
    return shown(world, view)


def meeting(world: World, people: int) -> list[str]:
    channels = [world.come() for _ in range(people)]
    world.answer_all()
    return channels


def ids(world: World, channels: list[str]) -> list[str]:
    return [ident(world, channel) for channel in channels]


def whole(world: World, view: str) -> bool:
    (tile,) = world.views[view].scene.tiles
    return (tile.x, tile.y, tile.w, tile.h) == (0.0, 0.0, 1.0, 1.0)

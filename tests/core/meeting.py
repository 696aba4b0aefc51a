"""A meeting for tests of acts: people in room 1001 of a world, by name."""

from __future__ import annotations

from typing import Any

from mcu.core import commands
from mcu.core import effects as do
from mcu.core.conference import Conference
from mcu.core.direction import Direction
from tests.core.world import World, ident


class Meeting:
    """``hue``, ``vinh``, … are ids; ``world`` carries out what follows."""

    def __init__(self, world: World, people: int = 4, room: str = "1001") -> None:
        self.world, self.room = world, room
        self.channels = [world.come(room) for _ in range(people)]
        self.ids = [ident(world, channel) for channel in self.channels]

    def act(self, name: str, /, **arguments: Any) -> list[do.Effect]:
        world = self.world
        return world.command(commands.Act(at=world.at, number=self.room, name=name, arguments=arguments))

    def come(self) -> str:
        channel = self.world.come(self.room)
        self.channels.append(channel)
        self.ids.append(ident(self.world, channel))
        return self.ids[-1]

    def come_from(self, site: int) -> str:
        """The site's terminal dials in, as somebody new."""
        _, channel = self.world.enter(self.room)
        known = self.world.bridge.whereabouts(self.world.at_the_door[channel][0])
        assert known
        known[1].site, known[1].terminal = site, f"xa{site}"
        self.world.join(channel)
        self.ids.append(ident(self.world, channel))
        return self.ids[-1]

    def leave(self, participant: str) -> None:
        self.world.leave(self.channel(participant))

    def channel(self, participant: str) -> str:
        return next(c for c, m in self.world.members.items() if m.participant == participant)

    @property
    def conference(self) -> Conference:
        return self.world.bridge.conferences[self.room]

    @property
    def direction(self) -> Direction:
        return self.conference.direction

    @property
    def told(self) -> dict[str, Any]:
        """The direction as the bus heard it last."""
        events = [e for e in self.world.log if isinstance(e, do.Tell) and e.event == "direction.changed"]
        return dict(events[-1].data)

    def muted(self) -> list[bool]:
        """Of those in the room, in order of coming."""
        by_id = {m.participant: m.muted for m in self.world.members.values()}
        return [by_id[who] for who in self.ids if who in by_id]

    def notices(self) -> list[str]:
        return [effect.code for effect in self.world.log if isinstance(effect, do.Notice)]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [dict(e.data) for e in self.world.log if isinstance(e, do.Tell) and e.event == name]


def closed(meeting: Meeting, who: str) -> bool:
    return next(m.muted for m in meeting.world.members.values() if m.participant == who)

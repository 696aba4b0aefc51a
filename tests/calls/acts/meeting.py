"""A room with terminals in it, and the acts of a chair or operator on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import Terminal
from tests.product import Mcu

WHOLE = auto(1)


@dataclass
class Meeting:
    mcu: Mcu
    room: str
    terminals: list[Terminal]

    @property
    def colours(self) -> list[str]:
        return [terminal.colour for terminal in self.terminals]

    @property
    def tones(self) -> set[int]:
        return {terminal.tone for terminal in self.terminals}

    def act(self, act: str, **arguments: Any) -> dict[str, Any]:
        """Terminals stand for their participants' ids."""
        told = {name: self._told(value) for name, value in arguments.items()}
        return dict(self.mcu.bus.call("room.act", room=self.room, act=act, **told))

    def ident(self, terminal: Terminal) -> str:
        return str(self.person(terminal)["id"])

    def person(self, terminal: Terminal, room: str = "") -> Mapping[str, Any]:
        people = self.mcu.bus.call("room.show", number=room or self.room)["participants"]
        found = [person for person in people if person["name"] == terminal.agent.display]
        assert len(found) == 1, f"{terminal.agent.display} is {len(found)} times in room {room or self.room}"
        return dict(found[0])

    async def told(self, terminal: Terminal, **facts: Any) -> None:
        """Wait until the room says this of it: what is seen or heard may come a moment before."""

        def said() -> bool:
            person = self.person(terminal)
            return {name: person[name] for name in facts} == facts

        await terminal.until(said, 5, f"that the room says {facts}")

    async def all_see_all(self, seconds: float = 8.0) -> None:
        for terminal in self.terminals:
            await terminal.sees(auto(len(self.terminals)), self.colours, seconds)

    async def all_hear_all(self, seconds: float = 8.0) -> None:
        for terminal in self.terminals:
            await terminal.hears(self.tones - {terminal.tone}, self.tones, seconds)

    async def all_hear(self, speakers: Iterable[Terminal]) -> None:
        """Exactly these are heard by everybody else."""
        spoken = {terminal.tone for terminal in speakers}
        for terminal in self.terminals:
            await terminal.hears(spoken - {terminal.tone}, self.tones)

    def _told(self, value: Any) -> Any:
        match value:
            case Terminal():
                return self.ident(value)
            case list():
                return [self._told(one) for one in value]
            case dict():
                return {name: self._told(one) for name, one in value.items()}
        return value


async def meet(mcu: Mcu, room: str, seat: Seat, people: int = 3, **options: Any) -> Meeting:
    """So many terminals that all see and hear each other."""
    meeting = Meeting(mcu, room, [await seat(number, **options) for number in range(people)])
    await meeting.all_see_all()
    return meeting


async def sees_whole(terminal: Terminal, shown: Terminal, seconds: float = 8.0) -> None:
    """One picture over the whole screen, and a running one."""
    await terminal.sees(WHOLE, [shown.colour], seconds)
    await terminal.runs(WHOLE[0])

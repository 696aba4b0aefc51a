"""What is kept of rooms, and who may see it: by whose a room was then, for its number may be another one's now."""

from __future__ import annotations

from typing import Any, TypeGuard

from mcu.control.controller import Controller
from mcu.core.roles import Actor
from mcu.errors import NotFound
from mcu.models import audit, conferences
from mcu.models.conferences import Whose

Item = dict[str, Any]


class Past:
    def __init__(self, controller: Controller) -> None:
        self._control = controller

    async def reach(self, by: Actor, conference: object) -> str:
        """The room of a conference. Raises NotFound for one that ``by`` must not see, as for one that is not there."""
        if is_ident(conference):
            found = await self._control.record.write(conferences.whose, [conference])
            if conference in found and self._sees(by, found[conference]):
                return found[conference].room
        raise NotFound(f"there is no conference {str(conference)[:40]}")

    async def conferences(self, by: Actor, items: list[Item]) -> list[Item]:
        """Those of a list of conferences that ``by`` may see."""
        found = await self._control.record.write(conferences.whose, [item["id"] for item in items])
        return [item for item in items if item["id"] in found and self._sees(by, found[item["id"]])]

    async def acts(self, by: Actor, items: list[Item]) -> list[Item]:
        """Those of a list of the audit that are of rooms which were ``by``'s to run."""
        found = await self._control.record.write(audit.branches, [item["id"] for item in items])
        return [
            item
            for item in items
            if item["id"] in found and by.runs_room(item["room"], self.branches(found[item["id"]]))
        ]

    def branches(self, branch: int | None) -> tuple[int, ...]:
        """The site that a room belongs to and all above it; empty for a room of everybody's."""
        if branch is None:
            return ()
        return tuple(site.id for site in self._control.bridge.directory.path(branch)) or (branch,)

    def _sees(self, by: Actor, whose: Whose) -> bool:
        """A chair's room is the one that has the number now."""
        return (by.role != "chair" or whose.stands) and by.sees_room(whose.room, self.branches(whose.branch))


async def tell(controller: Controller, event: str, data: Item, conference: str) -> None:
    """Something of a conference, to those whose room it is now as it was then. With another room under its number, or
    another owner, nobody hears of it: events go out by the room's number."""
    found = (await controller.record.write(conferences.whose, [conference])).get(conference)
    room = controller.bridge.rooms.get(found.room) if found is not None and found.stands else None
    if found is not None and room is not None and room.config.branch_id == found.branch:
        controller.tell(event, data)


def is_ident(conference: object) -> TypeGuard[str]:
    """Whether it may be one's id, which a database can be asked for."""
    return isinstance(conference, str) and conference.isascii() and conference.isprintable() and len(conference) <= 40

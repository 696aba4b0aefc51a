"""What somebody may see of an answer: rooms, sites and notices of the own branch, or of the own room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcu.control.controller import Controller
from mcu.control.records.past import Past
from mcu.core import permissions
from mcu.core.permissions import Rule
from mcu.core.roles import Actor

_NOWHERE = (-1,)  # the branch of a room that is gone


class View:
    """``past`` sees to what is of rooms as they were."""

    def __init__(self, controller: Controller, past: Past) -> None:
        self._control = controller
        self._past = past

    async def seen(self, by: Actor, method: str, rule: Rule, answer: Any) -> Any:
        if method == "status":
            return {**answer, "notices": [one for one in answer["notices"] if self._notice_seen(by, one)]}
        if method in ("room.sites", "room.set_sites"):
            return {**answer, "sites": [site for site in answer["sites"] if self.sees_standing(by, site["id"])]}
        if method == "conference.list":
            return {**answer, "items": await self._past.conferences(by, answer["items"])}
        if method == "audit.list":
            return {**answer, "items": await self._past.acts(by, answer["items"])}
        if not rule.items:
            return answer
        if isinstance(answer, dict) and isinstance(answer.get("items"), list):
            return {**answer, "items": [item for item in answer["items"] if self._item_seen(by, rule, item)]}
        return [item for item in answer if self._item_seen(by, rule, item)] if isinstance(answer, list) else answer

    def _notice_seen(self, by: Actor, notice: Mapping[str, Any]) -> bool:
        room = str(notice.get("room", ""))
        return permissions.hears(by, "notice", notice, self.branches(room) if self.has_room(room) else _NOWHERE)

    def _item_seen(self, by: Actor, rule: Rule, item: Mapping[str, Any]) -> bool:
        value = item.get(rule.items)
        if rule.about == "site":
            return self.sees_standing(by, value)
        return by.sees_room(str(value), self.branches(str(value)) if self.has_room(value) else _NOWHERE)

    def sees_standing(self, by: Actor, site: Any) -> bool:
        """What stands at no site is everybody's."""
        if site is None:
            return True
        above = self.above(site)
        return by.sees_site(above, self._of_room(by.room, site, above) if by.role == "chair" else ())

    def _of_room(self, number: str, site: int, above: tuple[int, ...]) -> tuple[int, ...]:
        """Why a site is of a room: the branch that the room belongs to, or the site itself, if it is invited, presides
        or is there."""
        bridge = self._control.bridge
        if not self.has_room(number):
            return ()
        config, conference = bridge.rooms[number].config, bridge.conferences.get(number)
        there = {one.site for one in conference.present.values()} if conference else set()
        if site in bridge.invited.get(number, ()) or site == config.presiding_site_id or site in there:
            return (site,)
        return (config.branch_id,) if config.branch_id in above else ()

    def has_room(self, room: object) -> bool:
        return room in self._control.bridge.rooms

    def branches(self, number: str) -> tuple[int, ...]:
        """Sites that a room belongs to, its own branch and all above; empty for a room of everybody's."""
        return self._past.branches(self._control.bridge.rooms[number].config.branch_id)

    def above(self, site: int) -> tuple[int, ...]:
        """The site and all above it, the highest first."""
        return tuple(one.id for one in self._control.bridge.directory.path(site))

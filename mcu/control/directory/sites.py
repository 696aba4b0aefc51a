"""The tree of sites over the bus, and which of them are invited to a room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control import pages
from mcu.control.controller import Controller
from mcu.control.directory.lookup import refresh
from mcu.core.directory.sites import FARTHEST, MOST_POSITION, Directory, Site
from mcu.core.names import clean_name
from mcu.errors import BadRequest, NotFound
from mcu.models import sites

Args = dict[str, Any]
MOST_PEOPLE = 100_000
_INVITED_AT_MOST = 10_000


class Sites:
    def __init__(self, controller: Controller) -> None:
        self._control = controller

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "site.list": self.list,
            "site.show": self.show,
            "site.create": self.create,
            "site.change": self.change,
            "site.move": self.move,
            "site.delete": self.delete,
            "room.sites": self.room_sites,
            "room.set_sites": self.set_room_sites,
        }

    @property
    def _directory(self) -> Directory:
        return self._control.bridge.directory

    async def list(self, peer: Peer, args: Args) -> dict[str, Any]:
        """As one reads the tree, each site before those under it: all, those of the branch ``under``, or those that
        ``search`` finds."""
        search, under = arg.text(args, "search", ""), arg.ident_or_none(args, "under")
        found = self._directory.search(search, 1000) if search else list(self._directory.sites())
        if under is not None:
            found = [site for site in found if self._directory.under(site.id, under)]
        page, more = pages.cut(pages.after_item(args, found, _cursor), pages.limit_in(args), _cursor)
        return {"items": [describe(self._directory, site) for site in page], "next": more}

    async def show(self, peer: Peer, args: Args) -> dict[str, Any]:
        return describe(self._directory, self._site(arg.ident(args)))

    async def create(self, peer: Peer, args: Args) -> dict[str, Any]:
        values = {"name": arg.shown(args, "name"), **columns(args), "parent_id": arg.ident_or_none(args, "parent")}
        return await self._write(sites.add_site, values)

    async def change(self, peer: Peer, args: Args) -> dict[str, Any]:
        """What is given; ``parent`` too."""
        values = columns(args)
        if "name" in args:
            values["name"] = arg.shown(args, "name")
        if "parent" in args:
            values["parent_id"] = arg.ident_or_none(args, "parent")
        return await self._write(sites.change_site, arg.ident(args), values)

    async def move(self, peer: Peer, args: Args) -> dict[str, Any]:
        """Under another ``parent``, null for none; ``position`` among the sites there."""
        values: dict[str, Any] = {"parent_id": arg.ident_or_none(args, "parent")}
        if "position" in args:
            values["position"] = arg.whole(args, "position", 0, MOST_POSITION, 0)
        return await self._write(sites.change_site, arg.ident(args), values)

    async def delete(self, peer: Peer, args: Args) -> dict[str, Any]:
        """With ``branch`` all under it, too."""
        ident, branch = arg.ident(args), arg.flag(args, "branch", False)
        gone: int = await self._control.record.write(sites.delete_site, ident, branch=branch)
        await self._changed()
        return {"deleted": gone}

    async def room_sites(self, peer: Peer, args: Args) -> dict[str, Any]:
        number = arg.number(args)
        found = await self._control.record.write(sites.room_sites, number)
        told = [describe(self._directory, site) for one in found if (site := self._directory.site(one))]
        return {"number": number, "sites": told}

    async def set_room_sites(self, peer: Peer, args: Args) -> dict[str, Any]:
        """These and no others, in the order of the roll call. One that is named twice counts once."""
        number, given = arg.number(args), args.get("sites")
        if not isinstance(given, list) or len(given) > _INVITED_AT_MOST or not all(map(arg.is_ident, given)):
            raise BadRequest("sites must be a list of sites' ids")
        await self._control.record.write(sites.set_room_sites, number, list(dict.fromkeys(given)))
        await self._changed()
        return await self.room_sites(peer, {"number": number})

    def _site(self, ident: int) -> Site:
        if (site := self._directory.site(ident)) is None:
            raise NotFound(f"there is no site {ident}")
        return site

    async def _write(self, work: Any, *args: Any) -> dict[str, Any]:
        row = await self._control.record.write(work, *args)
        await self._changed()
        return describe(self._directory, self._site(row.id))

    async def _changed(self) -> None:
        await refresh(self._control)
        self._control.tell("sites.changed", {})


def _cursor(site: Site) -> str:
    return str(site.id)


def describe(directory: Directory, site: Site) -> dict[str, Any]:
    """As the bus tells it."""
    path = directory.path(site.id)
    return {
        "id": site.id,
        "name": site.name,
        "parent": path[-2].id if len(path) > 1 else None,
        "path": [one.name for one in path[:-1]],
        "code": site.code,
        "position": site.position,
        "people": site.people,
        "distance_km": site.distance_km,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "note": site.note,
        "sites": len(directory.children(site.id)),
        "terminals": [account.name for account in directory.terminals(site.id)],
    }


def columns(args: Args) -> dict[str, Any]:
    """What is given of a site, but for its name and its parent, as columns of the table."""
    found: dict[str, Any] = {}
    if "code" in args:
        found["code"] = clean_name(arg.text(args, "code", ""), 32) or None
    if "note" in args:
        found["note"] = clean_name(arg.text(args, "note", ""), 256)
    if "position" in args:
        found["position"] = arg.whole(args, "position", 0, MOST_POSITION, 0)
    if "people" in args:
        found["people"] = arg.whole(args, "people", 0, MOST_PEOPLE, 0)
    if "distance_km" in args:
        found["distance_km"] = _real(args, "distance_km", 0.0, FARTHEST) or 0.0
    for name, most in (("latitude", 90.0), ("longitude", 180.0)):
        if name in args:
            found[name] = _real(args, name, -most, most)
    return found


def _real(args: Args, name: str, least: float, most: float) -> float | None:
    value = args.get(name)
    if value is None:
        return None
    # What is out of range stays as it is: no float holds every whole number.
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise BadRequest(f"{name} must be a number from {least:g} to {most:g}")
    return float(value)

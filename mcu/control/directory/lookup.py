"""The tree of sites, the terminals and the invitations, out of the tables and into the bridge."""

from __future__ import annotations

import time

from mcu.control.controller import Controller
from mcu.control.directory.accounts import load_accounts
from mcu.core import commands
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.presets import with_preset
from mcu.core.directory.sites import Directory, Site
from mcu.models import Database, SiteRow, sites


async def refresh(control: Controller) -> None:
    """What stands in the tables is in force from now on."""
    found, accounts, invited = await control.record.write(_load)
    known = [with_preset(account) for account in accounts]
    control.bridge.directory = Directory(found, known, control.bridge.directory.trunk)
    control.bridge.invited = invited
    await _forget_presiding(control)


async def _forget_presiding(control: Controller) -> None:
    """A room whose presiding site is gone has none, in force as in its table."""
    for number, room in list(control.bridge.rooms.items()):
        presiding = room.config.presiding_site_id
        if presiding is not None and control.bridge.directory.site(presiding) is None:
            more = {"presiding_site_id": None}
            await control.command(commands.ChangeRoom(at=time.time(), number=number, more=more))


def site_of(row: SiteRow) -> Site:
    return Site(
        id=row.id,
        name=row.name,
        parent=row.parent_id,
        code=row.code or "",
        position=row.position,
        people=row.people,
        distance_km=row.distance_km,
        latitude=row.latitude,
        longitude=row.longitude,
        note=row.note,
    )


def _load(database: Database) -> tuple[list[Site], list[TerminalAccount], dict[str, tuple[int, ...]]]:
    return [site_of(row) for row in sites.sites(database)], load_accounts(database), sites.invited(database)

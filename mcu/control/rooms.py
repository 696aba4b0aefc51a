"""Rooms over the bus: their settings, kept in the table and in force, or neither."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, get_args

import structlog

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.acts import Acts
from mcu.control.controller import Controller
from mcu.core import commands
from mcu.core.languages import LANGUAGES
from mcu.core.picture.layout import AUTO
from mcu.core.picture.view import STILL_WIDTHS
from mcu.core.roster import Entry, LobbyRule, RoomConfig
from mcu.errors import BadRequest, McuError, NotFound, RoomExists
from mcu.models import RoomRow, rows

log = structlog.get_logger("mcu.control")

Args = dict[str, Any]
MOST_MEMBERS = 10_000
_LANGUAGES = ("", *LANGUAGES)  # empty: the installation's

_CHECKS: dict[str, Callable[[Args, str], Any]] = {
    "name": arg.shown,
    "layout": arg.text,
    "guests": arg.flag,
    "open": arg.flag,
    "pin": arg.pin,
    "host_pin": arg.pin,
    "entry": lambda args, name: arg.choice(args, name, get_args(Entry)),
    "lobby": lambda args, name: arg.choice(args, name, get_args(LobbyRule)),
    "capacity": lambda args, name: arg.whole(args, name, 0, MOST_MEMBERS, 0),
    "language": lambda args, name: arg.choice(args, name, _LANGUAGES),
    "mute_joiners": arg.flag,
    "branch_id": arg.ident_or_none,
    "presiding_site_id": arg.ident_or_none,
}
_PLAIN = ("name", "layout", "guests", "pin")  # those that the command has fields for; the others go in ``more``
_NULLABLE = ("branch_id", "presiding_site_id")  # null means something: nobody's


def config_of(row: RoomRow, layouts: tuple[str, ...] | list[str] | set[str]) -> RoomConfig:
    """As core takes it. A layout that is no more is the automatic one."""
    config = RoomConfig(number=row.number, **{name: getattr(row, name) for name in _CHECKS})
    if config.layout not in layouts:
        log.warning("control.layout_gone", room=row.number, layout=row.layout)
        config = replace(config, layout=AUTO)
    return config


class Rooms:
    """The handlers, by name in ``handlers``."""

    def __init__(self, controller: Controller, acts: Acts) -> None:
        self._control = controller
        self._bridge = controller.bridge
        self._acts = acts

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "room.list": self.list,
            "room.show": self.show,
            "room.create": self.create,
            "room.delete": self.delete,
            "room.change": self.change,
            "room.pin": self.pin,
            "room.still": self.still,
        }

    async def list(self, peer: Peer, args: Args) -> Any:
        return [self._bridge.describe_room(n) for n in sorted(self._bridge.rooms, key=lambda n: (len(n), n))]

    async def show(self, peer: Peer, args: Args) -> dict[str, Any]:
        number = arg.number(args)
        described = self._bridge.describe_room(number)
        participants = [p.describe() for p in self._bridge.participants(number)]
        direction = self._acts.describe(number)
        return {
            **described, "participants": participants, "conference": direction["conference"], "direction": direction,
        }  # fmt: skip

    async def create(self, peer: Peer, args: Args) -> dict[str, Any]:
        number = arg.number(args)
        given = self._given(args)
        given["name"] = arg.shown(args, "name", "") or number
        given["layout"] = self._bridge.catalogue.check(arg.text(args, "layout", AUTO))
        config = RoomConfig(number=number, **given)
        _tell_apart(config.pin, config.host_pin)
        if (room := self._bridge.rooms.get(number)) and not room.stray:
            raise RoomExists(f"there is a room {number} already")
        await self._control.record.write(rows.add_room, RoomRow(locked=False, **asdict(config)))
        await self._control.command(commands.PutRoom(at=time.time(), config=config))
        return self._bridge.describe_room(number)

    async def delete(self, peer: Peer, args: Args) -> None:
        number = arg.number(args)
        await self._control.record.write(rows.check_unheld, number)
        await self._control.command(commands.RemoveRoom(at=time.time(), number=number))
        await self._control.record.write(rows.delete_room, number)
        self._bridge.invited.pop(number, None)

    async def change(self, peer: Peer, args: Args) -> dict[str, Any]:
        """What is given of the settings and of locked: all of it, or nothing and an error."""
        number = arg.number(args)
        wanted = self._given(args)
        if args.get("locked") is not None:
            wanted["locked"] = arg.flag(args, "locked")
        if not wanted:
            raise BadRequest(f"nothing to change: give {', '.join(_CHECKS)} or locked")
        if "pin" in wanted or "host_pin" in wanted:
            config = self._bridge.room(number).config
            _tell_apart(wanted.get("pin", config.pin), wanted.get("host_pin", config.host_pin))
        await self._change(number, wanted)
        return self._bridge.describe_room(number)

    def _given(self, args: Args) -> dict[str, Any]:
        given = {
            name: check(args, name)
            for name, check in _CHECKS.items()
            if args.get(name) is not None or (name in args and name in _NULLABLE)
        }
        for name in _NULLABLE:
            site = given.get(name)
            if site is not None and self._bridge.directory.site(site) is None:
                raise BadRequest(f"{name}: there is no site {site}")
        return given

    async def pin(self, peer: Peer, args: Args) -> dict[str, Any]:
        """Empty: none is asked for. In no event and no list, for those are for viewers, too."""
        config = self._bridge.room(arg.number(args)).config
        return {"pin": config.pin, "host_pin": config.host_pin}

    async def _change(self, number: str, wanted: Mapping[str, Any]) -> None:
        before = self._settings(number)
        try:
            # Seen first and kept then: the picture changes without waiting for a disk.
            await self._command(number, wanted)
            if columns := {key: value for key, value in wanted.items() if key != "locked"}:
                await self._control.record.write(rows.change_room, number, **columns)
        except Exception:
            now = self._settings(number)  # RoomNotFound if it was deleted meanwhile: as good an answer
            back = {key: before[key] for key in wanted if now[key] == wanted[key] != before[key]}
            if back:
                with contextlib.suppress(McuError):
                    await self._command(number, back, back=True)
            raise

    def _settings(self, number: str) -> dict[str, Any]:
        room = self._bridge.room(number)
        return {**asdict(room.config), "locked": room.locked}

    async def _command(self, number: str, values: Mapping[str, Any], *, back: bool = False) -> None:
        plain = {key: value for key, value in values.items() if key in _PLAIN or key == "locked"}
        more = {key: value for key, value in values.items() if key not in plain}
        await self._control.command(commands.ChangeRoom(at=time.time(), number=number, **plain, more=more, back=back))

    async def still(self, peer: Peer, args: Args) -> dict[str, Any]:
        number = arg.number(args)
        self._bridge.room(number)
        width = arg.whole(args, "width", *STILL_WIDTHS, 640)
        if number not in self._bridge.conferences:
            raise NotFound(f"nobody is in room {number}, so it has no picture")
        return {"jpeg": await self._control.mixer.still(number, width), "at": time.time()}


def _tell_apart(pin: str, host_pin: str) -> None:
    """Raises BadRequest: with one PIN for both, everybody who keys it in would be the chair."""
    if pin and pin == host_pin:
        raise BadRequest("pin and host_pin must differ: who keys in the latter is the chair")

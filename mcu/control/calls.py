"""What others may ask of control over the bus: rooms, participants, state. Reads answer from memory."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mcu import __version__
from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.controller import Controller
from mcu.core import commands
from mcu.core.layout import AUTO
from mcu.core.roster import RoomConfig
from mcu.errors import NotFound, ParticipantNotFound, RoomExists
from mcu.models import RoomRow, rows

Args = dict[str, Any]


class Calls:
    """The handlers, by name in ``handlers``."""

    def __init__(self, controller: Controller) -> None:
        self._control = controller
        self._bridge = controller.bridge

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "status": self.status,
            "layout.list": self.layout_list,
            "room.list": self.room_list,
            "room.show": self.room_show,
            "room.create": self.room_create,
            "room.delete": self.room_delete,
            "room.rename": self.room_rename,
            "room.guests": self.room_guests,
            "room.layout": self.room_layout,
            "room.lock": self.room_lock,
            "room.still": self.room_still,
            "participant.list": self.participant_list,
            "participant.mute": self.participant_mute,
            "participant.kick": self.participant_kick,
            "mixer.hello": self.mixer_hello,
        }

    async def status(self, peer: Peer, args: Args) -> dict[str, Any]:
        control = self._control
        return {
            "version": __version__,
            "asterisk": {
                "connected": control.switch.connected,
                "version": control.switch_version,
                "since": control.switch_since,
            },
            "mixer": control.mixer.describe(),
            "control": {"since": control.since},
            "rooms": len(self._bridge.rooms),
            "participants": len(self._bridge.participants()),
            "notices": list(control.notices),
        }

    async def layout_list(self, peer: Peer, args: Args) -> list[dict[str, Any]]:
        """``auto`` first, without tiles of its own."""
        named = [
            {"name": layout.name, "tiles": [[t.x, t.y, t.w, t.h] for t in layout.tiles]}
            for layout in self._bridge.catalogue
        ]
        return [{"name": AUTO, "tiles": []}, *named]

    async def room_list(self, peer: Peer, args: Args) -> list[dict[str, Any]]:
        return [self._bridge.describe_room(n) for n in sorted(self._bridge.rooms, key=lambda n: (len(n), n))]

    async def room_show(self, peer: Peer, args: Args) -> dict[str, Any]:
        number = arg.number(args)
        described = self._bridge.describe_room(number)
        return {**described, "participants": [p.describe() for p in self._bridge.participants(number)]}

    async def room_create(self, peer: Peer, args: Args) -> dict[str, Any]:
        number = arg.number(args)
        config = RoomConfig(
            number=number,
            name=arg.shown(args, "name", "") or number,
            layout=self._bridge.catalogue.check(arg.text(args, "layout", AUTO)),
            guests=arg.flag(args, "guests", True),
            open=arg.flag(args, "open", True),
        )
        if number in self._bridge.rooms:
            raise RoomExists(f"there is a room {number} already")
        row = RoomRow(
            number=number, name=config.name, layout=config.layout, guests=config.guests, open=config.open, locked=False
        )
        await self._control.finish(self._make(row, config))
        return self._bridge.describe_room(number)

    async def _make(self, row: RoomRow, config: RoomConfig) -> None:
        await self._control.record.write(rows.add_room, row)
        await self._control.command(commands.PutRoom(at=time.time(), config=config))

    async def room_delete(self, peer: Peer, args: Args) -> None:
        await self._control.finish(self._remove(arg.number(args)))

    async def _remove(self, number: str) -> None:
        await self._control.command(commands.RemoveRoom(at=time.time(), number=number))
        await self._control.record.write(rows.delete_room, number)

    async def room_rename(self, peer: Peer, args: Args) -> dict[str, Any]:
        return await self._control.finish(self._change(arg.number(args), name=arg.shown(args, "name")))

    async def room_guests(self, peer: Peer, args: Args) -> dict[str, Any]:
        return await self._control.finish(self._change(arg.number(args), guests=arg.flag(args, "on")))

    async def room_layout(self, peer: Peer, args: Args) -> dict[str, Any]:
        number, layout = arg.number(args), arg.text(args, "layout")
        await self._control.finish(self._show(number, layout))
        return self._bridge.describe_room(number)

    async def _show(self, number: str, layout: str) -> None:
        # Seen first and kept then: the picture changes without waiting for a disk.
        await self._control.command(commands.SetLayout(at=time.time(), number=number, layout=layout))
        await self._control.record.write(rows.change_room, number, layout=layout)

    async def room_lock(self, peer: Peer, args: Args) -> dict[str, Any]:
        number = arg.number(args)
        await self._control.command(commands.LockRoom(at=time.time(), number=number, on=arg.flag(args, "on")))
        return self._bridge.describe_room(number)

    async def room_still(self, peer: Peer, args: Args) -> dict[str, Any]:
        number = arg.number(args)
        self._bridge.room(number)
        width = arg.whole(args, "width", 64, 1920, 640)
        if number not in self._bridge.conferences:
            raise NotFound(f"nobody is in room {number}, so it has no picture")
        return {"jpeg": await self._control.mixer.still(number, width), "at": time.time()}

    async def participant_list(self, peer: Peer, args: Args) -> list[dict[str, Any]]:
        number = arg.number(args, "room") if args.get("room") is not None else None
        if number is not None:
            self._bridge.room(number)
        return [p.describe() for p in self._bridge.participants(number)]

    async def participant_mute(self, peer: Peer, args: Args) -> dict[str, Any]:
        number, participant = arg.number(args, "room"), arg.text(args, "participant")
        on = arg.flag(args, "on")
        await self._control.command(
            commands.MuteParticipant(at=time.time(), number=number, participant=participant, on=on)
        )
        known = self._bridge.whereabouts(participant)
        if known is None:
            raise ParticipantNotFound(f"participant {participant} has just left")
        return {**known[1].describe(), "muted": on}  # Asterisk did it; its event may still be under way

    async def participant_kick(self, peer: Peer, args: Args) -> None:
        number, participant = arg.number(args, "room"), arg.text(args, "participant")
        await self._control.command(commands.KickParticipant(at=time.time(), number=number, participant=participant))

    async def mixer_hello(self, peer: Peer, args: Args) -> dict[str, Any]:
        self._control.mixer.hello(peer, args)
        return {}

    async def _change(self, number: str, **values: str | bool) -> dict[str, Any]:
        """Settings of a room, kept and in force."""
        self._bridge.room(number)
        await self._control.record.write(rows.change_room, number, **values)
        config = replace(self._bridge.room(number).config, **values)  # type: ignore[arg-type]  # checked by the caller
        await self._control.command(commands.PutRoom(at=time.time(), config=config))
        return self._bridge.describe_room(number)

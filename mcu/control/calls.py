"""What others may ask of control over the bus: rooms, participants, state. Reads answer from memory."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from mcu import __version__
from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.controller import Controller
from mcu.control.gateway_link import GatewayLink
from mcu.core import commands
from mcu.core.layout import AUTO
from mcu.core.roster import RoomConfig
from mcu.errors import BadRequest, McuError, NotFound, ParticipantNotFound, RoomExists
from mcu.models import RoomRow, rows

Args = dict[str, Any]


class Calls:
    """The handlers, by name in ``handlers``."""

    def __init__(self, controller: Controller, gateway: GatewayLink) -> None:
        self._control = controller
        self._gateway = gateway
        self._bridge = controller.bridge

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "status": self.status,
            "layout.list": self.layout_list,
            "room.list": self.room_list,
            "room.show": self.room_show,
            "room.create": self.room_create,
            "room.delete": self.room_delete,
            "room.change": self.room_change,
            "room.layout": self.room_layout,
            "room.lock": self.room_lock,
            "room.pin": self.room_pin,
            "room.still": self.room_still,
            "participant.list": self.participant_list,
            "participant.mute": self.participant_mute,
            "participant.mute_all": self.participant_mute_all,
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
            "h323": {"enabled": control.settings.h323.enabled, **self._gateway.describe()},
            "control": {"since": control.since},
            "rooms": len(self._bridge.rooms),
            "participants": sum(c.people for c in self._bridge.conferences.values()),
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
            pin=arg.pin(args, default=""),
        )
        if (room := self._bridge.rooms.get(number)) and not room.stray:
            raise RoomExists(f"there is a room {number} already")
        row = RoomRow(
            number=number, name=config.name, layout=config.layout, guests=config.guests, open=config.open, locked=False,
            pin=config.pin,
        )  # fmt: skip
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

    async def room_change(self, peer: Peer, args: Args) -> dict[str, Any]:
        """What is given of name, guests, PIN, layout and locked: all of it, or nothing and an error."""
        number = arg.number(args)
        wanted: dict[str, str | bool] = {}
        checks: dict[str, Callable[[Args, str], str | bool]] = {
            "name": arg.shown, "layout": arg.text, "guests": arg.flag, "locked": arg.flag, "pin": arg.pin,
        }  # fmt: skip
        for key, check in checks.items():
            if args.get(key) is not None:
                wanted[key] = check(args, key)
        if not wanted:
            raise BadRequest("nothing to change: give name, guests, pin, layout or locked")
        await self._control.finish(self._change(number, wanted))
        return self._bridge.describe_room(number)

    async def room_pin(self, peer: Peer, args: Args) -> dict[str, Any]:
        """Empty: none is asked for. In no event and no list, for those are for viewers, too."""
        return {"pin": self._bridge.room(arg.number(args)).config.pin}

    async def room_layout(self, peer: Peer, args: Args) -> dict[str, Any]:
        number = arg.number(args)
        await self._control.finish(self._change(number, {"layout": arg.text(args, "layout")}))
        return self._bridge.describe_room(number)

    async def _change(self, number: str, wanted: Mapping[str, str | bool]) -> None:
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
                    await self._command(number, back)
            raise

    def _settings(self, number: str) -> dict[str, Any]:
        return {**self._bridge.describe_room(number), "pin": self._bridge.room(number).config.pin}

    async def _command(self, number: str, values: Mapping[str, Any]) -> None:
        await self._control.command(commands.ChangeRoom(at=time.time(), number=number, **values))

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

    async def participant_mute_all(self, peer: Peer, args: Args) -> dict[str, list[str]]:
        """All microphones of a room, or those of ``only``: all or none. Whose were not so before is in ``changed``."""
        number, on = arg.number(args, "room"), arg.flag(args, "on")
        only = arg.participants(args, "only") if args.get("only") is not None else None
        self._bridge.room(number)
        people = [p for p in self._bridge.participants(number) if not p.presents]  # slides stay mute
        wanted = [p.id for p in people if p.muted != on and (only is None or p.id in only)]
        return {"changed": await self._control.finish(self._mute_all(number, wanted, on))}

    async def _mute_all(self, number: str, wanted: list[str], on: bool) -> list[str]:
        faults = await self._mute_each(number, wanted, on)
        changed = [ident for ident in wanted if ident not in faults]
        # Who has left in the meantime is no fault.
        if fault := next((f for f in faults.values() if not isinstance(f, ParticipantNotFound)), None):
            await self._mute_each(number, changed, not on)
            raise fault
        return changed

    async def _mute_each(self, number: str, wanted: list[str], on: bool) -> dict[str, BaseException]:
        """All at once; those that could not be done, and why."""
        done = await asyncio.gather(
            *(
                self._control.command(commands.MuteParticipant(at=time.time(), number=number, participant=ident, on=on))
                for ident in wanted
            ),
            return_exceptions=True,
        )
        return {ident: fault for ident, fault in zip(wanted, done, strict=True) if fault is not None}

    async def participant_kick(self, peer: Peer, args: Args) -> None:
        number, participant = arg.number(args, "room"), arg.text(args, "participant")
        await self._control.command(commands.KickParticipant(at=time.time(), number=number, participant=participant))

    async def mixer_hello(self, peer: Peer, args: Args) -> dict[str, Any]:
        self._control.mixer.hello(peer, args)
        return {}

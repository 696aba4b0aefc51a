"""What others may ask of control over the bus: state, layouts, participants. Reads answer from memory."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from mcu import __version__
from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.acts import Acts
from mcu.control.controller import Controller
from mcu.control.gateway_link import GatewayLink
from mcu.core import commands
from mcu.core.picture.layout import AUTO
from mcu.errors import ParticipantNotFound

Args = dict[str, Any]


class Participants:
    """The handlers, by name in ``handlers``."""

    def __init__(self, controller: Controller, gateway: GatewayLink, acts: Acts) -> None:
        self._control = controller
        self._acts = acts
        self._gateway = gateway
        self._bridge = controller.bridge

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "status": self.status,
            "layout.list": self.layout_list,
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

    async def participant_list(self, peer: Peer, args: Args) -> list[dict[str, Any]]:
        number = arg.number(args, "room") if args.get("room") is not None else None
        if number is not None:
            self._bridge.room(number)
        return [p.describe() for p in self._bridge.participants(number)]

    async def participant_mute(self, peer: Peer, args: Args) -> dict[str, Any]:
        number, participant = arg.number(args, "room"), arg.text(args, "participant")
        on = arg.flag(args, "on")
        command = commands.MuteParticipant(at=time.time(), number=number, participant=participant, on=on)
        await self._control.finish(self._acts.carry_out(command, number))
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
        wanted = [p.id for p in people if p.closed != on and (only is None or p.id in only)]
        if not wanted:
            return {"changed": []}
        given = {"on": on, "only": wanted, "except_chair": False}
        return {"changed": await self._control.finish(self._acts.perform(number, "mute_all", given))}

    async def participant_kick(self, peer: Peer, args: Args) -> None:
        number, participant = arg.number(args, "room"), arg.text(args, "participant")
        await self._control.command(commands.KickParticipant(at=time.time(), number=number, participant=participant))

    async def mixer_hello(self, peer: Peer, args: Args) -> dict[str, Any]:
        self._control.mixer.hello(peer, args)
        return {}

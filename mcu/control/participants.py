"""What others may ask of control over the bus: state, layouts, participants. Reads answer from memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcu import __version__
from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.controller import Controller
from mcu.control.gateway_link import GatewayLink
from mcu.core.picture.layout import AUTO

Args = dict[str, Any]


class Participants:
    """The handlers, by name in ``handlers``."""

    def __init__(self, controller: Controller, gateway: GatewayLink) -> None:
        self._control = controller
        self._gateway = gateway
        self._bridge = controller.bridge

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "status": self.status,
            "layout.list": self.layout_list,
            "participant.list": self.participant_list,
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
            "trunk": {
                "address": control.settings.trunk.address,
                "registered": self._bridge.links.trunk if control.switch.connected else None,
            },
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

    async def mixer_hello(self, peer: Peer, args: Args) -> dict[str, Any]:
        self._control.mixer.hello(peer, args)
        return {}

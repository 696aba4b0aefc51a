"""The H.323 gateway as control sees it: a process that connected to the bus, said hello and tells of its calls.

What others ask of the gateway goes through here, so that the panel and the command line need one socket only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from mcu.bus import Handler, Peer
from mcu.core.events import DeviceGone, DeviceTold, Event
from mcu.errors import BadRequest, GatewayDown

log = structlog.get_logger("mcu.control")

# Calls of the gateway's that are handed on as they are; the gateway checks their arguments.
FORWARDED = (
    "h323.status",
    "h323.calls",
    "h323.call",
    "h323.hang_up",
    "h323.registered",
    "h323.trace",
    "h323.trace_get",
)


class GatewayLink:
    """The newest gateway that said hello. ``on_event`` gets DeviceTold and DeviceGone; ``notify`` level, code and text
    of what operators want to know."""

    def __init__(self, on_event: Callable[[Event], None], notify: Callable[[str, str, str], None]) -> None:
        self._on_event = on_event
        self._notify = notify
        self._peer: Peer | None = None
        self._since: float | None = None
        self._missed = False  # it was here and went away
        self._calls: set[str] = set()  # by SIP's Call-ID

    def handlers(self) -> Mapping[str, Handler]:
        return {"h323.hello": self.hello, **{name: self._forward(name) for name in FORWARDED}}

    def describe(self) -> dict[str, Any]:
        return {"connected": self._peer is not None, "since": self._since}

    async def hello(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """``{run, pid, calls: [Call]}``: all its calls; what was known before is dropped."""
        calls = args.get("calls", [])
        if not isinstance(calls, list):
            raise BadRequest("h323.hello: calls must be a list")
        peer.role = "h323"
        self._peer, self._since = peer, time.time()
        if self._missed:
            self._missed = False
            self._notify("info", "gateway_back", "The H.323 gateway is back")
        log.info("control.gateway_up", run=str(args.get("run", ""))[:32], calls=len(calls))
        known = {str(call.get("sip_call_id", "")) for call in calls if isinstance(call, dict)}
        for call_id in self._calls - known:
            self._ended(call_id)
        for call in calls:
            self._told(call)
        return {}

    def heard(self, peer: Peer, event: str, data: dict[str, Any]) -> None:
        """An event of the gateway's."""
        if peer is not self._peer:
            return
        if event == "h323.call_changed":
            self._told(data)
        elif event == "h323.call_ended":
            self._ended(str(data.get("sip_call_id", "")))

    def gone(self, peer: Peer) -> None:
        """A link ended. If it was the gateway's, its calls may go on: they are read anew when it is back."""
        if peer is self._peer:
            self._peer, self._since, self._missed = None, time.time(), True
            log.warning("control.gateway_down")
            self._notify("warning", "gateway_away", "The H.323 gateway is away: H.323 terminals cannot call")

    def _told(self, call: object) -> None:
        if not isinstance(call, dict) or not (call_id := str(call.get("sip_call_id", ""))):
            return
        self._calls.add(call_id)
        device = " ".join(str(call[key]) for key in ("vendor", "product", "version") if call.get(key))
        self._on_event(DeviceTold(at=time.time(), call_id=call_id, device=device, details=call))

    def _ended(self, call_id: str) -> None:
        self._calls.discard(call_id)
        self._on_event(DeviceGone(at=time.time(), call_id=call_id))

    def _forward(self, name: str) -> Handler:
        async def handle(peer: Peer, args: dict[str, Any]) -> Any:
            if self._peer is None:
                raise GatewayDown("the H.323 gateway is not running")
            if "timeout" in args:
                raise BadRequest(f"{name} takes no timeout")
            return await self._peer.call(name, timeout=10.0, **args)

        return handle

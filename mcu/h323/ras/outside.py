"""Our membership in an outside gatekeeper, for the gateway: registered from start to stop, and calls asked for."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from typing import Any

import structlog

from mcu.errors import NotPermitted, TimedOut, Unavailable
from mcu.h323.media import Address
from mcu.h323.ras.client import Client
from mcu.h323.ras.events import Allowed, Denied, Event, Joined, Left
from mcu.h323.ras.messages import DISCOVERY_GROUP, RAS_PORT
from mcu.h323.ras.requests import Membership
from mcu.h323.ras.udp import Driver, Here, OnEvent

_log = structlog.get_logger("mcu.h323")

_OPEN_AGAIN = 30.0  # s


class OutsideGatekeeper:
    """``where`` is "host" or "host:port"; "" looks for one by multicast. ``on_event`` gets Joined, Left, Dropped and
    Limited."""

    def __init__(self, where: str, member: Membership, on_event: OnEvent) -> None:
        """``member``'s gatekeeper, ras and signalling host are found out by ``start``; its signalling port counts."""
        self._where = where
        self._member = member
        self._on_event = on_event
        self._client: Client | None = None
        self._driver: Driver | None = None
        self._waiting: dict[int, asyncio.Future[Allowed]] = {}
        self._opening: asyncio.Task[None] | None = None
        self.joined: Joined | None = None  # while it knows us
        self.reason = "not yet"  # why it does not

    def start(self, bind: str) -> None:
        """Goes on trying until it is stopped."""
        self._opening = asyncio.create_task(self._open(Here(bind)), name="outside-gatekeeper")

    async def stop(self) -> None:
        """Takes its leave."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._driver is not None and self._client is not None:
            self._driver.run(self._client.stop)
            self._driver.close()
        self._give_up(Unavailable("the gateway stops"))

    async def admit(self, **call: Any) -> Allowed:
        """Ask for a call, with the arguments of ClientCalls.admit. Raises NotPermitted with the gatekeeper's reason,
        TimedOut if it does not answer, Unavailable while it does not know us."""
        if self._client is None or self._driver is None or not self._client.registered:
            raise Unavailable(f"the gatekeeper does not know us: {self.reason}")
        loop = asyncio.get_running_loop()
        request = self._client.calls.admit(loop.time(), **call)
        answer: asyncio.Future[Allowed] = loop.create_future()
        self._waiting[request] = answer
        self._driver.flush()
        try:
            return await answer
        finally:
            self._waiting.pop(request, None)

    @property
    def endpoint(self) -> str:
        """What it calls us (endpointIdentifier); "" while it does not."""
        return self._client.link.endpoint if self._client is not None else ""

    @property
    def route(self) -> Address | None:
        """Where calls go that it routes; None where it routes none, or does not know us."""
        return self._client.link.route if self._client is not None else None

    def disengage(self, call_id: bytes, reason: str = "normalDrop") -> None:
        """A call is over; one that was never admitted is none of its business."""
        if self._client is not None and self._driver is not None:
            self._client.calls.disengage(call_id, asyncio.get_running_loop().time(), reason=reason)
            self._driver.flush()

    # --- inside -------------------------------------------------------------------------------------------------

    async def _open(self, here: Here) -> None:
        while True:
            try:
                return await self._try(here)
            except OSError as fault:
                self.reason = fault.strerror or str(fault)
                _log.warning("h323.gatekeeper_not_tried", gatekeeper=self._where, reason=self.reason)
            await asyncio.sleep(_OPEN_AGAIN)

    async def _try(self, here: Here) -> None:
        """Raises OSError without an address of it or of ours."""
        gatekeeper = await _resolve(self._where) if self._where else None
        host = here(gatekeeper.host if gatekeeper else DISCOVERY_GROUP.host)
        if not host:
            raise OSError(f"no way to {gatekeeper or DISCOVERY_GROUP}")
        client = Client(self._member)
        driver = Driver(client, self._heard)
        bound = await driver.open(host, 0)
        client.member = client.link.member = dataclasses.replace(
            self._member,
            gatekeeper=gatekeeper,
            ras=bound,
            signalling=Address(host, self._member.signalling.port),
        )
        self._client, self._driver = client, driver
        driver.run(client.start)

    def _heard(self, event: Event) -> None:
        match event:
            case Allowed(request=request) if (answer := self._waiting.pop(request, None)) is not None:
                if not answer.done():
                    answer.set_result(event)
            case Denied(request=request, reason=reason) if (answer := self._waiting.pop(request, None)) is not None:
                if not answer.done():
                    answer.set_exception(TimedOut(reason) if reason == "no answer" else NotPermitted(reason))
            case Joined():
                self.joined, self.reason = event, ""
                _log.info("h323.gatekeeper_joined", gatekeeper=str(event.gatekeeper), aliases=list(event.aliases))
                self._on_event(event)
            case Left(reason=reason):
                if self.joined is not None or self.reason != reason:
                    _log.warning("h323.gatekeeper_left", reason=reason)
                    self._on_event(event)
                self.joined, self.reason = None, reason
            case _:
                self._on_event(event)

    def _give_up(self, fault: Exception) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(fault)
        self._waiting.clear()


async def _resolve(where: str) -> Address:
    """Raises OSError for a host that nobody knows."""
    host, port = split(where)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except UnicodeError:
        raise OSError(f"{host[:64]!r} is no host") from None
    return Address(str(found[0][4][0]).partition("%")[0], port)


def split(where: str) -> tuple[str, int]:
    """``host``, ``host:port``, ``[fd00::7]:1719``, ``fd00::7``; a port that is none is the default one."""
    host, colon, port = where.strip().rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        host, port = where.strip(), ""
    number = int(port) if port.isascii() and port.isdecimal() and len(port) < 6 else RAS_PORT
    return host.strip("[]"), number if 0 < number < 65536 else RAS_PORT

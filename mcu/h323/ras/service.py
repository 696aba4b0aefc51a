"""RAS as the gateway has it: our gatekeeper, our membership in another one, and what both know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import structlog

from mcu import __version__, config
from mcu.errors import McuError
from mcu.h323.media import Address
from mcu.h323.ras.accounts import Account, Policy, within
from mcu.h323.ras.events import (
    Admitted,
    Allowed,
    Disengaged,
    Dropped,
    Event,
    Joined,
    Left,
    Located,
    Refused,
    Registered,
    Unregistered,
)
from mcu.h323.ras.gatekeeper import Gatekeeper
from mcu.h323.ras.messages import RAS_PORT
from mcu.h323.ras.outside import OutsideGatekeeper
from mcu.h323.ras.requests import Membership
from mcu.h323.ras.udp import GatekeeperServer, Here

_log = structlog.get_logger("mcu.h323")

Tell = Callable[[str, dict[str, Any]], None]
_ANYWHERE = Address("0.0.0.0", 0)  # what only the sockets know


class RasService:
    """``tell`` gets ``h323.registration_changed`` with its data; ``drop`` the callIdentifier of a call that the outside
    gatekeeper wants ended, b"" for all of them."""

    def __init__(
        self, settings: config.H323, bind: str, *, guests: bool, tell: Tell, drop: Callable[[bytes], None]
    ) -> None:
        self._settings, self._bind = settings, bind
        self._tell, self._drop = tell, drop
        policy = Policy(
            identifier=settings.gatekeeper_id,
            signalling=Address("127.0.0.1", settings.port),  # where it isn't known how a host reaches us
            guests=guests,
            neighbours=tuple(str(network) for network in settings.neighbours),
            asked=tuple(
                Address(str(one.network_address), RAS_PORT) for one in settings.neighbours if one.num_addresses == 1
            ),
        )
        self.gatekeeper = Gatekeeper(policy, here=Here(bind))
        self._server = GatekeeperServer(self.gatekeeper, self._heard)
        self._outside = self._membership()
        self._located: dict[int, asyncio.Future[Located]] = {}
        self.registered: dict[str, Address] = {}  # account to where it sends from and takes calls

    def _membership(self) -> OutsideGatekeeper | None:
        other = self._settings.gatekeeper
        if not other.address:
            return None
        aliases = tuple(name for name in (other.number, other.alias) if name)
        member = Membership(
            gatekeeper=None,
            aliases=aliases or ("MCU",),
            # Rooms come and go: a number is registered as a prefix, too, so that 10 brings calls to 1001 here.
            prefixes=(other.number,) if other.number else (),
            signalling=Address("127.0.0.1", self._settings.port),
            ras=_ANYWHERE,
            password=other.password,
            user=other.alias,
            version=__version__,
        )
        return OutsideGatekeeper(other.address, member, self._heard)

    async def start(self) -> None:
        """Raises OSError if the port is taken."""
        await self._server.start(self._bind, self._settings.ras_port, multicast=self._settings.discovery)
        if self._outside is not None:
            self._outside.start(self._bind)

    async def stop(self) -> None:
        if self._outside is not None:
            await self._outside.stop()
        self._server.stop()
        await asyncio.sleep(0)  # sockets are closed in the loop's next turn

    # --- for the gateway ----------------------------------------------------------------------------------------

    def replace(self, accounts: Iterable[Account]) -> None:
        """Other accounts from now on."""
        told = list(accounts)
        self._server.run(lambda at: self.gatekeeper.replace(told, at))

    def find(self, alias: str, *, guests: bool = True) -> Address | None:
        """Where a terminal is: registered here, or with an account that has a fixed address."""
        return self.gatekeeper.find(alias, guests=guests)

    async def locate(self, alias: str) -> Located | None:
        """Where a neighbour says somebody is; None where none of them knows, or alias is none."""
        found: list[asyncio.Future[Located]] = []

        def ask(at: float) -> list[Event]:
            number, events = self.gatekeeper.locate(alias, at)
            found.append(asyncio.get_running_loop().create_future())
            self._located[number] = found[0]
            return events

        self._server.run(ask)
        if not found:
            return None
        try:
            answer = await found[0]
        finally:
            self._located = {number: one for number, one in self._located.items() if one is not found[0]}
        return answer if answer.target is not None else None

    def is_partner(self, host: str) -> bool:
        """Whether a gatekeeper is there that we work with: one that routes signalling brings all its calls itself."""
        joined = self._outside.joined if self._outside is not None else None
        networks = (str(network) for network in self._settings.neighbours)
        outside = joined is not None and joined.gatekeeper.host == host
        outside = outside or (self.route is not None and self.route.host == host)  # not always where it is asked
        return outside or bool(self.gateway_at(host)) or within(host, networks)

    def gateway_at(self, host: str) -> str:
        """The account of a gateway, or of a gatekeeper of a district, that is registered from there and has proved its
        password; "" where there is none. It brings the calls of all behind it."""
        there = (one for one in self.gatekeeper.registry if one.prefixes and one.method and one.source.host == host)
        return next((one.account for one in there), "")

    @property
    def joined(self) -> bool:
        """Whether an outside gatekeeper knows us."""
        return self._outside is not None and self._outside.joined is not None

    @property
    def endpoint_identifier(self) -> str:
        """What it calls us, for Setup."""
        return self._outside.endpoint if self._outside is not None else ""

    @property
    def route(self) -> Address | None:
        """Where the outside gatekeeper takes calls, if it routes them."""
        return self._outside.route if self._outside is not None else None

    async def admit(self, **call: Any) -> Allowed:
        """Ask the outside gatekeeper for a call; see OutsideGatekeeper.admit for what it raises."""
        if self._outside is None:
            raise McuError("there is no outside gatekeeper")  # wrong use of ours: see ``joined``
        return await self._outside.admit(**call)

    def disengage(self, call_id: bytes) -> None:
        """A call is over, whoever admitted it."""
        if self._outside is not None:
            self._outside.disengage(call_id)

    def describe(self) -> dict[str, Any]:
        """For people: who is registered, and what we are elsewhere."""
        now = asyncio.get_running_loop().time()
        endpoints = [
            {
                "terminal": one.account,
                "aliases": list(one.aliases),
                "address": str(one.signalling),
                "source": str(one.source),
                "product": one.product,
                "proved": one.method or "",
                "heard": round(now - one.heard, 1),  # s ago
                "calls": len(one.calls),
            }
            for one in self.gatekeeper.registry
        ]
        outside: dict[str, Any] = {"address": self._settings.gatekeeper.address, "registered": self.joined}
        if self._outside is not None:
            outside["reason"] = self._outside.reason
        return {
            "endpoints": endpoints,
            "garbled": self.gatekeeper.garbled,
            "throttled": self.gatekeeper.throttled,
            "outside": outside,
        }

    # --- what happens -------------------------------------------------------------------------------------------

    def _heard(self, event: Event) -> None:
        match event:
            case Registered(account=account):
                self._registered(event)
            case Unregistered(account=account, reason=reason):
                self.registered.pop(account, None)
                for one in self.gatekeeper.registry:  # several terminals may be known by one network
                    if account and one.account == account:
                        self.registered[account] = Address(one.source.host, one.signalling.port)
                _log.info("h323.unregistered", terminal=account, reason=reason)
                self._tell("h323.registration_changed", {"terminal": account, "registered": False, "reason": reason})
            case Refused(source=source, request=request, reason=reason, aliases=aliases):
                _log.info("h323.ras_refused", source=str(source), request=request, reason=reason, aliases=list(aliases))
            case Admitted(account=account, destination=destination, target=target):
                _log.info("h323.admitted", terminal=account, number=destination, target=str(target))
            case Disengaged(account=account, reason=reason):
                _log.info("h323.disengaged", terminal=account, reason=reason)
            case Joined(gatekeeper=gatekeeper):
                self._tell("h323.gatekeeper_changed", {"registered": True, "address": str(gatekeeper), "reason": ""})
            case Left(reason=reason):
                told = {"registered": False, "address": self._settings.gatekeeper.address, "reason": reason}
                self._tell("h323.gatekeeper_changed", told)
            case Located(request=request):
                answer = self._located.get(request)
                if answer is not None and not answer.done():
                    answer.set_result(event)
            case Dropped(call_id=call_id):
                self._drop(call_id)
            case _:
                pass

    def _registered(self, event: Registered) -> None:
        one = self.gatekeeper.registry.get(event.endpoint)
        if event.account and one is not None:
            # Its calls come from where its messages come from.
            self.registered[event.account] = Address(one.source.host, event.signalling.port)
        _log.info(
            "h323.registered",
            terminal=event.account,
            aliases=list(event.aliases),
            address=str(event.signalling),
            product=event.product,
        )
        told = {
            "terminal": event.account,
            "registered": True,
            "aliases": list(event.aliases),
            "address": str(event.signalling),
            "product": event.product,
        }
        self._tell("h323.registration_changed", told)

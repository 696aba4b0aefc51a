"""The gateway: listens for terminals, keeps their calls, places those that Asterisk asks for."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import structlog

from mcu import __version__, config
from mcu.core.directory.overrides import Overrides
from mcu.errors import BadRequest, McuError, NotFound, NotPermitted
from mcu.h323 import causes, signalling, sip
from mcu.h323.gateway import admission, dialled, fast_start
from mcu.h323.gateway.call import Call
from mcu.h323.gateway.callers import Callers, Known
from mcu.h323.gateway.formats import local_offer
from mcu.h323.gateway.incoming import IncomingCall
from mcu.h323.gateway.limits import ConnectionLimit
from mcu.h323.gateway.link import Link, connect
from mcu.h323.gateway.outgoing import OutgoingCall
from mcu.h323.gateway.trace import Trace
from mcu.h323.media import Address
from mcu.h323.ras.service import RasService
from mcu.h323.signalling import CallSignalling, Endpoint, Target
from mcu.h323.sip import leftovers, sdp

_log = structlog.get_logger("mcu.h323")

_KEPT_TRACES = 50  # of calls that are over
_MOST_CONNECTIONS = 1000
_MOST_FORWARDS = 3


class Gateway:
    """``tell`` gets what control may want to know: ``h323.call_changed`` and ``h323.call_ended`` with their data."""

    def __init__(
        self, settings: config.H323, bind: str, asterisk: tuple[str, int], account: sip.Account,
        tell: Callable[[str, dict[str, Any]], None], *, guests: bool = False, memory: Path | None = None,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.bind = bind
        self._memory = memory
        self._written: frozenset[str] | None = None  # Call-IDs in it
        self.ras = RasService(settings, bind, guests=guests, tell=tell, drop=self._dropped)
        self.callers = Callers()
        self.callers.registered = self.ras.registered
        self.callers.gateway_at = self.ras.gateway_at
        self.calls: dict[str, Call] = {}
        self.agent = sip.UserAgent(("127.0.0.1", settings.sip_port), asterisk, account, self._invited)
        self._tell = tell
        self._limit = ConnectionLimit(settings.connections_per_address, settings.connections_per_minute)
        self._traces: OrderedDict[str, Trace] = OrderedDict()
        self._traced_hosts: set[str] = set()
        self._server: asyncio.Server | None = None
        self._links: set[Link] = set()
        self._dialling: set[asyncio.Task[None]] = set()
        self.counts = {"calls_in": 0, "calls_out": 0, "calls_ended": 0, "connections_refused": 0}

    async def start(self) -> None:
        """Raises OSError when a port is taken."""
        await self.agent.start()
        self._hang_up_leftovers()
        loop = asyncio.get_running_loop()
        try:
            everywhere = self.bind in ("", "::")  # asyncio would take "::" for IPv6 alone
            host = None if everywhere else self.bind
            self._server = await loop.create_server(self._accept, host, self.settings.port, backlog=100)
            await self.ras.start()
        except OSError:
            if self._server is not None:
                self._server.close()
            self.agent.close()
            raise

    async def stop(self) -> None:
        """Hang up, so that no terminal waits for somebody who is gone."""
        if self._server is not None:
            self._server.close()
        for task in list(self._dialling):
            task.cancel()
        for call in list(self.calls.values()):
            call.end(causes.NORMAL_CLEARING, "the gateway stops")
        for link in list(self._links):
            link.close()
        waiting = [asyncio.create_task(link.closed.wait()) for link in self._links]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=1.0)
            for one in late:
                one.cancel()
        for link in list(self._links):
            link.abort()
        await self.ras.stop()
        if self._server is not None:
            await self._server.wait_closed()
        await self.agent.hung_up(timeout=1.0)
        self.agent.close()

    # --- terminals that call ----------------------------------------------------------------------------------

    def _accept(self) -> asyncio.Protocol:
        return _Incoming(self)

    def connected(self, link: Link) -> bool:
        """A connection came; whether it may stay."""
        loop = asyncio.get_running_loop()
        counted = not self._trusted(link.peer.host)
        if len(self._links) >= _MOST_CONNECTIONS or (counted and not self._limit.admit(link.peer.host, loop.time())):
            self.counts["connections_refused"] += 1
            return False
        self._links.add(link)
        link.on_closed = lambda: self._disconnected(link, counted)
        odd = self.callers.expected(link.peer.host)
        session = CallSignalling.answering(self.endpoint(link.local, odd), loop.time())
        call = IncomingCall(self, link, session, secrets.token_hex(8))
        self.calls[call.tag] = call
        call.flush()
        return True

    def _disconnected(self, link: Link, counted: bool) -> None:
        self._links.discard(link)
        if counted:
            self._limit.leave(link.peer.host)

    def _trusted(self, host: str) -> bool:
        """Who is known by the address may connect as often as it likes: a gatekeeper or a bridge brings many calls."""
        return self.callers.directory.at(host) is not None or self.ras.is_partner(host)

    def endpoint(self, local: Address, odd: Overrides) -> Endpoint:
        """Ourselves, as a terminal that reached us at ``local`` is told."""
        tunnelling = self.settings.tunnelling and not odd.no_tunnelling
        return Endpoint(address=Address(local.host, self.settings.port), version=__version__, tunnelling=tunnelling)

    def admits(self, call: Call, setup: signalling.SetupReceived) -> int:
        """Who calls, and whether there is room. A Q.850 cause refuses, 0 does not."""
        if self._active() >= self.settings.most_calls:
            return causes.CONGESTION
        host = call.link.peer.host
        caller = self.callers.who(host, setup.peer.aliases)
        call.admitted = True
        call.door, call.terminal, call.name = caller.door, caller.terminal, caller.name
        # Behind a gatekeeper or bridge that we work with are many, who must not answer for one of them that scans.
        call.source = "" if self._trusted(host) else host
        call.streams.override(self.settings.bit_rate, self.callers.overrides(caller.terminal))
        self.counts["calls_in"] += 1
        if self.ras.joined and caller.door == "guest":
            self._start(admission.ask_to_answer(self.ras, 2 * self.settings.bit_rate, call, setup))
        return 0

    def _dropped(self, call_id: bytes) -> None:
        """The outside gatekeeper wants a call ended; b"" is all of its."""
        for call in list(self.calls.values()):
            if call.signalling.call_id == call_id or (not call_id and call.door == "guest"):
                call.end(causes.NORMAL_CLEARING, "ended by the gatekeeper")

    # --- calls that Asterisk makes ----------------------------------------------------------------------------

    def find(self, alias: str) -> Address | None:
        """Where a terminal is that is registered, or whose account has an address."""
        return self.ras.find(alias)

    def replace_accounts(self, known: list[Known]) -> None:
        """Other terminals have accounts from now on."""
        self.callers.replace(known)
        self.ras.replace([one.account for one in known])

    def _invited(self, invited: sip.SipCall) -> None:
        user = invited.request.uri.user or "" if invited.request is not None else ""
        if tag := dialled.read_slides(user):
            if (call := self.calls.get(tag)) is not None:
                call.invited(invited)
            else:
                invited.refuse(404, causes.UNALLOCATED)
            return
        if self._active() >= self.settings.most_calls or invited.request is None:
            invited.refuse(503, causes.CONGESTION)
            return
        try:
            target = dialled.read(user)
        except BadRequest as fault:
            _log.warning("h323.not_dialled", reason=str(fault))
            invited.refuse(404, causes.UNALLOCATED)
            return
        self._place(invited, target, 0)

    def _place(self, invited: sip.SipCall, target: dialled.Dialled, forwards: int) -> None:
        task = self._start(self._dial(invited, target, forwards))

        def given_up(event: sip.SipEvent) -> None:
            if isinstance(event, sip.Ended):
                task.cancel()

        invited.on_event = given_up

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)
        return task

    async def _dial(self, invited: sip.SipCall, target: dialled.Dialled, forwards: int) -> None:
        room, number = sip.caller_of(invited.request) if invited.request is not None else ("", "")
        nowhere = Address("0.0.0.0", dialled.DEFAULT_PORT)
        call_id, conference_id = secrets.token_bytes(16), secrets.token_bytes(16)
        setup = Target(
            address=nowhere, call_id=call_id, conference_id=conference_id, alias=target.alias, display=room,
            # Most show an alias, and call back a number. An alias has the characters of a BMPString alone.
            source=tuple(dict.fromkeys(text for text in (room, number) if any(c <= "\uffff" for c in text))),
        )  # fmt: skip
        try:
            setup = await admission.route(self.ras, 2 * self.settings.bit_rate, target, setup)
            link = Link(lambda _: None, lambda: None)
            await connect(setup.address, link)
        except asyncio.CancelledError:
            self.ras.disengage(call_id)
            raise
        except (NotFound, NotPermitted) as fault:
            self.ras.disengage(call_id)  # a gatekeeper may have allowed it without saying where to
            _log.info("h323.not_dialled", reason=str(fault))
            invited.refuse(404, causes.UNALLOCATED)
            return
        except (OSError, TimeoutError, ValueError, McuError) as fault:
            self.ras.disengage(call_id)
            _log.info("h323.not_connected", target=str(target), reason=str(fault) or "no answer")
            invited.refuse(causes.status_of_cause(causes.OUT_OF_ORDER), causes.OUT_OF_ORDER)
            return
        self._links.add(link)
        link.on_closed = lambda: self._links.discard(link)
        loop = asyncio.get_running_loop()
        account = self.callers.directory.dialled(target.alias) if target.alias else None
        odd = self.callers.overrides(account.name) if account is not None else self.callers.expected(setup.address.host)
        offer = invited.request.body if invited.request is not None else b""
        proposals = self._proposals(offer, link, odd)
        session = CallSignalling.calling(self.endpoint(link.local, odd), setup, loop.time(), fast_start=proposals)
        call = OutgoingCall(self, link, session, secrets.token_hex(8))
        call.streams.override(self.settings.bit_rate, odd)
        call.admitted = True
        call.forwards, call.number = forwards, target.alias or str(setup.address)
        self.calls[call.tag] = call
        self.counts["calls_out"] += 1
        _log.info("h323.call_out", call=call.tag, target=call.number, address=str(setup.address))
        call.attach(invited)
        call.offered(offer)
        call.flush()

    def _proposals(self, offer: bytes, link: Link, odd: Overrides) -> tuple[bytes, ...]:
        """Fast start for a call of ours, if it shall be used."""
        if not self.settings.fast_start or odd.no_fast_start:
            return ()
        try:
            description = sdp.read(offer)
        except ValueError:
            return ()
        return fast_start.proposals(local_offer(self.settings.bit_rate, odd), description, link.local.host)

    def forwarded(self, call: Call, address: Address | None, aliases: tuple[str, ...]) -> None:
        """The terminal sends a call of ours elsewhere: this one ends, its SIP call goes on with another."""
        invited, call.sip = call.sip, None
        target = dialled.Dialled(
            aliases[0] if aliases else "", address.host if address else "", address.port if address else 0
        )
        call.end(causes.NORMAL_CLEARING, f"forwarded to {address or aliases}")
        if invited is None or invited.up:
            return
        if call.forwards >= _MOST_FORWARDS:
            invited.refuse(480, causes.NO_ROUTE)
        else:
            self._place(invited, target, call.forwards + 1)

    # --- what calls tell --------------------------------------------------------------------------------------

    def new_trace(self, call: Call) -> Trace:
        on = self.settings.trace or call.link.peer.host in self._traced_hosts
        return Trace(call.link.local, call.link.peer, on)

    def _hang_up_leftovers(self) -> None:
        for dialog in leftovers.read(self._memory) if self._memory is not None else []:
            with contextlib.suppress(ValueError):
                self.agent.hang_up(dialog)
                _log.warning("h323.leftover_hung_up", sip_call_id=dialog.call_id)
        self._remember()

    def _remember(self) -> None:
        """Write down what a successor would have to hang up."""
        if self._memory is not None:
            all_sip = ((call.sip, call.presentation.sip, call.slides.sip) for call in self.calls.values())
            up = [one.dialog for three in all_sip for one in three if one is not None and one.up]
            # A disk that is slow for a moment must not stop everybody because a terminal changes its bit rate.
            if (names := frozenset(dialog.call_id for dialog in up)) != self._written:
                self._written = names
                leftovers.write(self._memory, up)

    def changed(self, call: Call) -> None:
        self._remember()
        self._tell("h323.call_changed", call.describe())

    def over(self, call: Call, cause: int, why: str) -> None:
        self.calls.pop(call.tag, None)
        if call.sip is not None:
            self._remember()
        self.ras.disengage(call.signalling.call_id)
        call.trace.note(f"over: {why} (Q.850 {cause})")
        if call.trace.on:
            self._traces[call.tag] = call.trace
            while len(self._traces) > _KEPT_TRACES:
                self._traces.popitem(last=False)
        if call.admitted:
            self.counts["calls_ended"] += 1
            _log.info("h323.call_over", call=call.tag, cause=cause, why=why, peer=str(call.link.peer))
            self._tell("h323.call_ended", {**call.describe(), "cause": cause, "reason": why})

    def _active(self) -> int:
        """Calls, not connections that nobody has called on yet."""
        return sum(1 for call in self.calls.values() if call.admitted)

    def status(self) -> dict[str, Any]:
        """For operators and metrics."""
        return {
            **self.counts, "calls": self._active(), "connections": len(self._links), "sip_garbled": self.agent.garbled,
            "sip_strangers": self.agent.strangers,
        }  # fmt: skip

    # --- traces -----------------------------------------------------------------------------------------------

    def trace_call(self, tag: str, on: bool) -> bool:
        """From now on; False when there is no such call."""
        call = self.calls.get(tag)
        if call is not None:
            call.trace.on = on
        return call is not None

    def trace_host(self, host: str, on: bool) -> None:
        """Calls to and from ``host``, those that are up included."""
        if on and len(self._traced_hosts) < 1000:
            self._traced_hosts.add(host)
        else:
            self._traced_hosts.discard(host)
        for call in self.calls.values():
            if call.link.peer.host == host:
                call.trace.on = on

    def trace_of(self, tag: str) -> Trace | None:
        call = self.calls.get(tag)
        return call.trace if call is not None else self._traces.get(tag)


class _Incoming(Link):
    """A connection that somebody opened to us, from its first moment."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(lambda _: None, lambda: None)
        self._gateway = gateway

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if not self._gateway.connected(self):
            self.abort()

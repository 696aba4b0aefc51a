"""The terminal's side of a call: H.225 on its connection, H.245 on whatever carries it, and the clock of both.

Everything is an event of a session, handled at once; then what the sessions have to say is written. Nothing waits.
"""

from __future__ import annotations

import asyncio
import functools
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import structlog

from mcu import config
from mcu.h323 import causes, signalling, sip
from mcu.h323.gateway import destinations
from mcu.h323.gateway.formats import local_offer
from mcu.h323.gateway.limits import MessageLimit
from mcu.h323.gateway.link import H245Connection, Link
from mcu.h323.gateway.streams import Streams
from mcu.h323.gateway.trace import Trace
from mcu.h323.h245 import Control
from mcu.h323.h245 import events as h245
from mcu.h323.media import Address

_log = structlog.get_logger("mcu.h323")

_CAPABILITIES_LIMIT = 20.0  # s from Connect to a capability set
_UNREAD_LIMIT = 3.0  # s in which a peer that tunnels says something; ooh323c claims it with every fast start
_TERMINAL_TYPE_MCU = 190  # H.323 table 1: an MCU with audio, video and data, which wins against every terminal

Side = TypeVar("Side", bound="TerminalSide")


def guarded(handler: Callable[[Side, Any], None]) -> Callable[[Side, Any], None]:
    """A fault of ours in one call ends that call, with a traceback in the log, and no other."""

    @functools.wraps(handler)
    def handle(self: Side, what: Any) -> None:
        try:
            handler(self, what)
        except Exception:
            _log.exception("h323.call_failed", call=self.tag)
            self.end(causes.TEMPORARY_FAILURE, "a fault of ours")

    return handle


class Host(Protocol):
    """What a call needs of the gateway around it."""

    settings: config.H323
    agent: sip.UserAgent

    def admits(self, call: TerminalSide, setup: signalling.SetupReceived) -> int:
        """Who calls: sets ``door``, ``terminal``, ``name``, and ``source``, the address that answers for it. A Q.850
        cause refuses, 0 does not."""
        ...

    def forwarded(self, call: TerminalSide, address: Address | None, aliases: tuple[str, ...]) -> None:
        """The terminal sends a call of ours elsewhere: this one ends, its SIP call goes on with another."""
        ...

    def new_trace(self, call: TerminalSide) -> Trace: ...

    def changed(self, call: TerminalSide) -> None: ...

    def over(self, call: TerminalSide, cause: int, why: str) -> None: ...


class TerminalSide(ABC):
    """``tag`` names the call on both sides and in every log line."""

    direction = ""

    def __init__(self, host: Host, link: Link, session: signalling.CallSignalling, tag: str) -> None:
        self.host, self.link, self.signalling, self.tag = host, link, session, tag
        self.since = time.time()
        self.ended = False
        self.admitted = False  # it is a call, not only a connection
        self.number = self.terminal = ""
        self.door = "guest"
        self.name = ""
        self.source = ""
        self.control: Control | None = None
        self.sip: sip.SipCall | None = None
        self.fast_start = False
        self.forwards = 0  # how often a call of ours was sent elsewhere
        self.streams = Streams(local_offer(host.settings.bit_rate), link.peer.host, link.local.host)
        self.trace = host.new_trace(self)
        self._connection: H245Connection | None = None
        self.capabilities_known = False
        self._heard = False  # anything at all of H.245
        self._messages = MessageLimit()
        self._timer: asyncio.TimerHandle | None = None
        self._limits: list[asyncio.TimerHandle] = []
        link.on_octets, link.on_lost = self._octets, self._link_lost

    @abstractmethod
    def controlled(self, event: h245.Event) -> None:
        """An event of H.245's."""

    @abstractmethod
    def dtmf(self, digits: str) -> None:
        """The terminal pressed keys."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """For operators, as JSON."""

    # --- octets in and out ------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @guarded
    def _octets(self, octets: bytes) -> None:
        self.trace.signalling("in", octets)
        for event in self.signalling.feed(octets, self.now):
            self._signalled(event)
        self.flush()

    def _h245_message(self, message: bytes) -> None:
        if self.control is None or self.ended:
            return
        self._heard = True
        if not self._messages.passes(self.now):
            self.end(causes.PROTOCOL_ERROR, "too many H.245 messages")
            return
        self.trace.control("in", message, self._ends)
        for event in self.control.feed(message, self.now):
            self.controlled(self._checked(event))

    def _checked(self, event: h245.Event) -> h245.Event:
        """A channel that would lead where we send nothing to is none."""
        if not isinstance(event, h245.ChannelAccepted) or self.reaches(event.rtp):
            return event
        assert self.control is not None
        self.control.close(event.number)
        return h245.ChannelRejected(event.number, "address")

    def reaches(self, address: Address | None) -> bool:
        """Whether media may be sent there, if it is told already."""
        if address is None or destinations.allowed(address, self.link.peer.host, self.link.local.host):
            return True
        _log.warning("h323.media_elsewhere", call=self.tag, address=str(address), peer=str(self.link.peer))
        return False

    @guarded
    def _connection_message(self, message: bytes) -> None:
        self._h245_message(message)
        self.flush()

    def flush(self) -> None:
        """Write what the sessions have to say, and set the clock for what they want to do next."""
        # A peer may end the tunnel and tell no address, or one that it told before: then what there is to say waits.
        if self.control is not None and (self._connection is not None or self.signalling.tunnels):
            for message in self.control.take():
                self.trace.control("out", message, self._ends)
                if self._connection is not None:
                    self._connection.write(message)
                else:
                    self.signalling.send_h245(message)
        octets = self.signalling.take()
        if octets:
            self.trace.signalling("out", octets)
            self.link.write(octets)
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.ended:
            return
        dues = [self.signalling.due(), self.control.due() if self.control is not None else None]
        soonest = min((due for due in dues if due is not None), default=None)
        if soonest is not None:
            self._timer = asyncio.get_running_loop().call_at(soonest, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._ticked(self.now)

    @guarded
    def _ticked(self, at: float) -> None:
        for event in self.signalling.tick(at):
            self._signalled(event)
        if self.control is not None:
            for told in self.control.tick(at):
                self.controlled(told)
        self.flush()

    def later(self, seconds: float, what: Any, *arguments: Any) -> None:
        """A limit of this call's, dropped with it."""
        self._limits.append(asyncio.get_running_loop().call_later(seconds, what, *arguments))

    # --- H.245's way ------------------------------------------------------------------------------------------

    def start_h245(self) -> None:
        """Begin the control session, on whatever carries it."""
        if self.control is None and not self.ended:
            self.control = Control(self.streams.offer, _TERMINAL_TYPE_MCU, self.now, random.SystemRandom())
            self.control.start(self.now)
            self.later(_CAPABILITIES_LIMIT, self._not_capable)
            self.later(_UNREAD_LIMIT, self._unread)

    def listen_h245(self) -> Address | None:
        """Our address for the terminal's H.245; None when no port is free."""
        self._own_connection()
        assert self._connection is not None
        claimed = self.signalling.peer.address
        allowed = {self.link.peer.host} | ({claimed.host} if claimed is not None else set())
        ports = range(self.host.settings.h245_first, self.host.settings.h245_last + 1)
        try:
            return self._connection.listen(self.link.local.host, ports, allowed)
        except OSError as fault:
            _log.error("h323.no_h245_port", call=self.tag, reason=str(fault))
            return None

    def offer_address(self) -> None:
        """Neither tunnelling nor an address of the terminal's: it shall come to us (H.323 8.1.3, startH245)."""
        if self.control is not None or self.ended:
            return
        address = self.listen_h245()
        if address is None:
            self.end(causes.CONGESTION, "no port for H.245")
            return
        self.signalling.offer_h245(address)
        self.start_h245()
        self.flush()

    def _unread(self) -> None:
        """What we said into the tunnel was answered by nothing: on a connection of its own it may be (H.323 8.2.3)."""
        if self._heard or self.fast_start or not self.signalling.tunnelling or self.ended:
            return
        _log.info("h323.tunnel_unread", call=self.tag, peer=str(self.link.peer))
        self._tunnelling_refused()
        self.offer_address()

    def connect_h245(self, address: Address) -> None:
        """Go to the terminal's address. A stranger's may only be its own: nobody makes us knock at other doors."""
        if self.direction == "in" and self.door == "guest" and address.host != self.link.peer.host:
            _log.warning("h323.h245_elsewhere", call=self.tag, address=str(address), peer=str(self.link.peer))
            return
        self._own_connection()
        assert self._connection is not None
        self._connection.connect(address, self.link.local.host)
        self.start_h245()

    @property
    def _ends(self) -> tuple[Address, Address] | None:
        return self._connection.ends if self._connection is not None else None

    def _own_connection(self) -> None:
        if self._connection is None:
            self._connection = H245Connection(self._connection_message, self._connection_lost)

    def _connection_lost(self, why: str) -> None:
        self.end(causes.TEMPORARY_FAILURE, why)

    def _not_capable(self) -> None:
        if not self.capabilities_known and not self.fast_start:  # with fast start media flow, and some never tell any
            self.end(causes.TIMER_EXPIRED, "the terminal told no capabilities")

    # --- H.225 ------------------------------------------------------------------------------------------------

    def _signalled(self, event: signalling.Event) -> None:
        if self.ended:
            return
        match event:
            case signalling.H245Received(message):
                self.start_h245()
                self._h245_message(message)
            case signalling.H245Address(address):
                if not self.signalling.tunnelling and (self._connection is None or not self._connection.open):
                    self.connect_h245(address)
            case signalling.TunnellingRefused():
                self._tunnelling_refused()
            case signalling.Keypad(digits):
                self.dtmf(digits)
            case signalling.Released(cause, reason, by_peer):
                self.end(cause, reason if by_peer else f"we gave up: {reason}")
            case signalling.Lost(reason):
                self.end(causes.TEMPORARY_FAILURE, reason)
            case _:
                self.signalled(event)

    @abstractmethod
    def signalled(self, event: signalling.Event) -> None:
        """What differs between incoming and outgoing calls."""

    def _tunnelling_refused(self) -> None:
        if self.control is not None:  # what it said went into a tunnel that nobody read
            self.control = None
            self.capabilities_known = False
            self.streams.sent.clear()
            self.streams.received.clear()

    def _link_lost(self) -> None:
        self.end(causes.TEMPORARY_FAILURE, "the call signalling connection was closed")

    # --- the end ----------------------------------------------------------------------------------------------

    def end(self, cause: int, why: str, *, by_asterisk: bool = False) -> None:
        """Hang up on both sides, whatever state they are in. ``cause`` is Q.850's."""
        if self.ended:
            return
        self.ended = True
        try:
            self._say_goodbye(cause, by_asterisk)
        except Exception:  # whatever it is: the call is not to stay for ever
            _log.exception("h323.goodbye_failed", call=self.tag)
        self.close()
        self.host.over(self, cause, why)

    def _say_goodbye(self, cause: int, by_asterisk: bool) -> None:
        if self.sip is not None and not by_asterisk:
            self.sip.hang_up(cause, causes.status_of_cause(cause))
        if self.control is not None:
            self.control.end()
        if self._connection is None:
            self.flush()
        else:
            self._last_words()
        self.signalling.release(cause)
        octets = self.signalling.take()
        if octets:
            self.trace.signalling("out", octets)
            self.link.write(octets)

    def _last_words(self) -> None:
        assert self._connection is not None
        if self.control is not None:
            for message in self.control.take():
                self.trace.control("out", message, self._ends)
                self._connection.write(message)

    def close(self) -> None:
        """Let go of timers and connections."""
        for timer in [self._timer, *self._limits]:
            if timer is not None:
                timer.cancel()
        self._timer = None
        self._limits.clear()
        if self._connection is not None:
            self._connection.close()
        self.link.close()

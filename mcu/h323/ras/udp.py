"""Datagrams and time for the gatekeeper and for the client of an outside one: asyncio around classes without I/O."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import struct
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

import structlog

from mcu.h323 import own_address
from mcu.h323.datagrams import open_datagrams
from mcu.h323.media import Address
from mcu.h323.ras.events import Event
from mcu.h323.ras.gatekeeper import Gatekeeper
from mcu.h323.ras.messages import DISCOVERY_GROUP

_log = structlog.get_logger("mcu.h323")

OnEvent = Callable[[Event], None]
_LARGEST = 8192  # octets of a datagram; per.MAX_OCTETS
_BUFFER = 1 << 20  # octets, if the kernel allows: after a power cut all terminals ask at once
_SOONEST = 0.005  # s: what stays due must not become a busy loop
_HOSTS_MOST = 1024
_HOSTS_LIFE = 60.0  # s that a way to a host is believed to stay as it is


class Session(Protocol):
    """Gatekeeper and Client as they are driven."""

    epoch: float

    def feed(self, octets: bytes, source: Address, at: float) -> list[Event]: ...
    def tick(self, at: float) -> list[Event]: ...
    def due(self) -> float | None: ...
    def take(self) -> list[tuple[bytes, Address]]: ...


class Here:
    """At which of our addresses a host reaches us: the one that the kernel would send to it from. Asked once a minute
    for each host; nothing is sent."""

    def __init__(self, bind: str) -> None:
        self._fixed = "" if bind in ("", "0.0.0.0", "::") else bind
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def __call__(self, host: str) -> str:
        """ "" where there is no way to it."""
        if self._fixed:
            return self._fixed
        at = time.monotonic()
        when, ours = self._known.get(host, (0.0, ""))
        if not ours or at - when > _HOSTS_LIFE:
            ours = own_address.towards(host)
            self._known[host] = at, ours
            self._known.move_to_end(host)
            while len(self._known) > _HOSTS_MOST:
                self._known.popitem(last=False)
        return ours


class Driver(asyncio.DatagramProtocol):
    """One session on one UDP socket. An exception out of the session, which would be a fault of ours, is logged, and
    the next datagram finds it at work."""

    def __init__(self, session: Session, on_event: OnEvent) -> None:
        self.session = session
        self._on_event = on_event
        self._transport: asyncio.DatagramTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._family = socket.AF_INET

    async def open(self, host: str, port: int) -> Address:
        """The address that it is bound to. Raises OSError if it is taken."""
        transport = await open_datagrams(self, host or "0.0.0.0", port)
        self._transport = transport
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._family = sock.family
        name = transport.get_extra_info("sockname")
        return Address(str(name[0]).partition("%")[0], name[1])

    def close(self) -> None:
        """After what is still to be sent."""
        self.flush()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._transport is not None:
            self._transport.close()
        self._transport = None

    def run(self, work: Callable[[float], list[Event]]) -> None:
        """Something that makes the session talk, with the time."""
        at = asyncio.get_running_loop().time()
        self.session.epoch = time.time() - at  # the clock may be set while we run
        try:
            events = work(at)
        except Exception:
            _log.exception("h323.ras_failed")
            events = []
        self.flush()
        for event in events:
            self._on_event(event)

    def flush(self) -> None:
        """Send what is to be sent, and wait for what is due."""
        for octets, target in self.session.take():
            if self._transport is not None:
                self._transport.sendto(octets, (mapped(target.host, self._family), target.port))
        loop, due = asyncio.get_running_loop(), self.session.due()
        wanted = max(loop.time() + _SOONEST, due) if due is not None and self._transport is not None else None
        if self._timer is not None:
            if wanted is not None and self._timer.when() <= wanted:
                return  # set back by each datagram, a flood of them would stop the clock
            self._timer.cancel()
            self._timer = None
        if wanted is not None:
            self._timer = loop.call_at(wanted, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.run(self.session.tick)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        source = source_of(addr)
        if source is not None and len(data) <= _LARGEST:
            self.run(lambda at: self.session.feed(data, source, at))

    def error_received(self, exc: Exception) -> None:
        _log.debug("h323.ras_unreachable", reason=str(exc))  # an ICMP answer; whoever waits gets his time-out


class _Group(asyncio.DatagramProtocol):
    """The multicast group; answers leave by the other socket."""

    def __init__(self, driver: Driver, gatekeeper: Gatekeeper) -> None:
        self._driver, self._gatekeeper = driver, gatekeeper

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        source = source_of(addr)
        if source is not None and len(data) <= _LARGEST:
            self._driver.run(lambda at: self._gatekeeper.feed(data, source, at, multicast=True))


def source_of(addr: tuple[Any, ...]) -> Address | None:
    """Of a datagram; IPv4 that came in by an IPv6 socket as IPv4. None for port 0, where no answer can go."""
    host = str(addr[0]).partition("%")[0]
    host = host.removeprefix("::ffff:") if "." in host else host
    return Address(host, addr[1]) if addr[1] else None


def mapped(host: str, family: socket.AddressFamily) -> str:
    """As a socket of ``family`` can send to it: an IPv6 one reaches IPv4 by mapped addresses (RFC 4291 2.5.5.2)."""
    return f"::ffff:{host}" if family == socket.AF_INET6 and ":" not in host else host


class GatekeeperServer:
    """Our gatekeeper on its port, and on the discovery group if ``multicast``."""

    def __init__(self, gatekeeper: Gatekeeper, on_event: OnEvent) -> None:
        self.gatekeeper = gatekeeper
        self._driver = Driver(gatekeeper, on_event)
        self._group: asyncio.DatagramTransport | None = None

    async def start(self, host: str, port: int, *, multicast: bool = False) -> Address:
        """Raises OSError if the port is taken. Without multicast on this machine it goes on without."""
        address = await self._driver.open(host, port)
        self.gatekeeper.policy = dataclasses.replace(self.gatekeeper.policy, ras=address)  # told in discovery
        if multicast:
            try:
                self._group = await self._join(host)
            except OSError as fault:
                _log.warning("h323.no_discovery", group=str(DISCOVERY_GROUP), reason=str(fault))
        return address

    def run(self, work: Callable[[float], list[Event]]) -> None:
        """``work(at)`` on the gatekeeper, and send what follows."""
        self._driver.run(work)

    def stop(self) -> None:
        """Without a word to terminals: at their next keep-alive they learn that they have to register again, which they
        all do, whereas after an URQ some wait for somebody to press a key."""
        if self._group is not None:
            self._group.close()
        self._driver.close()

    async def _join(self, host: str) -> asyncio.DatagramTransport:
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # other gatekeepers may be on this machine
            listener.bind((DISCOVERY_GROUP.host, DISCOVERY_GROUP.port))
            interface = socket.inet_aton(host if "." in host else "0.0.0.0")
            request = struct.pack("4s4s", socket.inet_aton(DISCOVERY_GROUP.host), interface)
            listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Group(self._driver, self.gatekeeper), sock=listener)
        return transport

"""A light H.323 terminal: signalling in full, of the sound no more than when its first packet came.

A hundred of them cost little beside what they measure: once a packet has come, nobody reads the socket any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Self

from mcu.h323 import signalling, tpkt
from mcu.h323.h245 import Control, Offer, events
from mcu.h323.media import Address, Format
from mcu.h323.signalling import CallSignalling, Endpoint, Target
from tests.patience import Patience

_TERMINAL = 50  # H.323 table 1
_HD = "profile-level-id=42e01f;packetization-mode=1;max-mbps=108000;max-fs=3600"


class LightTerminal:
    """``dial`` it, and look at when what happened: seconds of the loop's clock, 0 for what has not happened.

    ``begin``, ``say``, ``pour`` and ``shout`` are for one that says what it should not.
    """

    def __init__(
        self, gateway: tuple[str, int], *, tunnelling: bool = True, video: bool = False, name: str = "Light",
        host: str = "127.0.0.1",
    ) -> None:  # fmt: skip
        self.gateway, self.tunnelling, self.name, self.host = gateway, tunnelling, name, host
        sound = (Format(codec="pcmu", payload_type=0, frames=20),)
        picture = (Format(codec="h264", payload_type=109, fmtp=_HD, bit_rate=1_920_000),) if video else ()
        self.can = Offer(audio=sound, video=picture, h239=False)
        self.kinds = {"audio", "video"} if video else {"audio"}
        self.setup_at = self.connected_at = self.open_at = self.heard_at = self.ended_at = 0.0
        self.cause = 0
        self.before_h245: Callable[[Address], Awaitable[None]] | None = None  # for who wants to be there first
        self._session: CallSignalling | None = None
        self._control: Control | None = None
        self._sending: set[str] = set()
        self._receiving: set[str] = set()
        self._call: _Wire | None = None
        self._h245: _Wire | None = None
        self._deframer = tpkt.Deframer()
        self._sockets = {kind: _socket(host) for kind in sorted(self.kinds)}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._over = asyncio.Event()
        self._media = asyncio.Event()
        self._talking = asyncio.Event()  # H.245 has begun, or will not

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *fault: object) -> None:
        await self.hang_up()

    async def dial(self, number: str, seconds: float = 15.0) -> None:
        """Return when all channels are open and the first packet of sound has come. Raises ConnectionError when the
        call is refused, TimeoutError, OSError."""
        await self.begin(number)
        await _happened(self._media, seconds)
        if not self.heard_at:
            raise ConnectionError(f"refused with cause {self.cause}")

    async def begin(self, number: str) -> None:
        """Send Setup. Raises OSError."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._sockets["audio"], self._heard)
        self._call = wire = _Wire(self._octets, self._ended)
        await loop.create_connection(lambda: wire, *self.gateway, local_addr=(self.host, 0))
        here = Endpoint(
            address=Address(self.host, 1720), name=self.name, product="Light", mcu=False, tunnelling=self.tunnelling
        )
        target = Target(
            address=Address(*self.gateway), call_id=secrets.token_bytes(16), conference_id=secrets.token_bytes(16),
            alias=number,
        )  # fmt: skip
        self._session = CallSignalling.calling(here, target, loop.time())
        self.setup_at = loop.time()
        self._flush()

    async def answered(self, seconds: float = 5.0) -> bool:
        """Whether H.245 can be spoken within that time."""
        with contextlib.suppress(TimeoutError):
            await _happened(self._talking, seconds)
        return self.up and self._control is not None

    def say(self, message: bytes) -> None:
        """An H.245 message of the caller's own making."""
        self._send(message)
        self._flush()

    def pour(self, message: bytes, times: int) -> None:
        """The same H.245 message that many times at once."""
        for _ in range(times):
            self._send(message)
        self._flush()

    def shout(self, octets: bytes) -> None:
        """Octets as they are, on the call signalling connection."""
        if self._call is not None:
            self._call.write(octets)

    async def hang_up(self) -> None:
        if self._session is not None and not self._session.over:
            if self._control is not None:
                self._control.end()
            self._flush()
            self._session.release(16)
            self._flush()
        for wire in (self._h245, self._call):
            if wire is not None:
                wire.close()
        for task in list(self._tasks):
            task.cancel()
        if self._timer is not None:
            self._timer.cancel()
        for each in self._sockets.values():
            with contextlib.suppress(ValueError):
                asyncio.get_running_loop().remove_reader(each)
            each.close()
        await asyncio.sleep(0)

    @property
    def up(self) -> bool:
        return self._session is not None and not self._over.is_set()

    # --- octets -----------------------------------------------------------------------------------------------

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _heard(self) -> None:
        self.heard_at = self._now
        asyncio.get_running_loop().remove_reader(self._sockets["audio"])
        self._look()

    def _look(self) -> None:
        if not self.open_at and self._sending >= self.kinds and self._receiving >= self.kinds:
            self.open_at = self._now
        if self.open_at and self.heard_at:
            self._media.set()

    def _octets(self, octets: bytes) -> None:
        assert self._session is not None
        for event in self._session.feed(octets, self._now):
            self._signalled(event)
        self._flush()

    def _control_octets(self, octets: bytes) -> None:
        for message in self._deframer.feed(octets):
            self._message(message)
        self._flush()

    def _flush(self) -> None:
        assert self._session is not None
        for message in self._control.take() if self._control is not None else ():
            self._send(message)
        octets = self._session.take()
        if self._call is not None and octets:
            self._call.write(octets)
        dues = (self._session.due(), self._control.due() if self._control is not None else None)
        soonest = min((due for due in dues if due is not None), default=None)
        if self._timer is not None:
            self._timer.cancel()
        if soonest is not None and not self._over.is_set():
            self._timer = asyncio.get_running_loop().call_at(soonest, self._tick)

    def _send(self, message: bytes) -> None:
        assert self._session is not None
        if self._h245 is not None:
            self._h245.write(tpkt.frame(message))
        elif self._session.tunnelling and not self._session.over:
            self._session.send_h245(message)

    def _tick(self) -> None:
        assert self._session is not None
        for event in self._session.tick(self._now):
            self._signalled(event)
        for told in self._control.tick(self._now) if self._control is not None else ():
            self._controlled(told)
        self._flush()

    def _ended(self) -> None:
        if not self._over.is_set():
            self.ended_at = self._now
            self._over.set()
            self._media.set()
            self._talking.set()

    # --- events -----------------------------------------------------------------------------------------------

    def _signalled(self, event: signalling.Event) -> None:
        assert self._session is not None
        match event:
            case signalling.Connected():
                self.connected_at = self._now
                if self._session.tunnelling:
                    self._begin()
            case signalling.H245Address(address) if not self._session.tunnelling and self._h245 is None:
                self._start(self._connect(address))
            case signalling.H245Received(message):
                self._begin()
                self._message(message)
            case signalling.Released(cause, _, _):
                self.cause = cause
                self._ended()
            case signalling.Lost(_):
                self._ended()
            case _:
                pass

    async def _connect(self, address: Address) -> None:
        if self.before_h245 is not None:
            await self.before_h245(address)
        wire = _Wire(self._control_octets, lambda: None)
        await asyncio.get_running_loop().create_connection(
            lambda: wire, address.host, address.port, local_addr=(self.host, 0)
        )
        self._h245 = wire
        self._begin()
        self._flush()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _begin(self) -> None:
        if self._control is None:
            self._control = Control(self.can, _TERMINAL, self._now, random.Random())
            self._control.start(self._now)
            self._talking.set()

    def _message(self, message: bytes) -> None:
        if self._control is not None:
            for event in self._control.feed(message, self._now):
                self._controlled(event)

    def _controlled(self, event: events.Event) -> None:
        assert self._control is not None
        match event:
            case events.PeerCapabilities():
                for kind, form in (("audio", self.can.audio[0]), ("video", next(iter(self.can.video), None))):
                    if form is not None and kind not in self._sending:
                        rtcp = self._address(kind)[1]
                        self._control.open(kind, form, None, rtcp)  # type: ignore[arg-type]
            case events.ChannelOffered(number, kind) if kind in self.kinds:
                self._receiving.add(kind)
                self._control.accept(number, *self._address(kind))
            case events.ChannelOffered(number, _):
                self._control.reject(number, "dataTypeNotSupported")
            case events.ChannelAccepted(_, kind):
                self._sending.add(kind)
            case _:
                pass
        self._look()

    def _address(self, kind: str) -> tuple[Address, Address]:
        """RTP and RTCP; nobody reads the latter."""
        host, port = self._sockets[kind].getsockname()[:2]
        return Address(host, port), Address(host, port + 1)


class _Wire(asyncio.Protocol):
    def __init__(self, on_octets: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        self._on_octets, self._on_lost = on_octets, on_lost
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._on_octets(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_lost()

    def write(self, octets: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def _happened(event: asyncio.Event, seconds: float) -> None:
    """Raises TimeoutError, which a crowded machine has later (tests/patience.py)."""
    patience = Patience(seconds)
    while not event.is_set():
        if patience.over:
            raise TimeoutError(str(patience))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), 0.5)


def _socket(host: str) -> socket.socket:
    """On an even port; small, for what is never read."""
    while True:
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)
        sock.bind((host, 0))
        if sock.getsockname()[1] % 2 == 0:
            return sock
        sock.close()

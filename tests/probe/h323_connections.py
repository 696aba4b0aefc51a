"""The probe's connections as an H.323 terminal: octets of H.225 and H.245 in and out, and the clock of both."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from typing import Any

from mcu.h323 import signalling, tpkt
from mcu.h323.h245 import Control, events
from mcu.h323.media import Address
from mcu.h323.signalling import CallSignalling
from tests.probe.terminal import Terminal


class H323Call:
    """What Terminal wants to know of a call."""

    def __init__(self) -> None:
        self.up = False
        self.ended = asyncio.Event()
        self.ended_by_peer = False
        self.cause = 0
        self.reason = ""
        self.invited_at = 0.0

    async def hang_up(self) -> None:
        """Terminal's end asks for it; ours comes first."""


class Connections(Terminal, ABC):
    """``session`` and ``control`` are fed with what comes; what they tell goes to those above."""

    def __init__(self, gateway: tuple[str, int], **options: Any) -> None:
        super().__init__(gateway, **options)
        self.gateway = gateway
        self.session: CallSignalling | None = None
        self.control: Control | None = None
        self.h323 = H323Call()
        self.call = self.h323  # type: ignore[assignment]
        self.faults: list[BaseException] = []
        self._servers: list[asyncio.Server] = []
        self._writer: asyncio.StreamWriter | None = None
        self._h245: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    @abstractmethod
    def _signalled(self, event: signalling.Event) -> None: ...

    @abstractmethod
    def _controlled(self, event: events.Event) -> None: ...

    @abstractmethod
    def _h245_message(self, message: bytes) -> None: ...

    @abstractmethod
    def _start_control(self) -> None: ...

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._start(self._read(reader))
        self._flush()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.faults.append(task.exception())  # type: ignore[arg-type]

    async def _read(self, reader: asyncio.StreamReader) -> None:
        assert self.session is not None
        with contextlib.suppress(ConnectionError):
            while octets := await reader.read(65536):
                for event in self.session.feed(octets, self._now):
                    self._signalled(event)
                self._flush()
        self._over(41, "the connection was closed")

    async def _listen(self, host: str) -> Address:
        async def came(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._h245_open(reader, writer)

        server = await asyncio.start_server(came, host, 0)
        self._servers.append(server)
        return Address(host, server.sockets[0].getsockname()[1])

    async def _connect_h245(self, address: Address) -> None:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        self._h245_open(reader, writer)

    def _h245_open(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._h245 is not None:
            writer.close()
            return
        self._h245 = writer
        self._start(self._read_h245(reader))
        self._start_control()
        self._flush()

    async def _read_h245(self, reader: asyncio.StreamReader) -> None:
        deframer = tpkt.Deframer()
        with contextlib.suppress(ConnectionError):
            while octets := await reader.read(65536):
                for message in deframer.feed(octets):
                    self._h245_message(message)
                self._flush()

    def _write_h245(self, message: bytes) -> None:
        assert self.session is not None
        if self._h245 is not None:
            self._h245.write(tpkt.frame(message))
        elif self.session.tunnelling and not self.session.over:
            self.session.send_h245(message)

    def _flush(self) -> None:
        assert self.session is not None
        if self.control is not None:
            for message in self.control.take():
                self._write_h245(message)
        octets = self.session.take()
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(octets)
        dues = [self.session.due(), self.control.due() if self.control is not None else None]
        soonest = min((due for due in dues if due is not None), default=None)
        if self._timer is not None:
            self._timer.cancel()
        if soonest is not None and not self.h323.ended.is_set():
            self._timer = asyncio.get_running_loop().call_at(soonest, self._clock)

    def _clock(self) -> None:
        assert self.session is not None
        for event in self.session.tick(self._now):
            self._signalled(event)
        for told in self.control.tick(self._now) if self.control is not None else []:
            self._controlled(told)
        self._flush()

    def _over(self, cause: int, reason: str) -> None:
        if not self.h323.ended.is_set():
            self.h323.cause, self.h323.reason, self.h323.up = cause, reason, False
            self.h323.ended.set()
        self.sound.remote = self.video.remote = None
        if self._timer is not None:
            self._timer.cancel()
        if self._writer is not None:
            self._writer.close()

    async def _close_connections(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in (self._writer, self._h245):
            if writer is not None:
                writer.close()
                with contextlib.suppress(Exception):
                    await writer.wait_closed()
        for server in self._servers:
            server.close()
            await server.wait_closed()

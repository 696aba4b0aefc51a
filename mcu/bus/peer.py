"""One end of a link on the bus, for asyncio: calls, answers and events, the same on both sides."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from mcu.bus import wire
from mcu.errors import BadRequest, Garbled, McuError, TimedOut, Unavailable, from_wire

Handler = Callable[["Peer", dict[str, Any]], Awaitable[Any]]
Handlers = Mapping[str, Handler]
Listener = Callable[["Peer", str, dict[str, Any]], None]

_log = structlog.get_logger("mcu.bus")
# A reader that lets this much pile up is cut off: it connects again and reads the state anew.
_MAX_BACKLOG = 16 * 1024 * 1024


class Peer:
    """A link. ``handlers`` answer the other side's calls; ``on_event`` hears its events (called in order)."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handlers: Handlers,
        on_event: Listener | None = None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._handlers = handlers
        self._on_event = on_event
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.subscribed = False  # wants the server's broadcasts
        self._reading: asyncio.Task[None] | None = None
        self.role = ""  # what it called itself, for logs

    async def call(self, name: str, /, *, timeout: float = 5.0, **args: Any) -> Any:
        """Ask the other side. Raises the error it answered with, TimedOut, or Unavailable when the link is gone."""
        request_id = next(self._ids)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = answer
        try:
            self._send(wire.Request(request_id, name, args))
            return await asyncio.wait_for(answer, timeout)
        except TimeoutError:
            raise TimedOut(f"{name}: no answer within {timeout:g} s") from None
        finally:
            self._waiting.pop(request_id, None)

    def emit(self, event: str, data: dict[str, Any]) -> None:
        """Tell the other side; a link that is gone is no error, its user connects again and reads the state."""
        with contextlib.suppress(Unavailable):
            self._send(wire.Notice(event, data))

    def send_line(self, line: bytes) -> None:
        """Write a line that was encoded once for many."""
        if self._writer.is_closing():
            return
        if self._writer.transport.get_write_buffer_size() > _MAX_BACKLOG:
            _log.warning("bus.slow_reader_cut_off", role=self.role)
            self._writer.transport.abort()
            return
        self._writer.write(line)

    def close(self) -> None:
        self._writer.close()

    def abort(self) -> None:
        """Close at once; what was not sent yet is lost."""
        self._writer.transport.abort()

    def start(self) -> None:
        """Read in a task of its own."""
        self._reading = asyncio.create_task(self.run())

    async def wait_closed(self) -> None:
        """Until a link that was started has ended."""
        if self._reading is not None:
            await self._reading

    async def run(self) -> None:
        """Read until the link ends; returns then, whatever the reason."""
        decoder = wire.Decoder()
        try:
            while octets := await self._reader.read(65536):
                for message in decoder.feed(octets):
                    self._take(message)
        except (Garbled, ConnectionError) as fault:
            _log.warning("bus.link_broken", role=self.role, reason=str(fault))
        finally:
            self._writer.close()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(Unavailable("the other process went away"))
                    answer.exception()  # whoever waited is told; nobody waiting is no fault
            for task in list(self._tasks):
                task.cancel()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    def _send(self, message: wire.Message) -> None:
        if self._writer.is_closing():
            raise Unavailable("the other process is not connected")
        self.send_line(wire.encode(message))

    def _take(self, message: wire.Message) -> None:
        match message:
            case wire.Request():
                task = asyncio.create_task(self._answer(message))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case wire.Reply():
                answer = self._waiting.get(message.id)
                if answer is None or answer.done():
                    return
                if message.error_id:
                    answer.set_exception(from_wire(message.error_id, message.detail))
                else:
                    answer.set_result(message.result)
            case wire.Notice():
                if self._on_event is not None:
                    try:
                        self._on_event(self, message.event, message.data)
                    except Exception:
                        _log.exception("bus.event_failed", event_name=message.event)

    async def _answer(self, request: wire.Request) -> None:
        handler = self._handlers.get(request.call)
        try:
            if handler is None:
                raise BadRequest(f"no such call: {request.call[:80]}")
            reply = wire.Reply(request.id, await handler(self, request.args))
            line = wire.encode(reply)
        except McuError as error:
            line = wire.encode(wire.failure(request.id, error))
        except Exception:
            _log.exception("bus.call_failed", call=request.call)
            line = wire.encode(wire.failure(request.id, McuError(f"{request.call} failed; the log says why")))
        self.send_line(line)

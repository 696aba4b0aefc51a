"""What control tells, fanned out to every open panel.

Wire: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). Each message has an ``id``;
a browser that reconnects sends the last one it saw. Known and recent: it gets what it missed. Otherwise, or when it was
too slow: ``resync``, upon which it reads the whole state anew over REST.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from mcu.bus import BlockingClient
from mcu.core.permissions import ADMIN_EVENTS, hears, room_of_event
from mcu.core.roles import Actor
from mcu.errors import ControlDown, McuError, Unavailable

_log = structlog.get_logger("mcu.web")

HEARTBEAT = 15.0  # seconds; proxies cut silent links after 30 to 60
STREAM_LIFETIME = 600.0  # seconds; then the browser reconnects, and a log-out elsewhere takes effect
_RETRY_CONTROL = 0.5  # seconds between tries to reach control
_ALWAYS = ("control", "resync")
PING_AFTER = 3.0  # seconds of silence; a control that hangs keeps its links open and takes new ones
PING_LIMIT = 3.0  # seconds for the answer; it takes a few ms


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens, and to what: ``events`` are names, or prefixes that end in "."; empty for all."""

    actor: Actor
    token: int | None = None
    room: str = ""
    events: tuple[str, ...] = ()

    def hears(self, event: str, data: dict[str, Any], branches: Collection[int]) -> bool:
        if event in _ALWAYS:
            return True
        if self.events and not any(event == one or (one[-1] == "." and event.startswith(one)) for one in self.events):
            return False
        if self.room and room_of_event(event, data) not in ("", self.room):
            return False
        return hears(self.actor, event, data, branches)


@dataclass(frozen=True, slots=True)
class _Message:
    """What was told, with all that says for whom it is: with ``before`` for those alone who saw its room as long as it
    was of these branches."""

    text: str
    event: str
    data: dict[str, Any]
    branches: tuple[int, ...]
    before: tuple[int, ...] | None = None

    def is_for(self, listener: Listener) -> bool:
        heard = listener.hears(self.event, self.data, self.branches)
        return heard if self.before is None else not heard and listener.hears(self.event, self.data, self.before)


@dataclass(slots=True, eq=False)
class Stream:
    """The messages that one browser has yet to be sent."""

    listener: Listener
    ended: bool = False  # its user's rights have changed, or its token is gone
    queue: deque[str] = field(default_factory=deque)
    ready: threading.Condition = field(default_factory=threading.Condition)
    behind: bool = False  # the queue holds a resync, which covers all that follows until it is sent


class EventHub:
    """One thread listens to control; every stream has a queue of its own, bounded by ``depth``."""

    def __init__(self, path: Path, max_streams: int, on_loss: Callable[[], None], depth: int = 1000) -> None:
        self._path = path
        self._max_streams = max_streams
        self._on_loss = on_loss
        self._depth = depth
        self._run = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._count = 0
        self._recent: deque[_Message] = deque(maxlen=depth)
        self._rooms: dict[str, tuple[int, ...]] = {}  # the branches of each, as last told
        self._streams: set[Stream] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="control-events", daemon=True)
        self.connected = False  # to control

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End every stream now, and the listening thread within a second. May be called twice."""
        self._stopping.set()
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            with stream.ready:
                stream.ready.notify_all()

    @property
    def streams(self) -> int:
        return len(self._streams)

    def publish(self, event: str, data: dict[str, Any]) -> None:
        """Tell whom it is for. ``branches`` in the data says whose room it is about, and goes no further."""
        branches = tuple(data.get("branches", ()))
        if branches:
            data = {key: value for key, value in data.items() if key != "branches"}
        with self._lock:
            if event == "room.changed":
                self._moved(room_of_event(event, data), branches)
            self._put(_Message(self._format(event, data), event, data, branches))
            if event in ADMIN_EVENTS:
                self._end(data)

    def open(self, last_id: str, listener: Listener) -> Stream:
        """A stream from after the message ``last_id``; ``close`` it. Raises Unavailable when too many are open."""
        stream = Stream(listener)
        with self._lock:
            if len(self._streams) >= self._max_streams:
                raise Unavailable("too many panels are open")
            missed = self._missed(last_id)
            if missed is None:
                self._set_back(stream)
            else:
                stream.queue.extend(message.text for message in missed if message.is_for(listener))
            self._streams.add(stream)
        return stream

    def close(self, stream: Stream) -> None:
        with self._lock:
            self._streams.discard(stream)

    def messages(self, stream: Stream, heartbeat: float = HEARTBEAT) -> Iterator[str]:
        """Text for the wire until the stream's time is over or the hub stops."""
        end = time.monotonic() + STREAM_LIFETIME
        yield "retry: 1000\n\n"
        while not self._stopping.is_set() and time.monotonic() < end and not stream.ended:
            with stream.ready:
                if not stream.queue and not self._stopping.is_set() and not stream.ended:
                    stream.ready.wait(heartbeat)
                text = "".join(stream.queue)
                stream.queue.clear()
                stream.behind = False
            if text or not self._stopping.is_set():
                yield text or ": still here\n\n"

    def _put(self, message: _Message) -> None:
        self._recent.append(message)
        for stream in self._streams:
            if not message.is_for(stream.listener):
                continue
            with stream.ready:
                if len(stream.queue) >= self._depth:
                    self._set_back(stream)
                elif not stream.behind:
                    stream.queue.append(message.text)
                stream.ready.notify()

    def _moved(self, room: str, branches: tuple[int, ...]) -> None:
        """A room that went to another branch is gone for those who saw it."""
        before, self._rooms[room] = self._rooms.get(room), branches
        if before is not None and before != branches:
            data = {"number": room}
            self._put(_Message(self._format("room.removed", data), "room.removed", data, branches, before))

    def _end(self, data: dict[str, Any]) -> None:
        for stream in self._streams:
            who = stream.listener
            if who.actor.login == data.get("login") or (who.token is not None and who.token == data.get("token")):
                stream.ended = True
                with stream.ready:
                    stream.ready.notify()

    def _format(self, event: str, data: dict[str, Any]) -> str:
        """The next message's text; each has a number of its own, so that none is missed in between."""
        self._count += 1
        # json.dumps escapes every line end, so data is one line and can't forge another field.
        return f"id: {self._run}-{self._count}\nevent: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"

    def _set_back(self, stream: Stream) -> None:
        stream.queue.clear()
        stream.queue.append(f"id: {self._run}-{self._count}\nevent: resync\ndata: {{}}\n\n")
        stream.behind = True

    def _missed(self, last_id: str) -> list[_Message] | None:
        run, _, number = last_id.partition("-")
        if run != self._run or not (number.isascii() and number.isdigit() and len(number) < 20):
            return None
        behind = self._count - int(number)
        if not 0 <= behind <= len(self._recent):
            return None
        return list(self._recent)[len(self._recent) - behind :]

    def _listen(self) -> None:
        client = BlockingClient(self._path, timeout=PING_LIMIT)
        while not self._stopping.is_set():
            try:
                self._relay(client)
            except McuError as fault:
                if self.connected:
                    _log.warning("web.control_lost", reason=str(fault))
            except Exception:
                _log.exception("web.event_thread_failed")
            if self.connected:
                self.connected = False
                self._on_loss()
                self.publish("control", {"connected": False})
            self._stopping.wait(_RETRY_CONTROL)

    def _relay(self, client: BlockingClient) -> None:
        """Pass control's events on until the link ends (ControlDown), it is silent (TimedOut) or the hub stops."""
        heard = float("-inf")
        with client:
            for event, data in client.events():
                if self._stopping.is_set():
                    return
                if event:
                    heard = time.monotonic()
                elif time.monotonic() - heard >= PING_AFTER:
                    client.call("bus.ping")
                    heard = time.monotonic()
                if not self.connected:
                    self.connected = True
                    self.publish("control", {"connected": True})
                    self.publish("resync", {})
                if event and event.isprintable():
                    self.publish(event, data)
        raise ControlDown("the control process went away")

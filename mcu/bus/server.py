"""The listening end of the bus."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from mcu.bus import wire
from mcu.bus.peer import Handler, Handlers, Listener, Peer
from mcu.errors import Conflict

# Seconds in which links may take what was written to them; one that does not read must not hold up the stop.
_LAST_WORDS = 1.0
_BACKLOG = 100
_RECOVERY = 1.0  # s without a new link after the process ran out of descriptors

_log = structlog.get_logger("mcu.bus")


class Server:
    """Answers every link with the same handlers; ``bus.subscribe`` makes a link hear the broadcasts."""

    def __init__(
        self,
        handlers: Handlers,
        on_gone: Callable[[Peer], None] | None = None,
        on_event: Listener | None = None,
    ) -> None:
        self._handlers: dict[str, Handler] = {**handlers, "bus.subscribe": self._subscribe, "bus.ping": self._ping}
        self._on_gone = on_gone
        self._on_event = on_event
        self._listener: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.peers: set[Peer] = set()

    def broadcast(self, event: str, data: dict[str, Any]) -> None:
        """Tell every subscriber; encoded once."""
        line = wire.encode(wire.Notice(event, data))
        for peer in list(self.peers):
            if peer.subscribed:
                peer.send_line(line)

    async def start(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _clear_stale(path)
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(str(path))
            path.chmod(0o600)  # before anybody is listened to
            listener.listen(_BACKLOG)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
        self._listener = listener
        self._listen(listener)

    async def stop(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        for peer in list(self.peers):
            peer.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LAST_WORDS)
        for peer in list(self.peers):
            peer.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _listen(self, listener: socket.socket) -> None:
        if self._listener is listener:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        """Not asyncio's own server: that loses, open, a connection which it accepts while it is closed (CPython 3.11).

        Here every accepted connection is a task of ours before the next turn of the loop.
        """
        try:
            connection, _ = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as fault:  # no descriptor left
            _log.error("bus.accept_failed", reason=str(fault))
            loop = asyncio.get_running_loop()
            loop.remove_reader(listener)
            loop.call_later(_RECOVERY, self._listen, listener)
            return
        task = asyncio.create_task(self._keep(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=connection)
        peer = Peer(reader, writer, self._handlers, self._on_event)
        self.peers.add(peer)
        if self._listener is None:  # stopped meanwhile
            peer.close()
        try:
            await peer.run()
        finally:
            self.peers.discard(peer)
            if self._on_gone is not None:
                self._on_gone(peer)

    async def _subscribe(self, peer: Peer, args: dict[str, Any]) -> bool:
        peer.subscribed = True
        return True

    async def _ping(self, peer: Peer, args: dict[str, Any]) -> str:
        return "pong"


async def serve(
    path: Path,
    handlers: Handlers,
    on_gone: Callable[[Peer], None] | None = None,
    on_event: Listener | None = None,
) -> Server:
    """Listen on ``path`` (mode 600). Raises Conflict if a living process listens there already."""
    server = Server(handlers, on_gone, on_event)
    await server.start(path)
    return server


def _clear_stale(path: Path) -> None:
    """A socket whose listener was killed is in the way of the next one; one that answers is somebody's."""
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(ConnectionRefusedError, FileNotFoundError):
        probe.settimeout(1)
        probe.connect(str(path))
        raise Conflict(f"another process answers on {path}")
    path.unlink(missing_ok=True)

"""The dialling end of the bus, for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog

from mcu.bus.peer import Handlers, Peer
from mcu.errors import ControlDown, McuError

_log = structlog.get_logger("mcu.bus")
_BACK_OFF = (0.05, 0.1, 0.2, 0.5, 1.0)  # seconds; a restarted control is found within a second


async def connect(
    path: Path,
    handlers: Handlers | None = None,
    on_event: Callable[[str, dict[str, Any]], None] | None = None,
) -> Peer:
    """A link to the server at ``path``; its reader runs until the link ends. Raises ControlDown."""
    try:
        reader, writer = await asyncio.open_unix_connection(str(path))
    except OSError as fault:
        raise ControlDown(f"nobody answers on {path}: {fault.strerror or fault}") from None
    listener = None if on_event is None else lambda peer, event, data: on_event(event, data)
    peer = Peer(reader, writer, handlers or {}, listener)
    peer.start()
    return peer


async def stay_connected(
    path: Path,
    greet: Callable[[Peer], Awaitable[None]],
    handlers: Handlers | None = None,
    on_event: Callable[[str, dict[str, Any]], None] | None = None,
) -> None:
    """Keep a link for ever: connect, ``greet`` (say who we are, read the state), wait for its end, again."""
    tries = 0
    while True:
        peer = None
        try:
            peer = await connect(path, handlers, on_event)
            await greet(peer)
            tries = 0
            await peer.wait_closed()
        except McuError as fault:
            if tries == 0:
                _log.warning("bus.waiting_for_control", reason=str(fault))
        finally:
            if peer is not None:
                peer.close()
        await asyncio.sleep(_BACK_OFF[min(tries, len(_BACK_OFF) - 1)])
        tries += 1

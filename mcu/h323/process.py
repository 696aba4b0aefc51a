"""The process ``mcu h323``: the gateway, and its link to control, from start to stop.

Calls need no control: what it told last (accounts) holds, and who may come into a room is asked by Asterisk, not here.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import time
from base64 import b64encode
from typing import Any

import structlog

from mcu.bus import Peer, stay_connected
from mcu.config import Settings, reachable
from mcu.errors import BadRequest, Garbled, McuError, NotFound
from mcu.h323 import per, sip
from mcu.h323.gateway import Gateway
from mcu.h323.gateway.callers import read_accounts

_log = structlog.get_logger("mcu.h323")


def main(settings: Settings, account: sip.Account) -> int:
    """Run until SIGTERM or SIGINT; the exit status: 0, or 1 if a port is taken."""
    return asyncio.run(Process(settings, account).run())


class Process:
    """One run of the gateway."""

    def __init__(self, settings: Settings, account: sip.Account) -> None:
        self.id = secrets.token_hex(4)
        self._settings = settings
        self._since = time.time()
        self._peer: Peer | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        bind = settings.h323_bind
        self.gateway = Gateway(
            settings.h323,
            bind,
            (reachable(settings.sip.bind), settings.sip.port),
            account,
            self._tell,
            guests=settings.sip.guests,
            memory=settings.run_dir / "h323-calls.json",
        )
        self._handlers = {
            "h323.status": self._status,
            "h323.calls": self._calls,
            "h323.call": self._call,
            "h323.hang_up": self._hang_up,
            "h323.trace": self._trace,
            "h323.trace_get": self._trace_get,
            "h323.registered": self._registered,
            "h323.accounts": self._accounts,
        }

    async def run(self) -> int:
        """Until a signal; the exit status."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        _warm_up()
        try:
            await self.gateway.start()
        except OSError as fault:
            _log.error("h323.not_started", reason=str(fault))
            return 1
        _log.info("h323.started", run=self.id, bind=self._settings.h323_bind, port=self._settings.h323.port)
        link = asyncio.create_task(
            stay_connected(self._settings.control_socket, self._greet, self._handlers, self._heard)
        )
        await ended.wait()
        link.cancel()
        await asyncio.gather(link, return_exceptions=True)
        await self.gateway.stop()
        _log.info("h323.stopped", run=self.id)
        return 0

    async def _greet(self, peer: Peer) -> None:
        self._peer = peer
        calls = [call.describe() for call in self.gateway.calls.values()]
        await peer.call("h323.hello", run=self.id, pid=os.getpid(), calls=calls)
        await peer.call("bus.subscribe")
        await self._read_accounts(peer)
        _log.info("h323.connected", calls=len(calls))

    def _heard(self, event: str, data: dict[str, Any]) -> None:
        if event == "terminals.changed" and self._peer is not None:
            task = asyncio.create_task(self._read_accounts(self._peer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _read_accounts(self, peer: Peer) -> None:
        try:
            self.gateway.replace_accounts(read_accounts(await peer.call("terminal.h323")))
        except McuError as fault:  # the ones that are known hold; the next greeting reads them anew
            _log.warning("h323.accounts_not_read", reason=str(fault))

    def _tell(self, event: str, data: dict[str, Any]) -> None:
        if self._peer is not None:
            self._peer.emit(event, data)

    # --- control's calls --------------------------------------------------------------------------------------

    async def _status(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        return {"run": self.id, "pid": os.getpid(), "since": self._since, **self.gateway.status()}

    async def _calls(self, peer: Peer, args: dict[str, Any]) -> list[dict[str, Any]]:
        return [call.describe() for call in self.gateway.calls.values()]

    async def _call(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        call = self.gateway.calls.get(_text(args, "tag"))
        if call is None:
            raise NotFound("no such H.323 call")
        return call.describe()

    async def _hang_up(self, peer: Peer, args: dict[str, Any]) -> None:
        call = self.gateway.calls.get(_text(args, "tag"))
        if call is None:
            raise NotFound("no such H.323 call")
        call.end(16, "hung up by an operator")

    async def _trace(self, peer: Peer, args: dict[str, Any]) -> None:
        on = args.get("on")
        if not isinstance(on, bool):
            raise BadRequest("on must be true or false")
        if "address" in args:
            self.gateway.trace_host(_text(args, "address"), on)
        elif not self.gateway.trace_call(_text(args, "tag"), on):
            raise NotFound("no such H.323 call")

    async def _trace_get(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """``{text, pcap}``, the second in base64."""
        trace = self.gateway.trace_of(_text(args, "tag"))
        if trace is None:
            raise NotFound("no such H.323 call, or it was not traced")
        return {"text": trace.text(), "pcap": b64encode(trace.pcap()).decode("ascii")}

    async def _registered(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        return self.gateway.ras.describe()

    async def _accounts(self, peer: Peer, args: dict[str, Any]) -> None:
        self.gateway.replace_accounts(read_accounts(args.get("accounts")))


def _warm_up() -> None:
    """The ASN.1 tables are loaded at the first message, which takes half a second that no caller shall wait."""
    for decode in (per.decode_h225, per.decode_h245, per.decode_ras):
        with contextlib.suppress(Garbled):
            decode(b"")


def _text(args: dict[str, Any], key: str) -> str:
    value = args.get(key)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{key} must be a text")
    return value

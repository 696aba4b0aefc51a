"""The mixer process: the engine, Asterisk's calls and control's wishes, from start to stop.

Control is asked for nothing: a mixer without control goes on mixing what it was told last. After every connect it
says which run it is (a new one at each start) and what it has, and control puts every view again.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import secrets
import signal
import time
from base64 import b64encode
from typing import Any

import structlog

from mcu.bus import Peer, stay_connected
from mcu.config import Settings
from mcu.errors import Unavailable
from mcu.mixer._native import Engine, Legs
from mcu.mixer.agent import Agent, AgentSettings
from mcu.mixer.scene import StillRequest, ViewName, parse, parse_view
from mcu.mixer.status import engine_stats
from mcu.mixer.users import LegUser, User
from mcu.mixer.views import Views

_log = structlog.get_logger("mcu.mixer")
_PICTURE_POLL = 0.2  # seconds; the engine calls a picture stalled after 2 s
_ENGINE_POLL = 5.0  # seconds between looks for an encoder that does not work


def main(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; the exit status: 0, or 1 if the mixer could not start or go on."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # a call takes four sockets; 1024 would do for 250
    # What is loaded by now stays: collections that walk pjsua2's thousands of objects would hold a call's answer up by
    # 0.3 s, and the one at the end of the interpreter would hold up the stop.
    gc.freeze()
    status = asyncio.run(Mixer(settings).run())
    gc.freeze()
    return status


class Mixer:
    """One run of the mixer."""

    def __init__(self, settings: Settings) -> None:
        self.id = secrets.token_hex(4)
        self._settings = settings
        self._since = time.time()
        self._peer: Peer | None = None
        self._users: dict[User, None] = {}  # whose calls are up, in order
        self._pictures: dict[str, dict[str, Any]] = {}  # last state told, by participant
        self._changing = asyncio.Lock()  # views are changed in the order in which control asked
        self._engine: Engine
        self._legs: Legs
        self._views: Views
        self._handlers = {
            "view.put": self._view_put,
            "view.drop": self._view_drop,
            "view.still": self._view_still,
            "mixer.status": self._status,
        }

    async def run(self) -> int:
        """Until a signal; the exit status."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[int] = loop.create_future()

        def end(status: int) -> None:
            if not ended.done():
                ended.set_result(status)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, end, 0)
        mixer = self._settings.mixer
        self._engine = Engine(mixer.threads)
        agent = Agent(
            AgentSettings(mixer.sip_port, mixer.rtp_first, mixer.rtp_last),
            self._engine,
            on_up=lambda user: loop.call_soon_threadsafe(self._up, user),
            on_down=lambda user: loop.call_soon_threadsafe(self._down, user),
            on_failed=lambda: loop.call_soon_threadsafe(end, 1),
        )
        try:
            self._legs = agent.start()
        except Unavailable as fault:
            _log.error("mixer.not_started", reason=str(fault))
            self._engine.stop()
            return 1
        self._views = Views(self._engine, self._legs)
        _log.info("mixer.started", run=self.id, sip_port=mixer.sip_port)
        tasks = [
            asyncio.create_task(stay_connected(self._settings.control_socket, self._greet, self._handlers)),
            asyncio.create_task(self._watch_pictures()),
            asyncio.create_task(self._watch_engine()),
        ]
        for task in tasks:
            task.add_done_callback(lambda done: end(1) if not done.cancelled() else None)
        status = await ended
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                _log.error("mixer.failed", exc_info=result)
        await asyncio.to_thread(agent.stop)
        await asyncio.to_thread(self._engine.stop)
        _log.info("mixer.stopped", run=self.id, status=status)
        return status

    async def _greet(self, peer: Peer) -> None:
        self._peer = None  # what changes meanwhile is in the greeting, or told after it
        legs = [user.participant for user in self._users if isinstance(user, LegUser)]
        views = [{"view": user.view, "cls": user.rate_class} for user in self._users if not isinstance(user, LegUser)]
        self._peer = peer
        await peer.call("mixer.hello", run=self.id, pid=os.getpid(), legs=legs, views=views)
        for state in self._pictures.values():
            peer.emit("picture.state", state)
        _log.info("mixer.connected", legs=len(legs), views=len(views))

    # --- calls that came and went -----------------------------------------------------------------------------

    def _up(self, user: User) -> None:
        self._users[user] = None
        _log.info("leg.up", kind=user.kind, ident=user.ident)
        self._tell("leg.up", {"kind": user.kind, "ident": user.ident})

    def _down(self, user: User) -> None:
        self._users.pop(user, None)
        if isinstance(user, LegUser) and self._pictures.pop(user.participant, None) is not None:
            gone = {"participant": user.participant, "state": "none", "width": 0, "height": 0}
            self._tell("picture.state", gone)
        _log.info("leg.down", kind=user.kind, ident=user.ident)
        self._tell("leg.down", {"kind": user.kind, "ident": user.ident})

    def _tell(self, event: str, data: dict[str, Any]) -> None:
        if self._peer is not None:
            self._peer.emit(event, data)

    async def _watch_pictures(self) -> None:
        while True:
            await asyncio.sleep(_PICTURE_POLL)
            for participant, state, width, height in self._legs.picture_changes():
                data = {"participant": participant, "state": state, "width": width, "height": height}
                self._pictures[participant] = data
                self._tell("picture.state", data)

    async def _watch_engine(self) -> None:
        """A class without an encoder is a picture that does not come: nobody would know why."""
        known: set[tuple[str, str, str]] = set()
        faults = 0
        while True:
            await asyncio.sleep(_ENGINE_POLL)
            stats = await asyncio.to_thread(self._engine.stats)
            found = {(view.name, c.name, c.fault) for view in stats.views for c in view.classes if c.fault}
            for view, rate_class, fault in sorted(found - known):
                _log.error("encoder.failed", view=view, cls=rate_class, reason=fault)
            known = found
            if stats.faults != faults:
                _log.error("engine.failed", tasks=stats.faults - faults)
                faults = stats.faults

    # --- control's calls --------------------------------------------------------------------------------------

    async def _view_put(self, peer: Peer, args: dict[str, Any]) -> None:
        spec = parse_view(args)
        async with self._changing:
            await asyncio.to_thread(self._views.put, spec)

    async def _view_drop(self, peer: Peer, args: dict[str, Any]) -> None:
        wanted = parse(ViewName, args)
        async with self._changing:
            await asyncio.to_thread(self._views.drop, wanted.view)

    async def _view_still(self, peer: Peer, args: dict[str, Any]) -> dict[str, str]:
        wanted = parse(StillRequest, args)
        jpeg = await asyncio.to_thread(self._views.still, wanted.view, wanted.width)
        return {"jpeg": b64encode(jpeg).decode("ascii")}

    async def _status(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        legs = await asyncio.to_thread(self._legs.status)
        stats = await asyncio.to_thread(engine_stats, self._engine)
        return {
            "run": self.id,
            "pid": os.getpid(),
            "since": self._since,
            "legs": [leg for leg in legs if leg["kind"] == "leg"],
            "views": [leg for leg in legs if leg["kind"] == "view"],
            "stats": stats,
        }

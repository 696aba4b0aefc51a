"""The mixer as control sees it: a process that connected to the bus and said hello."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from mcu.bus import Peer
from mcu.core.events import Event, MixerDown, MixerUp, PictureState
from mcu.core.names import is_word
from mcu.errors import BadRequest, McuError, NotFound
from mcu.errors import MixerDown as MixerDownError

log = structlog.get_logger("mcu.control")

CALL_TIMEOUT = 5.0  # s; one that is hung for longer is known by its silence on the wire anyway


class MixerLink:
    """The newest mixer that said hello. ``on_event`` gets MixerUp, MixerDown and PictureState; a run that is new is
    told after ``make_way``."""

    def __init__(self, on_event: Callable[[Event], None], make_way: Callable[[], Awaitable[None]]) -> None:
        self._on_event = on_event
        self._make_way = make_way
        self._arrival: asyncio.Task[None] | None = None
        self._peer: Peer | None = None
        self.run = ""
        self.pid = 0
        self.since: float | None = None

    @property
    def connected(self) -> bool:
        return self._peer is not None

    def describe(self) -> dict[str, Any]:
        return {"connected": self.connected, "run": self.run, "pid": self.pid, "since": self.since}

    def hello(self, peer: Peer, args: Mapping[str, Any]) -> None:
        """``{run, pid, legs: [participant], views: [{view, cls}]}``. Raises BadRequest."""
        run = args.get("run")
        if not isinstance(run, str) or not is_word(run):
            raise BadRequest("mixer.hello: run must be 1 to 32 letters, digits, _ or .")
        legs = _strings(args.get("legs", []), "legs")
        views = tuple(f"{_part(v, 'view')}/{_part(v, 'cls')}" for v in _list(args.get("views", []), "views"))
        peer.role = "mixer"
        pid = args.get("pid")
        new = run != self.run
        self._peer, self.run, self.pid, self.since = peer, run, pid if isinstance(pid, int) else 0, time.time()
        log.info("control.mixer_up", run=run, legs=len(legs), views=len(views))
        self._break_off()
        if new:
            self._arrival = asyncio.create_task(self._arrive(run, legs, views), name="mixer-arrival")
        else:
            self._on_event(MixerUp(at=time.time(), mixer=run, legs=legs, views=views))

    async def _arrive(self, run: str, legs: tuple[str, ...], views: tuple[str, ...]) -> None:
        try:
            await self._make_way()
        except McuError as fault:
            log.warning("control.way_not_made", reason=str(fault))
        except Exception:  # without a way it is dialled later, untold never
            log.exception("control.way_not_made")
        self._on_event(MixerUp(at=time.time(), mixer=run, legs=legs, views=views))

    def _break_off(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None

    def gone(self, peer: Peer) -> None:
        """A link ended; if it was the mixer's, the mixer is away."""
        if peer is self._peer:
            self._break_off()
            self._peer, self.since = None, time.time()
            log.warning("control.mixer_down", run=self.run)
            self._on_event(MixerDown(at=time.time(), mixer=self.run))

    def heard(self, peer: Peer, event: str, data: Mapping[str, Any]) -> None:
        """An event of the bus; those of others than the present mixer are nothing to us."""
        if peer is not self._peer or event != "picture.state":
            return
        participant, state = data.get("participant"), data.get("state")
        width, height = data.get("width", 0), data.get("height", 0)
        if (
            isinstance(participant, str)
            and isinstance(state, str)
            and isinstance(width, int)
            and isinstance(height, int)
        ):
            self._on_event(
                PictureState(at=time.time(), participant=participant, state=state, width=width, height=height)
            )

    async def put_view(self, view: str, scene: Mapping[str, Any], classes: list[dict[str, Any]]) -> None:
        await self._call("view.put", view=view, scene=dict(scene), classes=classes)

    async def drop_view(self, view: str) -> None:
        await self._call("view.drop", view=view)

    async def still(self, view: str, width: int) -> str:
        """The view's last picture as JPEG in base64."""
        answer = await self._call("view.still", view=view, width=width)
        jpeg = answer.get("jpeg") if isinstance(answer, dict) else None
        if not isinstance(jpeg, str) or not jpeg:
            raise NotFound("the room has no picture now")
        return jpeg

    async def _call(self, name: str, **args: Any) -> Any:
        if self._peer is None:
            raise MixerDownError("the mixer is away")
        return await self._peer.call(name, timeout=CALL_TIMEOUT, **args)


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadRequest(f"mixer.hello: {what} must be a list")
    return value


def _strings(value: Any, what: str) -> tuple[str, ...]:
    if not all(isinstance(item, str) for item in _list(value, what)):
        raise BadRequest(f"mixer.hello: {what} must hold names")
    return tuple(value)


def _part(view: Any, key: str) -> str:
    value = view.get(key) if isinstance(view, dict) else None
    if not isinstance(value, str):
        raise BadRequest(f"mixer.hello: each view needs {key}")
    return value

"""A control process on the real bus that answers by the book: what is asked is kept, what it answers is laid down."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path
from typing import Any

from mcu import bus
from mcu.core.permissions import METHODS
from mcu.errors import McuError
from tests.fakes.control import FakeControl
from tests.waiting import until_blocking

SITES = [
    {"id": 1, "name": "Tỉnh Lào Cai", "parent": None, "code": "15", "people": 0, "path": []},
    {"id": 2, "name": "Xã Tân Lập", "parent": 1, "code": "02701", "people": 40, "path": ["Tỉnh Lào Cai"]},
    {"id": 3, "name": "Xã Tân Tiến", "parent": 1, "code": "02702", "people": 25, "path": ["Tỉnh Lào Cai"]},
    {"id": 7, "name": "Phường Cam Đường", "parent": 1, "code": "3", "people": 0, "path": ["Tỉnh Lào Cai"]},
]
DIRECTION: dict[str, Any] = {
    "room": "1001", "conference": "1001-1795921200000", "mode": "free", "focus": "", "chair": "", "hands": [],
    "roll_call": None, "views": {}, "browse": [], "panes": [], "mute_joiners": False, "presentation_locked": False,
    "banner": None, "lobby": [], "help": [], "ends_at": None, "undo": "",
}  # fmt: skip


class ScriptedControl(FakeControl):
    """``answers``: by the call's name; a McuError there is raised, a function is called for it. A call that has
    none and is not in the fake is answered with nothing."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.direction: dict[str, Any] = copy.deepcopy(DIRECTION)
        self.answers: dict[str, Any] = {"site.list": {"items": SITES, "next": None}}

    def start(self) -> None:
        handlers = {name: self._answer(name) for name in METHODS if not name.startswith("bus.")}
        self._server = self._do(bus.serve(self.path, handlers))

    def asked_last(self, name: str) -> dict[str, Any]:
        """The arguments of the last call of this name."""
        return next(args for call, args in reversed(self.calls) if call == name)

    def until_heard(self, many: int = 1) -> None:
        """Wait until so many listen to events."""
        until_blocking(
            lambda: self._server is not None and sum(peer.subscribed for peer in self._server.peers) >= many,
            f"{many} listen",
            120,
        )

    def on_room_direction(self, room: str) -> dict[str, Any]:
        self._room(room)
        return self.direction

    def on_room_act(self, room: str, act: str, **args: Any) -> dict[str, Any]:
        self._room(room)
        return {"act": act, "changed": [], "step": 0, "direction": self.direction}

    def _answer(self, name: str) -> bus.Handler:
        method = getattr(self, "on_" + name.replace(".", "_", 1), None)
        if name not in self.answers and method is not None:
            plain = self._wrap(method.__name__, method)

        async def handle(peer: bus.Peer, args: dict[str, Any]) -> Any:
            if name not in self.answers and method is not None:
                return await plain(peer, args)
            self.calls.append((name, {key: value for key, value in args.items() if key != "by"}))
            answer = self.answers.get(name)
            if isinstance(answer, McuError):
                raise answer
            if callable(answer):
                return await asyncio.to_thread(answer)
            return answer

        return handle

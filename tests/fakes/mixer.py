"""A mixer without pictures: it says hello on the bus and remembers the views it was given."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcu.bus import Peer, connect


@dataclass
class FakeMixer:
    run: str
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    legs: list[str] = field(default_factory=list)
    sinks: list[dict[str, str]] = field(default_factory=list)
    hangs: bool = False  # answers no view.put
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    puts: int = 0
    peer: Peer | None = None

    async def connect(self, path: Path) -> None:
        self.peer = await connect(path, {"view.put": self._put, "view.drop": self._drop, "view.still": self._still})
        await self.peer.call("mixer.hello", run=self.run, pid=1, legs=self.legs, views=self.sinks)

    def tell_picture(self, participant: str, state: str) -> None:
        assert self.peer
        self.peer.emit("picture.state", {"participant": participant, "state": state, "width": 640, "height": 360})

    async def close(self) -> None:
        if self.peer:
            self.peer.close()
            await self.peer.wait_closed()

    async def _put(self, peer: Peer, args: dict[str, Any]) -> bool:
        if self.hangs:
            await asyncio.Event().wait()
        self.views[args["view"]] = args
        self.puts += 1
        self.changed.set()
        return True

    async def _drop(self, peer: Peer, args: dict[str, Any]) -> bool:
        self.views.pop(args["view"], None)
        self.changed.set()
        return True

    async def _still(self, peer: Peer, args: dict[str, Any]) -> dict[str, str]:
        return {"jpeg": base64.b64encode(b"\xff\xd8" + str(args["width"]).encode()).decode()}

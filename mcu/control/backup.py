"""Backups while control runs, over the bus. Reading one back is for when it doesn't: ``mcu restore``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mcu.bus import Handler, Peer
from mcu.control import arguments as arg
from mcu.control.controller import Controller
from mcu.errors import BadRequest
from mcu.models import backup

ENDING = ".tar.gz"


class Backup:
    def __init__(self, controller: Controller) -> None:
        self._control = controller

    def handlers(self) -> Mapping[str, Handler]:
        return {"backup.make": self.make}

    async def make(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        """Of this moment, into a file on control's machine that is not there yet."""
        path = Path(arg.text(args, "path"))
        if not path.is_absolute() or not path.name.endswith(ENDING) or "\0" in str(path):
            raise BadRequest(f"path must be a whole path that ends in {ENDING}")
        # Not one of the record's writes: it only reads, and other rows are written meanwhile.
        return await asyncio.to_thread(backup.make, self._control.settings, path, self._control.record.database)

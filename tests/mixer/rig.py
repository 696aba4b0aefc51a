"""A mixer process as the product runs it, and a control that only listens and puts views: for tests and benches."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mcu.bus import Peer, Server, serve
from tests.ports import free_port
from tests.probe import Terminal, stamp
from tests.probe.screen import Rect
from tests.waiting import until

HALVES: list[Rect] = [(0.0, 0.25, 0.5, 0.5), (0.5, 0.25, 0.5, 0.5)]
HD = {"name": "hd", "width": 1280, "height": 720, "fps": 30, "kbps": 1500, "level_idc": 31}
SD = {"name": "sd", "width": 640, "height": 360, "fps": 30, "kbps": 600, "level_idc": 30}
_RTP_PORTS = range(24_100, 24_999)  # shared by all: pjsua takes the next that is free


class MixerProcess:
    """Settings come by the environment, as ``mcu run`` passes them on."""

    def __init__(self, home: Path, sip_port: int = 0, **environment: str) -> None:
        self.home = home
        self.sip_port = sip_port or free_port()
        self.address = ("127.0.0.1", self.sip_port)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MCU_")}
        self._environment = kept | {
            "MCU_HOME": str(home),
            "MCU_MIXER__SIP_PORT": str(self.sip_port),
            "MCU_MIXER__RTP_FIRST": str(_RTP_PORTS.start),
            "MCU_MIXER__RTP_LAST": str(_RTP_PORTS.stop),
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.home / "mixer.out").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mcu", "mixer"], cwd=self.home, env=self._environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> tuple[int, float]:
        """SIGTERM; the exit status and the seconds it took. Kills what does not end within 10 s."""
        assert self._process is not None
        begun = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return status, time.monotonic() - begun

    def cpu_seconds(self) -> float:
        """User and system time of all its threads so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def thread_seconds(self) -> dict[str, float]:
        """The same by the threads' names."""
        total: dict[str, float] = {}
        for folder in Path(f"/proc/{self.pid}/task").iterdir():
            name, fields = (folder / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
            used = fields.split()
            total[name] = total.get(name, 0.0) + (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")
        return total

    def rss_mb(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def output(self) -> str:
        return (self.home / "mixer.out").read_text(errors="replace")


class Control:
    """The control side of the bus: what the mixer said, and calls to it."""

    def __init__(self, home: Path) -> None:
        self._path = home / "run" / "control.sock"
        self._server: Server | None = None
        self._peer: Peer | None = None
        self.silent = False  # leave greetings unanswered
        self.hellos: list[dict[str, Any]] = []
        self.heard: list[tuple[str, dict[str, Any]]] = []

    async def start(self) -> None:
        self._server = await serve(
            self._path, {"mixer.hello": self._hello},
            on_event=lambda peer, event, data: self.heard.append((event, data)),
        )  # fmt: skip

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.stop()
        self._server = self._peer = None

    async def _hello(self, peer: Peer, args: dict[str, Any]) -> dict[str, Any]:
        if self.silent:
            await asyncio.Event().wait()
        self._peer = peer
        self.hellos.append(args)
        return {}

    async def drop_link(self) -> None:
        """Cut the mixer off; it comes back on its own."""
        assert self._peer is not None
        self._peer.close()
        self._peer = None

    async def greeted(self, times: int = 1, seconds: float = 5.0) -> dict[str, Any]:
        """The newest greeting, once there have been so many."""
        await until(lambda: len(self.hellos) >= times, f"{times} mixer.hello", seconds)
        return self.hellos[-1]

    async def call(self, name: str, **args: Any) -> Any:
        assert self._peer is not None, "no mixer has said hello"
        return await self._peer.call(name, timeout=60, **args)

    async def put(
        self, view: str, participants: Sequence[str | None], rects: Sequence[Rect],
        classes: Sequence[dict[str, Any]] = (HD,), banner: str | None = None, **tile: Any,
    ) -> None:  # fmt: skip
        """``view.put`` with a participant in each of the rectangles."""
        tiles = [
            {"participant": name, "x": x, "y": y, "w": w, "h": h, "name": name or "", **tile}
            for name, (x, y, w, h) in zip(participants, rects, strict=True)
        ]
        scene = {"width": 1280, "height": 720, "fps": 30, "tiles": tiles, "banner": banner and {"text": banner}}
        await self.call("view.put", view=view, scene=scene, classes=list(classes))

    async def leg(self, kind: str, **names: str) -> dict[str, Any]:
        """The status of the call with these names (participant, or view and cls); an error if there is none."""
        status = await self.call("mixer.status")
        legs = status["legs"] if kind == "leg" else status["views"]
        return next(leg for leg in legs if all(leg[key] == value for key, value in names.items()))

    async def still(self, view: str) -> stamp.Picture:
        """The view as RGB."""
        answer = await self.call("view.still", view=view, width=0)
        with Image.open(io.BytesIO(base64.b64decode(answer["jpeg"]))) as image:
            return np.asarray(image.convert("RGB"), np.uint8)

    def picture(self, participant: str) -> str:
        """The state told last; empty if none was."""
        states = [data["state"] for data in self.events("picture.state") if data["participant"] == participant]
        return str(states[-1]) if states else ""

    def events(self, name: str) -> list[dict[str, Any]]:
        return [data for event, data in self.heard if event == name]


class Rig:
    """A mixer with its control, in a home of their own, and terminals to call it with."""

    def __init__(self, sip_port: int = 0, **environment: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="mixer-"))  # short: a Unix socket's path holds 107 octets
        self.control = Control(self.home)
        self.mixer = MixerProcess(self.home, sip_port, **environment)

    def leg(self, colour: str, **more: Any) -> Terminal:
        """A terminal that shows a colour and takes nothing in."""
        return Terminal(self.mixer.address, colour=colour, watch=False, listen=False, **more)

    def viewer(self, **more: Any) -> Terminal:
        """A terminal for view legs; its own camera is on, as Asterisk's legs are sendrecv."""
        return Terminal(self.mixer.address, user="viewer", listen=False, **more)

    async def __aenter__(self) -> Rig:
        await self.control.start()
        self.mixer.start()
        try:
            await self.control.greeted(seconds=15)
        except AssertionError as fault:
            raise AssertionError(f"{fault}\n{self.mixer.output()}") from None
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self.mixer.alive:
            await asyncio.to_thread(self.mixer.stop)
        await self.control.stop()
        shutil.rmtree(self.home, ignore_errors=True)

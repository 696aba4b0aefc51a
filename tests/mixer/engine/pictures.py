"""Coded pictures to put into the engine, and what looks at those that come out."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mcu.mixer._native import Engine, QueueSink, Scene, SourceState, SourceStats, Tile
from tests.patience import Patience
from tests.waiting import until_blocking

Colour = tuple[int, int, int]
RED, GREEN, BLUE = (200, 40, 40), (40, 170, 60), (40, 60, 200)


@lru_cache(maxsize=64)
def plain(colour: Colour, width: int = 160, height: int = 90, frames: int = 30, keyint: int = 30) -> tuple[bytes, ...]:
    """Access units (Annex B, Constrained Baseline) of one colour with a spot that moves."""
    coder: Any = av.CodecContext.create("libx264", "w")
    coder.width, coder.height, coder.pix_fmt = width & ~1, height & ~1, "yuv420p"
    coder.framerate, coder.time_base = Fraction(30), Fraction(1, 30)
    coder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "x264-params": f"keyint={keyint}:scenecut=0:annexb=1:repeat-headers=1",
    }
    units = []
    for n in range(frames):
        rgb = np.full((height & ~1, width & ~1, 3), colour, np.uint8)
        rgb[2:8, 2 * n % (width - 8) :][:, :6] = 255
        units += [bytes(p) for p in coder.encode(av.VideoFrame.from_ndarray(rgb, "rgb24"))]
    assert len(units) == frames
    return tuple(units)


def source(engine: Engine, name: str) -> SourceStats:
    return next(s for s in engine.stats().sources if s.name == name)


_stops: dict[int, threading.Event] = {}  # of the senders of an engine


class Sender:
    """A terminal's camera: one frame at a time, or a keyframe when it is asked for."""

    def __init__(self, engine: Engine, name: str, colour: Colour, width: int = 160, height: int = 90) -> None:
        self.engine, self.name, self.asked, self._next = engine, name, 0, 0
        self._units = plain(colour, width, height)
        self.stopped = _stops.setdefault(id(engine), threading.Event())
        engine.add_source(name, ask_keyframe=self._ask)

    def _ask(self) -> None:
        self.asked += 1

    def send(self, frames: int = 1, loss: bool = False) -> None:
        for _ in range(frames):
            self.engine.push(self.name, self._units[self._next % len(self._units)], self._next * 3000, loss)
            self._next += 1

    def keyframe(self) -> None:
        self._next = 0
        self.send()

    def live(self) -> None:
        """Sends from now on by itself, 30 a second, until the test ends; waits until it is in the picture."""
        until_blocking(lambda: source(self.engine, self.name).state != SourceState.hidden, f"{self.name} seen")
        threading.Thread(target=self._run, daemon=True).start()
        until_blocking(lambda: source(self.engine, self.name).state == SourceState.live, f"{self.name} live")

    def _run(self) -> None:
        self._next = 0
        while not self.stopped.wait(1 / 30):
            self.send()


class Screen:
    """Takes a class's access units and decodes them, as a terminal does."""

    def __init__(self, engine: Engine, view: str, rate_class: str) -> None:
        self.engine, self.view, self.rate_class = engine, view, rate_class
        self.sink = QueueSink(1000)
        self.units: list[Any] = []
        self.shows: NDArray[np.uint8] | None = None
        self._decoder: Any = av.CodecContext.create("h264", "r")
        self._decoder.thread_type = "NONE"
        assert engine.attach(view, rate_class, self.sink)

    def take(self, timeout: float = 30) -> NDArray[np.uint8]:
        """The next picture, RGB."""
        unit = self.sink.get(timeout)
        assert unit is not None, "the view stands still"
        self.units.append(unit)
        frames = self._decoder.decode(av.Packet(unit.annexb()))
        assert len(frames) == 1, "each access unit is one picture, at once"
        self.shows = frames[0].to_ndarray(format="rgb24")
        return self.shows

    def until(self, condition: Callable[[NDArray[np.uint8]], Any], what: str, seconds: float = 20) -> NDArray[np.uint8]:
        patience = Patience(seconds)
        while not condition(picture := self.take()):
            assert not patience.over, f"{patience}: {what}"
        return picture

    def detach(self) -> None:
        self.engine.detach(self.view, self.rate_class, self.sink)


def mean(picture: NDArray[np.uint8], x: float, y: float, radius: int = 4) -> Colour:
    """Colour around a point, in fractions of the picture."""
    px, py = int(x * picture.shape[1]), int(y * picture.shape[0])
    part = picture[max(0, py - radius) : py + radius, max(0, px - radius) : px + radius]
    r, g, b = (int(v) for v in part.reshape(-1, 3).mean(axis=0))
    return r, g, b


def near(a: Colour, b: Colour, tolerance: int = 24) -> bool:
    return all(abs(x - y) <= tolerance for x, y in zip(a, b, strict=True))


def grid(names: list[str], side: int, **more: Any) -> list[Tile]:
    return [Tile(n, i % side / side, i // side / side, 1 / side, 1 / side, **more) for i, n in enumerate(names)]


def one(name: str, **more: Any) -> Scene:
    return Scene(640, 360, 30, [Tile(name, 0, 0, 1, 1, **more)])


def still(engine: Engine, view: str, width: int = 0) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(engine.still(view, width).jpeg)).convert("RGB"))


@contextmanager
def running() -> Iterator[Engine]:
    engine = Engine()
    try:
        yield engine
    finally:
        if stop := _stops.pop(id(engine), None):
            stop.set()
        engine.stop()

"""CPU the video engine takes, by stage: decode, compose, encode, as parts of one core.

    python bench/engine.py [--seconds 10] [--only 16x360p]

Sources are H.264 Constrained Baseline of busy moving pictures, pushed at 30 frames/s each, their phases spread. ``all``
is the CPU time of every thread of the engine: it holds what the stages don't show (waking up, queues). ``ratio`` is
``all`` against the goal where there is one, on an idle machine; below 1 is good. ``/bare`` is ``decode`` against what
libavcodec alone takes for the same pictures a moment later. ``shown`` counts new pictures of each source a second,
``wait ms`` is the median from a coded picture's coming to the canvas that shows it. Figures depend on the machine.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import av
import numpy as np

from mcu.mixer._native import Engine, QueueSink, RateClass, Scene, Tile

FPS = 30
LOOP = 90  # frames of a source before it begins again, with its keyframe

HD = RateClass("hd", 1280, 720, 30, 1500, 31)
SD = RateClass("sd", 640, 360, 30, 600, 30)
CIF = RateClass("cif", 352, 288, 30, 384, 13)


@dataclass(frozen=True)
class Case:
    name: str
    sources: int
    width: int
    height: int
    grid: int  # the view is grid x grid panes
    classes: tuple[RateClass, ...]
    goal: float | None = None  # of one core, in all


CASES = (
    Case("1x720p", 1, 1280, 720, 1, (HD,)),
    Case("4x360p", 4, 640, 360, 2, (HD,)),
    Case("16x360p", 16, 640, 360, 4, (HD,), 0.41),
    Case("16x360p 3 classes", 16, 640, 360, 4, (HD, SD, CIF)),
    Case("25x360p", 25, 640, 360, 5, (HD,), 0.63),
    Case("9x720p", 9, 1280, 720, 3, (HD,), 0.80),
)


def busy_stream(width: int, height: int, kbps: int, seed: int) -> list[bytes]:
    """A camera-like picture: soft shapes that drift, one that moves fast, and a little noise."""
    random = np.random.default_rng(seed)
    coarse = random.integers(30, 226, (height // 20 + 16, width // 20 + 16, 3), np.uint8)
    ground = np.asarray(
        av.VideoFrame.from_ndarray(coarse, "rgb24")
        .reformat(width=width + 256, height=height + 256, format="rgb24")
        .to_ndarray()
    )
    coder = av.CodecContext.create("libx264", "w")
    coder.width, coder.height, coder.pix_fmt, coder.framerate = width, height, "yuv420p", Fraction(FPS)
    coder.time_base = Fraction(1, FPS)
    coder.bit_rate = kbps * 1000
    coder.options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "profile": "baseline",
        "x264-params": f"keyint={LOOP}:scenecut=0:annexb=1:repeat-headers=1:vbv-maxrate={kbps}:vbv-bufsize={kbps}",
    }
    units = []
    for n in range(LOOP):
        x, y = int(60 + 50 * np.sin(n / 14)), int(60 + 50 * np.cos(n / 11))
        frame = ground[y : y + height, x : x + width].astype(np.int16)
        size = height // 4
        bx, by = (n * 9 + seed * 50) % (width - size), (n * 5 + seed * 30) % (height - size)
        frame[by : by + size, bx : bx + size] = 255 - frame[by : by + size, bx : bx + size]
        frame += random.integers(-4, 5, frame.shape, np.int16)
        picture = av.VideoFrame.from_ndarray(np.clip(frame, 0, 255).astype(np.uint8), "rgb24")
        units += [bytes(p) for p in coder.encode(picture)]
    return units


def bare_decode(stream: list[bytes]) -> float:
    """Seconds of CPU that libavcodec alone takes for a frame, one thread, measured at the same moment."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    begun = time.thread_time()
    for _ in range(2):
        for unit in stream:
            decoder.decode(av.Packet(unit))
    return (time.thread_time() - begun) / (2 * len(stream))


def cpu() -> float:
    """Seconds of all threads but this one: the engine's."""
    whole, mine = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_THREAD)
    return whole.ru_utime + whole.ru_stime - mine.ru_utime - mine.ru_stime


def run(case: Case, seconds: float) -> str:
    streams = [busy_stream(case.width, case.height, 700 if case.height <= 360 else 1500, s) for s in range(3)]
    engine = Engine()
    tiles = []
    position, wanting = [0] * case.sources, set[int]()
    for n in range(case.sources):
        engine.add_source(f"s{n}", ask_keyframe=partial(wanting.add, n))
        side = 1 / case.grid
        tiles.append(Tile(f"s{n}", n % case.grid * side, n // case.grid * side, side, side))
    engine.put_view("view", Scene(1280, 720, FPS, tiles), list(case.classes))
    sinks = [QueueSink(0) for _ in case.classes]
    for rate_class, sink in zip(case.classes, sinks, strict=True):
        engine.attach("view", rate_class.name, sink)

    period = 1 / FPS
    order = [(n * period / case.sources, n) for n in range(case.sources)]

    def feed(frames: int, first: int) -> None:
        base = time.monotonic()
        for f in range(frames):
            for phase, n in order:
                wait = base + f * period + phase - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
                stream = streams[n % len(streams)]
                if n in wanting:  # a sender answers a keyframe request with the next picture
                    wanting.discard(n)
                    position[n] = 0
                engine.push(f"s{n}", stream[position[n] % len(stream)], (first + f) * 3000)
                position[n] += 1

    warm_up = LOOP // 2
    feed(warm_up, 0)
    before, before_cpu, begun = engine.stats(), cpu(), time.monotonic()
    feed(int(seconds * FPS), warm_up)
    after, after_cpu, ended = engine.stats(), cpu(), time.monotonic()
    span = ended - begun
    decode = sum(s.decode_ns for s in after.sources) - sum(s.decode_ns for s in before.sources)
    view, view_before = after.views[0], before.views[0]
    compose = view.compose_ns - view_before.compose_ns
    encode = sum(c.encode_ns for c in view.classes) - sum(c.encode_ns for c in view_before.classes)
    whole = (after_cpu - before_cpu) / span
    shown = (view.pictures_shown - view_before.pictures_shown) / span / case.sources
    pairs = zip(view.classes, view_before.classes, strict=True)
    kbps = "+".join(str(round((c.bytes - b.bytes) * 8 / span / 1000)) for c, b in pairs)
    engine.stop()
    decoded = sum(s.frames_decoded for s in after.sources) - sum(s.frames_decoded for s in before.sources)
    bare = sum(bare_decode(s) for s in streams) / len(streams) * decoded / span
    over = decode / 1e9 / span / bare
    goal = f"{whole / case.goal:6.2f}" if case.goal else "      "
    stages = "  ".join(f"{ns / 1e9 / span:7.3f}" for ns in (decode, compose, encode))
    frames = (view.frames - view_before.frames) / span
    costs = f"{case.name:20}{stages}  {whole:7.3f}  {goal}  {over:5.2f}"
    return f"{costs}  {frames:5.1f}  {shown:5.1f}  {view.wait_ms:7.1f}  {kbps}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only", default="", help="the rows whose name begins so")
    arguments = parser.parse_args()
    print(f"{'cores of CPU':20} decode  compose   encode      all   ratio  /bare    fps  shown  wait ms  kbit/s")
    for case in CASES:
        if case.name.startswith(arguments.only):
            print(run(case, arguments.seconds), flush=True)


if __name__ == "__main__":
    main()

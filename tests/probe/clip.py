"""Pre-encoded loops of the probe's pictures: sixteen terminals then cost packets, not encoders.

A clip holds one IDR, at its start, and P pictures after it, as a camera's terminal sends them: who wants another
keyframe has to ask, and the sender then jumps back to the start.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from tests.probe import h264, stamp


@dataclass(frozen=True, slots=True)
class ClipFormat:
    colour: str
    width: int = 640
    height: int = 360
    fps: int = 30
    frames: int = 600
    profile: str = "baseline"
    level: str = "3.1"
    sliced: bool = True  # slices that fit one packet, good for both packetization modes
    kbps: int = 0  # with a textured background at that rate; 0 is a plain one at what it costs


@dataclass(frozen=True, slots=True)
class Clip:
    form: ClipFormat
    units: list[list[bytes]]  # NAL units of each access unit; unit i shows counter i


@lru_cache(maxsize=64)
def clip(form: ClipFormat) -> Clip:
    """The clip, encoded once per machine (kept in the temporary directory)."""
    recipe = Path(stamp.__file__).read_bytes() + Path(__file__).read_bytes()
    key = hashlib.sha256(recipe + repr(form).encode()).hexdigest()[:24]
    kept = Path(tempfile.gettempdir()) / f"mcu-probe-clips-{os.getuid()}" / f"{key}.pickle"
    if kept.is_file():
        return Clip(form, pickle.loads(kept.read_bytes()))
    units = _encode(form)
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_bytes(pickle.dumps(units))
    part.replace(kept)
    return Clip(form, units)


def _encode(form: ClipFormat) -> list[list[bytes]]:
    encoder = VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = form.width, form.height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, form.fps), Fraction(form.fps)
    parameters = "keyint=infinite:min-keyint=1:scenecut=0:repeat-headers=1:annexb=1:threads=1"
    if form.sliced:
        parameters += f":slice-max-size={h264.PAYLOAD_LIMIT - 60}"
    encoder.options = {
        "preset": "superfast", "tune": "zerolatency", "profile": form.profile, "level": form.level,
        "x264-params": parameters,
    }  # fmt: skip
    texture = None
    if form.kbps:
        encoder.bit_rate = form.kbps * 1000
        encoder.options |= {"maxrate": f"{form.kbps}k", "bufsize": f"{form.kbps // 2}k"}
        noise = np.random.default_rng(7).integers(88, 168, (form.height // 8 + 1, form.width // 4 + 1), np.uint8)
        texture = np.kron(noise, np.ones((8, 8), np.uint8)).astype(np.uint8)
    else:
        encoder.options |= {"crf": "26"}
    colour = stamp.COLOURS[form.colour]
    units = []
    for counter in range(form.frames):
        picture = stamp.draw(colour, form.width, form.height, counter, texture)
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = counter
        units += [list(h264.split(bytes(packet))) for packet in encoder.encode(frame)]
    units += [list(h264.split(bytes(packet))) for packet in encoder.encode(None)]
    if len(units) != form.frames:
        raise RuntimeError(f"{len(units)} access units out of {form.frames} pictures")
    return units

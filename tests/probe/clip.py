"""Pre-encoded loops of the probe's pictures: sixteen terminals then cost packets, not encoders.

A clip holds one IDR, at its start, and P pictures after it, as a camera's terminal sends them: who wants another
keyframe has to ask, and the sender then jumps back to the start.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from tests.probe import h26x, h264, stamp


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
    codec: str = "h264"  # or one of h26x; those take CIF and QCIF, and of the fields above only ``profile="plus"``


def of_codec(form: ClipFormat, codec: str) -> ClipFormat:
    """The same picture in another codec, in a size that it has."""
    if codec == form.codec:
        return form
    if codec == "h264":
        return ClipFormat(form.colour)
    return ClipFormat(form.colour, 352, 288, codec=codec)


@dataclass(frozen=True, slots=True)
class Clip:
    form: ClipFormat
    units: list[list[bytes]]  # NAL units of each access unit, or one coded picture; unit i shows counter i

    def payloads(self, mode: int) -> list[list[bytes]]:
        """RTP payloads of each unit; ``mode`` is H.264's packetization-mode."""
        codec = self.form.codec
        if codec == "h264":
            return [h264.packetize(unit, mode) for unit in self.units]
        return [h26x.packetize(codec, unit[0]) for unit in self.units]


@lru_cache(maxsize=64)
def clip(form: ClipFormat) -> Clip:
    """The clip, encoded once per machine (kept in the temporary directory)."""
    recipe = b"".join(Path(file).read_bytes() for file in (stamp.__file__, h26x.__file__, __file__))
    key = hashlib.sha256(recipe + repr(form).encode()).hexdigest()[:24]
    kept = Path(tempfile.gettempdir()) / f"mcu-probe-clips-{os.getuid()}" / f"{key}.pickle"
    if kept.is_file():
        return Clip(form, pickle.loads(kept.read_bytes()))
    units = _encode(form) if form.codec == "h264" else _encode_h26x(form)
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
    if form.kbps:
        encoder.bit_rate = form.kbps * 1000
        encoder.options |= {"maxrate": f"{form.kbps}k", "bufsize": f"{form.kbps // 2}k"}
    else:
        encoder.options |= {"crf": "26"}
    units = []
    for counter, picture in enumerate(_pictures(form)):
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = counter
        units += [list(h264.split(bytes(packet))) for packet in encoder.encode(frame)]
    units += [list(h264.split(bytes(packet))) for packet in encoder.encode(None)]
    if len(units) != form.frames:
        raise RuntimeError(f"{len(units)} access units out of {form.frames} pictures")
    return units


def _encode_h26x(form: ClipFormat) -> list[list[bytes]]:
    plus = form.profile == "plus"
    coder = h26x.Coder(form.codec, form.width, form.height, form.fps, form.kbps or 384, plus)
    units = [[coder.encode(picture)] for picture in _pictures(form)]
    if not all(unit[0] for unit in units):
        raise RuntimeError("a picture was left out")
    return units


def _pictures(form: ClipFormat) -> Iterator[stamp.Picture]:
    texture = None
    if form.kbps:
        noise = np.random.default_rng(7).integers(88, 168, (form.height // 8 + 1, form.width // 4 + 1), np.uint8)
        texture = np.kron(noise, np.ones((8, 8), np.uint8)).astype(np.uint8)
    for counter in range(form.frames):
        yield stamp.draw(stamp.COLOURS[form.colour], form.width, form.height, counter, texture)

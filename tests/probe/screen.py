"""The probe's screen: takes pictures out of RTP, decodes them beside the pump's thread, keeps the latest."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from PIL import Image

from tests.probe import h26x, h264, stamp
from tests.probe.h264 import StreamFacts
from tests.probe.rtp import RtpPacket

Rect = tuple[float, float, float, float]
# Called for each decoded picture, in the decoder's thread, with its luma and the time of arrival of its last packet.
OnPicture = Callable[[stamp.Picture, float], None]


class Screen:
    """``codecs`` tells which payload type is which codec; what is not in it is H.264."""

    def __init__(self) -> None:
        self.codecs: dict[int, str] = dict(h26x.STATIC)
        self.codec = ""  # of what came last
        self.on_picture: OnPicture | None = None
        self.pictures = 0
        self.first_at: float | None = None  # when the last packet of the first decodable picture came
        self.last_at = 0.0
        self.decode_errors = 0
        self._depacketizer: h264.Depacketizer | h26x.Depacketizer = h264.Depacketizer()
        self._frame: av.VideoFrame | None = None
        self._packets: queue.SimpleQueue[RtpPacket | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="probe-screen", daemon=True)
        self._thread.start()

    @property
    def facts(self) -> StreamFacts:
        """Of the stream that comes now: another codec begins others."""
        return self._depacketizer.facts

    @property
    def damaged(self) -> int:
        """Access units that came with a hole."""
        return self._depacketizer.damaged

    def feed(self, packet: RtpPacket) -> None:
        self._packets.put(packet)

    def forget(self) -> None:
        """The next picture counts as the first again."""
        self.first_at = None
        self._frame = None

    def close(self) -> None:
        self._packets.put(None)
        self._thread.join(5)

    def picture(self) -> stamp.Picture | None:
        """The latest picture as RGB, shape (height, width, 3)."""
        frame = self._frame
        return None if frame is None else np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)

    @property
    def size(self) -> tuple[int, int]:
        frame = self._frame
        return (frame.width, frame.height) if frame else (0, 0)

    def tile(self, rect: Rect) -> stamp.Picture | None:
        picture = self.picture()
        return None if picture is None else stamp.crop(picture, rect)

    def colour(self, rect: Rect = (0, 0, 1, 1)) -> str:
        """Whose colour a tile has; "" for none, or when there is no picture."""
        tile = self.tile(rect)
        return "" if tile is None else stamp.colour_of(tile)

    def counter(self, rect: Rect = (0, 0, 1, 1)) -> int | None:
        tile = self.tile(rect)
        return None if tile is None else stamp.read(np.asarray(tile[:, :, 1], np.uint8))

    def save(self, path: Path) -> None:
        picture = self.picture()
        if picture is not None:
            Image.fromarray(picture).save(path)

    def _run(self) -> None:
        decode = _h264_decoder()
        while (packet := self._packets.get()) is not None:
            codec = self.codecs.get(packet.payload_type, "h264")
            if codec != (self.codec or "h264"):
                self._depacketizer = h264.Depacketizer() if codec == "h264" else h26x.Depacketizer(codec)
                decode = _h264_decoder() if codec == "h264" else h26x.Decoder(codec).decode
            self.codec = codec
            unit = self._depacketizer.feed(packet)
            if unit is None:
                continue
            try:
                frames = decode(unit)
            except av.FFmpegError:
                self.decode_errors += 1
                continue
            for frame in frames:
                if frame.is_corrupt:
                    continue
                self.pictures += 1
                if codec == "h261":
                    self.facts.idrs += bool(frame.key_frame)  # only its decoder can tell
                self._frame = frame
                self.last_at = packet.arrival
                if self.first_at is None:
                    self.first_at = packet.arrival
                if self.on_picture:
                    self.on_picture(luma(frame), packet.arrival)


def _h264_decoder() -> Callable[[bytes], list[av.VideoFrame]]:
    decoder = VideoCodecContext.create("h264", "r")
    decoder.thread_count = 1
    return lambda unit: list(decoder.decode(av.Packet(unit)))


def luma(frame: av.VideoFrame) -> stamp.Picture:
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]

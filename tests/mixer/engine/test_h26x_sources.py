"""Pictures of H.263 and H.261 senders, from their RTP payloads to the view."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mcu.mixer._native import Codec, Engine, RateClass, Scene, SourceState, Tile, make_depacketizer
from tests.mixer.engine.h26x import CIF, CODECS, QCIF, coded, gob_bits, pack, picture, psnr
from tests.mixer.engine.pictures import Screen, source, still
from tests.waiting import until_blocking

WHOLE = [Tile("a", 0, 0, 1, 1)]
SD = [RateClass("sd", 640, 360, 30, 1500, 30)]
# Payload format, libavcodec's coder, size. Custom sizes are PLUSPTYPE's (H.263 5.1.4): multiples of 4.
SENDERS = [
    *((format_, coder, size) for size in (CIF, QCIF, (128, 96), (704, 576), (1408, 1152))
      for format_, coder in (("h263", "h263"), ("h263p", "h263"))),
    *(("h263p", "h263p", size) for size in (CIF, (320, 240), (640, 360), (1280, 720))),
    ("h261", "h261", CIF), ("h261", "h261", QCIF),
]  # fmt: skip


class Camera:
    """Sends what a coder made, packed and unpacked as on its way through RTP."""

    def __init__(self, engine: Engine, format_: str, units: tuple[bytes, ...]) -> None:
        self.engine, self.format, self.units, self.asked = engine, format_, units, 0
        self._depacketizer = make_depacketizer(format_)
        self._random = Random(5)
        self.sent = 0
        engine.add_source("a", CODECS[format_], self._ask)

    def _ask(self) -> None:
        self.asked += 1

    def payloads(self, unit: bytes) -> list[bytes]:
        cuts = [self._random.randrange(48, 8 * len(unit)) for _ in range(len(unit) // 700)]
        return pack(self.format, unit, cuts)

    def send(self, unit: bytes, lost: frozenset[int] = frozenset(), payloads: list[bytes] | None = None) -> None:
        payloads = payloads or self.payloads(unit)
        gap = False
        for number, payload in enumerate(payloads):
            if number in lost:
                gap = True
                continue
            for data, ts, loss in self._depacketizer.push(payload, self.sent, number == len(payloads) - 1, gap):
                self.engine.push("a", data, ts, loss)
            gap = False
        self.sent += 1

    def run(self, start: int = 0, count: int = 10) -> None:
        """Some pictures from this one on, at a camera's pace: of what comes faster than it is shown, the engine leaves
        out what is too much."""
        for unit in self.units[start : start + count]:
            taken = source(self.engine, "a").frames_decoded + source(self.engine, "a").errors
            self.send(unit)
            until_blocking(
                lambda: source(self.engine, "a").frames_decoded + source(self.engine, "a").errors > taken,  # noqa: B023
                "decoded",
            )
            tick(self.engine)


def seen(engine: Engine, format_: str, units: tuple[bytes, ...], size: tuple[int, int]) -> Camera:
    camera = Camera(engine, format_, units)
    engine.put_view("v", Scene(*size, 30, WHOLE), SD)
    Screen(engine, "v", "sd")
    until_blocking(lambda: source(engine, "a").state != SourceState.hidden, "seen")
    return camera


def luma(engine: Engine, size: tuple[int, int]) -> NDArray[Any]:
    """Of the view, as a picture of I420 with nothing else in it; a still has square pixels, CIF has not."""
    rgb = np.asarray(Image.fromarray(still(engine, "v")).resize(size, Image.Resampling.BILINEAR)).astype(float)
    y = 16 + (0.299 * rgb[..., 0] + 0.587 * rgb[..., 1] + 0.114 * rgb[..., 2]) * 219 / 255
    return np.concatenate([y, np.zeros((y.shape[0] // 2, y.shape[1]))])


def right(engine: Engine, number: int, size: tuple[int, int], least: float) -> None:
    """Waits until the view shows this picture."""
    until_blocking(
        lambda: psnr(luma(engine, size), picture(size, number)) > least, f"picture {number}, over {least} dB", 10
    )


@pytest.mark.parametrize(
    ("format_", "coder", "size"), SENDERS, ids=lambda v: v if isinstance(v, str) else "x".join(map(str, v))
)
def test_the_picture_is_right(engine: Engine, format_: str, coder: str, size: tuple[int, int]) -> None:
    # A canvas may not be as high as 16CIF. One of SQCIF's size would have square pixels; SQCIF's are 12:11 (H.263 3.1).
    canvas = {(128, 96): (280, 192), (1408, 1152): CIF}.get(size, size)
    camera = seen(engine, format_, coded(coder, size, 4), canvas)
    camera.run(0, 4)
    stats = source(engine, "a")
    assert (stats.errors, stats.losses) == (0, 0)
    assert (stats.width, stats.height) == size
    right(engine, 3, size, 28 if canvas == size else 20)
    until_blocking(lambda: source(engine, "a").state == SourceState.live, "live")


@pytest.mark.parametrize(("format_", "coder"), [("h263", "h263"), ("h263p", "h263p"), ("h261", "h261")])
def test_nothing_is_shown_before_an_intra_picture(engine: Engine, format_: str, coder: str) -> None:
    camera = seen(engine, format_, coded(coder, CIF, 10), CIF)
    for unit in camera.units[1:6]:
        camera.send(unit)
    until_blocking(lambda: source(engine, "a").frames_dropped == 5, "left out")
    until_blocking(lambda: camera.asked >= 1, "a request")
    assert source(engine, "a").frames_decoded == 0
    camera.run()
    right(engine, 9, CIF, 28)
    until_blocking(lambda: source(engine, "a").state == SourceState.live, "live")


def test_an_h261_sender_that_knows_no_requests_is_shown_and_asked_no_more(engine: Engine) -> None:
    """Its macroblocks are refreshed in turn (H.261 3.4): after three seconds it is decoded as it comes."""
    units = coded("h261", CIF, 10)[1:]
    camera = seen(engine, "h261", units, CIF)
    until_blocking(lambda: camera.send(units[0]) or source(engine, "a").frames_decoded > 0, "shown", 10)  # type: ignore[func-returns-value]
    assert camera.asked >= 3
    until_blocking(lambda: source(engine, "a").state == SourceState.live, "live")


def test_a_loss_counts_as_mended_after_132_pictures(engine: Engine) -> None:
    """H.261 3.4: by then each macroblock has been intra; a sender that does not answer is not asked for ever."""
    units = coded("h261", QCIF, 10)
    camera = seen(engine, "h261", units, QCIF)
    camera.run(0, 3)
    asked = camera.asked
    engine.push("a", units[3], 0, True)
    until_blocking(lambda: camera.asked > asked + 1, "requests")
    for number in range(140):
        camera.send(units[1 + number % 9])
        tick(engine)
    asked = camera.asked
    for number in range(40):
        camera.send(units[1 + number % 9])
        tick(engine)
    assert camera.asked == asked
    assert source(engine, "a").state == SourceState.live


@pytest.mark.parametrize(("format_", "coder"), [("h263", "h263"), ("h263p", "h263"), ("h261", "h261")])
def test_a_lost_gob_is_mended_by_the_keyframe_that_is_asked_for(engine: Engine, format_: str, coder: str) -> None:
    units = coded(coder, CIF, 10, 0, 1 if coder == "h263" else 0)
    camera = seen(engine, format_, units, CIF)
    camera.run(0, 3)
    asked = camera.asked
    gobs = gob_bits(units[3], format_)[format_ == "h261" :]
    camera.send(units[3], frozenset([3]), pack(format_, units[3], gobs))
    until_blocking(lambda: source(engine, "a").losses == 1, "the loss")
    until_blocking(lambda: camera.asked > asked + 1, "requests until it comes")
    camera.run(0, 10)
    right(engine, 9, CIF, 28)
    settled = camera.asked
    for _ in range(40):
        camera.run(9, 1)
    assert camera.asked <= settled + 1, "nothing more is wanted"


@pytest.mark.parametrize(("format_", "coder"), [("h263", "h263"), ("h263p", "h263p"), ("h261", "h261")])
def test_flipped_bits_and_lost_packets_end_nothing(engine: Engine, format_: str, coder: str) -> None:
    random = Random(11)
    units = coded(coder, QCIF, 10, 10)
    camera = seen(engine, format_, units, QCIF)
    for n in range(120):
        payloads = camera.payloads(units[n % 10])
        damaged = []
        for payload in payloads:
            octets = bytearray(payload)
            for _ in range(random.choice([0, 0, 1, 5])):
                octets[random.randrange(len(octets))] ^= 1 << random.randrange(8)
            damaged.append(bytes(octets[: random.choice([len(octets), len(octets), random.randrange(len(octets))])]))
        if n % 7 == 0:
            random.shuffle(damaged)
        camera.send(b"", frozenset(i for i in range(len(payloads)) if random.random() < 0.05), damaged)
        tick(engine)
    assert source(engine, "a").frames_in > 60
    assert camera.asked >= 1
    while psnr(luma(engine, QCIF), picture(QCIF, 9, 10)) < 24:  # a keyframe mends it
        for unit in units:
            camera.send(unit)
            tick(engine)
        assert camera.sent < 600, "never mended"
        tick(engine)
        tick(engine)


def tick(engine: Engine) -> None:
    """To the view's next picture: the pace of a camera."""
    before = engine.stats().views[0].frames
    until_blocking(lambda: engine.stats().views[0].frames > before, "a tick")


def test_another_codec_under_the_same_name_begins_anew(engine: Engine) -> None:
    """As after a re-INVITE with another codec."""
    seen(engine, "h263", coded("h263", CIF, 4), CIF).run(0, 4)
    right(engine, 3, CIF, 28)
    camera = Camera(engine, "h261", coded("h261", CIF, 6))
    until_blocking(lambda: source(engine, "a").codec == Codec.H261, "the new source")
    until_blocking(lambda: camera.asked >= 1, "a request to it")
    camera.run(0, 6)
    right(engine, 5, CIF, 28)
    assert source(engine, "a").width == 352

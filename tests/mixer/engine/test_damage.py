"""Damaged streams and floods cost their own pane only."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import av
import numpy as np
import pytest

from mcu.mixer._native import Codec, Engine, RateClass, Scene, SourceState
from tests.mixer.engine.pictures import BLUE, RED, Screen, Sender, grid, mean, near, one, plain, source
from tests.waiting import until_blocking

SD = [RateClass("sd", 640, 360, 30, 1500, 30)]


def test_flipped_bits_leave_the_others_alone(engine: Engine) -> None:
    random = Random(7)
    engine.put_view("v", Scene(640, 360, 30, grid(["good", "bad"], 2)), SD)
    screen = Screen(engine, "v", "sd")
    asked = []
    engine.add_source("bad", ask_keyframe=lambda: asked.append(1))
    Sender(engine, "good", RED).live()
    screen.until(lambda p: near(mean(p, 0.25, 0.25), RED), "red")
    units = plain(BLUE, 320, 180)
    for n in range(150):
        damaged = bytearray(units[n % 30])
        for _ in range(random.randrange(6)):
            damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
        engine.push("bad", bytes(damaged))
        assert near(mean(screen.take(), 0.25, 0.25), RED)
    stats = source(engine, "bad")
    assert stats.errors > 0
    assert len(asked) >= 2
    for unit in units[:3]:
        engine.push("bad", unit)
    screen.until(lambda p: near(mean(p, 0.75, 0.25), BLUE), "a keyframe mends it")


def test_a_flood_drops_its_own_until_a_keyframe(engine: Engine) -> None:
    engine.put_view("v", Scene(640, 360, 30, grid(["good", "flood"], 2)), SD)
    screen = Screen(engine, "v", "sd")
    flood = Sender(engine, "flood", BLUE)
    Sender(engine, "good", RED).live()
    screen.until(lambda p: near(mean(p, 0.25, 0.25), RED), "red")
    before = source(engine, "good").frames_dropped
    flood.send(2000)
    stats = source(engine, "flood")
    assert stats.frames_dropped > 1000
    assert source(engine, "good").frames_dropped == before
    until_blocking(lambda: flood.asked >= 2, "the request after the drop")
    flood.live()
    screen.until(lambda p: near(mean(p, 0.75, 0.25), BLUE), "it comes back")


def test_loss_is_followed_by_a_request(engine: Engine) -> None:
    sender = Sender(engine, "a", RED)
    engine.put_view("v", one("a"), SD)
    screen = Screen(engine, "v", "sd")
    until_blocking(lambda: source(engine, "a").state != SourceState.hidden, "seen")
    sender.keyframe()
    screen.until(lambda p: near(mean(p, 0.5, 0.5), RED), "red")
    asked = sender.asked
    sender.send(loss=True)
    until_blocking(lambda: sender.asked >= asked + 2, "requests until a keyframe comes")
    sender.keyframe()
    until_blocking(lambda: source(engine, "a").frames_decoded >= 3, "the keyframe")
    assert source(engine, "a").losses == 1


@pytest.mark.parametrize("codec", list(Codec))
def test_rubbish_of_every_codec(engine: Engine, codec: Codec) -> None:
    random = Random(3)
    engine.add_source("a", codec)
    engine.put_view("v", one("a"), SD)
    screen = Screen(engine, "v", "sd")
    starts = (b"", b"\0\0\1\x67", b"\0\0\0\1\x65", b"\0\0\x80\x02", b"\0\1\0")
    for _ in range(100):
        engine.push("a", random.choice(starts) + random.randbytes(random.randrange(400)))
    engine.push("a", b"")
    until_blocking(lambda: source(engine, "a").frames_in == 101, "all taken")
    for _ in range(3):
        screen.take()


@pytest.mark.parametrize(("codec", "coder"), [(Codec.H263, "h263"), (Codec.H261, "h261")])
def test_the_older_codecs_are_decoded(engine: Engine, codec: Codec, coder: str) -> None:
    context: Any = av.CodecContext.create(coder, "w")
    context.width, context.height, context.pix_fmt = 352, 288, "yuv420p"
    context.time_base = Fraction(1001, 30000)
    context.bit_rate = 600_000
    engine.add_source("a", codec)
    engine.put_view("v", one("a", crop=True), SD)
    screen = Screen(engine, "v", "sd")
    for _ in range(3):
        for packet in context.encode(av.VideoFrame.from_ndarray(np.full((288, 352, 3), BLUE, np.uint8), "rgb24")):
            engine.push("a", bytes(packet))
    screen.until(lambda p: near(mean(p, 0.5, 0.5), BLUE), coder)

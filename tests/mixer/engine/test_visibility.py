"""Only what is seen is decoded; what comes into view is asked for a keyframe; what stands still is dimmed."""

from __future__ import annotations

import time

from mcu.mixer._native import Engine, RateClass, SourceState
from tests.mixer.engine.pictures import BLUE, RED, Screen, Sender, mean, near, one, source, still
from tests.waiting import until_blocking

SD = [RateClass("sd", 640, 360, 30, 1500, 30)]


def test_a_source_in_no_pane_is_not_decoded(engine: Engine) -> None:
    seen, hidden = Sender(engine, "seen", RED), Sender(engine, "hidden", BLUE)
    engine.put_view("v", one("seen"), SD)
    screen = Screen(engine, "v", "sd")
    seen.live()
    hidden.send(10)
    screen.until(lambda p: near(mean(p, 0.5, 0.5), RED), "red")
    stats = source(engine, "hidden")
    assert stats.state == SourceState.hidden
    assert (stats.frames_in, stats.frames_hidden, stats.frames_decoded) == (10, 10, 0)
    assert hidden.asked == 0

    engine.put_view("v", one("hidden"), SD)
    until_blocking(lambda: hidden.asked >= 1, "the request")
    hidden.send(3)  # not a keyframe: can't be decoded
    until_blocking(lambda: hidden.asked >= 3, "the request again, each half second")
    assert source(engine, "hidden").state == SourceState.waiting
    assert source(engine, "hidden").frames_dropped == 3
    hidden.keyframe()
    screen.until(lambda p: near(mean(p, 0.5, 0.5), BLUE), "blue")
    assert source(engine, "seen").state == SourceState.hidden
    hidden.live()
    asked = hidden.asked  # more than before where this test was kept from running, and the source stood still
    until_blocking(lambda: source(engine, "hidden").frames_decoded > 50, "50 frames")
    assert hidden.asked <= asked + 1, "a keyframe came: no more asking each half second"


def test_a_view_without_sinks_decodes_nothing_until_someone_looks(engine: Engine) -> None:
    sender = Sender(engine, "a", RED)
    engine.put_view("v", one("a"), SD)
    sender.send(5)
    assert source(engine, "a").state == SourceState.hidden
    still(engine, "v")
    until_blocking(lambda: sender.asked > 0, "the request")
    sender.live()
    until_blocking(lambda: near(mean(still(engine, "v"), 0.5, 0.5), RED), "red in the still")
    until_blocking(lambda: source(engine, "a").state == SourceState.hidden, "nobody looks any more, after 5 s")

    screen = Screen(engine, "v", "sd")
    until_blocking(lambda: source(engine, "a").state == SourceState.live, "seen again")
    screen.detach()
    until_blocking(lambda: source(engine, "a").state == SourceState.hidden, "the last sink has gone")
    frames = engine.stats().views[0].frames
    time.sleep(0.2)  # six ticks that must not be
    assert engine.stats().views[0].frames <= frames + 1


def test_a_stalled_source_is_dimmed_and_asked(engine: Engine) -> None:
    sender = Sender(engine, "a", RED)
    engine.put_view("v", one("a"), SD)
    screen = Screen(engine, "v", "sd")
    sender.live()
    screen.until(lambda p: near(mean(p, 0.5, 0.5), RED), "red")
    sender.stopped.set()
    asked = sender.asked
    dimmed = screen.until(lambda p: not near(mean(p, 0.5, 0.5), RED, 60), "dimmed")
    r, g, b = mean(dimmed, 0.5, 0.5)
    assert 30 < r < 130, "dimmed, not black"
    assert g < r
    assert b < r
    assert source(engine, "a").state == SourceState.stalled
    until_blocking(lambda: sender.asked > asked, "the request")
    sender.keyframe()
    screen.until(lambda p: near(mean(p, 0.5, 0.5), RED), "bright again")


def test_a_source_may_come_after_its_view_be_replaced_and_go(engine: Engine) -> None:
    engine.put_view("v", one("a"), SD)
    screen = Screen(engine, "v", "sd")
    screen.take()
    Sender(engine, "a", RED).live()
    screen.until(lambda p: near(mean(p, 0.5, 0.5), RED), "red")
    blue = Sender(engine, "a", BLUE)
    blue.stopped.set()  # the first one's thread sends under the same name
    until_blocking(lambda: blue.asked > 0, "the request to the new one")
    blue.keyframe()
    screen.until(lambda p: near(mean(p, 0.5, 0.5), BLUE), "blue")
    engine.remove_source("a")
    screen.until(lambda p: sum(mean(p, 0.5, 0.5)) < 180, "the empty pane")


def test_two_views_share_one_decoding(engine: Engine) -> None:
    sender = Sender(engine, "a", RED)
    engine.put_view("v", one("a"), SD)
    engine.put_view("w", one("a"), SD)
    first, second = Screen(engine, "v", "sd"), Screen(engine, "w", "sd")
    sender.live()
    first.until(lambda p: near(mean(p, 0.5, 0.5), RED), "red")
    second.until(lambda p: near(mean(p, 0.5, 0.5), RED), "red")
    first.detach()
    engine.drop_view("v")
    second.take()
    assert source(engine, "a").state != SourceState.hidden
    stats = source(engine, "a")
    assert stats.frames_decoded <= stats.frames_in
    second.detach()
    until_blocking(lambda: source(engine, "a").state == SourceState.hidden, "nobody looks")

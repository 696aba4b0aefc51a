"""IDRs on demand, coalesced."""

from __future__ import annotations

import time

from mcu.mixer._native import ClassStats, Engine, RateClass
from tests.mixer.engine.pictures import Screen, one
from tests.waiting import until_blocking

SD = [RateClass("sd", 640, 360, 30, 600, 30), RateClass("cif", 352, 288, 15, 384, 13)]


def stats(engine: Engine, name: str = "sd") -> ClassStats:
    return next(c for c in engine.stats().views[0].classes if c.name == name)


def test_the_first_picture_of_a_class_is_an_idr_with_its_parameter_sets(engine: Engine) -> None:
    engine.put_view("v", one("a"), SD)
    screen = Screen(engine, "v", "sd")
    for _ in range(15):
        screen.take()
    assert [unit.keyframe for unit in screen.units] == [True] + [False] * 14
    types = [nal[0] & 0x1F for nal in screen.units[0].nals]
    assert types[:3] == [7, 8, 5]
    assert all(t == 1 for unit in screen.units[1:] for t in (nal[0] & 0x1F for nal in unit.nals))


def test_a_request_after_quiet_is_answered_by_the_next_picture(engine: Engine) -> None:
    engine.put_view("v", one("a"), SD)
    screen = Screen(engine, "v", "sd")
    for _ in range(30):
        screen.take()
    while screen.sink.get(0) is not None:
        pass
    engine.request_keyframe("v", "sd")
    queued = []
    while (unit := screen.sink.get(0)) is not None:  # what came before, and while this test was kept from running
        queued.append(unit)
    queued += [screen.sink.get(30) for _ in range(3)]
    assert any(unit is not None and unit.keyframe for unit in queued)


def test_a_hundred_joins_cost_a_few_idrs(engine: Engine) -> None:
    engine.put_view("v", one("a"), SD)
    begun = time.monotonic()
    screens = [Screen(engine, "v", "sd")]
    for _ in range(100):
        screens.append(Screen(engine, "v", "sd"))
        engine.request_keyframe("v", "sd")
        engine.request_keyframe("v", "sd")
    first = screens[-1].units or [screens[-1].sink.get()]
    for _ in range(40):
        if first[-1].keyframe:
            break
        first.append(screens[-1].sink.get())
    assert first[-1].keyframe, "the last one to join is served, too"
    count = stats(engine)
    assert count.keyframes_asked == 200
    assert count.sinks == 101
    seconds = time.monotonic() - begun
    assert count.idrs <= 2 + seconds / 0.5, "at most one each half second"


def test_a_request_to_one_class_is_not_another_ones(engine: Engine) -> None:
    engine.put_view("v", one("a"), SD)
    Screen(engine, "v", "sd")
    cif = Screen(engine, "v", "cif")
    until_blocking(lambda: stats(engine, "cif").idrs == 1 and stats(engine).idrs == 1, "both began")
    for _ in range(10):
        cif.take()
    engine.request_keyframe("v", "cif")
    until_blocking(lambda: stats(engine, "cif").idrs == 2, "the IDR")
    assert stats(engine).idrs == 1
    engine.request_keyframe("v", "nothing")
    engine.request_keyframe("nothing", "sd")

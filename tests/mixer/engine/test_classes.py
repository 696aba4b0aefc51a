"""A view is composed once and encoded once for each rate class that somebody takes."""

from __future__ import annotations

from mcu.mixer._native import Engine, QueueSink, RateClass, Scene
from tests.mixer.engine.pictures import RED, Screen, Sender, mean, near, one
from tests.waiting import until_blocking

HD = RateClass("hd", 1280, 720, 30, 1500, 31)
SD = RateClass("sd", 640, 360, 30, 600, 30)
CIF = RateClass("cif", 352, 288, 15, 384, 13)


def test_classes_have_their_sizes_and_letterboxes(engine: Engine) -> None:
    engine.put_view("v", Scene(1280, 720, 30, one("a", crop=True).tiles), [HD, SD, CIF])
    screens = {c.name: Screen(engine, "v", c.name) for c in (HD, SD, CIF)}
    Sender(engine, "a", RED).live()
    for name, size in (("hd", (720, 1280)), ("sd", (360, 640)), ("cif", (288, 352))):
        picture = screens[name].until(lambda p: near(mean(p, 0.5, 0.5), RED), f"red in {name}")
        assert picture.shape[:2] == size
    assert screens["cif"].shows is not None
    assert near(mean(screens["cif"].shows, 0.5, 0.06), (0, 0, 0)), "16:9 in CIF has bars above and below"
    assert near(mean(screens["sd"].shows, 0.5, 0.9), RED)  # type: ignore[arg-type]
    view = engine.stats().views[0]
    assert all(c.frames <= view.frames for c in view.classes), "one composition for all"


def test_every_nal_fits_a_packet(engine: Engine) -> None:
    engine.put_view("v", one("a"), [HD, CIF])
    screens = [Screen(engine, "v", "hd"), Screen(engine, "v", "cif")]
    Sender(engine, "a", RED, 640, 360).live()
    for screen in screens:
        for _ in range(20):
            screen.take()
        assert max(len(nal) for unit in screen.units for nal in unit.nals) <= 1300
        assert not any(b"\x00\x00\x01" in nal for unit in screen.units for nal in unit.nals)


def test_a_level_bounds_what_is_wished(engine: Engine) -> None:
    engine.put_view("v", Scene(1280, 720, 30), [RateClass("x", 1280, 720, 30, 1500, 13)])
    screen = Screen(engine, "v", "x")
    assert screen.take().shape[:2] == (288, 352)
    sps = screen.units[0].nals[0]
    assert sps[1:4] == bytes([66, sps[2], 13])
    assert sps[2] & 0x40, "constrained"


def test_a_slow_class_takes_every_second_picture_with_steady_timestamps(engine: Engine) -> None:
    engine.put_view("v", one("a"), [CIF, SD])
    slow, fast = Screen(engine, "v", "cif"), Screen(engine, "v", "sd")
    for _ in range(12):
        slow.take()
    for _ in range(20):
        fast.take()
    while slow.units[-1].ts90k < fast.units[-1].ts90k:  # one was attached later, however long after the other
        slow.take()
    steps = [b.ts90k - a.ts90k for a, b in zip(slow.units, slow.units[1:], strict=False)]
    assert all(step % 3000 <= 1 or step % 3000 >= 2999 for step in steps), steps
    assert min(steps) >= 5999, "15 of 30"
    assert [u.seq for u in slow.units] == list(range(len(slow.units)))
    common = {u.ts90k for u in slow.units} & {u.ts90k for u in fast.units}
    assert common, "classes of a view share its clock"


def test_a_class_that_changes_begins_anew_and_others_go_on(engine: Engine) -> None:
    engine.put_view("v", one("a"), [SD, CIF])
    sd, cif = Screen(engine, "v", "sd"), Screen(engine, "v", "cif")
    for _ in range(5):
        sd.take()
        cif.take()
    engine.put_view("v", one("b"), [SD, RateClass("cif", 176, 144, 15, 128, 11)])
    cif.until(lambda p: p.shape[:2] == (144, 176), "the new size")
    assert cif.units[-1].keyframe
    for _ in range(20):
        sd.take()
    assert [u.keyframe for u in sd.units] == [True] + [False] * 24


def test_a_class_that_goes_forgets_its_sinks(engine: Engine) -> None:
    engine.put_view("v", one("a"), [SD, CIF])
    cif = Screen(engine, "v", "cif")
    cif.take()
    engine.put_view("v", one("a"), [SD])
    assert not engine.attach("v", "cif", QueueSink())
    engine.put_view("v", one("a"), [SD, CIF])
    classes = {c.name: c for c in engine.stats().views[0].classes}
    assert classes["cif"].sinks == 0


def test_without_a_sink_there_is_no_encoding(engine: Engine) -> None:
    engine.put_view("v", one("a"), [SD, CIF])
    sd = Screen(engine, "v", "sd")
    for _ in range(5):
        sd.take()
    classes = {c.name: c for c in engine.stats().views[0].classes}
    assert classes["sd"].frames >= 5
    assert classes["cif"].frames == 0
    sd.detach()
    until_blocking(lambda: next(c for c in engine.stats().views[0].classes if c.name == "sd").sinks == 0, "the end")

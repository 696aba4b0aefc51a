"""Coded pictures in, composed pictures out: the right colour in the right place."""

from __future__ import annotations

import colorsys
import itertools
from random import Random

import numpy as np
import pytest

from mcu.mixer import banner as banners
from mcu.mixer import labels
from mcu.mixer._native import Engine, Overlay, QueueSink, RateClass, Scene, Tile
from mcu.mixer.lettering import Bitmap
from tests.mixer.engine.pictures import BLUE, GREEN, RED, Screen, Sender, grid, mean, near, one, plain, still
from tests.waiting import until_blocking

HD = [RateClass("hd", 1280, 720, 30, 3000, 31)]
SD = [RateClass("sd", 640, 360, 30, 1500, 30)]


def put_bitmap(engine: Engine, key: str, bitmap: Bitmap | None) -> None:
    assert bitmap is not None
    engine.put_bitmap(key, bitmap.width, bitmap.height, bitmap.rgba)


@pytest.mark.parametrize("side", [1, 2, 3, 4, 5])
def test_every_source_is_in_its_pane(engine: Engine, side: int) -> None:
    names = [f"s{n}" for n in range(side * side)]
    engine.put_view("v", Scene(1280, 720, 30, grid(names, side)), HD)
    screen = Screen(engine, "v", "hd")
    colours = {}
    for n, name in enumerate(names):
        r, g, b = colorsys.hsv_to_rgb(n / len(names), 0.7, 0.7)
        colours[name] = (int(r * 255), int(g * 255), int(b * 255))
        Sender(engine, name, colours[name]).live()

    def all_there(picture: np.ndarray) -> bool:
        places = {n: mean(picture, (i % side + 0.5) / side, (i // side + 0.5) / side) for i, n in enumerate(names)}
        return all(near(places[n], colours[n]) for n in names)

    screen.until(all_there, f"{side * side} colours in their panes")


def test_a_layout_of_different_panes_changes_as_a_whole(engine: Engine) -> None:
    first = Scene(
        640, 360, 30, [Tile("a", 0, 0, 0.75, 1), Tile("b", 0.75, 0, 0.25, 0.5), Tile("c", 0.75, 0.5, 0.25, 0.5)]
    )
    second = Scene(640, 360, 30, [Tile("c", 0, 0, 0.5, 1), Tile("a", 0.5, 0, 0.5, 1)])
    engine.put_view("v", first, SD)
    screen = Screen(engine, "v", "sd")
    for name, colour in (("a", RED), ("b", GREEN), ("c", BLUE)):
        Sender(engine, name, colour).live()
    where = {(0.3, 0.5): RED, (0.9, 0.3): GREEN, (0.9, 0.8): BLUE}
    screen.until(lambda p: all(near(mean(p, *at), colour) for at, colour in where.items()), "the first layout")
    engine.put_view("v", second, SD)
    while True:
        picture = screen.take()
        left, right = mean(picture, 0.25, 0.6), mean(picture, 0.9, 0.7)
        if near(left, BLUE):
            assert near(right, RED)
            break
        assert near(left, RED)
        assert near(right, BLUE)
    assert sum(unit.keyframe for unit in screen.units) == 1, "a new layout needs no IDR"


def test_fit_shows_all_and_crop_fills(engine: Engine) -> None:
    sender = Sender(engine, "a", RED, 160, 120)
    engine.put_view("v", one("a"), SD)
    screen = Screen(engine, "v", "sd")
    sender.live()
    picture = screen.until(lambda p: near(mean(p, 0.5, 0.5), RED), "the picture")
    assert near(mean(picture, 0.05, 0.5), (0, 0, 0)), "4:3 in 16:9 has bars"
    engine.put_view("v", one("a", crop=True), SD)
    screen.until(lambda p: near(mean(p, 0.02, 0.5), RED) and near(mean(p, 0.98, 0.5), RED), "no bars")


def test_label_card_border_sign_and_banner(engine: Engine) -> None:
    put_bitmap(engine, "label", labels.label("Nguyễn Thị Ểnh", 640, 360))
    put_bitmap(engine, "card", labels.card("Phòng họp số 3"))
    put_bitmap(engine, "banner", banners.standing("Hội nghị trực tuyến", 640, 26))
    sender = Sender(engine, "a", GREEN)

    engine.put_view("v", one("a", label="label"), SD)
    plate = still(engine, "v")
    assert plate[300:].std() > 10, "the label shows even without a card"
    # The card names the site already: a label over it would say it twice.
    engine.put_view("w", one("a", card="card", label="label"), SD)
    engine.put_view("x", one("a", card="card"), SD)
    assert np.abs(still(engine, "w").astype(int) - plate.astype(int)).mean() > 10, "the card fills the pane"
    assert np.array_equal(still(engine, "w"), still(engine, "x"))

    engine.put_view("v", one("a"), SD)
    still(engine, "v")
    sender.live()
    until_blocking(lambda: near(mean(still(engine, "v"), 0.5, 0.5), GREEN), "the picture")
    without = still(engine, "v")

    def difference(scene: Scene) -> np.ndarray:
        engine.put_view("v", scene, SD)
        return np.abs(still(engine, "v").astype(int) - without.astype(int)).max(axis=2) > 40

    def seen(scene: Scene, ys: slice, xs: slice) -> bool:
        """What the scene adds is there, and nowhere else."""
        until_blocking(
            lambda: difference(scene)[ys, xs].mean() > 0.05 and only_there(scene, ys, xs), "the addition, alone"
        )
        return True

    def only_there(scene: Scene, ys: slice, xs: slice) -> bool:
        changed = difference(scene)
        changed[ys, xs] = False
        changed[:40] = False  # the spot that moves
        return bool(changed.mean() < 0.001)

    assert seen(one("a", label="label"), slice(290, 360), slice(0, 340))
    assert seen(one("a", muted=True), slice(270, 360), slice(550, 640))
    banner = Scene(640, 360, 30, [Tile("a", 0, 0, 1, 1)], [Overlay("banner", 0, 0.5)])
    assert seen(banner, slice(178, 210), slice(0, 640))
    until_blocking(lambda: difference(one("a", speaking=True))[-4:].all(), "the border")
    border = difference(one("a", speaking=True))
    assert border[:, :4].all()
    assert not border[40:320, 40:600].any()


def test_a_text_comes_by_evenly_and_comes_again(engine: Engine) -> None:
    """From the right edge to beyond the left one, by the same even number of pixels in each picture."""
    white = Bitmap(40, 20, b"\xff" * (40 * 20 * 4))
    put_bitmap(engine, "text", white)
    scene = Scene(640, 360, 30, [], [Overlay("text", 0.0, 0.5, scroll=0.5)])
    engine.put_view("v", scene, SD)
    screen = Screen(engine, "v", "sd")

    def edge(picture: np.ndarray) -> int:
        """Where the white begins; -1 without any."""
        columns = np.flatnonzero(picture[184:196].mean(axis=(0, 2)) > 140)
        return int(columns[0]) if len(columns) else -1

    screen.until(lambda p: edge(p) > 590, "the text at the right edge")
    engine.put_view("v", Scene(640, 360, 30, [Tile("", 0, 0, 0.2, 0.2)], scene.overlays), SD)
    places = [edge(screen.take())]
    while len(places) < 20 and places[-1] > 100:  # a crowded machine may leave so many out that it is soon at the left
        places.append(edge(screen.take()))
    assert all(0 < place < 640 for place in places), "another scene with the same text does not begin it anew"
    assert len(places) > 3
    steps = [a - b for a, b in itertools.pairwise(places)]
    # 320 pixels a second are 10.67 a picture; more where the machine left pictures out, and an encoder's edge blurs.
    assert min(steps) >= 8, steps
    screen.until(lambda p: -1 < edge(p) < 30, "the text at the left edge")
    screen.until(lambda p: edge(p) > 590, "the text again")


def test_size_changes_in_the_middle_and_odd_sizes(engine: Engine) -> None:
    engine.add_source("a")
    engine.put_view("v", one("a", crop=True), SD)
    screen = Screen(engine, "v", "sd")
    for n, (width, height) in enumerate(
        [(160, 90), (352, 288), (642, 362), (90, 160), (1920, 1080), (50, 34), (160, 90)]
    ):
        colour = (RED, GREEN, BLUE)[n % 3]
        for unit in plain(colour, width, height, 3):
            engine.push("a", unit)
        screen.until(lambda p, colour=colour: near(mean(p, 0.5, 0.6), colour), f"{width}x{height}")
    assert engine.stats().sources[0].errors == 0


def test_a_picture_larger_than_full_hd_is_not_taken(engine: Engine) -> None:
    sender = Sender(engine, "a", RED)
    engine.put_view("v", one("a"), SD)
    screen = Screen(engine, "v", "sd")
    sender.live()
    screen.until(lambda p: near(mean(p, 0.5, 0.5), RED), "red")
    sender.stopped.set()
    engine.push("a", plain(BLUE, 2560, 1440, 1)[0])
    until_blocking(lambda: engine.stats().sources[0].errors > 0, "refusal")
    for _ in range(5):
        assert mean(screen.take(), 0.5, 0.5)[2] < 60, "nothing blue"
    for unit in plain(GREEN, 320, 180, 2):
        engine.push("a", unit)
    screen.until(lambda p: near(mean(p, 0.5, 0.5), GREEN), "it goes on")


def test_empty_scenes_and_panes_out_of_range(engine: Engine) -> None:
    engine.put_view("v", Scene(640, 360, 30, [], background_rgb=0x2040C0), SD)
    screen = Screen(engine, "v", "sd")
    assert near(mean(screen.take(), 0.5, 0.5), (0x20, 0x40, 0xC0))
    numbers = (-9.0, -0.5, 0.0, 0.001, 0.99, 1e30, float("nan"), float("inf"))
    random = Random(1)
    wild = [[random.choice(numbers) for _ in range(4)] for _ in range(128)]
    tiles = [Tile("a", x, y, w, h, label="l", card="c", muted=True, speaking=True) for x, y, w, h in wild]
    engine.put_view("v", Scene(640, 360, 30, tiles), SD)
    for _ in range(3):
        screen.take()


@pytest.mark.parametrize(
    "scene",
    [
        Scene(0, 360),
        Scene(640, 5000),
        Scene(640, 360, 0),
        Scene(640, 360, 61),
        Scene(640, 360, 30, [Tile("", 0, 0, 1, 1)] * 129),
    ],
)
def test_impossible_scenes_are_refused(engine: Engine, scene: Scene) -> None:
    with pytest.raises(ValueError, match=r"must be|at most"):
        engine.put_view("v", scene, SD)
    assert not engine.attach("v", "sd", QueueSink()), "a view that was refused doesn't exist"


def test_bitmaps_of_the_wrong_size_are_refused(engine: Engine) -> None:
    for width, height, octets in ((2, 2, 15), (0, 4, 0), (-1, 4, 16), (20000, 1, 80000)):
        with pytest.raises(ValueError, match=r"rgba|size|side"):
            engine.put_bitmap("k", width, height, bytes(octets))

"""The layouts we ship, what auto chooses, and what an administrator may get wrong."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.core.picture.layout import Catalogue, Layout, Rect, grid, parse
from mcu.errors import BadRequest, ConfigError
from tests.core.world import catalogue

SHIPPED = list(catalogue())


@pytest.mark.parametrize("layout", SHIPPED, ids=lambda a: a.name)
def test_tiles_are_16_to_9_inside_the_canvas_and_apart(layout: Layout) -> None:
    for r in layout.tiles:
        assert r.w == pytest.approx(r.h)  # in parts of a 16:9 canvas
        assert min(r.x, r.y) >= 0
        assert max(r.x + r.w, r.y + r.h) <= 1 + 1e-9
    for a, b in itertools.combinations(layout.tiles, 2):
        apart_x = a.x + a.w <= b.x + 1e-9 or b.x + b.w <= a.x + 1e-9
        apart_y = a.y + a.h <= b.y + 1e-9 or b.y + b.h <= a.y + 1e-9
        assert apart_x or apart_y


@pytest.mark.parametrize("name", ["1x1", "1+1", "2x2", "3x3", "4x4", "5x5", "1+5", "1+7"])
def test_the_usual_ones_are_there(name: str) -> None:
    tiles = len(catalogue().choose(name, 0).tiles)
    first, sign, second = name.partition("x")
    assert tiles == (int(first) * int(second) if sign else sum(map(int, name.split("+"))))


@given(st.integers(0, 400))
def test_auto_is_the_smallest_that_holds_all(people: int) -> None:
    chosen = catalogue().choose("auto", people)
    sizes = [len(a.tiles) for a in SHIPPED if a.automatic]
    assert len(chosen.tiles) == min((s for s in sizes if s >= people), default=25)


def test_auto_grows_without_a_jump_in_order() -> None:
    names = [catalogue().choose("auto", n).name for n in (1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 13, 16, 17, 20, 21, 25, 26)]
    assert names == [
        "1x1", "1+1", "2x2", "2x2", "3x2", "3x2", "3x3", "3x3", "4x3", "4x3", "4x4", "4x4", "5x4", "5x4",
        "5x5", "5x5", "5x5",
    ]  # fmt: skip


@given(st.integers(1, 10), st.integers(1, 10))
def test_grids_are_centred(columns: int, rows: int) -> None:
    tiles = grid(columns, rows)
    assert len(tiles) == columns * rows
    assert min(t.x for t in tiles) == pytest.approx(1 - max(t.x + t.w for t in tiles))
    assert min(t.y for t in tiles) == pytest.approx(1 - max(t.y + t.h for t in tiles))


def test_an_administrators_layout_replaces_ours_of_that_name() -> None:
    own = parse('[[layout]]\nname = "2x2"\nunits = [2, 1]\ntiles = [[0, 0, 1, 1]]', "own.toml")
    both = Catalogue([*SHIPPED, *own])
    assert both.choose("2x2", 4).tiles == (Rect(0, 0, 0.5, 1),)


def test_a_layout_that_is_gone_counts_as_auto_and_cannot_be_chosen() -> None:
    assert catalogue().choose("gone", 2).name == "1+1"
    with pytest.raises(BadRequest, match="1\\+5"):
        catalogue().check("gone")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[layout", "own.toml"),
        ("layout = 3", "write each layout"),
        ("lay = 3", "unknown key lay"),
        ("[[layout]]\ngrid = [1, 1]", "needs a name"),
        ('[[layout]]\nname = "auto"\ngrid = [1, 1]', "needs a name"),
        ('[[layout]]\nname = "a b"\ngrid = [1, 1]', "needs a name"),
        ('[[layout]]\nname = "a"\ngrid = [1, 1]\ncolour = 1', "unknown key colour"),
        ('[[layout]]\nname = "a"', "either grid or"),
        ('[[layout]]\nname = "a"\ngrid = [1, 1]\ntiles = []', "either grid or"),
        ('[[layout]]\nname = "a"\ngrid = [0, 1]', "2 numbers"),
        ('[[layout]]\nname = "a"\ngrid = [1.5, 2]', "whole numbers"),
        ('[[layout]]\nname = "a"\ngrid = [11, 10]', "more than 100"),
        ('[[layout]]\nname = "a"\ngrid = [inf, nan]', "2 numbers"),
        ('[[layout]]\nname = "a"\nunits = [2, 2]\ntiles = [[0, 0, 3, 1]]', "does not lie on the canvas"),
        ('[[layout]]\nname = "a"\nunits = [2, 2]\ntiles = [[0, 0, 0, 1]]', "does not lie on the canvas"),
        ('[[layout]]\nname = "a"\nunits = [2, 2]\ntiles = [[0, 0, 1]]', "4 numbers"),
        ('[[layout]]\nname = "a"\nunits = [2, 2]\ntiles = [[true, 0, 1, 1]]', "4 numbers"),
        ('[[layout]]\nname = "a"\nunits = "big"\ntiles = [[0, 0, 1, 1]]', "units needs"),
        ('[[layout]]\nname = "a"\nunits = [2, 2]\ntiles = []', "1 to 100"),
        ('[[layout]]\nname = "a"\ngrid = [1, 1]\nautomatic = "yes"', "true or false"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=r"own\.toml") as caught:
        parse(text, "own.toml")
    assert why in caught.value.detail


@given(st.text())
def test_rubbish_is_a_config_error(text: str) -> None:
    try:
        parse(text, "own.toml")
    except ConfigError:
        return


def test_without_an_automatic_layout_there_is_no_catalogue() -> None:
    with pytest.raises(ConfigError, match="auto"):
        Catalogue([Layout("a", grid(1, 1))])

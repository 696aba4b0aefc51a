"""Scenes as the engine gets them: overlays of a banner, cards, hands; and bitmaps that go when nothing shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from mcu.errors import BadRequest
from mcu.mixer import banner
from mcu.mixer.scene import parse_view
from mcu.mixer.views import Views

_TILE = {"participant": "0000000a", "x": 0, "y": 0, "w": 1, "h": 1, "name": "Huế"}
_CLASS = {"name": "hd", "width": 1280, "height": 720, "fps": 30, "kbps": 1500, "level_idc": 31}


@dataclass
class Engine:
    """Keeps what it is given."""

    bitmaps: dict[str, tuple[int, int]] = field(default_factory=dict)
    scenes: dict[str, Any] = field(default_factory=dict)

    def put_view(self, name: str, scene: Any, classes: Any) -> None:
        self.scenes[name] = scene

    def drop_view(self, name: str) -> None:
        self.scenes.pop(name, None)

    def put_bitmap(self, key: str, width: int, height: int, rgba: bytes) -> None:
        assert len(rgba) == width * height * 4
        self.bitmaps[key] = (width, height)

    def drop_bitmap(self, key: str) -> None:
        del self.bitmaps[key]


class Legs:
    def view_changed(self, view: str, classes: list[str]) -> None:
        pass


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def views(engine: Engine) -> Views:
    return Views(engine, Legs())  # type: ignore[arg-type]  # as far as Views uses them


def put(views: Views, view: str = "1001", **scene: Any) -> None:
    told = {"width": 1280, "height": 720, "fps": 30, "tiles": [_TILE], **scene}
    views.put(parse_view({"view": view, "scene": told, "classes": [_CLASS]}))


def test_a_banner_that_stands_is_one_overlay(views: Views, engine: Engine) -> None:
    put(views, banner={"text": "Nghỉ 10 phút"})
    (overlay,) = engine.scenes["1001"].overlays
    assert (overlay.x, overlay.y, overlay.w, overlay.scroll) == (0, 0, 1, 0)
    assert engine.bitmaps[overlay.bitmap] == (1280, 50)


def test_a_banner_that_comes_by_lies_on_a_strip(views: Views, engine: Engine) -> None:
    put(views, banner={"text": "Nghỉ 10 phút", "scroll": True})
    strip, text = engine.scenes["1001"].overlays
    assert (strip.w, strip.scroll) == (1, 0)
    assert text.scroll == pytest.approx(banner.SPEED)
    assert engine.bitmaps[text.bitmap][1] == engine.bitmaps[strip.bitmap][1] == 50


@pytest.mark.parametrize("scroll", [True, False])
def test_a_text_without_a_visible_letter_is_no_banner(views: Views, engine: Engine, scroll: bool) -> None:
    put(views, banner={"text": "\u202e \n", "scroll": scroll})
    assert not engine.scenes["1001"].overlays


def test_a_longest_text_is_taken_and_a_longer_one_refused(views: Views, engine: Engine) -> None:
    put(views, banner={"text": "W" * banner.MOST_TEXT, "scroll": True})
    assert engine.bitmaps[engine.scenes["1001"].overlays[1].bitmap][0] <= 16_384
    with pytest.raises(BadRequest):
        put(views, banner={"text": "W" * (banner.MOST_TEXT + 1)})


def test_a_raised_hand_is_another_plate_and_card(views: Views, engine: Engine) -> None:
    put(views)
    (plain,) = engine.scenes["1001"].tiles
    put(views, tiles=[{**_TILE, "hand": True}])
    (raised,) = engine.scenes["1001"].tiles
    assert raised.label != plain.label
    assert raised.card != plain.card
    assert set(engine.bitmaps) == {raised.label, raised.card}, "the others went"


def test_a_name_without_a_participant_is_a_card(views: Views, engine: Engine) -> None:
    put(views, tiles=[{**_TILE, "participant": "", "name": "Phòng họp"}])
    (tile,) = engine.scenes["1001"].tiles
    assert (tile.source, tile.label) == ("", "")
    assert tile.card in engine.bitmaps


def test_bitmaps_stay_while_any_view_shows_them(views: Views, engine: Engine) -> None:
    put(views, banner={"text": "Nghỉ", "scroll": True})
    put(views, "1001x0000000a", banner={"text": "Nghỉ", "scroll": True})
    shown = set(engine.bitmaps)
    views.drop("1001")
    assert set(engine.bitmaps) == shown
    views.drop("1001x0000000a")
    assert not engine.bitmaps

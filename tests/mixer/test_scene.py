"""What control may ask a view to show, as values."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.core.picture.rates import CLASSES
from mcu.errors import BadRequest
from mcu.mixer.scene import StillRequest, parse, parse_view

_TILE = {"participant": "ab12", "x": 0, "y": 0.25, "w": 0.5, "h": 0.5, "name": "Ánh", "speaking": True}
_ARGS: dict[str, Any] = {
    "view": "1001",
    "scene": {"width": 1280, "height": 720, "fps": 30, "tiles": [_TILE, {**_TILE, "participant": None}]},
    "classes": [{"name": "hd", "width": 1280, "height": 720, "fps": 30, "kbps": 1500, "level_idc": 31}],
}


def test_a_view_as_control_puts_it() -> None:
    spec = parse_view(_ARGS)
    assert spec.scene.tiles[0].name == "Ánh"
    assert spec.scene.tiles[0].speaking
    assert not spec.scene.tiles[0].crop
    assert spec.scene.tiles[1].participant is None
    assert spec.scene.banner is None
    assert spec.classes[0].level_idc == 31


def test_every_rate_class_of_the_product_is_taken() -> None:
    classes = [dataclasses.asdict(c) for c in CLASSES.values()]
    assert len(parse_view({**_ARGS, "classes": classes}).classes) == len(CLASSES)
    assert parse_view({**_ARGS, "classes": []}).classes == ()


def test_the_reason_names_the_place() -> None:
    with pytest.raises(BadRequest, match=r"scene\.tiles\.0\.x"):
        parse_view({**_ARGS, "scene": {**_ARGS["scene"], "tiles": [{**_TILE, "x": float("nan")}]}})
    with pytest.raises(BadRequest, match="level_idc"):
        parse_view({**_ARGS, "classes": [{**_ARGS["classes"][0], "level_idc": 33}]})
    cif = {"name": "x", "width": 352, "height": 288, "fps": 15, "kbps": 256, "level_idc": 0, "codec": "h261"}
    with pytest.raises(BadRequest, match="CIF"):
        parse_view({**_ARGS, "classes": [{**cif, "width": 640}]})
    with pytest.raises(BadRequest, match="codec"):
        parse_view({**_ARGS, "classes": [{**cif, "codec": "vp8"}]})
    with pytest.raises(BadRequest, match="colour"):
        parse_view({**_ARGS, "colour": "red"})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(["view", "scene", "classes"]), _JSON)
def test_whatever_comes_is_taken_or_a_bad_request(key: str, value: Any) -> None:
    with contextlib.suppress(BadRequest):
        parse_view({**_ARGS, key: value})


def test_a_still_has_a_bounded_width() -> None:
    assert parse(StillRequest, {"view": "1001"}).width == 0
    with pytest.raises(BadRequest):
        parse(StillRequest, {"view": "1001", "width": 100_000})

"""Names as bitmaps."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mcu.mixer import banner, lettering
from mcu.mixer._native import Engine
from mcu.mixer.labels import card, initials, label, waiting
from mcu.mixer.lettering import Bitmap, clean_name


def pixels(bitmap: Bitmap | None) -> NDArray[np.uint8]:
    assert bitmap is not None
    return np.frombuffer(bitmap.rgba, np.uint8).reshape(bitmap.height, bitmap.width, 4)


@pytest.mark.parametrize("name", ["Nguyễn Thị Ểnh", "Đặng Ngọc Ánh", "Phòng họp số 3", "Quỳnh Như", "ỮỰỖẪẶỆ"])
def test_decomposed_names_look_like_composed_ones(name: str) -> None:
    decomposed = unicodedata.normalize("NFD", name)
    assert decomposed != name
    assert label(decomposed, 640, 360) == label(name, 640, 360)
    assert card(decomposed) == card(name)


def test_every_vietnamese_letter_is_in_the_font() -> None:
    bases, tones = "aăâeêioôơuưyđ", ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = {unicodedata.normalize("NFC", b + t) for b in bases for t in tones if b != "đ" or not t}
    for letter in letters | {c.upper() for c in letters}:
        assert len(letter) == 1
        assert lettering.has(lettering.candidates()[0], letter), letter


def test_tone_marks_are_inside_the_plate() -> None:
    plain, marked = pixels(label("EOU ENU", 640, 360)), pixels(label("ỂỖỮ ỆṆỤ", 640, 360))
    assert plain.shape[0] == marked.shape[0], "plates of one height, side by side"
    white = (marked[..., :3] > 200).all(axis=2) & (marked[..., 3] > 200)
    assert not white[:1].any(), "nothing cut off above"
    assert not white[-1:].any(), "nor below"


def test_a_label_is_translucent_with_opaque_white_text() -> None:
    image = pixels(label("Hà Nội", 640, 360))
    assert 100 < image[image.shape[0] // 2, 4, 3] < 230
    assert (image[..., :3] > 240).all(axis=2).sum() > 100
    assert image[0, 0, 3] < 60, "round corners"


def test_a_long_name_is_shortened_to_its_pane() -> None:
    long = "Ủy ban nhân dân tỉnh Thừa Thiên Huế"
    wide, narrow = pixels(label(long, 1280, 720)), pixels(label(long, 160, 90))
    assert narrow.shape[1] <= 160 * 0.9
    assert wide.shape[1] > narrow.shape[1]


def test_initials() -> None:
    assert initials("Nguyễn Văn Ánh") == "NÁ"
    assert initials("  điểm   cầu ") == "ĐC"
    assert initials("Huế") == "H"
    assert initials("(3) - phòng") == "3P"
    assert initials("--- !") == ""


def test_names_are_cleaned() -> None:
    assert clean_name(" a\r\nb\t\0c\u202ed ") == "a b cd"
    assert clean_name("\u200b \u202e") == ""
    assert label("\u202e", 640, 360) is None
    assert banner.standing(" \n", 640, 30) is None
    assert banner.passing("\u202e", 30) is None
    assert len(clean_name("x" * 10_000)) == lettering.MAX_NAME


def test_a_card_is_opaque_and_tells_names_apart() -> None:
    first, second = pixels(card("Hà Nội")), pixels(card("Đà Nẵng"))
    assert first.shape == (360, 640, 4)
    assert (first[..., 3] == 255).all()
    assert not np.array_equal(first, second)
    # The name stays within the middle two thirds, so that a 4:3 pane doesn't cut it.
    text = (pixels(card("Ủy ban nhân dân tỉnh Thừa Thiên Huế"))[250:, :, :3] > 230).all(axis=2)
    assert text.any()
    assert not text[:, :100].any()
    assert not text[:, 540:].any()


def test_a_raised_hand_stands_on_label_and_card() -> None:
    plain, raised = pixels(label("Hà Nội", 640, 360)), pixels(label("Hà Nội", 640, 360, hand=True))
    assert raised.shape[0] == plain.shape[0]
    assert raised.shape[1] > plain.shape[1], "beside the name, not over it"
    middle = raised[raised.shape[0] // 2, : raised.shape[0], :3].astype(int)
    assert (middle.min(axis=1) > 200).any(), "a white hand"
    assert (abs(middle - (176, 98, 0)).max(axis=1) < 40).any(), "on a plate of its own colour"
    assert not np.array_equal(pixels(card("Huế")), pixels(card("Huế", hand=True)))
    assert not np.array_equal(pixels(card("Huế")), pixels(waiting("Huế")))
    long = "Ủy ban nhân dân tỉnh Thừa Thiên Huế"
    assert pixels(label(long, 160, 90, hand=True)).shape[1] <= 160 * 0.9


def test_what_a_lobbys_card_says_is_whole() -> None:
    font = lettering.font_for("A", 24)
    name = "Hội nghị trực tuyến Ủy ban nhân dân tỉnh Quảng Trị"
    lines = lettering.wrap(name, font, 420, 3)
    assert " ".join(lines) == name
    assert len(lines) > 1
    assert all(font.getlength(line) <= 420 for line in lines)
    cut = lettering.wrap(name, font, 200, 2)
    assert len(cut) == 2
    assert cut[1].endswith("…")
    assert lettering.wrap("x" * 90, font, 200, 2)[0].endswith("…"), "a word without an end"
    assert lettering.wrap("", font, 200, 2) == []
    below = pixels(waiting(name))[-4:, :, :3]
    assert not (below > 230).all(axis=2).any(), "three lines stay on the card"


def test_a_text_that_comes_by_is_as_long_as_it_is() -> None:
    text = "Đề nghị các điểm cầu tắt micro khi không phát biểu. " * 9
    passing, standing = pixels(banner.passing(text, 50)), pixels(banner.standing(text, 1280, 50))
    assert standing.shape == (50, 1280, 4)
    assert passing.shape[1] > 5000
    assert (passing[..., 3] == 0).mean() > 0.5, "nothing between the letters"
    assert passing[0, :, 3].max() < 128, "no tone mark is cut off above"
    assert passing[-1, :, 3].max() < 128, "nor below"
    assert (standing[..., 3] > 150).all()


@settings(max_examples=60)
@given(st.text(max_size=90), st.integers(-5, 3000), st.integers(-5, 3000))
def test_any_name_at_any_size_is_taken_by_the_engine(name: str, width: int, height: int) -> None:
    engine = Engine(1)
    try:
        for bitmap in (
            label(name, width, height),
            label(name, width, height, hand=True),
            card(name, width, height),
            card(name, width, height, hand=True),
            waiting(name, width, height),
            banner.standing(name, width, height),
            banner.passing(name, height),
            banner.strip(height),
        ):
            if bitmap is not None:
                engine.put_bitmap("k", bitmap.width, bitmap.height, bitmap.rgba)
    finally:
        engine.stop()

"""What the probe's pictures show: one colour, something that moves, and a frame counter in black and white blocks.

The counter stands in the middle of the picture (labels, borders and signs of a tile stay at its edges) as 3 rows of 8
cells: 16 bits and 8 of check. In a tile of 213x120 a cell is still 15x17 pixels, two macroblocks' worth after scaling.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (210, 30, 30),
    "green": (20, 160, 40),
    "blue": (30, 50, 220),
    "yellow": (220, 210, 20),
    "magenta": (210, 30, 200),
    "cyan": (20, 200, 210),
    "orange": (240, 130, 10),
    "violet": (110, 40, 160),
}
_ROWS, _COLUMNS = 3, 8
_LEFT, _TOP, _WIDTH, _HEIGHT = 0.22, 0.28, 0.56, 0.42  # of the picture
# Strips left and right of the counter, at half height: no label, no border there.
_STRIPS = ((0.06, 0.30, 0.18, 0.60), (0.82, 0.30, 0.94, 0.60))


def yuv(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """BT.601 limited range, as SD video has it."""
    red, green, blue = colour
    luma = 16 + 0.257 * red + 0.504 * green + 0.098 * blue
    u = 128 - 0.148 * red - 0.291 * green + 0.439 * blue
    v = 128 + 0.439 * red - 0.368 * green - 0.071 * blue
    return round(luma), round(u), round(v)


def _check(counter: int) -> int:
    return ((counter & 0xFF) * 7 ^ (counter >> 8) * 13 ^ 0x5A) & 0xFF


def _cells(counter: int) -> list[bool]:
    word = (counter & 0xFFFF) << 8 | _check(counter & 0xFFFF)
    return [bool(word >> bit & 1) for bit in range(_ROWS * _COLUMNS - 1, -1, -1)]


def draw(
    colour: tuple[int, int, int], width: int, height: int, counter: int, texture: Picture | None = None
) -> Picture:
    """One picture as planar I420, shape (height * 3 / 2, width).

    ``texture`` (at least height x 2 width, luma) slides behind everything, so that the picture is as dear to code as
    a camera's.
    """
    luma, u, v = yuv(colour)
    picture = np.empty((height * 3 // 2, width), np.uint8)
    if texture is None:
        picture[:height] = luma
    else:
        shift = counter * 3 % width
        slice_ = texture[:height, shift : shift + width].astype(np.int16) - 128 + luma
        picture[:height] = np.clip(slice_, 16, 235)
    chroma = picture[height:].reshape(2, height // 2, width // 2)
    chroma[0], chroma[1] = u, v
    size = height // 10
    left = counter * max(2, width // 160) % (width - size)
    picture[height * 82 // 100 : height * 82 // 100 + size, left : left + size] = 235 if luma < 128 else 16
    for number, bright in enumerate(_cells(counter)):
        row, column = divmod(number, _COLUMNS)
        top, bottom = (round((_TOP + _HEIGHT * (row + step) / _ROWS) * height) for step in (0, 1))
        start, end = (round((_LEFT + _WIDTH * (column + step) / _COLUMNS) * width) for step in (0, 1))
        picture[top:bottom, start:end] = 235 if bright else 16
        chroma[:, top // 2 : bottom // 2, start // 2 : end // 2] = 128
    return picture


def read(luma: Picture) -> int | None:
    """The counter in a tile's luma (or any one channel), None when it can't be read for certain."""
    height, width = luma.shape[:2]
    word = 0
    for number in range(_ROWS * _COLUMNS):
        row, column = divmod(number, _COLUMNS)
        middle = (_TOP + _HEIGHT * (row + 0.5) / _ROWS) * height
        centre = (_LEFT + _WIDTH * (column + 0.5) / _COLUMNS) * width
        half_height, half_width = _HEIGHT / _ROWS * height * 0.25, _WIDTH / _COLUMNS * width * 0.25
        rows = slice(int(middle - half_height), int(middle + half_height) + 1)
        cell = luma[rows, int(centre - half_width) : int(centre + half_width) + 1]
        level = float(cell.mean())
        if 90 < level < 160:
            return None
        word = word << 1 | (level > 125)
    counter = word >> 8
    return counter if word & 0xFF == _check(counter) else None


def crop(picture: Picture, rect: tuple[float, float, float, float]) -> Picture:
    """The part ``x, y, width, height`` (each 0..1) of a picture."""
    height, width = picture.shape[:2]
    x, y, across, down = rect
    return picture[round(y * height) : round((y + down) * height), round(x * width) : round((x + across) * width)]


def colour_of(tile: Picture) -> str:
    """The colour beside the counter in an RGB tile; "" when it is none of ours (a card, a dimmed picture)."""
    height, width = tile.shape[:2]
    parts = [
        tile[round(top * height) : round(bottom * height), round(left * width) : round(right * width)].reshape(-1, 3)
        for left, top, right, bottom in _STRIPS
    ]
    seen = np.median(np.concatenate(parts), axis=0)
    distance = {name: float(np.abs(seen - np.array(colour)).max()) for name, colour in COLOURS.items()}
    nearest = min(distance, key=distance.__getitem__)
    return nearest if distance[nearest] < 36 else ""

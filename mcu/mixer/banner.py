"""A line of text over the whole view: one that stands in the middle, or a long one that comes by."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image

from mcu.mixer.lettering import (
    WHITE,
    Bitmap,
    bitmap,
    clean_name,
    even,
    font_for,
    shorten,
    vertical,
    write,
)

MOST_TEXT = 512  # characters
# Canvas widths a second: 4 pixels of 1280 in each of 30 pictures, so about seven letters a second come in. A whole even
# number of pixels a picture moves without a jerk, and costs an encoder one motion vector for the whole line.
SPEED = 120 / 1280
_GROUND = (12, 16, 20, 208)


@lru_cache(maxsize=64)
def standing(text: str, width: int, height: int) -> Bitmap | None:
    """The line on its strip, in the middle, ending with an ellipsis if it is too long. None without a visible
    character."""
    shown = clean_name(text, MOST_TEXT)
    if not shown:
        return None
    width, height = even(max(32, min(1920, width))), even(max(16, min(400, height)))
    font = font_for(shown, max(12, round(height * 0.56)))
    shown = shorten(shown, font, width - height)
    image = Image.new("RGBA", (width, height), _GROUND)
    ascent, descent = vertical(font)
    start = ((width - round(font.getlength(shown))) // 2, (height - ascent - descent) // 2 + ascent)
    write(image, start, shown, font, WHITE)
    return bitmap(image)


@lru_cache(maxsize=16)
def passing(text: str, height: int) -> Bitmap | None:
    """The line alone, as long as it is, on nothing: ``strip`` lies under it. None without a visible character."""
    shown = clean_name(text, MOST_TEXT)
    if not shown:
        return None
    height = even(max(16, min(400, height)))
    font = font_for(shown, max(12, round(height * 0.56)))
    shown = shorten(shown, font, 16_000)  # the engine takes 16384 pixels
    image = Image.new("RGBA", (even(round(font.getlength(shown)) + 4), height), (*WHITE[:3], 0))
    ascent, descent = vertical(font)
    write(image, (2, (height - ascent - descent) // 2 + ascent), shown, font, WHITE)
    return bitmap(image)


@lru_cache(maxsize=4)
def strip(height: int) -> Bitmap:
    """What is under a line that comes by; the engine draws it out over the whole width."""
    return bitmap(Image.new("RGBA", (32, even(max(16, min(400, height)))), _GROUND))

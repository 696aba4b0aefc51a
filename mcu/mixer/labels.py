"""Names on the picture: labels and cards as RGBA bitmaps for the engine.

A *label* is the small name plate in the corner of a pane, a *card* fills a pane whose site has no picture. A raised
hand stands on both.

Results are cached: the same name at the same size is seldom drawn twice.
"""

from __future__ import annotations

import zlib
from functools import lru_cache

from PIL import Image

from mcu.mixer import marks
from mcu.mixer.lettering import (
    WHITE,
    Bitmap,
    bitmap,
    clean_name,
    even,
    font_for,
    rounded,
    shorten,
    vertical,
    wrap,
    write,
)

_PLATE = (12, 16, 20, 176)  # translucent: what is under the name stays visible
_HAND_PLATE = (176, 98, 0, 224)  # of who has a hand raised: seen from across a room
# Muted colours, all dark enough for white text (contrast at least 4.5:1, WCAG 1.4.3).
_CARD_COLOURS = (
    (38, 70, 83),
    (29, 78, 116),
    (69, 58, 122),
    (110, 52, 92),
    (122, 53, 53),
    (104, 71, 33),
    (54, 84, 45),
    (26, 92, 84),
    (60, 72, 88),
    (84, 64, 56),
)


def initials(name: str) -> str:
    """First letters of the first and the last word: ``Nguyễn Văn Ánh`` gives ``NÁ``; empty if there are none."""
    words = [w for w in ("".join(c for c in word if c.isalnum()) for word in clean_name(name).split()) if w]
    if not words:
        return ""
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


@lru_cache(maxsize=1024)
def label(name: str, pane_width: int, pane_height: int, hand: bool = False) -> Bitmap | None:
    """The name plate for a pane of this size in pixels of the canvas; a name that is too long ends with an ellipsis.

    ``hand``: one is raised. None for a name without a visible character.
    """
    text = clean_name(name)
    if not text:
        return None
    size = max(14, min(44, round(pane_height * 0.08)))  # legible from across a room; 4 x 4 panes of 720p: 14
    font = font_for(text, size)
    padding = round(size * 0.5)
    ascent, descent = vertical(font)
    height = even(ascent + descent + round(size * 0.36))
    sign = round(height * 0.8) if hand else 0
    text = shorten(text, font, max(size * 2, round(pane_width * 0.86) - 2 * padding - sign))
    width = even(round(font.getlength(text)) + 2 * padding + sign)
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    image.paste(_HAND_PLATE if hand else _PLATE, mask=rounded((width, height), round(height * 0.24)))
    if hand:
        image.alpha_composite(marks.hand(sign), (padding // 2, (height - sign) // 2))
    write(image, (padding + sign, (height - ascent - descent) // 2 + ascent), text, font, WHITE)
    return bitmap(image)


@lru_cache(maxsize=64)  # 0.9 MB each; the engine keeps those that show
def card(name: str, width: int = 640, height: int = 360, hand: bool = False) -> Bitmap:
    """What is shown while a site has no picture: initials on a disc, the name, and a struck-out camera, or a raised
    hand.

    The engine scales it to cover its pane and cuts off two sides, so everything stands in the middle two thirds.
    """
    text = clean_name(name)
    image, centre, radius = _ground(text, width, height)
    letters = initials(name)
    if letters:
        font = font_for(letters, round(radius * 0.86))
        box = font.getbbox(letters, anchor="ls")
        start = (centre[0] - round((box[0] + box[2]) / 2), centre[1] - round((box[1] + box[3]) / 2))
        write(image, start, letters, font, WHITE)
    beside = (centre[0] + round(radius * 0.76), centre[1] + round(radius * 0.76))
    if hand:
        _hand_disc(image, beside, round(radius * 0.42))
    else:
        marks.camera_off(image, beside, round(radius * 0.32))
    _name_under(image, text, centre, radius)
    return bitmap(image)


@lru_cache(maxsize=16)
def waiting(text: str, width: int = 640, height: int = 360) -> Bitmap:
    """The card of who waits in a lobby: three dots on a disc, and what the card says."""
    shown = clean_name(text)
    image, centre, radius = _ground(shown, width, height)
    dot = max(2, radius // 8)
    for n in (-1, 0, 1):
        place = (centre[0] + n * 4 * dot - dot, centre[1] - dot)
        image.paste(WHITE, place, mask=rounded((2 * dot, 2 * dot), dot))
    if shown:
        size = max(12, round(radius * 0.36))
        font = font_for(shown, size)
        for n, line in enumerate(wrap(shown, font, round(image.width * 0.66), 3)):
            x = (image.width - round(font.getlength(line))) // 2
            write(image, (x, round(centre[1] + radius * 1.55) + round(n * size * 1.35)), line, font, WHITE)
    return bitmap(image)


def _ground(text: str, width: int, height: int) -> tuple[Image.Image, tuple[int, int], int]:
    """A card's ground with the disc on it; the disc's centre and radius."""
    width, height = even(max(64, min(1920, width))), even(max(48, min(1088, height)))
    base = _CARD_COLOURS[zlib.crc32(text.encode()) % len(_CARD_COLOURS)]
    image = _gradient((width, height), _shade(base, 0.78), _shade(base, 0.42))
    unit = min(height, width * 9 // 14)  # a portrait pane is filled by its width
    centre, radius = (width // 2, round(height * 0.5 - unit * 0.1)), round(unit * 0.21)
    disc = Image.new("RGBA", (2 * radius, 2 * radius), (0, 0, 0, 0))
    disc.paste((*_shade(base, 1.35), 255), mask=rounded((2 * radius, 2 * radius), radius))
    image.alpha_composite(disc, (centre[0] - radius, centre[1] - radius))
    return image, centre, radius


def _name_under(image: Image.Image, text: str, centre: tuple[int, int], radius: int) -> None:
    if text:
        unit = radius / 0.21
        font = font_for(text, max(12, round(unit * 0.1)))
        shown = shorten(text, font, round(image.width * 0.66))
        x = (image.width - round(font.getlength(shown))) // 2
        write(image, (x, centre[1] + radius + round(unit * 0.17)), shown, font, WHITE)


def _hand_disc(image: Image.Image, centre: tuple[int, int], radius: int) -> None:
    if radius >= 6:
        place = (centre[0] - radius, centre[1] - radius)
        image.paste((*_HAND_PLATE[:3], 255), place, mask=rounded((2 * radius, 2 * radius), radius))
        size = round(radius * 1.3)
        image.alpha_composite(marks.hand(size), (centre[0] - size // 2, centre[1] - size // 2))


def _shade(rgb: tuple[int, int, int], factor: float) -> tuple[int, int, int]:
    r, g, b = (min(255, round(v * factor)) for v in rgb)
    return r, g, b


def _gradient(size: tuple[int, int], top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGBA", size, (*bottom, 255)), Image.new("RGBA", size, (*top, 255)), ramp)

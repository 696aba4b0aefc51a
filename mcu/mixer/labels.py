"""Names on the picture: labels, cards and banners as RGBA bitmaps for the engine.

A *label* is the small name plate in the corner of a pane, a *card* fills a pane whose site has no picture, a *banner*
is a line over the whole view. All are drawn with Pillow and raqm, so that Vietnamese tone marks sit where they belong;
every text is brought to NFC first, as text in NFD (from a Mac, or typed by an input method) would be drawn with its
marks misplaced.

Results are cached: the same name at the same size is seldom drawn twice.
"""

from __future__ import annotations

import unicodedata
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from mcu.errors import Unavailable

MAX_NAME = 64
"""Characters of a name that are looked at; no pane has room for more."""

_FONT_DIR = Path("/usr/share/fonts/truetype")
# Noto Sans has the finest Vietnamese; DejaVu knows some scripts more in one file.
_FONTS = ("noto/NotoSans-Bold.ttf", "dejavu/DejaVuSans-Bold.ttf")
_ELLIPSIS = "…"

_WHITE = (255, 255, 255, 255)
_PLATE = (12, 16, 20, 176)  # translucent: what is under the name stays visible
_BANNER = (12, 16, 20, 208)
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


@dataclass(frozen=True)
class Bitmap:
    """RGBA with straight alpha, ``width * height * 4`` octets, as ``Engine.put_bitmap`` takes it."""

    width: int
    height: int
    rgba: bytes


def clean_name(text: str) -> str:
    """The text in NFC on one line; no control characters, nor direction overrides (they'd turn round what follows)."""
    # Line breaks are control characters, too: they become spaces before those are dropped.
    joined = " ".join(unicodedata.normalize("NFC", text[: 4 * MAX_NAME]).split())
    visible = "".join(c for c in joined if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return visible[:MAX_NAME].strip()


def initials(name: str) -> str:
    """First letters of the first and the last word: ``Nguyễn Văn Ánh`` gives ``NÁ``; empty if there are none."""
    words = [w for w in ("".join(c for c in word if c.isalnum()) for word in clean_name(name).split()) if w]
    if not words:
        return ""
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


@lru_cache(maxsize=1024)
def label(name: str, pane_width: int, pane_height: int) -> Bitmap | None:
    """The name plate for a pane of this size in pixels of the canvas; a name that is too long ends with an ellipsis.

    None for a name without a visible character.
    """
    text = clean_name(name)
    if not text:
        return None
    size = max(14, min(44, round(pane_height * 0.08)))  # legible from across a room; 4 x 4 panes of 720p: 14
    font = _font(text, size)
    padding = round(size * 0.5)
    text = _shorten(text, font, max(size * 2, round(pane_width * 0.86) - 2 * padding))
    width = _even(round(font.getlength(text)) + 2 * padding)
    ascent, descent = _vertical(font)
    height = _even(ascent + descent + round(size * 0.36))
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    image.paste(_PLATE, mask=_rounded((width, height), round(height * 0.24)))
    _write(image, (padding, (height - ascent - descent) // 2 + ascent), text, font, _WHITE)
    return _bitmap(image)


@lru_cache(maxsize=64)  # 0.9 MB each; the engine keeps those that show
def card(name: str, width: int = 640, height: int = 360) -> Bitmap:
    """What is shown while a site has no picture: initials on a disc, the name, and a struck-out camera.

    The engine scales it to cover its pane and cuts off two sides, so everything stands in the middle two thirds.
    """
    text = clean_name(name)
    width, height = _even(max(64, min(1920, width))), _even(max(48, min(1088, height)))
    base = _CARD_COLOURS[zlib.crc32(text.encode()) % len(_CARD_COLOURS)]
    image = _gradient((width, height), _shade(base, 0.78), _shade(base, 0.42))
    unit = min(height, width * 9 // 14)  # a portrait pane is filled by its width

    centre = (width // 2, round(height * 0.5 - unit * 0.1))
    radius = round(unit * 0.21)
    disc = Image.new("RGBA", (2 * radius, 2 * radius), (0, 0, 0, 0))
    disc.paste((*_shade(base, 1.35), 255), mask=_rounded((2 * radius, 2 * radius), radius))
    image.alpha_composite(disc, (centre[0] - radius, centre[1] - radius))
    letters = initials(name)
    if letters:
        font = _font(letters, round(radius * 0.86))
        box = font.getbbox(letters, anchor="ls")
        start = (centre[0] - round((box[0] + box[2]) / 2), centre[1] - round((box[1] + box[3]) / 2))
        _write(image, start, letters, font, _WHITE)
    _camera_off(image, (centre[0] + round(radius * 0.76), centre[1] + round(radius * 0.76)), round(radius * 0.32))

    if text:
        font = _font(text, max(12, round(unit * 0.1)))
        shown = _shorten(text, font, round(width * 0.66))
        x = (width - round(font.getlength(shown))) // 2
        _write(image, (x, centre[1] + radius + round(unit * 0.17)), shown, font, _WHITE)
    return _bitmap(image)


@lru_cache(maxsize=64)
def banner(text: str, width: int, height: int) -> Bitmap | None:
    """A line of text over the whole width, in the middle. None for a text without a visible character."""
    shown = clean_name(text)
    if not shown:
        return None
    width, height = _even(max(32, min(1920, width))), _even(max(16, min(400, height)))
    font = _font(shown, max(12, round(height * 0.56)))
    shown = _shorten(shown, font, width - height)
    image = Image.new("RGBA", (width, height), _BANNER)
    ascent, descent = _vertical(font)
    start = ((width - round(font.getlength(shown))) // 2, (height - ascent - descent) // 2 + ascent)
    _write(image, start, shown, font, _WHITE)
    return _bitmap(image)


def _even(v: int) -> int:
    return (v + 1) & ~1  # the engine's colours have half the resolution


def _shade(rgb: tuple[int, int, int], factor: float) -> tuple[int, int, int]:
    r, g, b = (min(255, round(v * factor)) for v in rgb)
    return r, g, b


def _bitmap(image: Image.Image) -> Bitmap:
    return Bitmap(image.width, image.height, image.tobytes())


@cache
def _check_raqm() -> None:
    if not features.check("raqm"):
        raise Unavailable("Pillow has no raqm (or libfribidi0 is missing): Vietnamese names would be drawn wrong")


@lru_cache(maxsize=128)
def _load(path: Path, size: int) -> ImageFont.FreeTypeFont:
    _check_raqm()
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.RAQM)


@cache
def _candidates() -> tuple[Path, ...]:
    found = tuple(p for p in (_FONT_DIR / f for f in _FONTS) if p.is_file())
    if not found:
        raise Unavailable("no font for names on the picture: install fonts-noto-core or fonts-dejavu-core")
    return found


@lru_cache(maxsize=4096)
def _has(path: Path, character: str) -> bool:
    # A font has no list of its characters in Pillow's interface: compare with the box that it draws for a noncharacter.
    font = _load(path, 24)
    return bytes(font.getmask(character)) != bytes(font.getmask("\uffff"))


def _font(text: str, size: int) -> ImageFont.FreeTypeFont:
    """The font that has most of the text's characters, the first of equals."""
    visible = {c for c in text if not c.isspace()}
    best = max(_candidates(), key=lambda path: sum(_has(path, c) for c in visible))
    return _load(best, max(6, size))


def _vertical(font: ImageFont.FreeTypeFont) -> tuple[int, int]:
    # The highest and lowest that Vietnamese goes; getmetrics() leaves room for other scripts, which looks off centre.
    box = font.getbbox("Ểgy", anchor="ls")
    return round(-box[1]), round(box[3])


def _shorten(text: str, font: ImageFont.FreeTypeFont, room: int) -> str:
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + _ELLIPSIS) > room:
        text = text[:-1].rstrip()
    return text + _ELLIPSIS


def _write(
    image: Image.Image, at: tuple[int, int], text: str, font: ImageFont.FreeTypeFont, colour: tuple[int, int, int, int]
) -> None:
    """Blend text with its baseline's start at ``at``; drawn onto RGBA directly it would replace alpha, not blend."""
    layer = Image.new("RGBA", image.size, (*colour[:3], 0))
    ImageDraw.Draw(layer).text(at, text, font=font, fill=colour, anchor="ls")
    image.alpha_composite(layer)


def _rounded(size: tuple[int, int], radius: int) -> Image.Image:
    """A mask with smooth edges: drawn four times as large and reduced."""
    mask = Image.new("L", (size[0] * 4, size[1] * 4), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), radius * 4, fill=255)
    return mask.resize(size, Image.Resampling.BOX)


def _gradient(size: tuple[int, int], top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGBA", size, (*bottom, 255)), Image.new("RGBA", size, (*top, 255)), ramp)


def _camera_off(image: Image.Image, centre: tuple[int, int], radius: int) -> None:
    if radius < 6:
        return
    side = 8 * radius  # four times as large, see _rounded
    sign = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(sign)
    ground = (24, 28, 34, 255)
    draw.ellipse((0, 0, side - 1, side - 1), fill=ground)

    def scaled(*points: float) -> list[float]:
        return [p * side for p in points]

    draw.rounded_rectangle(scaled(0.22, 0.34, 0.60, 0.66), side * 0.06, fill=_WHITE)
    draw.polygon(scaled(0.63, 0.48, 0.79, 0.36, 0.79, 0.64, 0.63, 0.52), fill=_WHITE)
    draw.line(scaled(0.24, 0.22, 0.80, 0.78), fill=ground, width=round(side * 0.15))
    draw.line(scaled(0.24, 0.22, 0.80, 0.78), fill=_WHITE, width=round(side * 0.06))
    small = sign.resize((2 * radius, 2 * radius), Image.Resampling.BOX)
    image.alpha_composite(small, (centre[0] - radius, centre[1] - radius))

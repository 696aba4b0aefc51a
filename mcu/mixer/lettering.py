"""Text in bitmaps for the engine, drawn with Pillow and raqm, so that Vietnamese tone marks sit where they belong.

Every text is brought to NFC first, as text in NFD (from a Mac, or typed by an input method) would be drawn with its
marks misplaced.
"""

from __future__ import annotations

import unicodedata
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

WHITE = (255, 255, 255, 255)
RGBA = tuple[int, int, int, int]


@dataclass(frozen=True)
class Bitmap:
    """RGBA with straight alpha, ``width * height * 4`` octets, as ``Engine.put_bitmap`` takes it."""

    width: int
    height: int
    rgba: bytes


def clean_name(text: str, most: int = MAX_NAME) -> str:
    """The text in NFC on one line; no control characters, nor direction overrides (they'd turn round what follows)."""
    # Line breaks are control characters, too: they become spaces before those are dropped.
    joined = " ".join(unicodedata.normalize("NFC", text[: 4 * most]).split())
    visible = "".join(c for c in joined if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return visible[:most].strip()


def even(v: int) -> int:
    return (v + 1) & ~1  # the engine's colours have half the resolution


def bitmap(image: Image.Image) -> Bitmap:
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
def candidates() -> tuple[Path, ...]:
    found = tuple(p for p in (_FONT_DIR / f for f in _FONTS) if p.is_file())
    if not found:
        raise Unavailable("no font for names on the picture: install fonts-noto-core or fonts-dejavu-core")
    return found


@lru_cache(maxsize=4096)
def has(path: Path, character: str) -> bool:
    # A font has no list of its characters in Pillow's interface: compare with the box that it draws for a noncharacter.
    font = _load(path, 24)
    return bytes(font.getmask(character)) != bytes(font.getmask("\uffff"))


def font_for(text: str, size: int) -> ImageFont.FreeTypeFont:
    """The font that has most of the text's characters, the first of equals."""
    visible = {c for c in text if not c.isspace()}
    best = max(candidates(), key=lambda path: sum(has(path, c) for c in visible))
    return _load(best, max(6, size))


def vertical(font: ImageFont.FreeTypeFont) -> tuple[int, int]:
    # The highest and lowest that Vietnamese goes; getmetrics() leaves room for other scripts, which looks off centre.
    box = font.getbbox("Ểgy", anchor="ls")
    return round(-box[1]), round(box[3])


def shorten(text: str, font: ImageFont.FreeTypeFont, room: int) -> str:
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + _ELLIPSIS) > room:
        text = text[:-1].rstrip()
    return text + _ELLIPSIS


def wrap(text: str, font: ImageFont.FreeTypeFont, room: int, lines: int) -> list[str]:
    """The text on at most so many lines of ``room`` pixels, broken between words; what is too much ends with an
    ellipsis."""
    out: list[str] = []
    words = text.split()
    while words and len(out) < lines - 1:
        count = next((n for n in range(len(words), 1, -1) if font.getlength(" ".join(words[:n])) <= room), 1)
        out.append(shorten(" ".join(words[:count]), font, room))
        words = words[count:]
    return [*out, shorten(" ".join(words), font, room)] if words else out


def write(image: Image.Image, at: tuple[int, int], text: str, font: ImageFont.FreeTypeFont, colour: RGBA) -> None:
    """Blend text with its baseline's start at ``at``; drawn onto RGBA directly it would replace alpha, not blend."""
    layer = Image.new("RGBA", image.size, (*colour[:3], 0))
    ImageDraw.Draw(layer).text(at, text, font=font, fill=colour, anchor="ls")
    image.alpha_composite(layer)


def rounded(size: tuple[int, int], radius: int) -> Image.Image:
    """A mask with smooth edges: drawn four times as large and reduced."""
    mask = Image.new("L", (size[0] * 4, size[1] * 4), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), radius * 4, fill=255)
    return mask.resize(size, Image.Resampling.BOX)

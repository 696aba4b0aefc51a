"""The letters of our PDFs: a font that has all of Vietnamese's, embedded, so that every printer has it too."""

from __future__ import annotations

from pathlib import Path

from mcu.errors import Unavailable

REGULAR, BOLD, MONO = "MCU", "MCU-Bold", "MCU-Mono"
_FOLDER = Path("/usr/share/fonts/truetype")
_FILES = {
    REGULAR: ("noto/NotoSans-Regular.ttf", "dejavu/DejaVuSans.ttf"),
    BOLD: ("noto/NotoSans-Bold.ttf", "dejavu/DejaVuSans-Bold.ttf"),
    # Keeps l and 1, O and 0 apart. DejaVu's has few of the letters of Vietnamese: ``for_text`` chooses.
    MONO: ("noto/NotoSansMono-Regular.ttf", "dejavu/DejaVuSansMono.ttf"),
}


def register() -> None:
    """Have reportlab know them under the names above. Raises Unavailable that names the packages."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    known = pdfmetrics.getRegisteredFontNames()
    for name, files in _FILES.items():
        if name in known:
            continue
        file = next((path for one in files if (path := _FOLDER / one).is_file()), None)
        if file is None:
            raise Unavailable("no font for PDFs: install fonts-noto-core or fonts-dejavu-core")
        pdfmetrics.registerFont(TTFont(name, file))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def for_text(wanted: str, text: str) -> str:
    """``wanted``, or the regular one where that lacks a letter of ``text``. Only after ``register``."""
    from reportlab.pdfbase import pdfmetrics

    glyphs = pdfmetrics.getFont(wanted).face.charToGlyph
    return wanted if all(ord(letter) in glyphs for letter in text) else REGULAR

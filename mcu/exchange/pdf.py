"""Documents on A4 with a heading and numbered pages, in a font that has Vietnamese and goes into the file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from mcu.core.languages import Language
from mcu.exchange import fonts
from mcu.exchange.words import word

_LONGEST = 400  # characters in a cell: what is taller than a page cannot be set
_MARGIN, _ROOM_BELOW = 40, 80  # points
_GREY = 0.45


class Document:
    """Filled from top to bottom; ``finish`` gives the file. ``foot`` stands on each page beside its number."""

    def __init__(self, title: str, foot: str, language: Language, *, wide: bool = False) -> None:
        from reportlab.lib.pagesizes import A4, landscape
        from reportlab.lib.styles import ParagraphStyle

        fonts.register()
        self._title, self._foot, self._language = title, foot, language
        self._size = landscape(A4) if wide else A4
        self._story: list[Any] = []
        self._cell = ParagraphStyle("cell", fontName=fonts.REGULAR, fontSize=7.5, leading=9.5)
        self._head = ParagraphStyle("head", parent=self._cell, fontName=fonts.BOLD)
        self._body = ParagraphStyle("body", fontName=fonts.REGULAR, fontSize=9, leading=12)
        self._heading = ParagraphStyle(
            "heading", fontName=fonts.BOLD, fontSize=11, leading=14, spaceBefore=10, spaceAfter=4
        )
        title_style = ParagraphStyle("title", fontName=fonts.BOLD, fontSize=15, leading=19, spaceAfter=6)
        self._story.append(self._paragraph(title, title_style))

    def heading(self, text: str) -> None:
        from reportlab.platypus import CondPageBreak

        self._story.append(CondPageBreak(_ROOM_BELOW))  # no heading alone at the foot of a page
        self._story.append(self._paragraph(text, self._heading))

    def line(self, text: str) -> None:
        self._story.append(self._paragraph(text, self._body))

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """What something is, in two columns without lines."""
        from reportlab.platypus import Table, TableStyle

        made = [[self._paragraph(what, self._head), self._paragraph(value, self._cell)] for what, value in rows]
        table = Table(made, colWidths=[130, self._width - 130], hAlign="LEFT")
        table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]))
        self._story.append(table)

    def table(self, rows: Sequence[Sequence[str]], shares: Sequence[float]) -> None:
        """The first row is the heading, and stands on every page. ``shares`` of the width, one a column."""
        from reportlab.lib import colors
        from reportlab.platypus import LongTable, TableStyle

        widths = [self._width * share / sum(shares) for share in shares]
        made = [
            [self._paragraph(cell, self._head if number == 0 else self._cell) for cell in row]
            for number, row in enumerate(rows)
        ]
        table = LongTable(made, colWidths=widths, repeatRows=1, hAlign="LEFT")
        table.setStyle(
            TableStyle(
                [
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("GRID", (0, 0), (-1, -1), 0.3, colors.Color(_GREY, _GREY, _GREY)),
                    ("BACKGROUND", (0, 0), (-1, 0), colors.Color(0.91, 0.93, 0.96)),
                    ("LEFTPADDING", (0, 0), (-1, -1), 3),
                    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
                ]
            )
        )
        self._story.append(table)

    def finish(self) -> bytes:
        from reportlab.platypus import SimpleDocTemplate

        made = io.BytesIO()
        template = SimpleDocTemplate(
            made,
            pagesize=self._size,
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=_MARGIN,
            bottomMargin=_MARGIN + 12,
            title=self._title,
            author="MCU",
            lang=self._language,
            initialFontName=fonts.REGULAR,
        )
        template.build(self._story, canvasmaker=_numbered(self._foot, self._language))
        return made.getvalue()

    @property
    def _width(self) -> float:
        return float(self._size[0]) - 2 * _MARGIN

    def _paragraph(self, text: str, style: Any) -> Any:
        from reportlab.platypus import Paragraph

        shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        clean = "".join(c if c >= " " else " " for c in shown)
        return Paragraph(escape(clean), style)


def _numbered(foot: str, language: Language) -> type:
    """A canvas that keeps its pages until it knows how many there are."""
    from reportlab.pdfgen.canvas import Canvas

    class Numbered(Canvas):  # type: ignore[misc]  # the library has no types
        def __init__(self, *args: Any, **values: Any) -> None:
            super().__init__(*args, **values)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # the library's name
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, state in enumerate(self._kept, start=1):
                self.__dict__.update(state)
                self.setFont(fonts.REGULAR, 7)
                self.setFillGray(_GREY)
                self.drawString(_MARGIN, _MARGIN - 6, foot)
                pages = word("page", language, page=number, pages=len(self._kept))
                self.drawRightString(self._pagesize[0] - _MARGIN, _MARGIN - 6, pages)
                super().showPage()
            super().save()

    return Numbered

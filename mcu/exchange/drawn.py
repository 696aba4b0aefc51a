"""Parts of a PDF page that we draw ourselves. Imported where a PDF is made: reportlab takes its time to load."""

from __future__ import annotations

from collections.abc import Callable

import segno
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

SIDE = 42 * mm
_QUIET = 4  # modules around a code that stay white (ISO/IEC 18004, 5.3.8)


class Code(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A QR code (ISO/IEC 18004) with its quiet zone, as one path: sharp on any printer, and small in the file. It is
    computed when it is drawn, so that who is told of drawn pages sees the work go on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.width = self.height = SIDE
        self._text = text

    def draw(self) -> None:
        rows = [list(row) for row in segno.make_qr(self._text, error="m").matrix_iter(border=_QUIET)]
        module = SIDE / len(rows)
        path = self.canv.beginPath()
        for down, row in enumerate(rows):
            begin = 0
            while begin < len(row):  # one rectangle for each run of dark modules
                end = begin
                while end < len(row) and row[end]:
                    end += 1
                if end > begin:
                    path.rect(begin * module, SIDE - (down + 1) * module, (end - begin) * module, module)
                begin = max(end, begin + 1)
        self.canv.drawPath(path, stroke=0, fill=1)


class Drawn(Flowable):  # type: ignore[misc]
    """Nothing to see; says that the page has come this far."""

    def __init__(self, said: Callable[[], None]) -> None:
        super().__init__()
        self.width = self.height = 0
        self._said = said

    def draw(self) -> None:
        self._said()

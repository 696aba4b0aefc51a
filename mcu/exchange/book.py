"""The one writer of workbooks (XLSX) and of CSV; what people typed stays text, whatever it looks like."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Cell = str | int | float | None
# What a spreadsheet would take for a formula (OWASP, "CSV Injection"); an apostrophe before it says that it is text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Where a cell begins; for a spreadsheet of a country that separates by ";" (as Vietnam does) in the middle of ours,
# too, whatever stands in quotes: to it a quote in the midst of a cell is nothing but a quote.
_TO_QUOTE = re.compile(r"""(^(?=[=+\-@\t\r'])|[;\t\r\n](?="*[=+\-@\t\r']))""")
_QUOTED = re.compile(r"""(^(?='[=+\-@\t\r'])|[;\t\r\n](?='"*[=+\-@\t\r']))'""")
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    title: str
    rows: Sequence[Sequence[Cell]]  # the first one is the heading


def write_book(sheets: Sequence[Sheet]) -> bytes:
    from openpyxl import Workbook  # it takes as long as the rest of a start of control
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "MCU"
    for number, one in enumerate(sheets, start=1):
        sheet = book.create_sheet("".join(" " if c in "[]:*?/\\" else c for c in one.title)[:31] or str(number))
        widths: dict[int, int] = {}
        for at, row in enumerate(one.rows, start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(at, column)
                if isinstance(value, str):
                    cell.value = _fit_for_xml(value)
                    cell.data_type = "s"  # the library takes a text that begins with "=" for a formula
                    cell.number_format = "@"  # and the spreadsheet keeps the zeros before a number
                    cell.quotePrefix = value.startswith(_FORMULA)  # text, in the file that is made of this one, too
                else:
                    cell.value = value
                if at == 1:
                    cell.font = Font(bold=True)
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
                widths[column] = max(widths.get(column, 0), min(_WIDEST, len(str("" if value is None else value))))
        for column, width in widths.items():
            sheet.column_dimensions[get_column_letter(column)].width = width + 2
        sheet.freeze_panes = "A2"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def write_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """With a byte order mark, by which Excel knows UTF-8. Every cell stands in quotes."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow(["" if cell is None else _quoted(cell) if isinstance(cell, str) else cell for cell in row])
    return b"\xef\xbb\xbf" + made.getvalue().encode("utf-8", "replace")


def unquoted(text: str) -> str:
    """The cell that became this one in our CSV."""
    return _QUOTED.sub(r"\1", text)


def _quoted(text: str) -> str:
    """With an apostrophe before what would be a formula, or begins with one already."""
    return _TO_QUOTE.sub(r"\1'", text.replace("\0", ""))


def _fit_for_xml(text: str) -> str:
    """XML 1.0 has no controls but these, and no half of a pair."""
    return "".join(c for c in text if (c >= " " or c in "\t\n\r") and not "\ud800" <= c <= "\udfff")

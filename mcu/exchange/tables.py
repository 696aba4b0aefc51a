"""Tables in and out: CSV as spreadsheets of any country write it (UTF-8 or Excel's UTF-16; comma, semicolon or tab),
and XLSX. What comes in is text, whatever a cell pretends to be."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from mcu.errors import BadRequest

Format = Literal["csv", "xlsx"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx")
MIMETYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Cell = str | int | float | None

MOST_OCTETS = 10_000_000
MOST_UNPACKED = 100_000_000  # octets of what an XLSX, which is a ZIP, says it becomes
MOST_LINES = 20_000
MOST_COLUMNS = 100
LONGEST_CELL = 2000
_DELIMITERS = ",;\t"
# What a spreadsheet would take for a formula (OWASP, "CSV Injection"); an apostrophe before it says that it is text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Line:
    """``number`` counts from 1, as a spreadsheet shows it; no cell has blanks at its ends, the last is not empty."""

    number: int
    cells: tuple[str, ...]


def format_of(data: bytes) -> Format:
    """An XLSX is a ZIP and begins as one; everything else is taken for CSV."""
    return "xlsx" if data.startswith(b"PK\x03\x04") else "csv"


def read_table(data: bytes) -> list[Line]:
    """Lines that hold anything. Raises BadRequest for what is no table, or too large a one."""
    if len(data) > MOST_OCTETS:
        raise BadRequest(f"the file has more than {MOST_OCTETS // 1_000_000} MB")
    # Of an XLSX the apostrophe is no part of a cell's text, but of its style.
    packed = format_of(data) == "xlsx"
    cells, plain = (_read_xlsx(data), _text) if packed else (_read_csv(data), _unquoted)
    lines = []
    for number, row in enumerate(itertools.islice(cells, MOST_LINES + 1), start=1):
        if number > MOST_LINES:
            raise BadRequest(f"the file has more than {MOST_LINES} lines")
        texts = [plain(cell).strip()[:LONGEST_CELL] for cell in row[:MOST_COLUMNS]]
        while texts and not texts[-1]:
            del texts[-1]
        if texts:
            lines.append(Line(number, tuple(texts)))
    return lines


def write_table(rows: Iterable[Sequence[Cell]], form: Format, title: str) -> bytes:
    """``title`` names the sheet of an XLSX. The first row is the heading. CSV comes with a byte order mark, by which
    Excel knows UTF-8."""
    return _write_xlsx(rows, title) if form == "xlsx" else _write_csv(rows)


# --- CSV --------------------------------------------------------------------------------------------------------------


def _read_csv(data: bytes) -> Iterator[list[str]]:
    try:
        text = data.decode("utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRequest('the file is no UTF-8: save it as "CSV UTF-8", or as XLSX') from None
    if "\0" in text:
        raise BadRequest("the file is no text")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lower().startswith("sep=") and len(first) == 5:  # what Excel itself takes for the delimiter
        text, delimiter = text.partition("\n")[2], first[4]
    else:
        outside = "".join(first.split('"')[::2])
        delimiter = max(_DELIMITERS, key=outside.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    except csv.Error as fault:
        raise BadRequest(f"the file is no CSV: {fault}") from None


def _write_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    for row in rows:
        writer.writerow([_quoted(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row])
    return b"\xef\xbb\xbf" + made.getvalue().encode("utf-8")


# --- XLSX -------------------------------------------------------------------------------------------------------------


def _read_xlsx(data: bytes) -> Iterator[Sequence[Any]]:
    from openpyxl import load_workbook  # it takes as long as the rest of a start of control

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise BadRequest("the file is too large when it is unpacked")
        # Formulas as they are written, not what they came to.
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size need not be so
        yield from sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)
        book.close()
    except BadRequest:
        raise
    except Exception as fault:  # the library names no errors of its own: whatever a broken file sets off comes through
        raise BadRequest(f"the file is no XLSX that can be read: {type(fault).__name__}") from None


def _write_xlsx(rows: Iterable[Sequence[Cell]], title: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "".join(" " if c in "[]:*?/\\" else c for c in title)[:31] or "1"
    widths: dict[int, int] = {}
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            if isinstance(value, str):
                cell.value = _fit_for_xml(value)
                cell.data_type = "s"  # the library takes a text that begins with "=" for a formula
                cell.number_format = "@"  # and the spreadsheet keeps the zeros before a number
                cell.quotePrefix = value.startswith(_FORMULA)  # text, in the file that is made of this one, too
            else:
                cell.value = value
            if number == 1:
                cell.font = Font(bold=True)
            widths[column] = max(widths.get(column, 0), len(str(value if value is not None else "")))
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = min(60, width + 2)
    sheet.freeze_panes = "A2"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _fit_for_xml(text: str) -> str:
    """XML 1.0 has no controls but these."""
    return "".join(c for c in text if c >= " " or c in "\t\n\r")


# --- cells ------------------------------------------------------------------------------------------------------------


def _text(cell: Any) -> str:
    """A spreadsheet makes a number of 0912 and of 2001, and keeps 2001.0."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def _quoted(text: str) -> str:
    """With an apostrophe before what would be a formula, or begins with one already."""
    return f"'{text}" if text.startswith((*_FORMULA, "'")) else text


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith((*_FORMULA, "'")) else text

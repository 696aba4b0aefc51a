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
from mcu.exchange.book import Cell, Sheet, unquoted, write_book, write_csv

Format = Literal["csv", "xlsx"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx")
MOST_OCTETS = 10_000_000
# Of an XLSX, which is a ZIP of XML: 46 kB can become so much that reading it takes many seconds. A table of 20,000
# lines and 18 columns has 16 MB and 1.4 million tags.
MOST_UNPACKED = 20_000_000  # octets
MOST_STRINGS = 10_000_000  # of these, in the table of texts that is read before all lines
MOST_TAGS = 1_500_000
MOST_CELLS = 400_000  # and shared texts: some 9 µs each
MOST_OTHER_TAGS = 100_000  # styles and the like take longer
MOST_LINES = 20_000
MOST_COLUMNS = 100
LONGEST_CELL = 2000
_DELIMITERS = ",;\t"


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
    cells = _read_xlsx(data) if packed else _read_csv(data)
    lines = []
    for number, row in enumerate(itertools.islice(cells, MOST_LINES + 1), start=1):
        if number > MOST_LINES:
            raise BadRequest(f"the file has more than {MOST_LINES} lines")
        cut = [_text(cell)[: 2 * LONGEST_CELL] for cell in row[:MOST_COLUMNS]]  # before anything is done with it
        texts = [(cell if packed else unquoted(cell)).strip()[:LONGEST_CELL] for cell in map(str.strip, cut)]
        while texts and not texts[-1]:
            del texts[-1]
        if texts:
            lines.append(Line(number, tuple(texts)))
    return lines


def write_table(rows: Iterable[Sequence[Cell]], form: Format, title: str) -> bytes:
    """``title`` names the sheet of an XLSX. The first row is the heading. CSV comes with a byte order mark, by which
    Excel knows UTF-8."""
    return write_book([Sheet(title, list(rows))]) if form == "xlsx" else write_csv(rows)


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


# --- XLSX -------------------------------------------------------------------------------------------------------------


def _read_xlsx(data: bytes) -> Iterator[Sequence[Any]]:
    from openpyxl import load_workbook  # it takes as long as the rest of a start of control

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _check_size(packed)
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


def _check_size(packed: zipfile.ZipFile) -> None:
    """Raises BadRequest for what would keep the library busy: by what the directory says, and by what comes out, before
    any of it is parsed. No part becomes more than the directory says: what is beyond is not read."""
    parts = packed.infolist()
    too_large = BadRequest("the file is too large when it is unpacked")
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise too_large
    octets = tags = cells = others = 0
    for part in parts:
        if part.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):  # all that Office makes, 1:1000 at most
            raise BadRequest("the file is no XLSX that can be read: it is packed in an unknown way")
        content = packed.read(part)
        octets, tags = octets + len(content), tags + content.count(b"<")
        cells += _count(content, b"c", b"si")
        others += (
            content.count(b"<")
            - _count(content, b"c", b"si", b"v", b"is", b"t", b"row")
            - sum(content.count(b"</%s>" % name) for name in (b"c", b"si", b"v", b"is", b"t", b"row"))
        )
        if octets > MOST_UNPACKED or tags > MOST_TAGS or cells > MOST_CELLS or others > MOST_OTHER_TAGS:
            raise too_large
        if part.filename.lower().endswith("sharedstrings.xml") and len(content) > MOST_STRINGS:
            raise too_large
        if b"<!DOCTYPE" in content.replace(b"\0", b""):  # by which a text may stand for many; no spreadsheet writes one
            raise BadRequest("the file is no XLSX that can be read: it declares entities")


def _count(content: bytes, *names: bytes) -> int:
    """Tags that begin elements of these names, as all spreadsheets write them."""
    return sum(content.count(b"<" + name + end) for name in names for end in (b" ", b">", b"/"))


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

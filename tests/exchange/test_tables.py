"""Tables as spreadsheets write them, in and out."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from mcu.errors import BadRequest
from mcu.exchange import tables
from mcu.exchange.book import unquoted, write_csv
from mcu.exchange.tables import FORMATS, Format, Line, read_table, write_table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_country(encoding: str, delimiter: str) -> None:
    text = f'Điểm cầu{delimiter}"Ghi chú, và; khác"{delimiter}x\r\n\r\nXã Ea Kao{delimiter}"hai\ndòng"{delimiter}\r\n'
    assert read_table(text.encode(encoding)) == [
        Line(1, ("Điểm cầu", "Ghi chú, và; khác", "x")),
        Line(3, ("Xã Ea Kao", "hai\ndòng")),
    ]


def test_the_delimiter_may_be_said() -> None:
    assert read_table(b"sep=;\na;b,c\n") == [Line(1, ("a", "b,c"))]


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def test_what_a_spreadsheet_makes_of_numbers_is_text_again() -> None:
    read = read_table(workbook((2001, 2001.0, 17.5, True, None, " x ", "0912"), (None,), ("=1+1",)))
    assert read == [Line(1, ("2001", "2001", "17.5", "true", "", "x", "0912")), Line(3, ("=1+1",))]


@pytest.mark.parametrize("text", ["=1+1", "+84", "-x", "@SUM(A1)", "\t=x", "'=x", "'x", "x", "Đ"])
def test_no_formula_leaves_the_house(text: str) -> None:
    made = write_table([("h",), (text,)], "csv", "t").decode("utf-8-sig")
    cell = list(csv.reader(io.StringIO(made)))[1][0]
    assert not cell.startswith(("=", "+", "-", "@", "\t"))
    book = load_workbook(io.BytesIO(write_table([("h",), (text,)], "xlsx", "t")))
    assert book.active is not None
    assert book.active["A2"].data_type == "s"
    assert book.active["A2"].value == text


_RISKY = st.text(";\t\r\n=\"'-+@,a ", max_size=12)


@given(st.lists(st.tuples(_RISKY, _RISKY), min_size=1, max_size=3))
def test_no_formula_leaves_the_house_whatever_the_reader_separates_by(rows: list[tuple[str, str]]) -> None:
    """Excel takes what its country has: in Vietnam ";", by which our cells fall into pieces."""
    made = write_csv(rows).decode("utf-8-sig")
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(made, newline=""), delimiter=delimiter):
            assert not [cell for cell in row if cell.lstrip("\t\r\n").startswith(("=", "+", "-", "@"))]
    read = csv.reader(io.StringIO(made, newline=""))
    assert [tuple(map(unquoted, row)) for row in read] == rows


def test_every_cell_stands_in_quotes() -> None:
    assert write_csv([("a", 1), (None, "b;=1+1")]).decode("utf-8-sig") == '"a","1"\r\n"","b;\'=1+1"\r\n'


_CELL = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=20).map(str.strip)


@pytest.mark.parametrize("form", FORMATS)
@given(st.lists(st.tuples(_CELL, _CELL), min_size=1, max_size=5))
def test_what_is_written_is_read(form: Format, rows: list[tuple[str, str]]) -> None:
    """Whatever begins a cell."""
    rows = [("head", "second"), *rows]
    read = read_table(write_table(rows, form, "Điểm cầu"))
    assert [(*line.cells, "", "")[:2] for line in read] == [row for row in rows if any(row)]


@pytest.mark.parametrize(
    "data",
    [
        "Hà Nội".encode("latin-1", "replace"),
        b"a\0b",
        b"PK\x03\x04 no zip",
        b'"' + b"x" * 200_000,  # a cell longer than the library takes
        b"x" * (tables.MOST_OCTETS + 1),
        b"x\n" * (tables.MOST_LINES + 1),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(BadRequest, match="the file"):
        read_table(data)


def test_an_archive_that_is_no_workbook_or_swells_is_refused() -> None:
    for content in (b"x", b"\0" * (tables.MOST_UNPACKED + 1)):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", content)
        with pytest.raises(BadRequest):
            read_table(made.getvalue())


def packed(**parts: bytes) -> bytes:
    """A workbook with some parts in the place of its own, or besides; a name is the last one of the part's path."""
    made, left = io.BytesIO(), dict(parts)
    with zipfile.ZipFile(io.BytesIO(workbook(("a", "b")))) as good, zipfile.ZipFile(made, "w", 8) as archive:
        for part in good.infolist():
            name = part.filename.rpartition("/")[2].removesuffix(".xml")
            archive.writestr(part.filename, left.pop(name, good.read(part)))
        for name, content in left.items():
            archive.writestr(f"xl/{name}.xml", content)
    return made.getvalue()


_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"sheet1": _SHEET % (b"<row>" + b"<c/>" * tables.MOST_TAGS + b"</row>")}, "too large"),
        ({"sheet1": _SHEET % (b"<row/>" * tables.MOST_TAGS)}, "too large"),
        ({"sheet1": _SHEET % (b"<row>" + b"<c r='A1'/>" * (tables.MOST_CELLS + 1) + b"</row>")}, "too large"),
        ({"sheet1": _SHEET % (b"<x:c\n/>" * (tables.MOST_OTHER_TAGS + 1))}, "too large"),
        ({"styles": b"<cellXfs>" + b"<xf/>" * tables.MOST_OTHER_TAGS + b"</cellXfs>"}, "too large"),
        (
            {"sheet1": _SHEET % b"", "sharedStrings": b"<sst>" + b"x" * (tables.MOST_STRINGS + 1) + b"</sst>"},
            "too large",
        ),
        ({"sheet1": _SHEET % (b" " * tables.MOST_UNPACKED)}, "too large"),
        ({"sheet1": b'<!DOCTYPE x [<!ENTITY a "<c/>">]>' + _SHEET % b"<row>&a;</row>"}, "entities"),
        ({"styles": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x>'.encode("utf-16")}, "entities"),
    ],
    ids=["tags", "rows", "cells", "other tags", "styles", "texts", "blanks", "entities", "entities in UTF-16"],
)
def test_what_would_keep_the_reader_busy_is_refused_unread(
    parts: dict[str, bytes], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = packed(**parts)
    assert len(data) < 100_000
    monkeypatch.setattr("openpyxl.load_workbook", None)  # calling it would be another fault
    with pytest.raises(BadRequest, match=says):
        read_table(data)


def test_a_size_that_the_archive_lies_about_is_not_believed() -> None:
    """The directory says 10 octets."""
    data = bytearray(packed(sheet1=_SHEET % (b"<row/>" * tables.MOST_TAGS)))
    at = data.rindex(b"xl/worksheets/sheet1.xml") - 46  # the central directory's header, APPNOTE 4.3.12
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(BadRequest):
        read_table(bytes(data))


def test_a_large_table_is_read() -> None:
    rows = [tuple(f"Xã {line} {column}" for column in range(10)) for line in range(3000)]
    assert [line.cells for line in read_table(write_table(rows, "xlsx", "t"))] == rows


def test_a_long_text_that_many_cells_share_is_cut_at_once() -> None:
    """A text of 5 MB in 20,000 cells would be copied 20,000 times."""
    data = workbook((" " * 10 + "x" * 5000,))
    assert read_table(data) == [Line(1, ("x" * tables.LONGEST_CELL,))]


def test_a_broken_workbook_is_refused() -> None:
    good = workbook(("a", "b"))
    for cut in range(50, len(good), 487):
        broken = good[:cut] + b"\xff" * 30 + good[cut + 30 :]
        with contextlib.suppress(BadRequest):  # and nothing else
            read_table(broken)

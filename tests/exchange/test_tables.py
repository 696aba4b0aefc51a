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


def test_a_broken_workbook_is_refused() -> None:
    good = workbook(("a", "b"))
    for cut in range(50, len(good), 487):
        broken = good[:cut] + b"\xff" * 30 + good[cut + 30 :]
        with contextlib.suppress(BadRequest):  # and nothing else
            read_table(broken)

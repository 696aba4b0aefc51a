"""Minutes: stays merged, sites in order, quality by time; and the files that are made of them."""

from __future__ import annotations

import csv
import dataclasses
import io
import subprocess
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from mcu.control.records import minutes_rows
from mcu.control.records.changes import of_direction
from mcu.core.languages import LANGUAGES
from mcu.exchange import event_words, minutes_pdf, minutes_tables
from mcu.exchange.event_words import sentence
from mcu.exchange.minutes import Happening, Minutes, Place, Span, Stay, Verdict, lines_of, merged
from mcu.exchange.pdf import Document

BEGAN = 1_795_000_000.0
EVIL = "=cmd|'/c calc'!A1"
PLACES = {
    1: Place(id=1, name="UBND xã Ea Kao", path="Tỉnh Đắk Lắk", usual=40),
    2: Place(id=2, name="Xã Cư Êbur", path="Tỉnh Đắk Lắk"),
    3: Place(id=3, name="Phường Tân Lập", path="Tỉnh Đắk Lắk"),
}


def stay(since: float, until: float, site: int | None = 1, **values: object) -> Stay:
    base = {"participant": "0a", "name": "Xã Ea Kao", "number": "2001", "terminal": "ea-kao" if site == 1 else ""}
    return Stay(joined_at=BEGAN + since, left_at=BEGAN + until, site=site, **{**base, **values})  # type: ignore[arg-type]


def minutes(*stays: Stay, happenings: tuple[Happening, ...] = (), ended_at: float | None = BEGAN + 5400) -> Minutes:
    lines = lines_of(stays, PLACES, invited=[2, 1], people={1: 42, 2: None}, marks={1: "present", 2: "absent"})
    return Minutes(
        id="1001-1", room="1001", name="Giao ban", title="Giao ban tháng 11", began_at=BEGAN, ended_at=ended_at,
        zone="Asia/Ho_Chi_Minh", lines=lines, happenings=happenings,
    )  # fmt: skip


def test_sites_are_in_the_order_of_the_invitation_then_by_joining() -> None:
    strangers = stay(5, 50, None, name="Khách", number="0912"), stay(1, 50, None, name="Bí thư", number="0913")
    made = minutes(*strangers, stay(30, 60, 3), stay(10, 100))
    assert [(line.name, line.invited, len(line.spans)) for line in made.lines] == [
        ("Xã Cư Êbur", True, 0),
        ("UBND xã Ea Kao", True, 1),
        ("Bí thư", False, 1),
        ("Khách", False, 1),
        ("Phường Tân Lập", False, 1),
    ]
    assert (made.present, made.absent, made.people) == (4, 1, 42)


def test_a_call_that_broke_and_came_back_is_one_stay_and_two_terminals_one_site() -> None:
    line = minutes(
        stay(0, 600), stay(630, 1200), stay(3000, 3600), stay(500, 900, terminal="ea-kao-2", name="Máy tính")
    ).lines[1]
    assert [(span.since - BEGAN, span.until - BEGAN) for span in line.spans] == [(0, 1200), (3000, 3600)]
    assert line.seconds == 1800
    assert [(seat.terminal, len(seat.spans), seat.seconds) for seat in line.seats] == [
        ("ea-kao", 2, 1800),
        ("ea-kao-2", 1, 400),
    ]


def test_quality_is_by_time_present_and_the_worst_of_all() -> None:
    good = {"loss_in": 0.0, "rtt_ms": 20.0, "worst_loss_in": 1.0, "poor_share": 0.0}
    poor = {"loss_in": 4.0, "rtt_ms": 60.0, "worst_loss_in": 9.0, "poor_share": 0.2}
    line = minutes(stay(0, 3000, quality=good), stay(3000, 4000, quality=poor), stay(4000, 4100)).lines[1]
    assert line.quality == {"loss_in": 1.0, "rtt_ms": 30.0, "worst_loss_in": 9.0, "poor_share": 0.05}
    assert line.grade == "poor"
    assert minutes(stay(0, 10)).lines[1].grade == ""


SPANS = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 900)), max_size=20)


@given(SPANS)
def test_merged_times_are_apart_and_hold_each_of_those_merged(pairs: list[tuple[int, int]]) -> None:
    spans = [Span(since=since, until=since + length) for since, length in pairs]
    found = merged(spans)
    assert all(b.since - a.until > 60 for a, b in pairwise(found))
    assert all(any(f.since <= s.since and s.until <= f.until for f in found) for s in spans)
    assert merged(found) == found


def test_csv_has_a_line_for_each_terminal_and_each_absent_site_and_no_formula() -> None:
    made = minutes(stay(0, 3600), stay(0, 60, None, name=EVIL, number="+84912"))
    raw = minutes_tables.as_csv(made, "vi")
    assert raw.startswith(b"\xef\xbb\xbf")
    heading, *rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert heading[:5] == ["Điểm cầu", "Trực thuộc", "Được mời", "Điểm danh", "Số người"]
    told = [dict(zip(heading, row, strict=True)) for row in rows]
    assert [(row["Điểm cầu"], row["Điểm danh"], row["Có mặt (phút)"]) for row in told] == [
        ("Xã Cư Êbur", "vắng", ""),
        ("UBND xã Ea Kao", "có mặt", "60"),
        ("", "", "1"),
    ]
    assert (told[2]["Tên"], told[2]["Số gọi"]) == ("'" + EVIL, "'+84912")
    assert told[1]["Vào lúc"] == "18:06"  # of the 18th of November 2026, in Vietnam


@pytest.mark.parametrize("language", LANGUAGES)
def test_xlsx_has_a_sheet_for_each_part_and_text_stays_text(language: str) -> None:
    told = Happening(at=BEGAN, kind="joined", name=EVIL)
    made = minutes(stay(0, 3600, name=EVIL), happenings=(told,))
    raw = minutes_tables.as_xlsx(made, language)  # type: ignore[arg-type]
    book = load_workbook(io.BytesIO(raw))
    assert len(book.sheetnames) == 4
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}  # "f" would be a formula
    assert EVIL in [cell.value for cell in cells]
    assert 42 in [cell.value for cell in cells]


def text_of(pdf: bytes, tmp_path: Path) -> str:
    file = tmp_path / "made.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout


def test_pdf_shows_vietnamese_on_numbered_pages(tmp_path: Path) -> None:
    many = tuple(Happening(at=BEGAN + n, kind="joined", name=f"Điểm cầu số {n}") for n in range(200))
    made = minutes(stay(0, 3600), stay(0, 9, None, name="<b>&\x00</para>", number="1"), happenings=many)
    told = text_of(minutes_pdf.as_pdf(made, "vi", BEGAN + 6000), tmp_path)
    for text in ("Biên bản phiên họp", "UBND xã Ea Kao", "Xã Cư Êbur", "vắng", "<b>&", "Điểm cầu số 199 vào họp"):
        assert text in told
    pages = told.count("\f")
    assert pages > 3
    assert f"Trang {pages}/{pages}" in told


def test_no_letter_of_vietnamese_is_missing_in_any_part_of_a_document(tmp_path: Path) -> None:
    letters = "ằẳẵắặầẩẫấậẻẽẹềểễếệỉĩịỏõọồổỗốộờởỡớợủũụừửữứựỳỷỹýỵđăâêôơư"
    text = letters + letters.upper()
    document = Document(text, text, "vi", wide=True)
    document.heading(text)
    document.line(text)
    document.facts([(text, text)])
    document.table([[text], [text]], (1,))
    told = text_of(document.finish(), tmp_path)
    assert {letter for letter in text if told.count(letter) < 8} == set()


def test_letters_of_the_pdf_go_into_the_file(tmp_path: Path) -> None:
    file = tmp_path / "made.pdf"
    file.write_bytes(minutes_pdf.as_pdf(minutes(stay(0, 60)), "vi", BEGAN))
    listed = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout
    used = [line.split() for line in listed.splitlines()[2:] if "TrueType" in line]
    assert len(used) == 2
    assert all(line[-5:-2] == ["yes", "yes", "yes"] for line in used)  # embedded, subset, with Unicode


def test_one_that_is_still_on_has_no_end() -> None:
    made = minutes(stay(0, 60), ended_at=None)
    assert ["Kết thúc", "đang họp"] in minutes_tables.summary(made, "vi")
    assert minutes_tables.as_json(made, "vi")["ended_at"] is None


def test_a_clock_that_was_set_back_makes_no_time_of_less_than_nothing() -> None:
    assert ["Thời lượng", "0:00"] in minutes_tables.summary(minutes(ended_at=BEGAN - 5000), "vi")


KINDS = [
    "mode.broadcast", "mode.floor", "hand.raised", "roll_call.mark", "extended", "banner", "quality", "notice", "x.y",
]  # fmt: skip


@given(st.sampled_from(KINDS), st.text(max_size=20), st.dictionaries(st.text(max_size=8), st.text(max_size=20)))
def test_every_event_has_a_sentence_whatever_is_in_it(kind: str, name: str, data: dict[str, str]) -> None:
    for language in LANGUAGES:
        assert sentence(kind, name, data, language, ZoneInfo("Asia/Ho_Chi_Minh"))


def test_every_change_of_a_direction_has_a_sentence_of_its_own() -> None:
    full = {
        "mode": "floor", "focus": "a", "chair": "b", "hands": [{"participant": "a", "since": 1}],
        "help": [{"participant": "a", "since": 1}], "presentation_locked": True, "mute_joiners": True, "ends_at": 9.0,
        "banner": {"text": "Nghỉ 5 phút", "scroll": False, "until": None},
        "roll_call": {"at": 0, "entries": [{"participant": "a", "site": 1, "name": "Xã", "mark": "present"}]},
    }  # fmt: skip
    changes = [*of_direction({}, full), *of_direction(full, {}), *of_direction({"ends_at": 1.0}, {"ends_at": 9.0})]
    assert len({change.kind for change in changes}) >= 14
    zone = ZoneInfo("UTC")
    for change in changes:
        for language in LANGUAGES:
            assert sentence(change.kind, "Xã", change.data, language, zone) != change.kind


@pytest.mark.parametrize("kind", sorted({*minutes_rows._ACTS.values()}))
def test_every_act_that_minutes_tell_of_has_a_sentence(kind: str) -> None:
    """Whoever it was for is named where the act says; what it does not say is no "?"."""
    values = {"layout": "2x2", "to": "1002", "new": "Xã B"}
    found = [f"act.{kind}{end}" for end in (".on", ".off", "") if f"act.{kind}{end}" in event_words._SENTENCES]
    assert found in ([f"act.{kind}"], [f"act.{kind}.on", f"act.{kind}.off"])
    for one in found:
        told = [sentence(one, "Xã A", values, language, ZoneInfo("UTC")) for language in LANGUAGES]
        assert told[0] != told[1]
        assert not [text for text in told if "?" in text or text == one]


def test_turns_are_of_all_or_of_one_viewer() -> None:
    zone = ZoneInfo("UTC")
    assert sentence("act.browse", "Xã A", {}, "vi", zone) == "Quay vòng các điểm cầu cho Xã A xem"
    assert sentence("act.browse", "", {"viewer": None}, "vi", zone) == "Quay vòng các điểm cầu"
    assert sentence("act.admit", "", {"all": True}, "vi", zone) == "Cho tất cả ở phòng chờ vào họp"


def test_minutes_of_a_test_session_tell_verdicts_and_who_signed_off(tmp_path: Path) -> None:
    finding = {"check": "call", "level": "failed", "text": "", "code": "did_not_come", "values": {"reason": "busy"}}
    tested = (
        Verdict(name="Xã Ea Kao", verdict="good", report={}, signed_by="lan", signed_at=BEGAN, note="đã nghe rõ"),
        Verdict(name="Xã Cư Êbur", verdict="failed", report={"findings": [finding]}),
    )
    made = dataclasses.replace(minutes(stay(0, 60)), test=True, tests=tested)
    for language, title, told in (
        ("vi", "Biên bản phiên họp thử", ("không đạt", "Không vào được: bận", "lan", "đã nghe rõ")),
        ("en", "Minutes of the test session", ("failed", "It did not come: busy", "lan", "đã nghe rõ")),
    ):
        printed = tmp_path / f"{language}.pdf"
        printed.write_bytes(minutes_pdf.as_pdf(made, language, BEGAN))  # type: ignore[arg-type]  # one of the two
        text = subprocess.run(["pdftotext", "-layout", printed, "-"], capture_output=True, check=True, text=True).stdout
        assert title in text
        for words in told:
            assert words in text
        book = load_workbook(io.BytesIO(minutes_tables.as_xlsx(made, language)))  # type: ignore[arg-type]
        assert told[1] in {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}


def test_why_a_site_could_not_be_called_is_in_the_language_of_the_minutes() -> None:
    values = {"why": "terminal xa_a is known by the network 10.0.0.0/8: dial its address instead"}

    def told(values: dict[str, str]) -> list[object]:
        finding = {"check": "call", "level": "failed", "code": "not_callable", "values": values}
        one = Verdict(name="Xã A", verdict="failed", report={"findings": [finding]})
        made = dataclasses.replace(minutes(stay(0, 60)), tests=(one,))
        return [minutes_tables.tests(made, language)[1][2] for language in LANGUAGES]

    assert told(values | {"error": "bad_request"}) == [
        "Không gọi được: thiết bị của điểm cầu không có địa chỉ để gọi đến",
        f"It cannot be called: {values['why']}",
    ]
    assert told(values | {"error": "busy"})[0] == "Không gọi được: hệ thống đang bận"
    assert told(values | {"error": "of_a_newer"})[0] == "Không gọi được: mã lỗi of_a_newer"
    assert told(values)[0] == f"Không gọi được: {values['why']}"  # kept by an older version


def test_why_a_call_failed_is_in_the_language_of_the_minutes() -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    assert (
        sentence("call.failed", "Xã A", {"reason": "not_found"}, "vi", zone) == "Không gọi được Xã A: số không tồn tại"
    )
    assert (
        sentence("call.failed", "Xã A", {"reason": "not_found"}, "en", zone) == "Xã A could not be reached: not found"
    )

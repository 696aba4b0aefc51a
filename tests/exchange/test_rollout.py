"""Files of sites made complete, and the sheets that are printed for them."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest

from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory, Site
from mcu.core.languages import LANGUAGES
from mcu.core.names import MAX_NAME
from mcu.errors import BadRequest
from mcu.exchange.drawn import Code
from mcu.exchange.rollout import account_name, complete, number_range
from mcu.exchange.setup_sheets import Server, Sheet, qr_text, setup_sheets
from mcu.exchange.site_tree import DEEPEST
from mcu.exchange.tables import read_table
from mcu.exchange.terminal_lines import LONGEST_PASSWORD

SERVER = Server(address="203.0.113.10", room="1001")


def rolled(csv: str, directory: Directory | None = None, numbers: str = "2001-2010") -> list[tuple[str, ...]]:
    lines = complete(read_table(csv.encode()), directory or Directory(), {"2002"}, number_range(numbers), "vi")
    return [line.cells for line in lines]


def test_leaves_of_the_tree_get_accounts_and_numbers() -> None:
    assert rolled("Thuộc;Điểm cầu\n;Tỉnh\nTỉnh;Xã Ea Kao\nTỉnh;Xã Ea Kao 2\n;Xã Ea Kao\n") == [
        ("Thuộc", "Điểm cầu", "Thiết bị", "Tên hiển thị", "Số gọi"),
        ("", "Tỉnh", "", "", ""),
        ("Tỉnh", "Xã Ea Kao", "xa.ea.kao", "Xã Ea Kao", "2001"),
        ("Tỉnh", "Xã Ea Kao 2", "xa.ea.kao.2", "Xã Ea Kao 2", "2003"),  # 2002 is a room's
        ("", "Xã Ea Kao", "xa.ea.kao.3", "Xã Ea Kao", "2004"),
    ]


def test_a_column_that_the_file_has_not_is_named_in_the_language_asked_for() -> None:
    lines = complete(read_table(b"site\nA\n"), Directory(), set(), number_range("2001"), "en")
    assert lines[0].cells == ("site", "Terminal", "Shown as", "Number")


def test_what_the_file_says_stays() -> None:
    cells = rolled("site;terminal;number;protocol\nA;hall;2001;\nA;spare;;h323\nB;boss;;phone\nC;;;\n")
    assert [row[1:3] for row in cells[1:]] == [("hall", "2001"), ("spare", "2003"), ("boss", ""), ("c", "2004")]


def test_what_is_there_already_gets_no_second_account() -> None:
    directory = Directory(
        [Site(id=1, name="A"), Site(id=2, name="B", code="7"), Site(id=3, name="C", parent=1)],
        [TerminalAccount(name="hall", password="x", site=2, alias="2001")],
    )
    cells = rolled("site;code;terminal\nA;;\nB;7;\nB;7;hall\nD;;\n", directory)
    assert [row[2:] for row in cells[1:]] == [("", "", ""), ("", "", ""), ("hall", "2001", ""), ("d", "2003", "D")]


def test_a_second_time_each_line_is_about_the_terminal_that_it_made() -> None:
    csv = "site;code;protocol;number;display\nA;7;h323;;\nA;7;h323;;Hall\nA;7;;;\nB;;phone;0912;\nC;;;;\n"
    places = [(1, "7"), (1, "7.2"), (1, "7.3"), (2, "b"), (3, "c")]
    first = rolled(csv)
    assert [row[5] for row in first[1:]] == [name for _, name in places]
    there = Directory(
        [Site(id=1, name="A", code="7"), Site(id=2, name="B"), Site(id=3, name="C")],
        [
            TerminalAccount(
                name=name,
                site=site,
                protocol=row[2] or "sip",  # type: ignore[arg-type]
                password="p" if not row[2] else "",
                alias=row[3],
                display=row[4],
                position=place,
            )
            for place, ((site, name), row) in enumerate(zip(places, first[1:], strict=True))
        ],
    )
    again = rolled(csv, there)
    told = [row for row in again[1:] if row[5]]
    assert told == [row for row in first[1:] if row[2]]  # with number and name on the screen; no account is made


def test_a_site_under_another_ones_code_gets_no_second_account() -> None:
    there = Directory(
        [Site(id=1, name="A", code="7"), Site(id=2, name="B", parent=1)],
        [TerminalAccount(name="b", password="x", site=2, alias="2001")],
    )
    assert [row[2:] for row in rolled("under;site\n7;B\n7;C\n", there)[1:]] == [("", "", ""), ("c", "C", "2003")]


def test_a_file_without_their_places_gives_no_second_account_to_sites_below_others() -> None:
    there = Directory(
        [Site(id=1, name="A"), Site(id=2, name="B", parent=1), Site(id=3, name="C", parent=1), Site(id=4, name="C")],
        [TerminalAccount(name="b", password="x", site=2, alias="2001")],
    )
    lines = complete(read_table(b"site,display\nB,\nC,\n"), there, set(), number_range("2001"), "en")
    assert [line.cells for line in lines[1:]] == [("B", "", "", ""), ("C", "C", "c", "2002")]  # of C there are two
    (_, b) = complete(read_table(b"site,display\nB,Hall\n"), there, set(), number_range("2001"), "en")
    assert b.cells == ("B", "Hall", "b", "2001")


def test_numbers_come_to_an_end() -> None:
    with pytest.raises(BadRequest, match="too few"):
        rolled("site\nA\nB\nC\n", numbers="2001-2003")
    assert number_range("2001") == range(2001, 10_000)
    for wrong in ("", "x", "0-9", "9-1", "1-999999999", "-5", "٣"):
        with pytest.raises(BadRequest):
            number_range(wrong)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Xã Đắk Mil", "xa.dak.mil"), ("(#!)", "site"), ("Mixer", "mixer.2"), ("x" * 40, "x" * 26), ("24121", "24121")],
)
def test_names_of_accounts(text: str, name: str) -> None:
    made = account_name(text, set())
    assert made == name
    TerminalAccount(name=made, password="x")


def test_no_file_no_rollout() -> None:
    assert complete([], Directory(), set(), range(1), "vi") == []
    lines = read_table(b"foo;bar\n1;2\n")
    assert complete(lines, Directory(), set(), range(1), "vi") == lines


def test_a_page_for_each_site_that_can_be_read(tmp_path: Path) -> None:
    accounts = (
        TerminalAccount(name="xa.ea.kao", password="k7mwq2zx9fhh4tpb", display="Xã Ea Kao", alias="2001"),
        TerminalAccount(name="hall", protocol="h323", alias="2002", display="<b>&amp; Thịnh", preset="huawei_te"),
        TerminalAccount(name="fixed", address="10.0.0.7"),
        TerminalAccount(name="boss", protocol="phone", alias="0912345678"),
    )
    sheets = [
        Sheet(site="Xã Ea Kao", path=("Tỉnh Đắk Lắk", "Buôn Ma Thuột"), code="24121", accounts=accounts),
        Sheet(site="Phường Nguyễn Trãi", path=(), code="", accounts=()),
    ]
    told: list[tuple[int, int]] = []
    (tmp_path / "sheet.pdf").write_bytes(
        setup_sheets(sheets, SERVER, date(2026, 11, 22), "vi", lambda done, total: told.append((done, total)))
    )
    assert told == [(1, 2), (2, 2)]
    read = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "sheet.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    first, second, rest = read.split("\f")
    told_there = "Xã Ea Kao|Tỉnh Đắk Lắk › Buôn Ma Thuột|203.0.113.10 : 5060|k7mwq2zx9fhh4tpb|2001|<b>&amp; Thịnh"
    for text in f"{told_there}|Huawei TE, VP|10.0.0.7/32|0912345678|gọi số 1001|22/11/2026".split("|"):
        assert text in first, text
    assert "Phường Nguyễn Trãi" in second
    assert rest == ""


def test_sheets_are_in_the_language_asked_for(tmp_path: Path) -> None:
    accounts = (
        TerminalAccount(name="ea.kao", password="k7mwq2zx", display="Ea Kao", alias="2001", protocol="browser"),
        TerminalAccount(name="hall", protocol="h323", alias="2002", password="p", address="10.0.0.8", display="Hall"),
        TerminalAccount(name="fixed", address="10.0.0.7"),
        TerminalAccount(name="boss", protocol="phone", alias="0912345678"),
    )
    preset = TerminalAccount(name="old", password="p", preset="yealink_vc")
    sheets = [
        Sheet(site="Ea Kao", path=("Dak Lak",), code="24121", accounts=accounts),
        Sheet(site="Ea Na", path=(), code="", accounts=(preset,)),
        Sheet(site="Ea Drong", path=(), code="", accounts=()),
    ]
    told = {}
    for language in LANGUAGES:
        made = tmp_path / f"{language}.pdf"
        made.write_bytes(setup_sheets(sheets, SERVER, date(2026, 11, 22), language))
        run = subprocess.run(["pdftotext", "-layout", made, "-"], capture_output=True, text=True, check=True)
        told[language] = run.stdout
    for text in ("SET-UP SHEET", "Password", "User name", "To try it: dial 1001", "(code 24121)", "no terminal yet"):
        assert text in told["en"]
    assert not re.findall(r"[ạ-ỹđăơư]", told["en"])
    assert "Mật khẩu" in told["vi"]
    assert not re.findall(r"Password|User name|Address|Number|dial ", told["vi"])


@pytest.mark.parametrize("letter", ["W", "đ", "😀"])
def test_the_longest_of_all_that_a_file_may_hold_has_a_sheet(letter: str) -> None:
    password, name = letter * LONGEST_PASSWORD, letter * MAX_NAME
    account = TerminalAccount(name="x" * 32, password=password, display=name, alias="7" * 16, preset="huawei_te")
    sheet = Sheet(site=name, path=(name,) * (DEEPEST - 1), code="7" * 32, accounts=(account,) * 3)
    assert setup_sheets([sheet], SERVER, date(2026, 11, 22), "vi").startswith(b"%PDF")


# Each vowel with each tone, and đ.
VIETNAMESE = "aàảãáạ ăằẳẵắặ âầẩẫấậ eèẻẽéẹ êềểễếệ iìỉĩíị oòỏõóọ ôồổỗốộ ơờởỡớợ uùủũúụ ưừửữứự yỳỷỹýỵ đ"


def test_no_letter_of_vietnamese_is_missing(tmp_path: Path) -> None:
    for text in (VIETNAMESE, VIETNAMESE.upper()):
        account = TerminalAccount(name="xa", password="p", display=text)
        sheet = Sheet(site=text, path=(text,), code="7", accounts=(account,))
        (tmp_path / "sheet.pdf").write_bytes(setup_sheets([sheet], SERVER, date(2026, 11, 22), "vi"))
        run = subprocess.run(["pdftotext", tmp_path / "sheet.pdf", "-"], capture_output=True, text=True, check=True)
        told = "".join(run.stdout.split())
        # Heading, path, the box's title, and the row of what the terminal is to be called.
        assert told.count(text.replace(" ", "")) == 4


def test_what_the_code_says() -> None:
    sip = TerminalAccount(name="kao", password="p", alias="2001", display="Xã")
    assert qr_text(sip, SERVER) == "sip:kao@203.0.113.10:5060\nusername=kao\npassword=p\nnumber=2001\ndisplay=Xã"
    h323 = TerminalAccount(name="kao", protocol="h323", alias="2001", display="Xã")
    assert qr_text(h323, Server(address="2001:db8::1")).startswith("h323:kao@[2001:db8::1]:1720\n")
    assert qr_text(TerminalAccount(name="b", protocol="phone", alias="0912"), SERVER) == "tel:0912"
    assert Code("x" * 500).width > 0

"""Sites and terminals out of files and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.overrides import Overrides
from mcu.core.directory.sites import Directory, Site
from mcu.core.names import clean_name
from mcu.exchange.site_columns import read_path, write_path
from mcu.exchange.site_export import export
from mcu.exchange.site_import import Plan, plan
from mcu.exchange.site_tree import DEEPEST
from mcu.exchange.tables import FORMATS, Format, read_table

SITES = [
    Site(id=1, name="Tỉnh Đắk Lắk", code="66"),
    Site(id=2, name="=Xã > Ea \\ Kao", parent=1, code="24121", position=3, people=40, distance_km=17.5, note="-x"),
    Site(id=3, name="Phường Buôn Hồ", parent=1, latitude=-12.5, longitude=108.0),
    Site(id=4, name="Hội trường 2", parent=2),
]
TERMINALS = [
    TerminalAccount(name="hall", password="p;\"x' =", site=2, display="Hội trường", alias="0912", position=1),
    TerminalAccount(name="room", protocol="h323", alias="2001", site=2, preset="tandberg_mxp", position=0),
    TerminalAccount(name="odd", address="10.0.0.7/32", site=4, overrides=Overrides(picture="cif", srtp="on")),
    TerminalAccount(name="boss", protocol="phone", alias="0900", site=1),
    TerminalAccount(name="nowhere", address="10.0.0.8"),
]


def text(csv: str, **values: Any) -> Plan:
    known = {"sites": SITES, "accounts": TERMINALS, "rooms": {"1001"}}
    return plan(read_table(csv.encode()), **{**known, **values})


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("passwords", [True, False])
def test_what_is_exported_changes_nothing(form: Format, language: str, passwords: bool) -> None:
    made = export(Directory(SITES, TERMINALS), form, language, passwords=passwords)
    read = plan(read_table(made), SITES, TERMINALS, {"1001"})
    assert (read.faults, read.nodes, read.accounts) == ([], [], [])
    assert (read.added, read.changed, read.unchanged) == (0, 0, 8)


@pytest.mark.parametrize("form", FORMATS)
def test_it_makes_the_same_on_another_machine(form: Format) -> None:
    made = export(Directory(SITES, TERMINALS), form, "vi", passwords=True)
    read = plan(read_table(made), [], [], set())
    assert read.faults == []
    assert [(n.name, n.code, n.parent.name if n.parent else None) for n in read.nodes] == [
        ("Tỉnh Đắk Lắk", "66", None),
        ("=Xã > Ea \\ Kao", "24121", "Tỉnh Đắk Lắk"),
        ("Phường Buôn Hồ", "", "Tỉnh Đắk Lắk"),
        ("Hội trường 2", "", "=Xã > Ea \\ Kao"),
    ]
    accounts = {account.name: (account, node.name) for account, node in read.accounts}
    assert set(accounts) == {"hall", "room", "odd", "boss"}
    hall, where = accounts["hall"]
    assert (hall.password, hall.alias, hall.position, where) == ("p;\"x' =", "0912", 1, "=Xã > Ea \\ Kao")
    assert accounts["odd"][0].overrides == Overrides(picture="cif", srtp="on")
    assert accounts["room"][0].preset == "tandberg_mxp"
    assert (read.added, read.changed, read.unchanged) == (8, 0, 0)


def test_a_name_that_is_another_site_s_code_comes_back() -> None:
    sites = [
        Site(id=1, name="Bắc"), Site(id=2, name="Nam", parent=1), Site(id=3, name="Đông", code="Bắc"),
        Site(id=4, name="66"), Site(id=5, name="Tây", parent=4), Site(id=6, name="Hạ", parent=5, code="66"),
    ]  # fmt: skip
    read = plan(read_table(export(Directory(sites, []), "csv", "vi")), sites, [], set())
    assert (read.faults, read.added, read.changed, read.unchanged) == ([], 0, 0, 6)


_NAME = st.text(max_size=20).map(clean_name).filter(bool)


@given(st.lists(_NAME, max_size=5))
def test_any_path_comes_back(names: list[str]) -> None:
    assert read_path(write_path(names)) == names


def test_every_fault_is_told_by_line_and_column() -> None:
    read = text(
        "Thuộc;Điểm cầu;Mã;Số người;Kinh độ;Thiết bị;Giao thức;Số gọi;Địa chỉ;Mật khẩu;Loại máy;Tuỳ chỉnh;Mau sac\n"
        "66;Xã A;1;nhiều;181;a;sip;1001;;x;;;\n"  # 2: people, longitude, a room's number
        "66;Xã B;2;;;b;sip;2001;;x;;;\n"  # 3: another terminal's number
        "66;;3;;;;;;;;;;\n"  # 4: no name
        "66;Xã C;4;;;c c;sip;;;x;;;\n"  # 5: terminal's name
        "66;Xã D;5;;;d;sip;;10.0.0.300;;;;\n"  # 6: address, and so no way in
        "66;Xã E;6;;;e;sip;;;;;;\n"  # 7: neither password nor address
        "66;Xã F;7;;;f;h324;12a;;x;;;\n"  # 8: protocol and number
        "66;Xã G;8;;;a;sip;;;x;;;\n"  # 9: terminal twice
        "66;Xã H;9;;;g;sip;;;x;nokia;;\n"  # 10: preset
        "66;Xã I;10;;;h;sip;;;x;;picture=huge;\n"  # 11: overrides
        "66;Xã J;11;;;hall;h323;7;;x;;;\n"  # 12: another protocol than it has
        "66;Xã K;12;;;;;;;secret;;;\n"  # 13: a terminal without a name
        "66;Xã A;1;5;;z;phone;;;;;;\n"  # 14: otherwise than line 2; a phone without a number
        f"66;{'Đ' * 65};13;;;;;;;;;;\n"  # 15: too long
    )
    assert [(f.line, f.column) for f in read.faults] == [
        (1, "Mau sac"),
        (2, "Kinh độ"),
        (2, "Số gọi"),
        (2, "Số người"),
        (3, "Số gọi"),
        (4, "Điểm cầu"),
        (5, "Thiết bị"),
        (6, "Địa chỉ"),
        (7, "Mật khẩu"),
        (8, "Giao thức"),
        (8, "Số gọi"),
        (9, "Thiết bị"),
        (10, "Loại máy"),
        (11, "Tuỳ chỉnh"),
        (12, "Giao thức"),
        (13, "Mật khẩu"),
        (14, "Số gọi"),
        (14, "Số người"),
        (15, "Điểm cầu"),
    ]
    assert all(f.vi and f.en and f.vi != f.en for f in read.faults)
    assert (read.nodes, read.accounts) == ([], [])


@pytest.mark.parametrize(
    ("csv", "line", "says"),
    [
        ("", 1, 'no column "Site"'),
        ("Tên cột lạ\nx", 1, 'no column "Site"'),
        ("site,site\na,b", 1, "twice"),
        ("Sitte\nx", 1, 'Is it "Site"?'),
        ("site,under,code\nA,2,1\nB,1,2", 2, "under itself"),
        ("site,under\n" + "x," + " > ".join("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"), 2, "too deep"),
        ("site,code\nTỉnh Đắk Lắk,99", 2, "another code"),
        ("site,under\nX,99999", 2, "no site with the code 99999"),
        ("site,people\nX,5\nX,6", 3, "Line 2 says otherwise"),
        ("site,terminal,password\nX,mixer,p", 2, "reserved"),
        (f"site,terminal,password\nX,x,{'p' * 257}", 2, "longer than 256"),
        ("site,terminal,number,protocol\nX,a,7,h323\nX,b,7,h323", 3, "number of terminal a"),
    ],
)
def test_single_faults(csv: str, line: int, says: str) -> None:
    read = text(csv)
    assert [f for f in read.faults if f.line == line and says in f.en], read.faults


@pytest.mark.parametrize(
    ("protocol", "cell", "vi", "en"),
    [
        (
            "sip",
            "picture=huge",
            "Tuỳ chỉnh picture nhận: qcif, cif, 4cif, 720p, 1080p.",
            "override picture must be one",
        ),
        ("h323", "frame_rate=99", "Tuỳ chỉnh frame_rate nhận: 1-60.", "from 1 to 60"),
        ("h323", "no_h239=maybe", "Tuỳ chỉnh no_h239 nhận: true, false.", "true or false"),
        ("browser", "audio_codec=g729", "Tuỳ chỉnh audio_codec nhận: pcmu, pcma, g722.", "of a browser terminal"),
        ("h323", "srtp=on", "Thiết bị h323 không có tuỳ chỉnh srtp.", "is not for h323 terminals"),
        ("sip", "pictur=cif", 'Không có tuỳ chỉnh "pictur"; viết như "picture=cif".', "did you mean picture?"),
    ],
)
def test_an_override_that_is_none_is_told_in_each_language(protocol: str, cell: str, vi: str, en: str) -> None:
    read = text(f"site;terminal;protocol;address;overrides\nX;x;{protocol};10.0.0.9;{cell}\n")
    (fault,) = read.faults
    assert (fault.line, fault.column, fault.vi) == (2, "overrides", vi)
    assert en in fault.en


def test_every_override_that_is_wrong_is_told() -> None:
    read = text('site;terminal;address;overrides\nX;x;10.0.0.9;"picture=cif; srtp=x; nonsense; frame_rate=7"\n')
    assert sorted(fault.en.split()[1] for fault in read.faults) == ["frame_rate", "override", "srtp"]


def test_the_tree_of_a_file_in_any_order() -> None:
    """Codes may be referred to before their lines, paths make what they name."""
    read = text("site,under,code\nXã,H1,X1\nHuyện,T1,H1\nTỉnh,,T1\nXã khác,Tỉnh > Huyện,\nY,Mới > Mới nữa,\n", sites=[])
    assert read.faults == []
    above = {n.name: [one.name for one in n.above()][1:] for n in read.nodes}
    assert above == {
        "Tỉnh": [],
        "Huyện": ["Tỉnh"],
        "Xã": ["Huyện", "Tỉnh"],
        "Xã khác": ["Huyện", "Tỉnh"],
        "Mới": [],
        "Mới nữa": ["Mới"],
        "Y": ["Mới nữa", "Mới"],
    }
    assert [n.name for n in read.order] == ["Xã", "Huyện", "Tỉnh", "Xã khác", "Y"]


def test_a_site_that_is_moved_takes_its_levels_along() -> None:
    """What stands under it is not named by any line, and would be too deep."""
    deep = [Site(id=n, name=f"s{n}", parent=n - 1 if n > 1 else None, code=f"c{n}") for n in range(1, DEEPEST)]
    branch = [Site(id=100, name="a", code="a"), Site(id=101, name="b", parent=100)]
    read = text(f"site,code,under\na,a,c{DEEPEST - 1}\n", sites=[*deep, *branch])
    assert [(fault.line, "too deep" in fault.en) for fault in read.faults] == [(2, True)]
    assert text(f"site,code,under\na,a,c{DEEPEST - 2}\n", sites=[*deep, *branch]).faults == []


def test_what_the_file_has_no_column_for_stays() -> None:
    read = text("code,site,people\n24121,Xã Ea Kao,44\n")
    (node,) = read.nodes
    assert (node.id, node.name, node.values["people"], node.values["distance_km"]) == (2, "Xã Ea Kao", 44, 17.5)
    assert node.parent is not None
    assert node.parent.id == 1
    read = text("site,terminal,shown as\nTỉnh Đắk Lắk,hall,Mới\n")
    ((account, where),) = read.accounts
    assert (account.display, account.password, account.alias, where.id) == ("Mới", "p;\"x' =", "0912", 1)
    assert read.changed == 1


def test_numbers_may_be_exchanged() -> None:
    read = text("site,code,terminal,number\nx,24121,hall,2001\nx,24121,room,0912\n")
    assert read.faults == []
    assert {account.name: account.alias for account, _ in read.accounts} == {"hall": "2001", "room": "0912"}


def test_passwords_are_made_where_they_are_wanted() -> None:
    read = text(
        "site,terminal,address,protocol\nX,a,,\nX,b,10.0.0.9,\nX,c,,h323\nX,hall,,\n", make_password=lambda: "made"
    )
    assert [(f.line, f.column) for f in read.faults] == [(4, "terminal")]
    read = text("site,terminal,address\nX,a,\nX,b,10.0.0.9\nX,hall,\n", make_password=lambda: "made")
    assert read.fresh == {"a"}
    assert {a.name: a.password for a, _ in read.accounts} == {"a": "made", "b": "", "hall": "p;\"x' ="}


@given(
    st.lists(
        st.lists(st.sampled_from(["", "66", "a", "A > B", "24121", "hall", "1001", "x", "sip"]), max_size=6), max_size=6
    )
)
def test_no_file_is_too_odd(rows: list[list[str]]) -> None:
    heading = "under,site,code,terminal,number,password\n"
    read = text(heading + "\n".join(",".join(row) for row in rows))
    if read.faults:
        assert (read.nodes, read.accounts) == ([], [])


def test_a_number_above_a_site_is_a_code_or_the_name_of_a_site_with_a_line() -> None:
    assert text("site,code,under\nX,,7\nY,7,").faults == []
    assert text("site,under\nX,99\n99,").faults == []
    assert text("site,under\nX,99", sites=[*SITES, Site(id=9, name="99")]).faults == []


def test_new_sites_without_a_line_are_named() -> None:
    read = text("site,under\nX,Tỉnh Đắk Lắk > Huyện Cư M'gar\nY,X2 > Z\n")
    assert (read.faults, sorted(read.unlisted)) == ([], ["Tỉnh Đắk Lắk > Huyện Cư M'gar", "X2", "X2 > Z"])
    assert text("site,under\nX,66").unlisted == []

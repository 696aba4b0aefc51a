from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323 import charsets, names


def written(text: str, charset: Callable[[bytes], str]) -> bytes:
    """``text`` in a charset that Python can only read."""
    octets = {charset(bytes([octet])): octet for octet in range(256)}
    return bytes(octets[letter] for letter in text)


CYRILLIC = [
    "Переговорная 1",
    "Зал",
    "Конференц-зал Б",
    "ПЕРЕГОВОРНАЯ",
    "Київ",
    "Штаб (Ёлкин)",
    "Иванов И.И.",
    "МосВодоКанал",
    "Администрация г. Тверь",
    "МВД России",
    "ГУ МЧС",
    "Уфа",
    "Учебный класс №3",
    "Зал «Север»",
    "Відділ",
    "БелАЭС",
]
LATIN = [
    "Müller",
    "MÜLLER",
    "José",
    "Café à la carte",
    "Salle réunion",
    "Über uns",
    "Ångström",
    "Malmö Ost",
    "São Paulo",
    "Größe",
    "Señor Ñandú",
    "Höör",
    "Åbo",
    "Genève",
    "Besprechung Süd",
    "København",
    "Königsberg",
    "Düsseldorf Büro 3",
    "Crème brûlée",
    "François Lefèvre",
    "Ærø",
    "Jörg Müßig",
    "Øst",
    "Año nuevo",
    "Vår Ö",
    "Noël",
    "Straße",
]
CHINESE = ["会议室", "华为会议室 1", "三楼第二会议室", "ZTE 中心会场"]
VIETNAMESE = [
    "Phòng họp",
    "Hà Nội",
    "Nguyễn Văn Đức",
    "Hội trường lớn",
    "Phòng họp số 3",
    "Thành phố Hồ Chí Minh",
    "Huế",
    "Phòng họp tầng 2",
    "Phòng họp trực tuyến",
    "UBND tỉnh Quảng Ninh",
    "Sở Thông tin và Truyền thông",
    "Bộ Công an",
    "Bệnh viện Bạch Mai",
    "Đà Nẵng",
    "Cần Thơ",
    "Hải Phòng",
    "Điểm cầu chính",
    "Trần Thị Hồng",
    "Lê Văn Tám",
    "Phạm Nhật Vượng",
    "Võ Nguyên Giáp",
    "Bùi Xuân Phái",
    "Đặng Thùy Trâm",
    "Kho bạc Nhà nước",
    "Tổng cục",
]


@pytest.mark.parametrize("name", [*CYRILLIC, *LATIN, *VIETNAMESE, *CHINESE, "Room 5"])
def test_utf_8(name: str) -> None:
    assert names.from_octets(name.encode()) == name
    assert names.from_octets(name.encode() + b"\0") == name


@pytest.mark.parametrize("codec", ["utf-16-be", "utf-16-le", "utf-16"])
@pytest.mark.parametrize("name", [*CYRILLIC, *LATIN, *VIETNAMESE, "Room 5"])
def test_ucs_2(name: str, codec: str) -> None:
    assert names.from_octets(name.encode(codec)) == name


@pytest.mark.parametrize("name", CYRILLIC)
def test_cp1251(name: str) -> None:
    octets = name.encode("cp1251")
    assert names.from_octets(octets) == name
    assert names.from_octets(octets + b"\0") == name
    assert names.from_bmp(octets.decode("latin-1")) == name


@pytest.mark.parametrize("name", LATIN)
def test_latin_1(name: str) -> None:
    assert names.from_octets(name.encode("latin-1")) == name
    assert names.from_bmp(name) == name


@pytest.mark.parametrize("name", CHINESE)
def test_gb_2312(name: str) -> None:
    assert names.from_octets(name.encode("gb2312")) == name
    assert names.from_bmp(name.encode("gb2312").decode("latin-1")) == name


@pytest.mark.parametrize("name", VIETNAMESE)
def test_tcvn3(name: str) -> None:
    assert names.from_octets(written(name, charsets.tcvn3)) == name


@pytest.mark.parametrize("name", VIETNAMESE)
def test_viscii(name: str) -> None:
    assert names.from_octets(written(name, charsets.viscii)) == name
    assert names.from_bmp(written(name, charsets.viscii).decode("latin-1")) == name


def test_swapped_octets_of_a_bmp_string() -> None:
    assert names.from_bmp("".join(chr(ord(c) << 8) for c in "Polycom")) == "Polycom"
    assert names.from_bmp("会议室") == "会议室"


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (b"", ""),
        (b"\0", ""),
        (b"\xb1alice", "alice"),  # a charset octet in front, as some gateways write
        (b"alice\0\0\0", "alice"),
        (b"a\x07b\x1b[31mc", "ab[31mc"),
        (b"  two \t words\r\n", "two words"),
        ("a\u202eb\u200bc".encode(), "abc"),
        ("e\u0301".encode(), "\u00e9"),
        (b"x" * 500, "x" * 64),
    ],
)
def test_cleaning(octets: bytes, name: str) -> None:
    assert names.from_octets(octets) == name


@given(st.binary(max_size=200))
def test_any_octets_give_a_line_to_be_shown(octets: bytes) -> None:
    proper(names.from_octets(octets))


@given(st.text(st.characters(max_codepoint=0xFFFF, categories=None), max_size=100))
def test_any_bmp_string_gives_a_line_to_be_shown(text: str) -> None:
    proper(names.from_bmp(text))


def proper(name: str) -> None:
    assert len(name) <= names.MAX_CHARACTERS
    assert unicodedata.is_normalized("NFC", name)
    assert not any(unicodedata.category(c)[0] == "C" for c in name)
    assert name == " ".join(name.split())
    name.encode()  # no lone surrogates

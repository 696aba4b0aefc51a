"""What is shown and what is dialled, cleaned."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcu.core.names import clean_name, display_name, door_of, participant_id, room_number


@given(st.text())
@example(text="0" * 63 + " \u0300")  # a mark over a blank: the blank is no end of the name, and goes with it
def test_a_clean_name_is_one_short_line_in_nfc(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= 64
    assert name == unicodedata.normalize("NFC", name)
    assert not any(unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp") for c in name)
    assert clean_name(name) == name
    whole = clean_name(text, len(text) * 4)
    assert whole.startswith(name)
    assert unicodedata.category((whole[len(name) :] or " ")[0])[0] != "M"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Xã Tân Lập", "Xã Tân Lập"),
        (unicodedata.normalize("NFD", "Huyện Điện Biên"), "Huyện Điện Biên"),
        ("a\r\nAction: Logoff", "a Action: Logoff"),
        ("\x00\x1b[31m", "[31m"),
        ("\u202egnp.exe", "gnp.exe"),
        ("  a \t b\u2028c ", "a b c"),
        ("x" * 100, "x" * 64),
        ("🏫" * 65, "🏫" * 64),
        ("x" * 63 + "x\u0323\u0307y", "x" * 63),  # there is no x with these marks in one character
        ("x" * 62 + "x\u0323y", "x" * 62 + "x\u0323"),
    ],
)
def test_names_as_callers_write_them(told: str, shown: str) -> None:
    assert clean_name(told) == shown


def test_the_first_name_with_something_to_show() -> None:
    assert display_name("", "\x00", " ", "2001", "x") == "2001"
    assert display_name("") == ""


@pytest.mark.parametrize(
    ("dialled", "number"),
    [
        ("1001", "1001"),
        (" 10 01\t", "1001"),
        ("1" * 16, "1" * 16),
        ("1" * 17, ""),
        ("", ""),
        ("1001@x", ""),
        ("١٠٠١", ""),
        ("-1", ""),
        ("1001;drop", ""),
    ],
)
def test_room_numbers(dialled: str, number: str) -> None:
    assert room_number(dialled) == number


def test_ids_that_are_none_are_made_from_the_channel() -> None:
    assert participant_id("0badf00d", "PJSIP/a-1") == "0badf00d"
    made = participant_id("", "PJSIP/a-00000001")
    assert made == participant_id("'; drop", "PJSIP/a-00000001") != participant_id("", "PJSIP/a-00000002")
    assert participant_id(made, "x") == made


@pytest.mark.parametrize(
    ("channel", "door"),
    [
        ("PJSIP/anonymous-00000001", "guest"),
        ("PJSIP/k-school-00000001", "known"),
        ("PJSIP/hall-00000001", "terminal"),
        ("", "terminal"),
    ],
)
def test_the_door_of_a_channel(channel: str, door: str) -> None:
    assert door_of(channel) == door

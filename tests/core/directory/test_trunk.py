"""The telephone network's numbers: one form of each, ours told from others, and no calls abroad unasked."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.core.directory.trunk import Trunk, shown_as
from mcu.errors import NumberAbroad

TRUNK = Trunk(number="02363123456", country="84")


@pytest.mark.parametrize(
    ("told", "national"),
    [
        ("0912345678", "0912345678"),
        ("+84912345678", "0912345678"),
        ("0084912345678", "0912345678"),
        ("84912345678", "0912345678"),
        ("+840912345678", "0912345678"),  # some write the 0 as well
        ("+442071234567", "+442071234567"),
        ("00442071234567", "00442071234567"),
        ("8400", "8400"),  # an extension of the office's exchange
        ("113", "113"),
        ("", ""),
    ],
)
def test_a_number_has_one_form(told: str, national: str) -> None:
    assert TRUNK.national(told) == national


@given(st.from_regex(r"[+]?[0-9]{0,17}", fullmatch=True))
def test_the_national_form_stays_as_it_is(number: str) -> None:
    once = TRUNK.national(number)
    assert TRUNK.national(once) == once


def test_without_a_country_numbers_stay_as_they_are() -> None:
    assert Trunk().national("+84912345678") == "+84912345678"


def test_our_own_number_is_known_in_each_form() -> None:
    for told in ("02363123456", "+842363123456", "842363123456"):
        assert TRUNK.is_ours(told)
    assert not TRUNK.is_ours("02363123457")
    assert not TRUNK.is_ours("")
    assert not Trunk().is_ours("")


@pytest.mark.parametrize(
    "abroad",
    [
        "+442071234567",
        "00442071234567",
        "442071234567",  # as many networks take it
        "6561234567",
        "17800442071234567",  # by another carrier
        "900442071234567",  # 9 for a line, where the exchange wants that
    ],
)
def test_numbers_abroad_are_called_only_where_that_is_allowed(abroad: str) -> None:
    with pytest.raises(NumberAbroad):
        TRUNK.dialled(abroad)
    assert Trunk(country="84", international=True).dialled(abroad) == abroad


@pytest.mark.parametrize("abroad", ["+84000442071234", "840044207123456", "008400442071234", "+8400442071234"])
def test_our_own_country_s_code_hides_no_other(abroad: str) -> None:
    with pytest.raises(NumberAbroad):
        TRUNK.dialled(abroad)


def test_who_left_the_zero_out_is_told() -> None:
    with pytest.raises(NumberAbroad, match="lacks its 0"):  # a table's cell takes it away
        TRUNK.dialled("912345678")


@pytest.mark.parametrize("within", ["0912345678", "02363123456", "113", "18001090", "3123456", "38221234", "8400"])
def test_numbers_of_the_country_are_called(within: str) -> None:
    assert TRUNK.dialled(within) == within
    assert TRUNK.dialled("+84912345678") == "0912345678"


def test_a_number_at_the_trunk_s_own_address_is_a_telephone_s() -> None:
    trunk = Trunk(country="84", host="sip.example.vn", networks=(ipaddress.ip_network("10.9.0.0/16"),))
    for host in ("sip.example.vn", "SIP.Example.vn", "10.9.1.1"):
        for number in ("00442071234567", "+44-2071234567", "442071234567"):
            with pytest.raises(NumberAbroad):
                trunk.check_address(number, host)
        trunk.check_address("0912345678", host)
        trunk.check_address("hall", host)  # a terminal behind the exchange
    trunk.check_address("00442071234567", "10.8.0.1")
    trunk.check_address("00442071234567", "")


@pytest.mark.parametrize(
    ("number", "name", "shown"),
    [
        ("0912345678", "", "Điện thoại …678"),
        ("0912345678", "+84 912 345 678", "Điện thoại …678"),  # many networks tell the number as the name
        ("0912345678", "Nguyễn Văn A", "Nguyễn Văn A"),
        ("anonymous", "Anonymous", "Điện thoại"),
        ("", "", "Điện thoại"),
        ("8400", "", "Điện thoại 8400"),  # an extension
    ],
)
def test_all_see_the_end_of_a_stranger_s_number_only(number: str, name: str, shown: str) -> None:
    assert shown_as(number, name, "vi") == shown
    assert shown_as(number, name, "en") == shown.replace("Điện thoại", "Telephone")

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323.media import Address
from mcu.h323.signalling import Endpoint, addresses, dialled
from mcu.h323.transport import read_transport, transport

LOCAL = Endpoint(address=Address("192.0.2.1", 1720), name="Bridge", digits="900")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1001", "1001"),
        ("1001@mcu.example.org", "1001"),
        ("1001@192.0.2.1:1720", "1001"),
        ("mcu.example.org##1001", "1001"),
        ("192.0.2.1##1001", "1001"),
        ("##1001", "1001"),
        ("1001##", "1001"),
        ("1001#", "1001"),
        ("mcu##1001@192.0.2.1", "1001"),
        ("h323:1001@mcu", "1001"),
        ("H323:1001", "1001"),
        ("sip:1001@192.0.2.1;transport=tcp", "1001"),
        ("tel:10-01", "1001"),
        (" 10 01 ", "1001"),
        ("１００１", "1001"),  # full width, as some phone books hold it
        ("weekly", "weekly"),
        ("room-5_b", "room-5_b"),
        ("", ""),
        ("192.0.2.1", ""),
        ("127.0.0.2:1790", ""),
        ("[2001:db8::1]", ""),
        ("2001:db8::1", ""),
        ("mcu.example.org", ""),
        ("h323:mcu.example.org:1720", ""),
        ("@mcu", ""),
        ("bridge", ""),
        ("900", ""),
        ("##", ""),
        ("1001; rm -rf", "1001"),
        ("10'01", ""),
        ("a b", ""),
        ("x" * 65, ""),
        ("переговорная", ""),
    ],
)
def test_forms(text: str, number: str) -> None:
    assert dialled.number([text], LOCAL) == number


def test_the_first_that_names_something_counts() -> None:
    assert dialled.number(["bridge", "192.0.2.1", "", "1001", "1002"], LOCAL) == "1001"
    assert dialled.number([], LOCAL) == ""


@given(st.lists(st.text(max_size=80), max_size=4))
def test_what_comes_out_is_harmless(texts: list[str]) -> None:
    found = dialled.number(texts, LOCAL)
    assert len(found) <= 64
    assert found.isascii()
    assert all(c.isalnum() or c in "*#+-_." for c in found)


@given(
    st.lists(
        st.tuples(
            st.text(max_size=12), st.one_of(st.text(max_size=8), st.none(), st.dictionaries(st.text(), st.text()))
        )
    )
)
def test_any_alias_is_read_or_left_out(values: list[object]) -> None:
    assert len(addresses.read_aliases(values)) <= addresses.MAX_ALIASES


def test_aliases_and_addresses_go_both_ways() -> None:
    for text, kind in (("1001", "dialledDigits"), ("h323:a@b", "url-ID"), ("Зал 5", "h323-ID")):
        assert addresses.alias(text)[0] == kind
        assert addresses.texts(addresses.read_aliases([addresses.alias(text)])) == (text,)
    assert addresses.alias("a\U0001f600b") == ("h323-ID", "ab")
    for address in (Address("192.0.2.1", 1720), Address("2001:db8::1", 1720)):
        assert read_transport(transport(address)) == address
    party = ("partyNumber", ("e164Number", {"publicTypeOfNumber": ("unknown", 0), "publicNumberDigits": "1001"}))
    assert addresses.read_aliases([party, ("transportID", transport(Address("192.0.2.9", 1)))]) == (
        ("dialledDigits", "1001"),
        ("transportID", "192.0.2.9:1"),
    )


@pytest.mark.parametrize(
    "value",
    [
        None,
        ("ipAddress", {"ip": bytes(4), "port": 1720}),
        ("ipAddress", {"ip": b"\x7f\0\0\1", "port": 0}),
        ("ipAddress", {"ip": b"\xe0\0\0\1", "port": 1}),
        ("ipAddress", {"ip": b"abc", "port": 1}),
        ("ipxAddress", {}),
        ("ipAddress", {"ip": b"\x7f\0\0\1"}),
    ],
)
def test_addresses_that_nobody_is_at(value: object) -> None:
    assert read_transport(value) is None


def test_an_alias_needs_text() -> None:
    for wrong in ("", "x" * 257):
        with pytest.raises(ValueError, match="no alias"):
            addresses.alias(wrong)

"""Who counts as one where something is limited for each address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323.origins import origin


@pytest.mark.parametrize(
    ("host", "one"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("2001:DB8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::1", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_who_is_one(host: str, one: str) -> None:
    assert origin(host) == one


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_ipv4_addresses_stay_apart(one: object, other: object) -> None:
    assert (origin(str(one)) == origin(str(other))) == (one == other)

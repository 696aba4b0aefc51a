"""Where media may be sent: to the terminal, to who is beside it, but not to a group, and not to ourselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323 import own_address
from mcu.h323.gateway.destinations import allowed
from mcu.h323.media import Address

US, TERMINAL = "10.0.0.1", "10.0.0.7"


@pytest.mark.parametrize(
    ("host", "terminal", "may"),
    [
        ("10.0.0.7", TERMINAL, True),
        ("10.0.0.8", TERMINAL, True),  # behind a gatekeeper that routes signalling alone
        ("192.168.1.5", "203.0.113.9", True),  # behind a NAT
        ("203.0.113.9", TERMINAL, True),
        ("fd00::7", "fd00::8", True),
        ("fe80::7", "fe80::7", True),
        ("::1", "::1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.9", "127.0.0.1", True),
        ("10.0.0.1", "10.0.0.1", True),  # a terminal on our own machine
        ("127.0.0.1", TERMINAL, False),
        ("127.1.2.3", TERMINAL, False),
        ("::1", "fd00::8", False),
        ("10.0.0.1", TERMINAL, False),  # ourselves
        ("::ffff:10.0.0.1", TERMINAL, False),
        ("::ffff:127.0.0.1", TERMINAL, False),
        ("::ffff:239.1.1.1", TERMINAL, False),
        ("224.0.0.1", TERMINAL, False),
        ("239.255.255.250", "127.0.0.1", False),
        ("ff02::1", "fd00::8", False),
        ("255.255.255.255", TERMINAL, False),
        ("240.0.0.1", TERMINAL, False),
        ("0.0.0.0", TERMINAL, False),
        ("0.1.2.3", TERMINAL, False),
        ("::", "fd00::8", False),
    ],
)
def test_where_media_may_go(host: str, terminal: str, may: bool) -> None:
    assert allowed(Address(host, 5000), terminal, US) is may
    assert allowed(Address(host, 0), terminal, US) is False


def test_no_other_address_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    other = "10.0.1.1"
    assert allowed(Address(other, 5000), TERMINAL, US), "somebody else's"
    monkeypatch.setattr(own_address, "is_ours", lambda host: host in (US, other, "127.0.0.1"))
    assert not allowed(Address(other, 5000), TERMINAL, US)
    assert not allowed(Address(f"::ffff:{other}", 5000), TERMINAL, US)
    for beside_us in (US, "127.0.0.1"):
        assert allowed(Address(other, 5000), beside_us, beside_us), "a terminal on our own machine"
    assert allowed(Address("10.0.1.2", 5000), TERMINAL, US)


@given(host=st.ip_addresses(), terminal=st.ip_addresses())
def test_any_address_has_an_answer(host: object, terminal: object) -> None:
    may = allowed(Address(str(host), 5000), str(terminal), US)
    assert may or str(host) != str(terminal) or not allowed(Address(str(host), 5000), "10.255.255.1", US)

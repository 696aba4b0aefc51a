"""Our own addresses, and those of others."""

from __future__ import annotations

import pytest

from mcu.h323 import own_address

OTHERS = ["198.51.100.77", "203.0.113.9", "2001:db8::77"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7"])  # the second is never the source of what we send
def test_an_address_of_ours(host: str) -> None:
    assert own_address.is_ours(host)
    assert own_address.towards(host) == "127.0.0.1"


@pytest.mark.parametrize("host", OTHERS)
def test_an_address_of_somebody_else(host: str) -> None:
    assert not own_address.is_ours(host)


def test_where_anything_can_be_bound_the_way_to_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_address, "_binds", lambda host: True)
    assert own_address.is_ours("127.0.0.1")
    assert not any(own_address.is_ours(host) for host in OTHERS)


def test_link_local_without_an_interface_is_nobody_s() -> None:
    assert not own_address.is_ours("fe80::1")
    assert own_address.towards("fe80::1") == ""

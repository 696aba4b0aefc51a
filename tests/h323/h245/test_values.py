"""The small translations: addresses, generic parameters, timers, and the last lines of defence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323.h245 import addresses, generic
from mcu.h323.h245.dispatch import Dispatch
from mcu.h323.h245.line import Timers
from mcu.h323.media import Address
from mcu.h323.per import decode_h245, encode_h245
from tests.h323.h245.parties import Pair


@given(
    st.ip_addresses().filter(lambda ip: not ip.is_unspecified and not getattr(ip, "ipv4_mapped", None)),
    st.integers(1, 65535),
)
def test_addresses_there_and_back(host: Any, port: int) -> None:
    address = Address(str(host), port)
    assert addresses.read(addresses.write(address)) == address


@pytest.mark.parametrize(
    "value",
    [
        None,
        ("multicastAddress", ("iPAddress", {"network": b"\xe0\x00\x00\x01", "tsapIdentifier": 5000})),
        ("unicastAddress", ("iPAddress", {"network": bytes(4), "tsapIdentifier": 5000})),
        ("unicastAddress", ("iPAddress", {"network": b"\x0a\x00\x00\x01", "tsapIdentifier": 0})),
        ("unicastAddress", ("iP6Address", {"network": bytes(16), "tsapIdentifier": 5000})),
        ("unicastAddress", ("netBios", b"x" * 16)),
        ("unicastAddress", ("_ext_9", b"x")),
    ],
)
def test_where_nothing_can_be_sent_to(value: Any) -> None:
    assert addresses.read(value) is None


def test_an_ipv4_address_in_ipv6_clothes() -> None:
    value = (
        "unicastAddress",
        ("iP6Address", {"network": bytes(10) + b"\xff\xff\xc0\x00\x02\x01", "tsapIdentifier": 7}),
    )
    assert addresses.read(value) == Address("192.0.2.1", 7)


def test_generic_parameters() -> None:
    values = [
        {"parameterIdentifier": ("standard", 1), "parameterValue": ("logical", 0)},
        {"parameterIdentifier": ("standard", 2), "parameterValue": ("unsigned32Max", 70_000)},
        {"parameterIdentifier": ("standard", 3), "parameterValue": ("octetString", b"abc")},
        {"parameterIdentifier": ("uuid", bytes(16)), "parameterValue": ("unsignedMin", 4)},
    ]
    assert generic.read_parameters(values) == {1: 1, 2: 70_000}
    large = generic.GenericCapability((0, 0, 8, 241, 0, 0, 1), 0, {3: 100_000}).value()
    assert large["collapsing"][0]["parameterValue"] == ("unsigned32Min", 100_000)
    assert "maxBitRate" not in large
    assert generic.read_capability({"capabilityIdentifier": ("uuid", bytes(16))}) is None


def test_timers_start_with_the_next_reading_of_the_clock() -> None:
    timers = Timers(100.0)
    assert timers.due() is None
    timers.start(("a",), 5.0)
    assert timers.due() == 100.0  # somebody should look at the clock
    timers.read(200.0)
    assert timers.due() == 205.0
    assert ("a",) in timers
    timers.start(("b", 1), 2.0)
    assert timers.expired(201.0) == []
    assert timers.expired(300.0) == [("b", 1), ("a",)]
    assert timers.due() is None
    timers.start(("c",), 1.0)
    timers.stop(("c",))
    assert ("c",) not in timers


def test_a_fault_in_a_message_that_got_through_is_the_peers_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the decoder every value has its shape; should one not, the session lives."""
    pair = Pair().started()

    def fail(*_: Any) -> Any:
        raise KeyError("sessionID")

    monkeypatch.setattr(Dispatch, "take", fail)
    octets = encode_h245(("request", ("roundTripDelayRequest", {"sequenceNumber": 1})))
    assert pair.a.feed(octets, 1.0) == []
    assert pair.a.garbled == 1
    answer = decode_h245(pair.a.take()[0])[1]
    assert answer == ("functionNotSupported", {"cause": ("semanticError", 0), "returnedFunction": octets})


def test_what_cannot_be_written_is_left_out() -> None:
    pair = Pair().started()
    pair.a._line.request("roundTripDelayRequest", {"sequenceNumber": 1000})
    pair.a._line.request("roundTripDelayRequest", {"sequenceNumber": 1})
    assert len(pair.a.take()) == 1
    assert pair.a.unsent == 1

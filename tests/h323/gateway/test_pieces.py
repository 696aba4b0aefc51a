"""The small parts of the gateway: who calls, where to, how often, and what is kept of it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.errors import BadRequest, NotFound
from mcu.h323.gateway import dialled, info
from mcu.h323.gateway.callers import Callers, read_accounts
from mcu.h323.gateway.limits import ConnectionLimit
from mcu.h323.gateway.throttle import Throttle
from mcu.h323.gateway.trace import MOST_RECORDS, Trace
from mcu.h323.media import Address

ACCOUNTS = [
    {"name": "hall", "alias": "5001", "password": "s3cret", "display": "Hội trường"},
    {"name": "branch", "address": "10.1.0.0/16", "display": "Chi nhánh"},
    {"name": "desk", "address": "10.1.2.3", "overrides": {"no_tunnelling": True}},
    {"name": "room", "alias": "5004"},
]


def _callers() -> Callers:
    callers = Callers()
    callers.replace(read_accounts(ACCOUNTS))
    return callers


def test_a_terminal_with_a_password_is_believed_while_it_is_registered() -> None:
    callers = _callers()
    assert callers.who("10.9.9.9", ["5001"]).door == "guest"
    callers.registered["hall"] = Address("10.9.9.9", 1720)
    caller = callers.who("10.9.9.9", ["5001"])
    assert (caller.door, caller.terminal, caller.name) == ("terminal", "hall", "Hội trường")
    assert callers.who("10.9.9.8", ["5001"]).door == "guest", "somebody else who says the same number"


def test_who_calls_through_a_gateway_comes_by_its_account_under_a_name_of_its_own() -> None:
    callers = _callers()
    callers.gateway_at = lambda host: "hall" if host == "10.9.9.9" else ""
    caller = callers.who("10.9.9.9", ["7701", "Xã Tân Lập"])
    assert (caller.door, caller.terminal, caller.name) == ("terminal", "hall", "")
    assert callers.who("10.9.9.8", ["7701"]).door == "guest"


def test_an_address_knows_a_terminal_and_the_narrowest_counts() -> None:
    callers = _callers()
    assert callers.who("10.1.9.9", []).terminal == "branch"
    assert callers.who("10.1.2.3", ["5001"]).terminal == "desk"
    assert callers.expected("10.1.2.3").no_tunnelling
    assert not callers.expected("10.1.9.9").no_tunnelling


def test_a_number_alone_is_enough_where_the_account_has_no_more() -> None:
    assert _callers().who("10.9.9.9", ["5004"]).door == "named"


@pytest.mark.parametrize("wrong", [{}, [1], [{}], [{"name": 3}], [{"name": "x", "overrides": {"sped": 1}}]])
def test_accounts_that_make_no_sense_are_refused(wrong: object) -> None:
    with pytest.raises(BadRequest):
        read_accounts(wrong)


@pytest.mark.parametrize(
    ("text", "alias", "host", "port"),
    [
        ("2001", "2001", "", 0),
        ("hall", "hall", "", 0),
        ("10.0.0.7", "", "10.0.0.7", 0),
        ("10.0.0.7:1721", "", "10.0.0.7", 1721),
        ("2001@mcu.example:1721", "2001", "mcu.example", 1721),
        ("2001@[fd00::7]", "2001", "fd00::7", 0),
    ],
)
def test_what_asterisk_dials(text: str, alias: str, host: str, port: int) -> None:
    assert dialled.read(text) == dialled.Dialled(alias, host, port)


@pytest.mark.parametrize("text", ["", "@", "a b", "x@y z", "1@10.0.0.7:99999", "1@-", "\r\n"])
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(BadRequest):
        dialled.read(text)


@given(st.text(max_size=80))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    try:
        dialled.read(text)
    except BadRequest:
        return


async def test_an_alias_is_found_or_not() -> None:
    known = {"2001": Address("10.0.0.9", 1720)}
    assert await dialled.resolve(dialled.Dialled("2001"), known.get) == Address("10.0.0.9", 1720)
    assert await dialled.resolve(dialled.Dialled("", "10.0.0.7"), known.get) == Address("10.0.0.7", 1720)
    with pytest.raises(NotFound):
        await dialled.resolve(dialled.Dialled("2002"), known.get)
    with pytest.raises(NotFound):
        await dialled.resolve(dialled.Dialled("", "nowhere.invalid"), known.get)


def test_an_address_that_connects_too_often_is_stopped() -> None:
    limit = ConnectionLimit(at_once=2, a_minute=3)
    assert [limit.admit("a", 0.0) for _ in range(3)] == [True, True, False]
    assert limit.admit("b", 0.0), "another address is not its fault"
    limit.leave("a")
    limit.leave("a")
    assert [limit.admit("a", 1.0) for _ in range(2)] == [True, False]
    assert limit.admit("a", 61.0)
    assert limit.refused == 2


def test_ipv6_addresses_of_one_link_are_one() -> None:
    limit = ConnectionLimit(at_once=2, a_minute=3)
    assert [limit.admit(f"2001:db8::{n}", 0.0) for n in range(1, 4)] == [True, True, False]
    assert limit.admit("2001:db8:0:1::1", 0.0), "another link"
    limit.leave("2001:db8::1")
    assert [limit.admit(f"2001:db8::{n}", 0.0) for n in (5, 6)] == [True, False]
    assert limit.addresses == 2


def test_a_full_table_refuses_only_who_is_not_in_it() -> None:
    limit = ConnectionLimit(at_once=2, a_minute=3)
    assert all(limit.admit(f"a{number}", 0.0) for number in range(10_000))
    assert not limit.admit("b", 1.0)
    assert limit.admit("a0", 1.0), "known before"
    assert not limit.admit("b", 2.0)
    assert (limit.addresses, limit.refused) == (10_000, 2)
    assert limit.admit("b", 62.0), "the others are forgotten"


def test_addresses_of_long_ago_are_forgotten() -> None:
    limit = ConnectionLimit(at_once=2, a_minute=3)
    for number in range(100):
        assert limit.admit(f"a{number}", 0.0)
        limit.leave(f"a{number}")
    assert limit.admit("b", 61.0)
    assert limit.addresses == 1


async def test_requests_are_brought_together() -> None:
    acts: list[float] = []
    loop = asyncio.get_running_loop()
    throttle = Throttle(0.1, lambda: acts.append(loop.time()))
    for _ in range(10):
        throttle.ask()
    assert len(acts) == 1
    async with asyncio.timeout(60):
        while len(acts) < 2:
            await asyncio.sleep(0.01)
    assert acts[1] - acts[0] >= 0.09
    for _ in range(2):  # where this test is so late that the first is for an act of its own, the second waits for it
        throttle.ask()
    before = len(acts)
    throttle.close()
    await asyncio.sleep(0.15)
    assert len(acts) == before


@pytest.mark.parametrize(
    ("body", "digits"),
    [(b"Signal=5\r\nDuration=160\r\n", "5"), (b"Signal= *\n", "*"), (b"signal=11", "#"), (b"Signal=d\r", "D")],
)
def test_keys_out_of_info(body: bytes, digits: str) -> None:
    assert info.digits(info.DTMF_RELAY, body) == digits


@given(st.binary(max_size=300))
def test_any_info_is_a_key_or_none(body: bytes) -> None:
    assert info.digits(info.DTMF_RELAY, body) in info.DIGITS | {""}


def test_what_we_press_is_what_we_read() -> None:
    assert all(info.digits(info.DTMF_RELAY, info.dtmf(digit)) == digit for digit in info.DIGITS)


def test_a_trace_is_bounded_and_says_so() -> None:
    trace = Trace(Address("10.0.0.1", 1720), Address("10.0.0.2", 5000), on=True)
    for _ in range(MOST_RECORDS + 10):
        trace.signalling("in", b"\x03\x00\x00\x05x")
    text = trace.text()
    assert "garbled" in text
    assert text.rstrip().endswith("the trace is full, what follows was not kept")


def test_no_trace_where_none_is_wanted() -> None:
    trace = Trace(Address("10.0.0.1", 1720), Address("10.0.0.2", 5000), on=False)
    trace.signalling("in", b"x")
    assert len(trace.text().splitlines()) == 1
    assert len(trace.pcap()) == 24

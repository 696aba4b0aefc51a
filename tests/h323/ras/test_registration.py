"""Discovery and registration: who may, for how long, and what those are told who may not."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import Account
from mcu.h323.ras import messages as ras
from mcu.h323.ras.events import Refused, Registered, Unregistered
from mcu.h323.transport import transport
from tests.h323.ras.terminal import CALL, DENIED, HALL, HUE, OPEN, Terminal, gatekeeper, told

# --- discovery ---------------------------------------------------------------------------------------------------


def test_a_terminal_finds_us() -> None:
    terminal = Terminal(gatekeeper(HUE))
    answer = terminal.grq()
    assert answer is not None
    assert told(answer) == "gatekeeperConfirm"
    assert answer[1]["gatekeeperIdentifier"] == "GK"
    assert ras.address_of(answer[1]["rasAddress"]) == Address("127.0.0.1", 1719)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"protocolIdentifier": (0, 0, 8, 9999, 0, 1)}, "invalidRevision"),
        ({"gatekeeperIdentifier": "ELSE"}, "terminalExcluded"),
        ({"endpointAlias": [("h323-ID", "stranger")]}, "terminalExcluded"),
        ({"algorithmOIDs": [(1, 2, 3)]}, "securityDenial"),
    ],
)
def test_discovery_in_vain(more: dict[str, Any], reason: str) -> None:
    terminal = Terminal(gatekeeper(HUE))
    assert told(terminal.grq(**more)) == f"gatekeeperReject {reason}"
    assert [type(event) for event in terminal.events] == [Refused]
    # On the multicast group others may know it: we keep silent.
    octets = terminal.encode("gatekeeperRequest", {**per.decode_ras(terminal.sent)[1], "requestSeqNum": 99})
    assert terminal.send(octets, multicast=True) is None


# --- registration ------------------------------------------------------------------------------------------------


def test_a_terminal_registers_and_is_found() -> None:
    gk = gatekeeper(OPEN)
    terminal = Terminal(gk, aliases=("2002",))
    answer = terminal.rrq()
    assert answer is not None
    assert told(answer) == "registrationConfirm"
    assert answer[1]["timeToLive"] == 300
    assert terminal.events == [
        Registered(
            endpoint=terminal.endpoint, account="open", aliases=("2002", "open"), signalling=Address("10.0.0.7", 1720),
            product="Old Codec 3000 F8.1",
        )
    ]  # fmt: skip
    assert gk.find("2002") == gk.find("OPEN") == Address("10.0.0.7", 1720)


def test_a_terminal_that_only_says_its_name_is_told_its_number() -> None:
    terminal = Terminal(gatekeeper(OPEN), aliases=("open", "Phòng họp"))
    answer = terminal.rrq()
    assert answer is not None
    assert ras.alias_texts(answer[1]["terminalAlias"]) == ("open", "Phòng họp", "2002")
    assert terminal.gk.find("2002") == terminal.signalling
    assert terminal.gk.find("Phòng họp") is None  # what it calls itself leads nowhere


def test_a_number_that_is_not_its_own_is_not_granted() -> None:
    terminal = Terminal(gatekeeper(OPEN), aliases=("2002", "1001"))
    answer = terminal.rrq()
    assert answer is not None
    assert ras.alias_texts(answer[1]["terminalAlias"]) == ("2002",)
    assert terminal.gk.find("1001") is None


# --- guests, known addresses -------------------------------------------------------------------------------------


def test_strangers_register_only_if_guests_may() -> None:
    stranger = Terminal(gatekeeper(HUE), aliases=("7000",))
    assert told(stranger.rrq()) == "registrationReject invalidAlias"
    assert told(Terminal(gatekeeper(HUE), aliases=()).rrq()) == DENIED
    guest = Terminal(gatekeeper(HUE, guests=True), aliases=("7000",))
    assert told(guest.rrq()) == "registrationConfirm"
    assert guest.gk.find("7000") == guest.signalling
    assert guest.gk.find("7000", guests=False) is None
    assert told(Terminal(guest.gk, aliases=("2001",)).rrq()) == DENIED  # an account's number stays its own


def test_guests_of_one_host_do_not_fill_the_table() -> None:
    gk = gatekeeper(guests=True, messages_a_second=1000)
    answers = [told(Terminal(gk, aliases=(str(7000 + n),), port=3000 + n).rrq()) for n in range(40)]
    assert answers == ["registrationConfirm"] * 32 + ["registrationReject resourceUnavailable"] * 8


def test_guests_with_many_ipv6_addresses_do_not_fill_the_table() -> None:
    gk = gatekeeper(guests=True, messages_a_second=1000)
    guests = [Terminal(gk, host=f"2001:db8::{n + 1:x}", aliases=(str(7000 + n),)) for n in range(40)]
    answers = [told(guest.rrq()) for guest in guests]
    assert answers == ["registrationConfirm"] * 32 + ["registrationReject resourceUnavailable"] * 8
    assert told(Terminal(gk, host="2001:db8:0:1::1", aliases=("7100",)).rrq()) == "registrationConfirm"


def test_a_full_table_takes_nobody_new() -> None:
    gk = gatekeeper(guests=True, most_endpoints=2)
    one, two, three = (Terminal(gk, host=f"10.0.0.{n}", aliases=(str(n),)) for n in (1, 2, 3))
    assert [told(t.rrq()) for t in (one, two, three)][2] == "registrationReject resourceUnavailable"
    assert told(one.rrq()) == "registrationConfirm"
    one.urq()
    assert told(three.rrq()) == "registrationConfirm"


def test_known_by_its_address() -> None:
    gk = gatekeeper(HALL)
    assert told(Terminal(gk, host="10.2.0.1", aliases=("2003",)).rrq()) == DENIED
    terminal = Terminal(gk, host="10.1.0.1", aliases=("Old codec",))
    assert told(terminal.rrq()) == "registrationConfirm"
    assert gk.find("2003") == terminal.signalling
    second = Terminal(gk, host="10.1.0.2", aliases=("Older codec",))  # in the same network
    assert told(second.rrq()) == "registrationConfirm"
    assert gk.find("2003") == terminal.signalling


def test_a_number_belongs_to_who_was_first_unless_a_password_says_otherwise() -> None:
    gk = gatekeeper(OPEN, HUE)
    first = Terminal(gk, aliases=("2002",))
    first.rrq()
    other = Terminal(gk, host="10.6.6.6", aliases=("2002",))
    answer = other.rrq()
    assert told(answer) == "registrationReject duplicateAlias"
    assert answer is not None
    assert ras.alias_texts(answer[1]["rejectReason"][1]) == ("2002",)
    assert gk.find("2002") == first.signalling
    proved = Terminal(gk, aliases=("2001",), password="mật khẩu")
    proved.rrq()
    moved = Terminal(gk, host="10.0.9.9", password="mật khẩu")
    moved.nonce = proved.nonce
    assert told(moved.rrq()) == "registrationConfirm"
    assert [type(event) for event in moved.events] == [Unregistered, Registered]
    assert gk.find("2001") == moved.signalling
    assert len(gk.registry) == 2


def test_a_terminal_that_was_restarted_takes_its_own_place() -> None:
    terminal = Terminal(gatekeeper(OPEN), aliases=("2002",))
    terminal.rrq()
    terminal.arq("1001")
    before = terminal.endpoint
    terminal.port += 1
    assert told(terminal.rrq()) == "registrationConfirm"
    assert terminal.endpoint != before
    assert (len(terminal.gk.registry), terminal.gk.registry.calls) == (1, 0)


def test_a_full_registration_by_its_identifier_keeps_its_calls() -> None:
    terminal = Terminal(gatekeeper(OPEN), aliases=("2002",))
    terminal.rrq()
    terminal.arq("1001")
    before = terminal.endpoint
    assert told(terminal.rrq(endpointIdentifier=before)) == "registrationConfirm"
    assert terminal.endpoint == before
    assert [type(event) for event in terminal.events] == [Registered]
    assert terminal.gk.registry.calls == 1


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"protocolIdentifier": (1, 2)}, "invalidRevision"),
        ({"callSignalAddress": []}, "invalidCallSignalAddress"),
        ({"callSignalAddress": [("ipAddress", {"ip": bytes(4), "port": 1720})]}, "invalidCallSignalAddress"),
        ({"additiveRegistration": 0}, "additiveRegistrationNotSupported"),
        ({"terminalAlias": [ras.alias("2001"), ras.alias("2002")]}, "invalidAlias"),
        ({"keepAlive": True}, "fullRegistrationRequired"),
    ],
)
def test_other_refusals(more: dict[str, Any], reason: str) -> None:
    terminal = Terminal(gatekeeper(HUE, OPEN), aliases=("2002",))
    assert told(terminal.rrq(**more)) == f"registrationReject {reason}"


def test_behind_a_nat_it_is_called_where_it_sends_from() -> None:
    terminal = Terminal(gatekeeper(OPEN), host="203.0.113.9", aliases=("2002",))
    inside = [transport(Address("192.168.1.5", 1720))]
    assert told(terminal.rrq(callSignalAddress=inside, rasAddress=inside)) == "registrationConfirm"
    assert terminal.gk.find("2002") == Address("203.0.113.9", 1720)


# --- other accounts ----------------------------------------------------------------------------------------------


def test_accounts_change_under_way() -> None:
    gk = gatekeeper(OPEN, HUE, guests=True)
    kept, changed = Terminal(gk, aliases=("2002",)), Terminal(gk, host="10.0.0.8", password="mật khẩu")
    guest = Terminal(gk, host="10.0.0.9", aliases=("7000",))
    for terminal in (kept, changed, guest):
        assert told(terminal.rrq()) == "registrationConfirm"
    newcomer = Account(name="seven", aliases=("7000",), password="x")
    events = gk.replace([OPEN, dataclasses.replace(HUE, password="new"), newcomer], 1)
    assert [(e.account, e.reason) for e in events if isinstance(e, Unregistered)] == [
        ("hue", "account"),
        ("", "account"),
    ]
    told_to = {target.host: ras.reason_of(per.decode_ras(octets)[1]) for octets, target in gk.take()}
    assert told_to == {"10.0.0.8": "reregistrationRequired", "10.0.0.9": "reregistrationRequired"}
    assert gk.find("2002") == kept.signalling
    assert told(changed.rrq()) == "registrationReject securityIntegrityFailed"
    changed.password = "new"
    assert told(changed.rrq()) == "registrationConfirm"


def test_a_terminal_with_a_fixed_address_needs_no_registration_to_be_called() -> None:
    gk = gatekeeper(Account(name="fixed", aliases=("2004",), address="10.0.0.44"), HALL)
    assert gk.find("2004") == gk.find("fixed") == Address("10.0.0.44", 1720)
    assert gk.find("2003") is None  # it could be anywhere in its network
    assert gk.find("nobody") is None
    assert CALL

"""What real terminals said to another gatekeeper, said to ours."""

from __future__ import annotations

import pytest

from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import Account, Gatekeeper, Policy, h235
from mcu.h323.ras import messages as ras
from mcu.h323.ras.events import Admitted, Disengaged, Registered, Unregistered
from tests.h323.vectors import load

SIGNALLING = Address("127.0.0.10", 1720)


def requests(folder: str) -> list[tuple[Address, ras.Message]]:
    """RAS requests in order, with where they came from."""
    found = []
    for vector in load(folder):
        if vector.kind == "ras" and vector.name.endswith("Request"):
            host, _, port = vector.way.partition(">")[0].rpartition(":")
            found.append((Address(host, int(port)), per.decode_ras(vector.octets)))
    return found


@pytest.mark.parametrize("folder", ["gk_routed", "gk_direct"])
@pytest.mark.parametrize("known", [True, False], ids=["accounts", "guests"])
def test_captured_terminals_are_served(folder: str, known: bool) -> None:
    accounts = [Account(name="alice", aliases=("2000",)), Account(name="bob", aliases=("2001",))] if known else []
    policy = Policy(identifier="TestGK", signalling=SIGNALLING, guests=not known)
    gk = Gatekeeper(policy, accounts)
    endpoints: dict[Address, str] = {}
    events = []
    seen: dict[str, int] = {}
    for at, (source, (name, body)) in enumerate(requests(folder)):
        if "endpointIdentifier" in body:
            body["endpointIdentifier"] = endpoints[source]  # ours
        events += gk.feed(per.encode_ras((name, body)), source, at / 10)
        ((octets, target),) = gk.take()
        answer, told = per.decode_ras(octets)
        assert target == source
        assert answer == name.replace("Request", "Confirm"), told
        assert told["requestSeqNum"] == body["requestSeqNum"]
        seen[answer] = seen.get(answer, 0) + 1
        if answer == "registrationConfirm":
            endpoints[source] = told["endpointIdentifier"]
            assert told["terminalAlias"] == body["terminalAlias"]
    assert seen == {
        "gatekeeperConfirm": 2, "registrationConfirm": 2, "admissionConfirm": 2,
        "disengageConfirm": 2, "unregistrationConfirm": 1,
    }  # fmt: skip
    kinds = [type(event) for event in events]
    assert [kinds.count(kind) for kind in (Registered, Admitted, Disengaged, Unregistered)] == [2, 2, 2, 1]
    calling = next(event for event in events if isinstance(event, Admitted) and not event.answering)
    # Terminals with accounts may call each other; nobody can take a number by registering as a guest.
    assert calling.target == (Address("127.0.0.2", 1720) if known else SIGNALLING)
    assert calling.destination == "2001"
    assert gk.find("2001") == Address("127.0.0.2", 1720)
    assert gk.find("2000") is None  # alice took her leave
    assert gk.garbled == 0


PASSWORDS = {"1001": "secret1001", "1002": "secret1002"}


def test_what_gnugk_and_h323plus_sign_is_proved() -> None:
    names: dict[str, str] = {}  # by the terminal's address: who it is, and what GnuGk calls it from then on
    called: dict[str, str] = {}
    for vector in load("gk_password"):
        name, body = per.decode_ras(vector.octets)
        source, _, target = vector.way.partition(">")
        terminal = target if source.endswith(":43719") else source
        if name == "registrationRequest":
            (names[terminal],) = ras.alias_texts(body["terminalAlias"])
        elif name == "registrationConfirm":
            called[terminal] = body["endpointIdentifier"]
        if name.startswith("gatekeeper"):
            continue
        (token,) = h235.tokens_of(body)
        assert token.method == "hmac"
        assert h235.proves(token, PASSWORDS[names[terminal]], vector.octets), vector.name
        assert not h235.proves(token, "guessed", vector.octets)
        if terminal == target:
            assert token.receiver == called[terminal], "the first answer, too, names the identifier that it gives"


def test_a_captured_terminal_proves_its_password_to_ours() -> None:
    accounts = [Account(name=name, aliases=(name,), password=password) for name, password in PASSWORDS.items()]
    signed = [v for v in load("gk_password") if v.name.endswith("registrationRequest") and "unreg" not in v.name]
    for vector in signed:
        _, body = per.decode_ras(vector.octets)
        (token,) = h235.tokens_of(body)
        policy = Policy(identifier="GnuGk-auth", signalling=SIGNALLING)
        for late, answer in ((0, "registrationConfirm"), (10**6, "registrationReject")):
            gk = Gatekeeper(policy, accounts, epoch=token.timestamp + late)
            gk.feed(vector.octets, Address("127.0.0.1", 43501), 0)
            ((octets, _),) = gk.take()
            name, told = per.decode_ras(octets)
            assert name == answer
        gk = Gatekeeper(policy, accounts, epoch=token.timestamp)
        gk.feed(vector.octets, Address("127.0.0.1", 43501), 0)
        ((octets, _),) = gk.take()
        _, told = per.decode_ras(octets)
        (ours,) = h235.tokens_of(told)
        assert h235.proves(ours, PASSWORDS[token.sender], octets)
        assert (ours.sender, ours.receiver) == ("GnuGk-auth", told["endpointIdentifier"])


def test_names_of_equipment_are_read() -> None:
    registered = [body for _, (name, body) in requests("gk_direct") if name == "registrationRequest"]
    assert ras.product_of(registered[0]["endpointVendor"]) == "H323Plus CallGen 2.3.0 (H323plus v1.28.0)"
    assert ras.alias_texts(registered[0]["terminalAlias"]) == ("bob", "2001")

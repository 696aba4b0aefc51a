"""A terminal proves its password (H.235), and what is no proof."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.h323 import per
from mcu.h323.ras import Account, h235
from mcu.h323.ras.events import Refused
from tests.h323.ras.terminal import DENIED, HUE, Terminal, gatekeeper, told


@pytest.mark.parametrize("method", h235.METHODS)
def test_the_strongest_offered_method_is_chosen(method: h235.Method) -> None:
    offered = list(h235.METHODS[h235.METHODS.index(method) :])
    answer = Terminal(gatekeeper(HUE)).grq(**h235.capability(offered))
    assert answer is not None
    assert answer[1]["algorithmOID"] == h235.ALGORITHMS[method]
    assert answer[1]["authenticationMode"] == h235.mechanism(method)


@pytest.mark.parametrize("methods", [("hmac",), ("md5",), ("cat",), ("md5", "cat", "hmac")])
def test_a_password_is_proved_in_each_way(methods: tuple[h235.Method, ...]) -> None:
    terminal = Terminal(gatekeeper(HUE), password="mật khẩu", methods=methods)
    assert told(terminal.rrq()) == "registrationConfirm"
    terminal.at = 60
    assert told(terminal.keep_alive()) == "registrationConfirm"
    assert told(terminal.arq("1001")) == "admissionConfirm"
    assert told(terminal.drq()) == "disengageConfirm"
    assert told(terminal.urq()) == "unregistrationConfirm"


def test_who_signs_gets_signed_answers() -> None:
    terminal = Terminal(gatekeeper(HUE), password="mật khẩu")
    for answer in (
        terminal.rrq(),
        terminal.keep_alive(),
        terminal.arq("1001"),
        terminal.arq("1001", endpointIdentifier="?"),
    ):
        assert answer is not None
    terminal.rrq()
    (token,) = h235.tokens_of(per.decode_ras(terminal.got)[1])
    assert h235.proves(token, "mật khẩu", terminal.got)
    assert (token.sender, token.receiver) == ("GK", terminal.endpoint), "the name that the answer gives it"
    terminal.password = ""
    terminal.rrq()
    assert h235.tokens_of(per.decode_ras(terminal.got)[1]) == []  # or it could be guessed offline by anybody


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({"password": ""}, DENIED),
        ({"password": "wrong"}, "registrationReject securityIntegrityFailed"),
        ({"password": "wrong", "methods": ("md5",)}, DENIED),
        ({"password": "wrong", "methods": ("cat",)}, DENIED),
        ({"skew": 601.0}, "registrationReject securityWrongSyncTime"),
        ({"skew": -602.0}, "registrationReject securityWrongSyncTime"),
        ({"skew": -602.0, "methods": ("md5",)}, "registrationReject securityWrongSyncTime"),
    ],
)
def test_what_is_no_proof(changed: dict[str, Any], answer: str) -> None:
    terminal = Terminal(gatekeeper(HUE), password="mật khẩu")
    for key, value in changed.items():
        setattr(terminal, key, value)
    assert told(terminal.rrq()) == answer
    assert terminal.gk.find("2001") is None
    (event,) = terminal.events
    assert isinstance(event, Refused)
    assert event.aliases == ("2001",)
    # Equipment before version 4 knows no securityError.
    old = terminal.rrq(protocolIdentifier=(0, 0, 8, 2250, 0, 3))
    assert told(old) == DENIED


def test_for_another_gatekeeper_is_not_for_us() -> None:
    terminal = Terminal(gatekeeper(HUE))
    terminal.rrq()
    message = ("registrationRequest", {**per.decode_ras(terminal.sent)[1], "requestSeqNum": 99})
    octets = h235.signed(message, "mật khẩu", sender="2001", receiver="OTHER", timestamp=1_795_320_000, nonce=1)
    assert told(terminal.send(octets)) == "registrationReject securityWrongGeneralID"


def test_a_token_of_another_terminal_is_not_its_own() -> None:
    twin = Account(name="twin", aliases=("2009",), password=HUE.password)  # people choose the same passwords
    terminal = Terminal(gatekeeper(HUE, twin))
    token = h235.md5_token("2009", HUE.password, 1_795_320_000)
    assert told(terminal.rrq(cryptoTokens=[token])) == "registrationReject securityWrongSendersID"
    terminal.password = HUE.password
    terminal.rrq()
    body = {"endpointIdentifier": terminal.endpoint, "requestSeqNum": 99, "callSignalAddress": []}
    wall = 1_795_320_000
    octets = h235.signed(
        ("unregistrationRequest", body), HUE.password, sender="2009", receiver="", timestamp=wall, nonce=9
    )
    assert told(terminal.send(octets)) == "unregistrationReject securityWrongSendersID"


@pytest.mark.parametrize("methods", [("hmac",), ("md5",), ("cat",)])
def test_what_was_overheard_is_of_no_use(methods: tuple[h235.Method, ...]) -> None:
    gk = gatekeeper(HUE)
    terminal = Terminal(gk, password="mật khẩu", methods=methods)
    terminal.rrq()
    thief = Terminal(gk, host="10.6.6.6")
    assert told(thief.send(terminal.sent)) == "registrationReject securityReplay"
    assert gk.find("2001") == terminal.signalling
    thief.at = 10_000
    assert told(thief.send(terminal.sent)) == "registrationReject securityWrongSyncTime"


def test_a_message_that_was_lost_may_come_again() -> None:
    terminal = Terminal(gatekeeper(HUE), password="mật khẩu")
    terminal.rrq()
    first, octets = terminal.got, terminal.sent
    terminal.at = 3
    terminal.send(octets)
    assert (terminal.got, terminal.events) == (first, [])  # the same answer, and nothing happened twice
    again = terminal.encode(
        "registrationRequest", {k: v for k, v in per.decode_ras(octets)[1].items() if k != "cryptoTokens"}
    )
    assert again != octets
    terminal.send(again)
    assert (terminal.got, terminal.events) == (first, [])


def test_who_signed_once_has_to_sign_on() -> None:
    terminal = Terminal(gatekeeper(HUE), password="mật khẩu")
    terminal.rrq()
    terminal.password = ""
    assert told(terminal.keep_alive()) == DENIED
    assert told(terminal.urq()) == "unregistrationReject securityDenial"
    assert told(terminal.arq("1001")) == "admissionReject securityDenial"
    assert told(terminal.drq()) == "disengageReject securityDenial"
    assert told(terminal.brq(100)) == "bandwidthReject securityDenial"
    assert len(terminal.gk.registry) == 1

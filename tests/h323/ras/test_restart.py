"""The gatekeeper was started anew and knows nobody: terminals hear at once that they have to register again."""

from __future__ import annotations

import pytest

from mcu.h323 import per
from mcu.h323.ras import Account, h235
from mcu.h323.ras.gatekeeper import SEARCHES_A_SECOND, Gatekeeper
from tests.h323.ras.terminal import Terminal, gatekeeper, told

PLAIN = Account(name="plain", aliases=("2001",))
SECRET = Account(name="secret", aliases=("2002",), password="mật khẩu")
OTHERS = [Account(name=f"xa{n}", aliases=(f"3{n:03}",), password=f"khác {n}") for n in range(20)]
AGAIN = "registrationReject fullRegistrationRequired"


def before(alias: str, password: str = "", **more: object) -> Terminal:
    """Registered with the gatekeeper that is no more."""
    terminal = Terminal(gatekeeper(*OTHERS, PLAIN, SECRET), aliases=(alias,), password=password, **more)  # type: ignore[arg-type]
    assert told(terminal.rrq()) == "registrationConfirm"
    return terminal


def restarted(*terminals: Terminal) -> Gatekeeper:
    gk = gatekeeper(*OTHERS, PLAIN, SECRET)
    for terminal in terminals:
        terminal.gk = gk
    return gk


def signed_for(terminal: Terminal) -> bool:
    """Whether the last answer is one that it believes."""
    tokens = h235.tokens_of(per.decode_ras(terminal.got)[1])
    return bool(tokens) and tokens[0].receiver == terminal.endpoint and h235.proves(
        tokens[0], terminal.password, terminal.got
    )  # fmt: skip


@pytest.mark.parametrize("alias", ["2001", "2002"])
def test_a_keep_alive_is_answered_with_register_again(alias: str) -> None:
    terminal = before(alias, SECRET.password if alias == "2002" else "")
    gk = restarted(terminal)
    assert told(terminal.keep_alive()) == AGAIN
    assert signed_for(terminal) is (alias == "2002")
    assert told(terminal.rrq()) == "registrationConfirm"
    assert gk.find(alias) == terminal.signalling
    assert told(terminal.keep_alive()) == "registrationConfirm"


@pytest.mark.parametrize(
    ("say", "answer"),
    [
        (lambda t: t.arq("1001"), "admissionReject callerNotRegistered"),
        (lambda t: t.drq(), "disengageReject notRegistered"),
        (lambda t: t.urq(), "unregistrationReject notCurrentlyRegistered"),
    ],
    ids=["ARQ", "DRQ", "URQ"],
)
def test_who_signs_believes_what_it_is_told(say: object, answer: str) -> None:
    terminal = before("2002", SECRET.password)
    restarted(terminal)
    assert told(say(terminal)) == answer  # type: ignore[operator]
    assert signed_for(terminal)


def test_an_identifier_of_the_time_before_is_kept() -> None:
    """H323Plus names it in its registration and goes on under it, whatever the answer says."""
    terminal = before("2002", SECRET.password)
    gk, name = restarted(terminal), terminal.endpoint
    answer = terminal.rrq(endpointIdentifier=name)
    assert answer is not None
    assert answer[1]["endpointIdentifier"] == name
    assert told(terminal.arq("1001")) == "admissionConfirm"
    thief = Terminal(gk, host="10.0.0.66", aliases=("2001",))
    answer = thief.rrq(endpointIdentifier=name)
    assert answer is not None
    assert answer[1]["endpointIdentifier"] != name, "somebody else has it"
    for odd in ("x", "A" * 24, "0" * 23, "../../etc/passwd"):
        answer = thief.rrq(endpointIdentifier=odd)
        assert answer is not None
        assert answer[1]["endpointIdentifier"] != odd


def test_a_stranger_s_hash_is_answered_unsigned() -> None:
    guesser = before("2002", SECRET.password)
    restarted(guesser)
    guesser.password = "guessed"
    assert told(guesser.keep_alive()) == AGAIN
    assert not h235.tokens_of(per.decode_ras(guesser.got)[1])
    late = before("2002", SECRET.password)
    restarted(late)
    late.skew = -3600  # overheard an hour ago
    assert told(late.keep_alive()) == AGAIN
    assert not h235.tokens_of(per.decode_ras(late.got)[1])


def test_passwords_are_not_searched_for_ever() -> None:
    gk = gatekeeper(*OTHERS, PLAIN, SECRET)
    signed = 0
    for number in range(4 * SEARCHES_A_SECOND):
        terminal = Terminal(
            gk, host=f"10.1.{number // 200}.{number % 200}", aliases=("2002",), password=SECRET.password
        )
        terminal.nonce = iter(range(1000 + number, 10**6))  # type: ignore[assignment]
        terminal.endpoint = "0" * 24
        assert told(terminal.keep_alive()) == AGAIN
        signed += signed_for(terminal)
    assert signed == 2 * SEARCHES_A_SECOND

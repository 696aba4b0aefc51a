"""Tokens that H323Plus 1.28 (requests) and GnuGk 5.15 (answers) made with passwords that are known here.

A line of ``foreign_tokens.txt``: method, message, password, who it says it is, time, octets in hex.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mcu.h323 import per
from mcu.h323.ras import Account, Gatekeeper, Policy, h235
from tests.h323.ras.terminal import Terminal, told

LINES = [line.split() for line in Path(__file__).with_name("foreign_tokens.txt").read_text("ascii").splitlines()]
BY_NAME = pytest.mark.parametrize("line", LINES, ids=[f"{line[0]}-{line[1]}" for line in LINES])


@BY_NAME
def test_it_proves_its_password_and_no_other(line: list[str]) -> None:
    method, name, password, sender, timestamp, text = line
    octets = bytes.fromhex(text)
    found, body = per.decode_ras(octets)
    (token,) = h235.tokens_of(body)
    assert (found, token.method, token.sender, token.timestamp) == (name, method, sender, int(timestamp))
    assert h235.proves(token, password, octets)
    assert not h235.proves(token, password + "1", octets)
    if method == "hmac":
        assert not h235.proves(token, password, octets[:-1] + bytes([octets[-1] ^ 1]))


@pytest.mark.parametrize("line", [line for line in LINES if line[1] == "registrationRequest"], ids=lambda line: line[0])
def test_it_registers(line: list[str]) -> None:
    _, _, password, _, timestamp, text = line
    octets = bytes.fromhex(text)
    gk = Gatekeeper(Policy(), [Account(name="bob", aliases=("1002",), password=password)], epoch=float(timestamp))
    assert told(Terminal(gk, host="127.0.0.1").send(octets)) == "registrationConfirm"
    wrong = Gatekeeper(Policy(), [Account(name="bob", aliases=("1002",), password="x")], epoch=float(timestamp))
    assert told(Terminal(wrong, host="127.0.0.1").send(octets)).startswith("registrationReject security")

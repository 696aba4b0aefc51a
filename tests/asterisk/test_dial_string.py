"""What Originate is told to dial, by target; anything that could mean more than one terminal is refused."""

from __future__ import annotations

import pytest

from mcu.asterisk.dial_string import dial_string, slides_string
from mcu.core.dialling.targets import Target, parse_target
from mcu.errors import BadRequest


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (parse_target("sip:2001@10.0.0.5:5062"), "PJSIP/dialled/sip:2001@10.0.0.5:5062"),
        (parse_target("sip:33#7@10.0.0.5"), "PJSIP/dialled/sip:33%237@10.0.0.5"),
        (parse_target("sip:[2001:db8::1]"), "PJSIP/dialled/sip:[2001:db8::1]"),
        (Target(protocol="sip", account="xa1"), "PJSIP/xa1"),
        (Target(protocol="sip", account="xa2", host="10.0.0.9"), "PJSIP/k-xa2/sip:10.0.0.9"),
        (parse_target("h323:2001"), "PJSIP/h323/sip:2001@127.0.0.1:5072"),
        (parse_target("h323:2001@10.0.0.7:1721"), "PJSIP/h323/sip:2001%4010.0.0.7%3A1721@127.0.0.1:5072"),
        (Target(protocol="h323", account="xa3", user="2003"), "PJSIP/h323/sip:2003@127.0.0.1:5072"),
        (parse_target("tel:0912 345 678"), "PJSIP/0912345678@sip-trunk"),
    ],
)
def test_each_kind_of_terminal(target: Target, expected: str) -> None:
    assert dial_string(target, 5072) == expected


def test_a_telephone_s_number_has_the_exchange_s_prefix() -> None:
    assert dial_string(parse_target("tel:0912345678"), 5072, "9") == "PJSIP/90912345678@sip-trunk"
    assert dial_string(parse_target("tel:+442071234567"), 5072, "9") == "PJSIP/900442071234567@sip-trunk"
    assert dial_string(parse_target("tel:+442071234567"), 5072) == "PJSIP/+442071234567@sip-trunk"
    with pytest.raises(BadRequest):
        dial_string(Target(protocol="tel", user="0912&PJSIP/x"), 5072)


@pytest.mark.parametrize("user", ["a&PJSIP/b", "a,b", "a\r\nAction: Logoff", "a b", "a@b"])
def test_a_target_that_was_not_checked_is_refused(user: str) -> None:
    with pytest.raises(BadRequest):
        dial_string(Target(protocol="sip", user=user, host="10.0.0.1"), 5072)


def test_slides_go_to_a_call_of_the_gateway_s() -> None:
    assert slides_string("0123456789abcdef", 5072) == "PJSIP/h323/sip:slides%3A0123456789abcdef@127.0.0.1:5072"
    for tag in ("", "2001", "0123456789ABCDEF", "0123456789abcdef&PJSIP/b", "0123456789abcdef\n"):
        with pytest.raises(BadRequest):
            slides_string(tag, 5072)

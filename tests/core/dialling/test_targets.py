"""What people write for a terminal to be called, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.core.dialling.targets import parse_target
from mcu.errors import BadRequest


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        ("sip:2001@10.0.0.5", "2001", "10.0.0.5", 0),
        ("SIP:phong.hop@mcu.example.vn:5062", "phong.hop", "mcu.example.vn", 5062),
        ("sip:10.0.0.5", "", "10.0.0.5", 0),
        ("sip:a@[2001:db8::1]:5060", "a", "2001:db8::1", 5060),
        ("h323:10.0.0.7", "", "10.0.0.7", 0),
        ("h323:10.0.0.7:1721", "", "10.0.0.7", 1721),
        ("h323:2001", "2001", "", 0),
        ("h323:2001#33@10.0.0.7", "2001#33", "10.0.0.7", 0),
        ("tel:0236 3123-456", "02363123456", "", 0),
        ("tel:+84(236)312.34.56", "+842363123456", "", 0),
        ("tel:113", "113", "", 0),
    ],
)
def test_every_form(text: str, user: str, host: str, port: int) -> None:
    target = parse_target(text)
    assert (target.user, target.host, target.port) == (user, host, port)
    assert parse_target(str(target)) == target


@pytest.mark.parametrize(
    "text",
    ["", "2001", "sip:", "sip:@", "h323:", "sip:a@b@c", "sip:a b@host", "sip:a@host;x", "sip:a@ho_st",
     "sip:a@10.0.0.999", "sip:a@host:70000", "sip:a@host:x", "h323:10.0.0", "h323:[::zz]", "sip:a,b@host",
     "sip:a@host\r\nX: y", "sip:a&PJSIP/x@host", "sip:" + "9" * 65 + "@host", "h323:a@" + "x" * 300,
     "tel:", "tel:+84", "tel:8", "tel:84+912345678", "tel:0912&x", "tel:0912;ext=1", "tel:*21*0912#"],
)  # fmt: skip
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        parse_target(text)


@given(st.text(max_size=60).map(lambda text: f"sip:{text}") | st.text(max_size=60))
def test_anything_is_a_target_or_refused(text: str) -> None:
    try:
        target = parse_target(text)
    except BadRequest:
        return
    assert parse_target(str(target)) == target
    assert not set(str(target)) & set('\r\n,&;|"<> /')

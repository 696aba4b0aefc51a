from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323 import causes
from mcu.h323.per import decode_h225, encode_h225
from mcu.h323.signalling import bodies


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("inConf", 17),
        ("calledPartyNotRegistered", 20),
        ("badFormatAddress", 28),
        ("noBandwidth", 34),
        ("adaptiveBusy", 41),
        ("gatewayResources", 42),
        ("hopCountExceeded", 25),
    ],
)
def test_reasons_that_mean_one_cause_go_both_ways(reason: str, cause: int) -> None:
    assert causes.cause_of_reason(reason) == cause
    assert causes.reason_of_cause(cause) == reason


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (1, 404),
        (17, 486),
        (18, 408),
        (19, 480),
        (20, 480),
        (21, 403),
        (28, 484),
        (34, 503),
        (55, 403),
        (65, 488),
        (102, 504),
        (127, 500),
        (26, 404),
        (27, 502),
        (29, 501),
    ],
)
def test_causes_to_sip_of_rfc_3398(cause: int, status: int) -> None:
    assert causes.status_of_cause(cause) == status


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (404, 1),
        (403, 21),
        (486, 17),
        (600, 17),
        (603, 21),
        (480, 18),
        (408, 102),
        (503, 41),
        (415, 79),
        (484, 28),
        (410, 22),
        (487, 16),
        (200, 16),
        (302, 23),
        (499, 31),
        (599, 41),
        (699, 21),
        (488, 88),
    ],
)
def test_sip_to_causes_of_rfc_3398(status: int, cause: int) -> None:
    assert causes.cause_of_status(status) == cause


@given(st.integers(1, 127))
def test_every_cause_has_a_status_a_text_and_a_reason_that_can_be_sent(cause: int) -> None:
    assert 400 <= causes.status_of_cause(cause) < 700
    assert causes.text_of_cause(cause)
    reason = causes.reason_of_cause(cause)
    if cause == 16:
        assert reason is None
        return
    body = bodies.plain(7, bytes(16)) | {"reason": (reason, 0)}
    octets = encode_h225({"h323-uu-pdu": {"h323-message-body": ("releaseComplete", body)}})
    assert decode_h225(octets)["h323-uu-pdu"]["h323-message-body"][1]["reason"][0] == reason


@given(st.integers(-5, 2000))
def test_any_status_has_a_cause(status: int) -> None:
    assert 1 <= causes.cause_of_status(status) <= 127


@given(st.text(max_size=20))
def test_any_reason_has_a_cause(reason: str) -> None:
    assert 1 <= causes.cause_of_reason(reason) <= 127


def test_what_matters_to_callers_survives_the_way_there_and_back() -> None:
    for cause in (1, 17, 21, 28, 41, 88):
        assert causes.cause_of_status(causes.status_of_cause(cause)) == cause

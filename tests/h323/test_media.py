"""The words that H.245 and SDP share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323.media import Address, Format, read_fmtp, write_fmtp


@pytest.mark.parametrize(("host", "text"), [("192.0.2.1", "192.0.2.1:5000"), ("2001:db8::1", "[2001:db8::1]:5000")])
def test_an_address(host: str, text: str) -> None:
    assert str(Address(host, 5000)) == text


@pytest.mark.parametrize(("host", "port"), [("example.org", 1), ("", 1), ("192.0.2.1", -1), ("192.0.2.1", 65536)])
def test_what_is_no_address(host: str, port: int) -> None:
    with pytest.raises(ValueError, match=r"port|address"):
        Address(host, port)


@pytest.mark.parametrize(
    ("codec", "kind", "rate", "name"),
    [
        ("pcmu", "audio", 8000, "PCMU"),
        ("g722", "audio", 8000, "G722"),  # RFC 3551 4.5.2: an old mistake that stays
        ("g7221", "audio", 16000, "G7221"),
        ("h264", "video", 90000, "H264"),
        ("h263p", "video", 90000, "H263-1998"),
    ],
)
def test_what_sdp_calls_it(codec: str, kind: str, rate: int, name: str) -> None:
    fmt = Format(codec=codec)
    assert (fmt.kind, fmt.clock_rate, fmt.encoding_name) == (kind, rate, name)


def test_what_is_no_format() -> None:
    with pytest.raises(ValueError, match="codec"):
        Format(codec="vp8")
    with pytest.raises(ValueError, match="payload type"):
        Format(codec="h264", payload_type=128)


def test_parameters_match_without_regard_to_case() -> None:
    fmt = Format(codec="h264", fmtp=" Profile-Level-ID=42E01F ;packetization-mode=1; flag ;;")
    assert fmt.parameters == {"profile-level-id": "42E01F", "packetization-mode": "1", "flag": ""}


@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True), st.from_regex(r"[0-9a-f]{0,8}", fullmatch=True)
    )
)
def test_parameters_there_and_back(parameters: dict[str, str]) -> None:
    assert read_fmtp(write_fmtp(dict(parameters))) == parameters

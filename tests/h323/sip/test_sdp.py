"""Descriptions: what Asterisk writes is understood, what we write is read back, rubbish hurts nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323.media import Address, Format
from mcu.h323.sip import sdp
from mcu.h323.sip.sdp import Description, Media

ASTERISK = b"""v=0\r
o=- 1 3 IN IP4 10.0.0.5\r
s=Asterisk\r
c=IN IP4 10.0.0.5\r
t=0 0\r
m=audio 38288 RTP/AVP 9 0 101\r
a=rtpmap:9 G722/8000\r
a=rtpmap:0 PCMU/8000\r
a=rtpmap:101 telephone-event/8000\r
a=fmtp:101 0-16\r
a=ptime:20\r
a=maxptime:140\r
a=sendrecv\r
m=video 38268 RTP/AVP 97\r
b=AS:1024\r
b=TIAS:1000000\r
a=rtpmap:97 H264/90000\r
a=fmtp:97 max-mbps=108000;max-fs=3600;packetization-mode=1;profile-level-id=42E01F\r
a=recvonly\r
"""


def test_asterisks_words_are_understood() -> None:
    audio, video = sdp.read(ASTERISK).media
    assert audio.address == Address("10.0.0.5", 38288)
    assert [(form.codec, form.payload_type) for form in audio.formats] == [("g722", 9), ("pcmu", 0)]
    assert audio.packet_time == 20
    assert video.direction == "recvonly"
    assert video.bit_rate == 1_000_000, "TIAS counts before AS"
    assert video.formats[0].parameters["max-fs"] == "3600"
    assert video.rtcp == Address("10.0.0.5", 38269)


def test_a_refused_line_is_not_used() -> None:
    description = sdp.read(b"v=0\r\nc=IN IP4 10.0.0.5\r\nm=audio 4000 RTP/AVP 0\r\nm=video 0 RTP/AVP 97\r\n")
    assert description.find("video") is None
    assert description.find("audio") is not None, "a static payload type needs no rtpmap"


def test_a_host_name_is_no_address() -> None:
    description = sdp.read(b"v=0\r\nc=IN IP4 pbx.example\r\nm=audio 4000 RTP/AVP 0\r\n")
    assert description.find("audio") is None


@pytest.mark.parametrize("rubbish", [b"", b"hello", b"v=1\r\n", b"v=0\r\n" + b"a=x\r\n" * 5000])
def test_what_is_no_description_is_said_so(rubbish: bytes) -> None:
    with pytest.raises(ValueError, match="description"):
        sdp.read(rubbish)


@given(st.binary(max_size=600))
def test_rubbish_behind_the_first_line_raises_nothing(rubbish: bytes) -> None:
    for media in sdp.read(b"v=0\r\n" + rubbish).media:
        assert all(0 <= form.payload_type <= 127 for form in media.formats)


@given(
    st.lists(st.sampled_from(["pcmu", "pcma", "g722"]), min_size=1, unique=True),
    st.sampled_from(["10.1.2.3", "fd00::7"]),
    st.integers(1, 65535),
    st.integers(0, 10_000_000),
    st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"]),
)
def test_what_we_write_we_read(codecs: list[str], host: str, port: int, rate: int, direction: sdp.Direction) -> None:
    static = {"pcmu": 0, "pcma": 8, "g722": 9}
    formats = tuple(Format(codec=codec, payload_type=static[codec], bit_rate=rate) for codec in codecs)
    line = Media(kind="audio", address=Address(host, port), formats=formats, direction=direction, bit_rate=rate)
    assert sdp.read(Description(media=(line,)).text(7, 1)).media == (line,)


def test_format_parameters_cannot_begin_a_line() -> None:
    form = Format(codec="h264", payload_type=97, fmtp="profile-level-id=42e01f\r\na=inactive")
    text = Description(media=(Media(kind="video", address=Address("10.0.0.1", 4), formats=(form,)),)).text(1, 1)
    assert b"\na=inactive" not in text

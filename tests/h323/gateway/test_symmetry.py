"""What we send to a terminal, and when: its own codec, for of several Asterisk chooses the cheapest by itself."""

from __future__ import annotations

from mcu.h323.gateway.formats import local_offer
from mcu.h323.gateway.streams import Received, Sent, Streams
from mcu.h323.media import Address, Format
from mcu.h323.sip import sdp

_ANSWER = (
    b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 9 8 0\r\na=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
)
G722, PCMA, PCMU, G729 = (
    Format(codec=codec, payload_type=number) for codec, number in (("g722", 9), ("pcma", 8), ("pcmu", 0), ("g729", 18))
)


def _streams(*takes: Format) -> Streams:
    streams = Streams(local_offer(2_000_000), "10.0.0.2", "")
    streams.learn(takes, ())
    streams.asterisk = sdp.read(_ANSWER)
    return streams


def _codec(streams: Streams) -> str:
    chosen = streams.choice("audio")
    return chosen.codec if chosen is not None else ""


def test_the_best_sound_when_the_terminal_sends_none() -> None:
    assert _codec(_streams(PCMU, PCMA, G722)) == "g722"


def test_the_terminal_s_own_codec_comes_before_a_better_one() -> None:
    streams = _streams(PCMU, PCMA, G722)
    streams.received["audio"] = Received(1, PCMA)
    assert _codec(streams) == "pcma"


def test_not_when_it_can_t_receive_what_it_sends_or_has_refused_it() -> None:
    streams = _streams(PCMU, G722)
    streams.received["audio"] = Received(1, PCMA)
    assert _codec(streams) == "g722"
    streams.received["audio"] = Received(1, PCMU)
    streams.unfit.add(("audio", "pcmu"))
    assert _codec(streams) == "g722"


def test_a_channel_of_ours_that_was_first_is_opened_anew_for_what_the_terminal_sends() -> None:
    streams = _streams(PCMA, G722)
    streams.sent["audio"] = Sent(1, G722)
    assert not streams.disagrees("audio")
    streams.received["audio"] = Received(1, PCMA)
    assert streams.disagrees("audio")
    streams.unfit.add(("audio", "pcma"))
    assert not streams.disagrees("audio"), "it has refused that one"
    streams.received["audio"] = Received(2, G722)
    assert not streams.disagrees("audio")


def test_of_a_telephone_no_picture_is_awaited() -> None:
    streams = _streams(PCMU)
    streams.asterisk = sdp.read(_ANSWER + b"m=video 4002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n")
    streams.received["audio"] = Received(1, PCMU)
    streams.sent["audio"] = Sent(1, PCMU, Address("10.0.0.2", 5000))
    assert streams.complete
    streams.learn((PCMU,), (Format(codec="h264", payload_type=96, fmtp="profile-level-id=42e01f"),))
    assert not streams.complete


def test_one_codec_alone_is_told_to_asterisk() -> None:
    streams = _streams(PCMU, PCMA, G722)
    streams.received["audio"] = Received(1, PCMA)
    streams.sent["audio"] = Sent(1, PCMA)
    (line,) = sdp.read(streams.description(1)).media
    assert [form.codec for form in line.formats] == ["pcma"]

"""Logical channels are opened, taken or refused (H.245 8.4)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mcu.h323.h245 import Control, Offer
from mcu.h323.h245.channels import MOST
from mcu.h323.h245.events import ChannelAccepted, ChannelClosed, ChannelOffered, ChannelRejected, FlowControl
from mcu.h323.media import Address, Format
from mcu.h323.per import decode_h245, encode_h245
from tests.h323.h245.parties import (
    G722,
    G7221,
    H261,
    H263,
    H263P,
    H264,
    H264_SINGLE,
    OFFER,
    PCMU,
    RTCP,
    RTP,
    SLIDES,
    THEIR_RTCP,
    THEIR_RTP,
    Pair,
    losing,
    none,
    one,
    opened,
)


@pytest.mark.parametrize("fmt", [G722, G7221, PCMU, H264, H264_SINGLE, H263P, H263, H261], ids=lambda f: f.codec)
@pytest.mark.parametrize("host", ["192.0.2.9", "2001:db8::9"])
def test_a_channel_is_opened(fmt: Format, host: str) -> None:
    pair = Pair().started()
    rtcp, there, reports = Address(host, 5001), Address(host, 7000), Address(host, 7001)
    number = pair.a.open(fmt.kind, fmt, None, rtcp)
    pair.run()
    offered = one(pair.b_events, ChannelOffered)
    assert (offered.number, offered.kind, offered.rtcp) == (number, fmt.kind, rtcp)
    assert offered.session == (1 if fmt.kind == "audio" else 2)
    assert offered.format.codec == fmt.codec
    assert offered.format.parameters == fmt.parameters
    assert offered.format.payload_type == fmt.payload_type
    pair.b.accept(number, there, reports)
    pair.run()
    assert one(pair.a_events, ChannelAccepted) == ChannelAccepted(
        number, fmt.kind, fmt, there, reports, fmt.payload_type
    )


def test_both_ways_at_once_with_different_codecs() -> None:
    pair = Pair().started()
    ours = pair.a.open("audio", PCMU, None, RTCP)
    theirs = pair.b.open("audio", G722, None, THEIR_RTCP)
    pair.run()
    assert (ours, theirs) == (1, 1)  # a number in each direction
    pair.a.accept(1, RTP, RTCP)
    pair.b.accept(1, THEIR_RTP, THEIR_RTCP)
    pair.run()
    assert one(pair.a_events, ChannelAccepted).rtp == THEIR_RTP
    assert one(pair.b_events, ChannelAccepted).rtp == RTP


def test_what_is_opened_before_the_exchange_waits() -> None:
    pair = Pair()
    number = pair.a.open("audio", PCMU, None, RTCP)
    closed = pair.a.open("video", H261, None, RTCP)
    pair.a.close(closed)
    assert pair.a.take() == []
    assert pair.a.tick(0.0) == [ChannelClosed(closed, by_peer=False)]
    pair.a.start(0.0)
    assert [decode_h245(o)[1][0] for o in pair.a.take()] == ["terminalCapabilitySet", "masterSlaveDetermination"]
    pair = Pair()
    number = pair.a.open("audio", PCMU, None, RTCP)
    pair.a.start(0.0)
    pair.b.start(0.0)
    pair.run()
    assert one(pair.b_events, ChannelOffered).number == number


def test_a_channel_is_refused() -> None:
    pair = Pair().started()
    number = pair.a.open("audio", PCMU, None, RTCP)
    pair.run()
    pair.b.reject(number, "insufficientBandwidth")
    pair.run()
    assert one(pair.a_events, ChannelRejected) == ChannelRejected(number, "insufficientBandwidth")
    with pytest.raises(ValueError, match="no channel"):
        pair.b.accept(number, RTP, RTCP)
    with pytest.raises(ValueError, match="no channel"):
        pair.a.close(number)


def test_wrong_use_is_an_error() -> None:
    pair, number = opened()
    with pytest.raises(ValueError, match="open already"):
        pair.b.accept(number, RTP, RTCP)
    with pytest.raises(ValueError, match="open already"):
        pair.b.reject(number)
    with pytest.raises(ValueError, match="no cause"):
        pair.b.reject(number, "because")
    with pytest.raises(ValueError, match="no audio"):
        pair.a.open("audio", H264, None, RTCP)
    with pytest.raises(ValueError, match="no video"):
        pair.a.open("content", PCMU, None, RTCP)
    with pytest.raises(ValueError, match="no channel"):
        pair.a.fast_update(number)  # ours: the peer sends nothing on it
    with pytest.raises(ValueError, match="no channel"):
        pair.a.request_close(7)
    with pytest.raises(ValueError, match="terminal type"):
        Control(OFFER, 256, 0.0, random.Random(1))


def test_a_codec_that_was_not_offered_is_refused_by_itself() -> None:
    pair = Pair(b=Offer(audio=(PCMU,), video=(H261,))).started()
    for kind, fmt in (("audio", G722), ("video", H264), ("content", SLIDES)):
        pair.a.open(kind, fmt, None, RTCP)  # type: ignore[arg-type]
    pair.run()
    assert none(pair.b_events, ChannelOffered)
    rejected = [e.cause for e in pair.a_events if isinstance(e, ChannelRejected)]
    assert rejected == ["dataTypeNotSupported"] * 3


@pytest.mark.parametrize(
    "data",
    [
        ("data", {"application": ("t120", ("separateLANStack", 0)), "maxBitRate": 10}),
        ("audioData", ("g728", 10)),
        ("videoData", ("genericVideoCapability", {"capabilityIdentifier": ("standard", (0, 0, 8, 265, 1))})),
        ("nullData", 0),
    ],
)
def test_data_and_unknown_codecs_are_refused(data: Any) -> None:
    pair = Pair().started()
    h2250 = ("h2250LogicalChannelParameters", {"sessionID": 3})
    body = {
        "forwardLogicalChannelNumber": 77,
        "forwardLogicalChannelParameters": {"dataType": data, "multiplexParameters": h2250},
    }
    assert pair.a.feed(encode_h245(("request", ("openLogicalChannel", body))), 1.0) == []
    (answer,) = [decode_h245(octets)[1] for octets in pair.a.take()]
    assert answer == (
        "openLogicalChannelReject",
        {"forwardLogicalChannelNumber": 77, "cause": ("dataTypeNotSupported", 0)},
    )


def test_an_open_that_is_not_answered_is_given_up() -> None:
    pair = Pair().started()
    pair.drop = losing("openLogicalChannel")
    number = pair.a.open("audio", PCMU, None, RTCP)
    pair.wait(29.0)
    assert none(pair.a_events, ChannelRejected)
    pair.wait(2.0)
    assert one(pair.a_events, ChannelRejected) == ChannelRejected(number, "timeout")
    pair.wait(20.0)
    assert none(pair.a_events, ChannelClosed)  # one word about it is enough


def test_an_offer_that_we_forget_is_refused() -> None:
    pair = Pair().started()
    number = pair.a.open("audio", PCMU, None, RTCP)
    pair.wait(29.0)
    assert pair.said("b") == ["roundTripDelayResponse"] or none(pair.a_events, ChannelRejected)
    pair.wait(2.0)
    assert one(pair.b_events, ChannelClosed) == ChannelClosed(number, by_peer=True)
    assert one(pair.a_events, ChannelRejected).number == number


def test_a_channel_opened_anew_replaces_the_old() -> None:
    pair, number = opened()
    (olc,) = [_olc(number)]
    events = pair.b.feed(olc, 1.0)
    assert [type(event) for event in events] == [ChannelClosed, ChannelOffered]


def _olc(number: int, session: int = 1) -> bytes:
    pair = Pair().started()
    pair.a._channels._next = number
    pair.a.open("audio", PCMU, None, RTCP)
    (octets,) = pair.a.take()
    return octets


def test_a_flood_of_channels_is_bounded() -> None:
    pair = Pair().started()
    for number in range(1, MOST + 10):
        pair.b.feed(_olc(number), 1.0)
    answers = [decode_h245(octets)[1][0] for octets in pair.b.take()]
    assert answers == ["openLogicalChannelReject"] * 9


def test_an_acknowledgement_without_an_address_is_of_no_use() -> None:
    pair = Pair().started()
    number = pair.a.open("audio", PCMU, None, RTCP)
    pair.a.take()
    events = pair.a.feed(
        encode_h245(("response", ("openLogicalChannelAck", {"forwardLogicalChannelNumber": number}))), 1.0
    )
    assert events == [ChannelRejected(number, "no address")]
    assert [decode_h245(o)[1][0] for o in pair.a.take()] == ["closeLogicalChannel"]


def _ack(number: int, **more: Any) -> bytes:
    where = ("unicastAddress", ("iPAddress", {"network": b"\xc0\x00\x02\x05", "tsapIdentifier": 9000}))
    parameters = {"mediaChannel": where, **more}
    body = {
        "forwardLogicalChannelNumber": number,
        "forwardMultiplexAckParameters": ("h2250LogicalChannelAckParameters", parameters),
    }
    return encode_h245(("response", ("openLogicalChannelAck", body)))


def test_a_peer_may_say_another_payload_type_and_that_it_wants_silence_first() -> None:
    pair = Pair().started()
    number = pair.a.open("video", H264, None, RTCP)
    pair.a.take()
    events = pair.a.feed(_ack(number, dynamicRTPPayloadType=109, flowControlToZero=True), 1.0)
    assert one(events, ChannelAccepted).payload_type == 109
    assert one(events, ChannelAccepted).rtcp is None
    assert one(events, FlowControl) == FlowControl(number, 0)
    assert pair.a.feed(_ack(number), 1.0) == []  # twice
    assert pair.a.feed(_ack(999), 1.0) == []

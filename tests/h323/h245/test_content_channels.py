"""Channels for content: their sessions, and two presentations at once (H.239, H.245 C.4)."""

from __future__ import annotations

from mcu.h323.h245.events import ChannelAccepted, ChannelOffered, ChannelRejected
from mcu.h323.per import decode_h245, encode_h245
from tests.h323.h245.parties import H264, OFFER, RTCP, RTP, SLIDES, THEIR_RTCP, THEIR_RTP, Pair, one


def test_the_master_opens_content_as_session_32_and_the_slave_leaves_it_to_the_master() -> None:
    pair = Pair().started()
    pair.a.open("content", SLIDES, None, RTCP)
    pair.run()
    assert one(pair.b_events, ChannelOffered).session == 32
    assert one(pair.b_events, ChannelOffered).kind == "content"

    pair = Pair().started()
    number = pair.b.open("content", SLIDES, None, RTCP)
    pair.run()
    assert one(pair.a_events, ChannelOffered).session == 0
    pair.a.accept(number, RTP, RTCP)
    (octets,) = pair.a.take()
    assert decode_h245(octets)[1][1]["forwardMultiplexAckParameters"][1]["sessionID"] == 32
    assert one(pair.b.feed(octets, 1.0), ChannelAccepted).kind == "content"


def test_two_presentations_at_once_and_the_master_wins() -> None:
    pair = Pair().started()
    ours = pair.a.open("content", SLIDES, None, RTCP)
    theirs = pair.b.open("content", SLIDES, None, THEIR_RTCP)
    pair.run()
    assert one(pair.b_events, ChannelRejected) == ChannelRejected(theirs, "masterSlaveConflict")
    pair.b.accept(one(pair.b_events, ChannelOffered).number, THEIR_RTP, THEIR_RTCP)
    pair.run()
    assert one(pair.a_events, ChannelAccepted).number == ours
    # when the master's is closed the slave may
    pair.a.close(ours)
    pair.run()
    pair.clear()
    pair.b.open("content", SLIDES, None, THEIR_RTCP)
    pair.run()
    assert one(pair.a_events, ChannelOffered).kind == "content"


def test_a_master_that_leaves_the_session_to_us_means_32() -> None:
    """Tandberg's way."""
    slave = Pair(50, 190).started()
    other = Pair().started()
    number = other.b.open("content", SLIDES, None, RTCP)
    (octets,) = other.b.take()  # session 0
    assert one(slave.a.feed(octets, 1.0), ChannelOffered).session == 0
    slave.a.accept(number, RTP, RTCP)
    assert decode_h245(slave.a.take()[0])[1][1]["forwardMultiplexAckParameters"][1]["sessionID"] == 32


def test_content_may_come_as_plain_video_in_a_session_of_its_own() -> None:
    pair = Pair().started()
    number = pair.b.open("video", H264, None, THEIR_RTCP)
    (octets,) = pair.b.take()
    kind, (name, body) = decode_h245(octets)
    body["forwardLogicalChannelParameters"]["multiplexParameters"][1]["sessionID"] = 33
    events = pair.a.feed(encode_h245((kind, (name, body))), 1.0)
    assert one(events, ChannelOffered).kind == "content"
    pair.a.accept(number, RTP, RTCP)
    assert decode_h245(pair.a.take()[0])[1][1]["forwardMultiplexAckParameters"][1]["sessionID"] == 33


def test_without_h239_content_is_refused() -> None:
    pair = Pair(a=OFFER.conservative()).started()
    pair.b.open("content", SLIDES, None, THEIR_RTCP)
    pair.run()
    assert one(pair.b_events, ChannelRejected).cause == "dataTypeNotSupported"
    assert pair.b.peer.content == ()
    assert not pair.b.peer.h239

"""Logical channels are closed, by either side (H.245 8.4, 8.6)."""

from __future__ import annotations

from mcu.h323.h245 import FastChannel
from mcu.h323.h245.events import ChannelAccepted, ChannelClosed, ChannelCloseRequested
from mcu.h323.per import decode_h245, encode_h245
from tests.h323.h245.parties import H261, PCMU, RTCP, THEIR_RTCP, THEIR_RTP, Pair, losing, none, one, opened


def test_ours_is_closed() -> None:
    pair, number = opened()
    pair.clear()
    pair.a.close(number)
    pair.a.close(number)  # twice is once
    pair.run()
    assert pair.log == [("a", "closeLogicalChannel"), ("b", "closeLogicalChannelAck")]
    assert one(pair.a_events, ChannelClosed) == ChannelClosed(number, by_peer=False)
    assert one(pair.b_events, ChannelClosed) == ChannelClosed(number, by_peer=True)
    again = pair.a.open("audio", PCMU, None, RTCP)
    assert again != number  # numbers are not used again at once: late answers would hit the wrong channel


def test_closed_before_it_was_answered() -> None:
    pair = Pair().started()
    number = pair.a.open("audio", PCMU, None, RTCP)
    pair.run()
    pair.a.close(number)
    pair.b.accept(number, THEIR_RTP, THEIR_RTCP)  # they cross
    pair.run()
    assert none(pair.a_events, ChannelAccepted)
    assert one(pair.a_events, ChannelClosed)
    assert one(pair.b_events, ChannelClosed)


def test_an_unknown_channel_is_closed_too() -> None:
    pair = Pair().started()
    body = {"forwardLogicalChannelNumber": 4711, "source": ("lcse", 0)}
    assert pair.a.feed(encode_h245(("request", ("closeLogicalChannel", body))), 1.0) == []
    (answer,) = pair.a.take()
    assert decode_h245(answer)[1] == ("closeLogicalChannelAck", {"forwardLogicalChannelNumber": 4711})


def test_a_close_that_is_not_answered_is_over_all_the_same() -> None:
    pair, number = opened()
    pair.drop = losing("closeLogicalChannelAck")
    pair.clear()
    pair.a.close(number)
    pair.wait(11.0)
    assert one(pair.a_events, ChannelClosed) == ChannelClosed(number, by_peer=False)


def test_the_peer_wants_ours_closed_and_gets_it() -> None:
    pair, number = opened()
    pair.clear()
    pair.b.request_close(number)
    pair.run()
    assert one(pair.a_events, ChannelCloseRequested) == ChannelCloseRequested(number, reopen=False)
    pair.a.close(number)
    pair.run()
    assert pair.said("a") == ["requestChannelCloseAck", "closeLogicalChannel"]
    assert one(pair.b_events, ChannelClosed) == ChannelClosed(number, by_peer=True)


def test_the_peer_wants_ours_closed_and_nobody_cares() -> None:
    pair, number = opened()
    pair.clear()
    pair.b.request_close(number)
    pair.wait(6.0)
    assert [name for name in pair.said("a") if "roundTrip" not in name] == ["requestChannelCloseReject"]
    pair.b.request_close(number)
    pair.run()
    assert len([e for e in pair.a_events if isinstance(e, ChannelCloseRequested)]) == 2


def test_a_request_to_close_that_is_not_answered_is_taken_back() -> None:
    pair, number = opened()
    pair.drop = losing("requestChannelCloseReject")
    pair.clear()
    pair.b.request_close(number)
    pair.wait(11.0)
    assert "requestChannelCloseRelease" in pair.said("b")
    unknown = encode_h245(("request", ("requestChannelClose", {"forwardLogicalChannelNumber": 99})))
    pair.a.take()
    assert pair.a.feed(unknown, pair.at) == []
    assert [decode_h245(o)[1][0] for o in pair.a.take()] == ["requestChannelCloseReject"]


def test_a_channel_of_fast_start_is_closed_like_any_other() -> None:
    pair = Pair().started()
    sending = pair.a.adopt(FastChannel(True, "audio", PCMU, 5, 1, THEIR_RTP, THEIR_RTCP))
    receiving = pair.b.adopt(FastChannel(False, "audio", PCMU, 5, 1, THEIR_RTP, THEIR_RTCP))
    assert sending == receiving == 5
    assert pair.a.adopt(FastChannel(True, "video", H261, 5, 2, THEIR_RTP, None)) != 5
    pair.a.close(sending)
    pair.run()
    assert one(pair.a_events, ChannelClosed).number == 5
    assert one(pair.b_events, ChannelClosed).number == 5

"""Fast start (H.323 8.1.7): what was captured, and ours against ours."""

from __future__ import annotations

import itertools

import pytest

from mcu.h323.h245 import (
    FastChannel,
    Offer,
    answered,
    choose,
    fast_accepted,
    fast_answer,
    fast_offer,
    fast_proposals,
    olc,
)
from mcu.h323.media import Address, Kind
from mcu.h323.per import decode_olc
from tests.h323 import vectors
from tests.h323.h245.parties import G722, H261, H264, OFFER, PCMU, RTCP, RTP, THEIR_RTCP, THEIR_RTP, Pair

PICTURE_RTP, PICTURE_RTCP = Address("192.0.2.1", 5002), Address("192.0.2.1", 5003)
OURS: dict[Kind, tuple[Address, Address]] = {"audio": (RTP, RTCP), "video": (PICTURE_RTP, PICTURE_RTCP)}


def captured(folder: str, call: int = 0) -> tuple[list[bytes], list[bytes]]:
    """The fastStart of a Setup and that of its answer."""
    runs = [
        (way, [v.octets for v in group])
        for (way, fast), group in itertools.groupby(vectors.load(folder), lambda v: (v.way, v.kind == "olc"))
        if fast
    ]
    return runs[2 * call][1], runs[2 * call + 1][1]


def summary(channels: list[FastChannel]) -> list[tuple[bool, str, str, int]]:
    return [(c.sending, c.kind, c.format.codec, c.format.payload_type) for c in channels]


def test_h323plus_proposes_sound_and_picture() -> None:
    offered = fast_offer(captured("fs_v264")[0], OFFER)
    assert summary(choose(offered)) == [
        (True, "audio", "pcma", 8),
        (False, "audio", "pcma", 8),
        (True, "video", "h264", 96),
        (False, "video", "h264", 96),
    ]
    sending = [c for c in offered if c.sending]
    assert all(c.rtp is not None and c.rtp.host == "127.0.0.1" for c in sending)
    assert all(c.rtp is None for c in offered if not c.sending)
    assert {c.session for c in offered} == {1, 2}


def test_what_h323plus_answers_is_what_it_took() -> None:
    """Read as the caller: it sends on what the forward parameters say, receives on the reverse ones."""
    _, answer = captured("fs_v264")
    accepted = fast_accepted(answer, OFFER)
    assert sorted(summary(accepted)) == sorted(
        [
            (False, "audio", "pcma", 8),
            (True, "audio", "pcma", 8),
            (False, "video", "h264", 96),
            (True, "video", "h264", 96),
        ]
    )
    assert {c.rtp.host for c in accepted if c.sending and c.rtp} == {"127.0.0.2"}


@pytest.mark.parametrize("call", [0, 1])
def test_ooh323c(call: int) -> None:
    proposals, answer = captured("ooh", call)
    offered = fast_offer(proposals, OFFER)
    assert summary(offered) == [(True, "audio", "pcmu", 0), (False, "audio", "pcmu", 0)]
    assert [c.number for c in offered] == [1001, 1002]
    assert offered[0].rtp == Address("127.0.0.4", 14030 + 4 * call)
    accepted = fast_accepted(answer, OFFER)
    assert {(c.sending, c.number) for c in accepted} == {(True, 1002), (False, 101)}


def test_opal_proposes_thirty_codecs_and_we_see_ours() -> None:
    offered = fast_offer(captured("opal")[0], OFFER)
    assert {c.format.codec for c in offered} == {"g722", "pcmu", "pcma", "h261"}
    assert summary(choose(offered))[0][2] == "g722"


@pytest.mark.parametrize("folder", ["fs_v261", "fs_v263", "fs_v264", "gk_direct", "ooh", "opal"])
def test_our_answer_is_read_as_theirs_is(folder: str) -> None:
    proposals, theirs = captured(folder)
    chosen = choose(fast_offer(proposals, OFFER))
    ours = fast_answer(chosen, OURS, first=200)
    read = fast_accepted(ours, OFFER)
    kinds = {(c.sending, c.kind) for c in fast_accepted(theirs, OFFER)}
    assert {(c.sending, c.kind) for c in read} >= kinds
    assert len(read) == len(chosen)
    for channel in read:
        assert channel.rtcp == OURS[channel.kind][1]
        if channel.sending:  # the caller's own: to where we receive, under its number
            assert channel.rtp == OURS[channel.kind][0]
            assert channel.number in {c.number for c in chosen if not c.sending}
        else:
            assert channel.number >= 200


def test_caller_and_called_are_ours() -> None:
    caller, called = Pair(), Pair()
    there: dict[Kind, tuple[Address, Address]] = {"audio": (THEIR_RTP, THEIR_RTCP)}
    proposals = fast_proposals(OFFER, OURS, first=1)
    assert len(proposals) == 2 * (len(OFFER.audio) + len(OFFER.video))
    chosen = [c for c in choose(fast_offer(proposals, Offer(audio=(PCMU, G722)))) if c.kind == "audio"]
    assert summary(chosen) == [(False, "audio", "g722", 9), (True, "audio", "g722", 9)]
    accepted = fast_accepted(fast_answer(chosen, there, first=40), OFFER)
    for channel in accepted:
        caller.a.adopt(channel)
    for channel in answered(chosen, first=40):
        called.b.adopt(channel)
    pair = Pair()
    pair.a, pair.b = caller.a, called.b
    pair.started()
    sending = next(c for c in accepted if c.sending)
    assert sending.rtp == THEIR_RTP
    pair.a.close(sending.number)
    pair.b.close(40)
    pair.run()
    assert {type(e).__name__ for e in pair.a_events} == {"ChannelClosed"}
    assert len(pair.a_events) == len(pair.b_events) == 2


def test_kinds_without_an_address_are_not_proposed() -> None:
    proposals = [decode_olc(octets) for octets in fast_proposals(OFFER, {"video": OURS["video"]}, first=7)]
    found = [olc.read(body) or olc.read_reverse(body) for body in proposals]
    assert {p.kind for p in found if p} == {"video"}
    assert {p.number for p in found if p} == set(range(7, 7 + len(OFFER.video)))


def test_one_channel_for_each_kind_and_direction() -> None:
    offered = fast_offer(captured("fs_v264")[0], OFFER)
    with pytest.raises(ValueError, match="one channel"):
        fast_answer(offered, OURS, first=1)


def test_rubbish_is_left_out() -> None:
    proposals, _ = captured("fs_v264")
    cut = [octets[:-3] for octets in proposals]
    assert fast_offer([b"", b"\xff" * 40, *cut], OFFER) == []
    assert len(fast_offer([b"\x00", *proposals], OFFER)) == len(fast_offer(proposals, OFFER))
    assert fast_offer(proposals, Offer()) == []
    assert len(fast_offer(proposals * 50, OFFER)) <= 64


def test_a_channel_to_nowhere_is_not_taken() -> None:
    """The called side did not say where it receives: nothing can be sent."""
    body = olc.write(olc.Proposal(3, "video", H264, 2, None, RTCP))
    assert olc.read(body) is not None
    proposals = fast_proposals(Offer(video=(H261,)), {"video": OURS["video"]}, first=3)
    assert [c.sending for c in fast_accepted(proposals, OFFER)] == [False]

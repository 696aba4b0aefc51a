"""Capability exchange (H.245 8.3), hold and resume (H.323 8.4.6)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mcu.h323.h245 import Control, Offer
from mcu.h323.h245.events import ChannelAccepted, ChannelClosed, ChannelOffered, Held, Lost, PeerCapabilities, Resumed
from mcu.h323.media import Format
from mcu.h323.per import decode_h245, encode_h245
from tests.h323.h245.parties import (
    H261,
    H264,
    H264_SINGLE,
    OFFER,
    PCMA,
    RTCP,
    RTP,
    SLIDES,
    THEIR_RTCP,
    THEIR_RTP,
    Pair,
    losing,
    none,
    one,
)


def told(offer: Offer) -> PeerCapabilities:
    """What the other side makes of an offer."""
    pair = Pair(a=offer)
    pair.a.start(0.0)
    pair.run()
    event: PeerCapabilities = one(pair.b_events, PeerCapabilities)
    return event


def first_set(control: Control) -> dict[str, Any]:
    control.start(0.0)
    kind, (name, body) = decode_h245(control.take()[0])
    assert (kind, name) == ("request", "terminalCapabilitySet")
    return dict(body)


def test_what_is_offered_is_what_is_understood() -> None:
    capabilities = told(OFFER)
    assert [f.codec for f in capabilities.audio] == ["g722", "g7221", "pcma", "pcmu"]
    # 720p's limits are said although they are the level's own, and frame sizes count in units of 256
    assert [(f.codec, f.fmtp.replace("3840", "3600"), f.bit_rate) for f in capabilities.video] == [
        (f.codec, f.fmtp, f.bit_rate) for f in OFFER.video
    ]
    assert capabilities.content[0].fmtp == SLIDES.fmtp.replace("3600", "3840")
    assert capabilities.content[0].bit_rate == SLIDES.bit_rate


def test_the_set_has_one_descriptor_with_all_its_entries() -> None:
    body = first_set(Control(OFFER, 190, 0.0, random.Random(1)))
    (descriptor,) = body["capabilityDescriptors"]
    numbers = [n for group in descriptor["simultaneousCapabilities"] for n in group]
    assert sorted(numbers) == [entry["capabilityTableEntryNumber"] for entry in body["capabilityTable"]]
    assert descriptor["simultaneousCapabilities"][0] == [1, 2, 3, 4]
    names = [entry["capability"][0] for entry in body["capabilityTable"]]
    assert names.count("receiveVideoCapability") == 5  # H.264 in two modes is one capability
    assert "genericControlCapability" in names
    assert "receiveRTPAudioTelephonyEventCapability" in names
    listed = body["multiplexCapability"][1]["mediaPacketizationCapability"]["rtpPayloadType"]
    descriptors = [each["payloadDescriptor"] for each in listed]
    assert descriptors == [
        ("oid", (0, 0, 8, 241, 0, 0, 0, 0)),
        ("oid", (0, 0, 8, 241, 0, 0, 0, 1)),
        ("rfc-number", 2429),
        ("rfc-number", 2190),
    ]


def test_without_mode_1_its_identifier_is_not_said() -> None:
    capabilities = told(Offer(audio=(PCMA,), video=(H264_SINGLE,)))
    assert [f.parameters["packetization-mode"] for f in capabilities.video] == ["0"]


def test_a_bare_offer() -> None:
    body = first_set(Control(Offer(audio=(PCMA,), h239=False, user_input=False), 190, 0.0, random.Random(1)))
    assert len(body["capabilityTable"]) == 1
    assert "rtpPayloadType" not in body["multiplexCapability"][1]["mediaPacketizationCapability"]


def test_peer_knows_the_ways_of_keys() -> None:
    pair = Pair().started()
    assert pair.a.peer.user_input == {"alphanumeric", "signal"}
    assert pair.a.peer.telephone_event == 101
    assert pair.a.peer.h239


def test_a_set_that_is_refused_comes_again_without_h239() -> None:
    control = Control(OFFER, 190, 0.0, random.Random(1))
    body = first_set(control)
    cause = ("undefinedTableEntryUsed", 0)
    reject = ("response", ("terminalCapabilitySetReject", {"sequenceNumber": body["sequenceNumber"], "cause": cause}))
    control.take()
    control.feed(encode_h245(reject), 1.0)
    (again,) = [decode_h245(octets)[1] for octets in control.take()]
    assert again[0] == "terminalCapabilitySet"
    assert again[1]["sequenceNumber"] == 2
    table = [entry["capability"] for entry in again[1]["capabilityTable"]]
    assert all(name != "genericControlCapability" for name, _ in table)
    assert [value[0] for name, value in table if name == "receiveVideoCapability"] == [
        "genericVideoCapability",
        "h263VideoCapability",
        "h263VideoCapability",
        "h261VideoCapability",
    ]
    assert control.local.h239 is False
    # a second refusal is taken as it is: the call goes on
    reject = ("response", ("terminalCapabilitySetReject", {"sequenceNumber": 2, "cause": ("unspecified", 0)}))
    assert control.feed(encode_h245(reject), 2.0) == []
    assert control.take() == []
    assert not control.over


def test_answers_to_another_sequence_number_say_nothing() -> None:
    pair = Pair()
    pair.a.start(0.0)
    pair.a.feed(encode_h245(("response", ("terminalCapabilitySetAck", {"sequenceNumber": 99}))), 0.0)
    pair.b.start(0.0)
    pair.drop = losing("terminalCapabilitySetAck", sender="b")
    pair.wait(5.0)
    assert not pair.a.ready
    assert pair.b.ready


def test_a_set_without_an_answer_is_repeated_and_then_given_up() -> None:
    pair = Pair()
    pair.drop = losing("terminalCapabilitySetAck", sender="b")
    pair.a.start(0.0)
    pair.b.start(0.0)
    pair.wait(29.0)
    assert pair.said("a").count("terminalCapabilitySet") == 3
    assert pair.said("a").count("terminalCapabilitySetRelease") == 2
    assert none(pair.a_events, Lost)
    pair.wait(2.0)
    assert "capability set" in one(pair.a_events, Lost).reason


def test_a_late_answer_is_good() -> None:
    pair = Pair()
    pair.drop = losing("terminalCapabilitySetAck", sender="b")
    pair.a.start(0.0)
    pair.b.start(0.0)
    pair.wait(15.0)
    pair.drop = losing()
    pair.wait(10.0)
    assert pair.a.ready


def test_sequence_numbers_go_round() -> None:
    pair = Pair().started()
    for _ in range(300):
        pair.a.replace(OFFER)
        pair.run()
    assert pair.a.ready
    assert pair.said("b").count("terminalCapabilitySetAck") == 300


def test_the_peer_asks_for_our_set() -> None:
    pair = Pair().started()
    pair.a.feed(encode_h245(("command", ("sendTerminalCapabilitySet", ("genericRequest", 0)))), 1.0)
    pair.run()
    assert pair.said("a") == ["terminalCapabilitySet"]
    assert one(pair.b_events, PeerCapabilities)


def with_picture() -> tuple[Pair, int, int]:
    """Both send a picture: the pair, a's channel, b's channel."""
    pair = Pair().started()
    ours = pair.a.open("video", H264, None, RTCP)
    theirs = pair.b.open("video", H261, None, THEIR_RTCP)
    pair.run()
    pair.a.accept(one(pair.a_events, ChannelOffered).number, RTP, RTCP)
    pair.b.accept(one(pair.b_events, ChannelOffered).number, THEIR_RTP, THEIR_RTCP)
    pair.run()
    assert one(pair.a_events, ChannelAccepted).number == ours
    pair.clear()
    return pair, ours, theirs


def test_hold_closes_what_the_held_side_sends() -> None:
    pair, _, theirs = with_picture()
    pair.a.hold(True)
    pair.run()
    assert one(pair.b_events, Held)
    assert one(pair.b_events, ChannelClosed) == ChannelClosed(theirs, by_peer=False)
    assert one(pair.a_events, ChannelClosed) == ChannelClosed(theirs, by_peer=True)
    assert not pair.b.ready
    # again is nothing new
    pair.clear()
    pair.a.hold(True)
    pair.run()
    assert pair.log == []


def test_a_channel_opened_while_held_waits() -> None:
    pair, *_ = with_picture()
    pair.a.hold(True)
    pair.run()
    pair.clear()
    number = pair.b.open("video", H264, None, THEIR_RTCP)
    pair.run()
    assert pair.log == []
    pair.a.hold(False)
    pair.run()
    events = [type(event) for event in pair.b_events]
    assert events.index(PeerCapabilities) < events.index(Resumed)
    offered = one(pair.a_events, ChannelOffered)
    pair.a.accept(offered.number, RTP, RTCP)
    pair.run()
    assert one(pair.b_events, ChannelAccepted).number == number
    # as if the control channel had been opened just now: capabilities and determination from the resumed side
    assert pair.said("b")[:3].count("terminalCapabilitySet") == 1
    assert "masterSlaveDetermination" in pair.said("b")
    assert pair.b.peer.master is False


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_both_hold_and_both_resume(order: str) -> None:
    pair, *_ = with_picture()
    pair.a.hold(True)
    pair.b.hold(True)
    pair.run()
    assert one(pair.a_events, Held)
    assert one(pair.b_events, Held)
    for who in order:
        (pair.a if who == "a" else pair.b).hold(False)
        pair.run()
    assert one(pair.a_events, Resumed)
    assert one(pair.b_events, Resumed)
    assert pair.a.ready
    assert pair.b.ready


def test_a_resumed_peer_that_determines_nothing_again_is_not_lost() -> None:
    pair, *_ = with_picture()
    pair.a.hold(True)
    pair.run()
    pair.drop = losing("masterSlaveDeterminationAck", "masterSlaveDetermination")
    pair.a.hold(False)
    pair.wait(60.0)
    assert none(pair.a_events + pair.b_events, Lost)
    assert pair.b.ready


def test_entries_that_no_descriptor_names_are_not_usable() -> None:
    pair = Pair()
    body = first_set(pair.a)
    body["capabilityDescriptors"] = [{"capabilityDescriptorNumber": 1, "simultaneousCapabilities": [[4, 3]]}]
    events = pair.b.feed(encode_h245(("request", ("terminalCapabilitySet", body))), 0.0)
    assert [f.codec for f in one(events, PeerCapabilities).audio] == ["pcmu", "pcma"]
    assert pair.b.peer.video == ()
    # a later set may name other entries of the table that is known
    later = {key: body[key] for key in ("sequenceNumber", "protocolIdentifier")}
    later["capabilityDescriptors"] = [{"capabilityDescriptorNumber": 1, "simultaneousCapabilities": [[1]]}]
    events = pair.b.feed(encode_h245(("request", ("terminalCapabilitySet", later))), 0.0)
    assert [f.codec for f in one(events, PeerCapabilities).audio] == ["g722"]
    del body["capabilityDescriptors"]
    events = pair.b.feed(encode_h245(("request", ("terminalCapabilitySet", body))), 0.0)
    assert isinstance(one(events, PeerCapabilities).audio[0], Format)


def test_start_is_for_once() -> None:
    pair = Pair().started()
    with pytest.raises(ValueError, match="started"):
        pair.a.start(1.0)

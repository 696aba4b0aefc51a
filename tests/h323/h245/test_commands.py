"""Commands, indications, keys, the end; and what we don't do."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.h323.h245 import Offer
from mcu.h323.h245.events import Ended, FastUpdate, FlowControl, UserInput
from mcu.h323.h245.refusals import MOST_NOTICES
from mcu.h323.per import decode_h245
from tests.h323.h245.parties import (
    NONSTANDARD,
    OFFER,
    PCMU,
    PICTURE,
    SLIDES_CHANNEL,
    Pair,
    losing,
    none,
    one,
    sending,
    tell,
)


@pytest.mark.parametrize(
    "what",
    [
        ("videoFastUpdatePicture", 0),
        ("videoFastUpdateGOB", {"firstGOB": 0, "numberOfGOBs": 3}),
        ("videoFastUpdateMB", {"firstGOB": 0, "firstMB": 1, "numberOfMBs": 4}),
        ("lostPicture", [("pictureNumber", 3)]),
        ("lostPartialPicture", {"pictureReference": ("pictureNumber", 3), "firstMB": 1, "numberOfMBs": 2}),
        ("recoveryReferencePicture", [("pictureNumber", 3)]),
    ],
    ids=lambda what: str(what[0]),
)
def test_the_peer_needs_a_picture(what: Any) -> None:
    pair = sending()
    body = {"logicalChannelNumber": PICTURE, "type": what}
    assert tell(pair, "command", "miscellaneousCommand", body) == ([FastUpdate(PICTURE)], [])
    body = {"logicalChannelNumber": SLIDES_CHANNEL, "type": what}
    assert tell(pair, "command", "miscellaneousCommand", body) == ([FastUpdate(SLIDES_CHANNEL)], [])
    body = {"logicalChannelNumber": 4000, "type": what}  # its own number: it means our picture
    assert tell(pair, "command", "miscellaneousCommand", body) == ([FastUpdate(PICTURE)], [])


@pytest.mark.parametrize(
    "what",
    [
        ("videoFreezePicture", 0),
        ("videoTemporalSpatialTradeOff", 7),
        ("videoSendSyncEveryGOB", 0),
        ("equaliseDelay", 0),
        ("zeroDelay", 0),
        ("multipointModeCommand", 0),
        ("cancelMultipointModeCommand", 0),
        ("switchReceiveMediaOff", 0),
    ],
    ids=lambda what: str(what[0]),
)
def test_harmless_commands(what: Any) -> None:
    body = {"logicalChannelNumber": PICTURE, "type": what}
    assert tell(sending(), "command", "miscellaneousCommand", body) == ([], [])


def test_we_need_a_picture() -> None:
    pair = sending()
    pair.b.fast_update(PICTURE)
    pair.run()
    assert one(pair.a_events, FastUpdate) == FastUpdate(PICTURE)


def test_flow_control() -> None:
    pair = sending()
    for bit_rate in (384_000, 0, None):
        pair.b.flow_control(PICTURE, bit_rate)
    pair.run()
    found = [e for e in pair.a_events if isinstance(e, FlowControl)]
    assert found == [FlowControl(PICTURE, 384_000), FlowControl(PICTURE, 0), FlowControl(PICTURE, None)]
    scope = {"scope": ("wholeMultiplex", 0), "restriction": ("maximumBitRate", 10_240)}
    assert tell(pair, "command", "flowControlCommand", scope)[0] == [FlowControl(0, 1_024_000)]
    for unknown in (("logicalChannelNumber", 999), ("resourceID", 3)):
        scope = {"scope": unknown, "restriction": ("maximumBitRate", 1)}
        assert tell(pair, "command", "flowControlCommand", scope) == ([], [])
    with pytest.raises(ValueError, match="bit rate"):
        pair.b.flow_control(PICTURE, -1)
    pair.b.flow_control(PICTURE, 10**12)  # more than can be said
    pair.run()
    assert not pair.b.unsent


@pytest.mark.parametrize(
    ("body", "digits"),
    [
        (("alphanumeric", "12#"), "12#"),
        (("alphanumeric", "a*d"), "A*D"),
        (("alphanumeric", "hello"), ""),
        (("alphanumeric", "9" * 100), "9" * 64),
        (("signal", {"signalType": "5", "duration": 200}), "5"),
        (("signal", {"signalType": "!"}), ""),
        (("signal", {"signalType": "7", "rtpPayloadIndication": 0}), ""),  # comes as RFC 2833, too
        (("signalUpdate", {"duration": 400}), ""),
        (("extendedAlphanumeric", {"alphanumeric": "42"}), "42"),
        (("extendedAlphanumeric", {"alphanumeric": "42", "rtpPayloadIndication": 0}), ""),
        (("userInputSupportIndication", ("basicString", 0)), ""),
    ],
    ids=str,
)
def test_keys(body: Any, digits: str) -> None:
    events, answers = tell(Pair().started(), "indication", "userInput", body)
    assert events == ([UserInput(digits)] if digits else [])
    assert answers == []


def test_keys_without_telephone_events() -> None:
    pair = Pair(a=Offer(audio=(PCMU,))).started()
    body = ("signal", {"signalType": "7", "rtpPayloadIndication": 0})
    assert tell(pair, "indication", "userInput", body)[0] == [UserInput("7")]


def test_our_keys() -> None:
    pair = Pair().started()
    pair.a.user_input("12#D")
    pair.run()
    assert "".join(e.digits for e in pair.b_events if isinstance(e, UserInput)) == "12#D"
    pair.a.peer.user_input = frozenset({"signal"})
    pair.a.user_input("*")
    (octets,) = pair.a.take()
    assert decode_h245(octets)[1][1][0] == "signal"
    for wrong in ("", "12x", "1 2", "\u0661"):
        with pytest.raises(ValueError, match="no keys"):
            pair.a.user_input(wrong)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (
            "jitterIndication",
            {
                "scope": ("wholeMultiplex", 0),
                "estimatedReceivedJitterMantissa": 1,
                "estimatedReceivedJitterExponent": 1,
            },
        ),
        ("miscellaneousIndication", {"logicalChannelNumber": PICTURE, "type": ("logicalChannelInactive", 0)}),
        ("miscellaneousIndication", {"logicalChannelNumber": PICTURE, "type": ("logicalChannelActive", 0)}),
        ("vendorIdentification", {"vendor": ("object", (1, 2, 3))}),
        ("functionNotUnderstood", ("request", ("roundTripDelayRequest", {"sequenceNumber": 1}))),
        ("functionNotSupported", {"cause": ("unknownFunction", 0)}),
        (
            "mcLocationIndication",
            {"signalAddress": ("unicastAddress", ("iPAddress", {"network": bytes(4), "tsapIdentifier": 1}))},
        ),
        (
            "nonStandard",
            {
                "nonStandardData": {
                    "nonStandardIdentifier": (
                        "h221NonStandard",
                        {"t35CountryCode": 181, "t35Extension": 0, "manufacturerCode": 1},
                    ),
                    "data": b"x" * 50,
                }
            },
        ),
        ("_ext_40", b"abc"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_indications_are_never_answered(name: str, body: Any) -> None:
    pair = sending()
    assert tell(pair, "indication", name, body) == ([], [])
    assert not pair.a.garbled


@pytest.mark.parametrize(
    ("name", "body", "answer"),
    [
        ("conferenceRequest", ("terminalListRequest", 0), "functionNotSupported"),
        ("conferenceRequest", ("makeMeChair", 0), "conferenceResponse"),
        ("communicationModeRequest", {}, "functionNotSupported"),
        ("maintenanceLoopRequest", {"type": ("systemLoop", 0)}, "maintenanceLoopReject"),
        ("requestMultiplexEntry", {"entryNumbers": [1, 2]}, "requestMultiplexEntryReject"),
        (
            "multiplexEntrySend",
            {"sequenceNumber": 1, "multiplexEntryDescriptors": [{"multiplexTableEntryNumber": 3}]},
            "multiplexEntrySendReject",
        ),
        (
            "logicalChannelRateRequest",
            {"sequenceNumber": 9, "logicalChannelNumber": 1, "maximumBitRate": 100},
            "logicalChannelRateReject",
        ),
        ("nonStandard", NONSTANDARD, "functionNotUnderstood"),
        ("genericRequest", {"messageIdentifier": ("standard", (0, 0, 8, 460, 1))}, "functionNotSupported"),
        ("_ext_30", b"from the future", "functionNotSupported"),
    ],
)
def test_requests_that_we_do_not_do_are_refused_politely(name: str, body: Any, answer: str) -> None:
    pair = sending()
    events, answers = tell(pair, "request", name, body)
    assert events == []
    assert [each[0] for each in answers] == [answer]
    assert not pair.a.over
    assert not pair.a.unsent


@pytest.mark.parametrize(
    ("name", "body", "answers"),
    [
        ("nonStandard", NONSTANDARD, ["functionNotUnderstood"]),
        ("encryptionCommand", ("encryptionSE", b"abc"), ["functionNotSupported"]),
        ("maintenanceLoopOffCommand", {}, []),
        ("conferenceCommand", ("broadcastMyLogicalChannel", 7), ["conferenceResponse"]),
        ("_ext_30", b"from the future", ["functionNotSupported"]),
    ],
)
def test_commands_that_we_do_not_do(name: str, body: Any, answers: list[str]) -> None:
    pair = sending()
    events, said = tell(pair, "command", name, body)
    assert events == []
    assert [each[0] for each in said] == answers
    assert not pair.a.unsent


def test_what_is_no_message_is_said_to_be_none_but_not_for_ever() -> None:
    pair = Pair().started()
    for _ in range(MOST_NOTICES + 20):
        assert pair.a.feed(b"\xff\xff\xff", 1.0) == []
    answers = [decode_h245(octets)[1] for octets in pair.a.take()]
    assert pair.a.garbled == MOST_NOTICES + 20
    assert len(answers) == MOST_NOTICES
    assert answers[0] == ("functionNotSupported", {"cause": ("syntaxError", 0), "returnedFunction": b"\xff\xff\xff"})
    assert not pair.a.over


def test_the_end() -> None:
    pair = sending()
    pair.a.end()
    pair.a.end()
    pair.run()
    assert pair.log == [("a", "endSessionCommand"), ("b", "endSessionCommand")]
    assert one(pair.a_events, Ended)
    assert one(pair.b_events, Ended)
    assert pair.a.over
    assert pair.a.due() is None
    assert pair.a.tick(99.0) == []


def test_an_end_that_is_not_answered() -> None:
    pair = sending()
    pair.drop = losing("endSessionCommand", sender="b")
    pair.a.end()
    pair.wait(4.0)
    assert none(pair.a_events, Ended)
    pair.wait(2.0)
    assert one(pair.a_events, Ended)


def test_both_end_at_once() -> None:
    pair = Pair(a=OFFER).started()
    pair.a.end()
    pair.b.end()
    pair.run()
    assert one(pair.a_events, Ended)
    assert one(pair.b_events, Ended)
    assert len(pair.log) == 2

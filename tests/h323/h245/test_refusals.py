"""What H.245 knows and we don't do: each request has its refusal, each command that or nothing, no indication any."""

from __future__ import annotations

from typing import Any

import pytest
from pycrate_asn1dir.H245 import MULTIMEDIA_SYSTEM_CONTROL as H245

from mcu.h323.per import decode_h245, encode_h245
from tests.h323.h245.parties import Pair

LABEL = {"mcuNumber": 1, "terminalNumber": 2}
VENDOR = ("h221NonStandard", {"t35CountryCode": 181, "t35Extension": 0, "manufacturerCode": 1})
ODD = {"nonStandardIdentifier": VENDOR, "data": b"odd"}
NOT_SUPPORTED, NOTHING = "functionNotSupported", ""

CONFERENCE_REQUESTS: list[tuple[str, Any, Any]] = [
    ("terminalListRequest", 0, NOT_SUPPORTED),
    ("makeMeChair", 0, ("makeMeChairResponse", ("deniedChairToken", 0))),
    ("cancelMakeMeChair", 0, NOTHING),
    ("dropTerminal", LABEL, ("terminalDropReject", 0)),
    ("requestTerminalID", LABEL, NOT_SUPPORTED),
    ("enterH243Password", 0, NOT_SUPPORTED),
    ("enterH243TerminalID", 0, NOT_SUPPORTED),
    ("enterH243ConferenceID", 0, NOT_SUPPORTED),
    ("enterExtensionAddress", 0, NOT_SUPPORTED),
    ("requestChairTokenOwner", 0, NOT_SUPPORTED),
    ("requestTerminalCertificate", {}, NOT_SUPPORTED),
    ("broadcastMyLogicalChannel", 7, ("broadcastMyLogicalChannelResponse", ("deniedBroadcastMyLogicalChannel", 0))),
    ("makeTerminalBroadcaster", LABEL, ("makeTerminalBroadcasterResponse", ("deniedMakeTerminalBroadcaster", 0))),
    ("sendThisSource", LABEL, ("sendThisSourceResponse", ("deniedSendThisSource", 0))),
    ("requestAllTerminalIDs", 0, NOT_SUPPORTED),
    ("remoteMCRequest", ("masterActivate", 0), ("remoteMCResponse", ("reject", ("functionNotSupported", 0)))),
]
CONFERENCE_COMMANDS: list[tuple[str, Any, Any]] = [
    ("broadcastMyLogicalChannel", 7, ("videoCommandReject", 0)),
    ("cancelBroadcastMyLogicalChannel", 7, NOTHING),
    ("makeTerminalBroadcaster", LABEL, ("videoCommandReject", 0)),
    ("cancelMakeTerminalBroadcaster", 0, NOTHING),
    ("sendThisSource", LABEL, ("videoCommandReject", 0)),
    ("cancelSendThisSource", 0, NOTHING),
    ("dropConference", 0, ("terminalDropReject", 0)),
    ("substituteConferenceIDCommand", {"conferenceIdentifier": bytes(16)}, NOTHING),
]
LINE = {
    "sequenceNumber": 5,
    "dialingInformation": ("infoNotAvailable", 1),
}
REQUESTS: list[tuple[str, Any, Any]] = [
    ("nonStandard", {"nonStandardData": ODD}, "functionNotUnderstood"),
    ("multiplexEntrySend", {"sequenceNumber": 1, "multiplexEntryDescriptors": [{"multiplexTableEntryNumber": 3}]},
     "multiplexEntrySendReject"),
    ("requestMultiplexEntry", {"entryNumbers": [1, 2]}, "requestMultiplexEntryReject"),
    ("maintenanceLoopRequest", {"type": ("mediaLoop", 3)}, "maintenanceLoopReject"),
    ("communicationModeRequest", {}, NOT_SUPPORTED),
    ("multilinkRequest", ("nonStandard", {"nonStandardData": ODD}), NOT_SUPPORTED),
    ("multilinkRequest", ("callInformation", {"maxNumberOfAdditionalConnections": 2}), NOT_SUPPORTED),
    ("multilinkRequest", ("addConnection", LINE), "multilinkResponse"),
    ("multilinkRequest", ("removeConnection", {"connectionIdentifier": {"channelTag": 1, "sequenceNumber": 1}}),
     NOT_SUPPORTED),
    ("multilinkRequest", ("maximumHeaderInterval", {"requestType": ("currentIntervalInformation", 0)}), NOT_SUPPORTED),
    ("logicalChannelRateRequest", {"sequenceNumber": 9, "logicalChannelNumber": 1, "maximumBitRate": 100},
     "logicalChannelRateReject"),
    ("genericRequest", {"messageIdentifier": ("standard", (0, 0, 8, 460, 1))}, NOT_SUPPORTED),
    ("_ext_30", b"from the future", NOT_SUPPORTED),
]  # fmt: skip
ONE_WAY = {
    "bitRate": 1, "bitRateLockedToPCRClock": False, "bitRateLockedToNetworkClock": False,
    "multiplex": ("noMultiplex", 0),
}  # fmt: skip
AAL = ("aal5", {"forwardMaximumSDUSize": 1, "backwardMaximumSDUSize": 1})
ATM = {"resourceID": 1, "aal": AAL, **ONE_WAY, "reverseParameters": ONE_WAY}
COMMANDS: list[tuple[str, Any, Any]] = [
    ("nonStandard", {"nonStandardData": ODD}, "functionNotUnderstood"),
    ("maintenanceLoopOffCommand", {}, NOTHING),
    ("encryptionCommand", ("encryptionSE", b"abc"), NOT_SUPPORTED),
    ("h223MultiplexReconfiguration", ("h223ModeChange", ("toLevel0", 0)), NOT_SUPPORTED),
    ("newATMVCCommand", ATM, NOTHING),
    ("mobileMultilinkReconfigurationCommand", {"sampleSize": 1, "samplesPerFrame": 1, "status": ("synchronized", 0)},
     NOT_SUPPORTED),
    ("genericCommand", {"messageIdentifier": ("standard", (0, 0, 8, 460, 1))}, NOT_SUPPORTED),
    ("_ext_30", b"from the future", NOT_SUPPORTED),
]  # fmt: skip
INDICATIONS: list[tuple[str, Any]] = [
    ("userInput", ("nonStandard", ODD)),
    ("userInput", ("userInputSupportIndication", ("basicString", 0))),
    ("userInput", ("signalUpdate", {"duration": 100})),
    ("userInput", ("encryptedAlphanumeric", {"algorithmOID": (1, 2, 3), "encrypted": b"7"})),
    ("userInput", ("genericInformation", [{"messageIdentifier": ("standard", (0, 0, 8, 460, 1))}])),
    ("newATMVCIndication", ATM),
    ("conferenceIndication", ("terminalNumberAssign", LABEL)),
    ("conferenceIndication", ("withdrawChairToken", 0)),
    ("conferenceIndication", ("floorRequested", LABEL)),
    ("multilinkIndication", ("crcDesired", {})),
    ("logicalChannelRateRelease", {}),
    ("flowControlIndication", {"scope": ("logicalChannelNumber", 7), "restriction": ("maximumBitRate", 100)}),
    ("terminalCapabilitySetRelease", {}),
    ("multiplexEntrySendRelease", {"multiplexTableEntryNumber": [1]}),
    ("requestMultiplexEntryRelease", {"entryNumbers": [1]}),
    ("h223SkewIndication", {"logicalChannelNumber1": 1, "logicalChannelNumber2": 2, "skew": 3}),
    ("h2250MaximumSkewIndication", {"logicalChannelNumber1": 1, "logicalChannelNumber2": 2, "maximumSkew": 3}),
    ("mobileMultilinkReconfigurationIndication", {"sampleSize": 1, "samplesPerFrame": 1}),
    ("genericIndication", {"messageIdentifier": ("standard", (0, 0, 8, 460, 1))}),
]


def answers(kind: str, name: str, body: Any) -> list[Any]:
    """What we say to it; nothing happens, and the session goes on."""
    pair = Pair().started()
    assert pair.a.feed(encode_h245((kind, (name, body))), 1.0) == []
    assert (pair.a.garbled, pair.a.unsent, pair.a.over) == (0, 0, False)
    said = [decode_h245(octets) for octets in pair.a.take()]
    assert all(way == ("indication" if inner[0].startswith("function") else "response") for way, inner in said)
    return [inner for _, inner in said]


def names(found: list[Any]) -> list[str]:
    return [name for name, _ in found]


@pytest.mark.parametrize(("name", "body", "answer"), REQUESTS)
def test_requests(name: str, body: Any, answer: str) -> None:
    assert names(answers("request", name, body)) == [answer]


@pytest.mark.parametrize(("name", "body", "answer"), CONFERENCE_REQUESTS)
def test_conference_requests(name: str, body: Any, answer: Any) -> None:
    found = answers("request", "conferenceRequest", (name, body))
    expected = [] if answer == NOTHING else [answer if isinstance(answer, str) else ("conferenceResponse", answer)]
    assert (names(found) if answer == NOT_SUPPORTED else found) == expected


@pytest.mark.parametrize(("name", "body", "answer"), COMMANDS)
def test_commands(name: str, body: Any, answer: str) -> None:
    assert names(answers("command", name, body)) == ([answer] if answer else [])


@pytest.mark.parametrize(("name", "body", "answer"), CONFERENCE_COMMANDS)
def test_conference_commands(name: str, body: Any, answer: Any) -> None:
    assert answers("command", "conferenceCommand", (name, body)) == (
        [("conferenceResponse", answer)] if answer != NOTHING else []
    )


@pytest.mark.parametrize(("name", "body"), INDICATIONS)
def test_indications(name: str, body: Any) -> None:
    assert answers("indication", name, body) == []


def test_a_refused_line_is_named() -> None:
    assert answers("request", "multilinkRequest", ("addConnection", LINE)) == [
        (
            "multilinkResponse",
            ("addConnection", {"sequenceNumber": 5, "responseCode": ("rejected", ("connectionsNotAvailable", 0))}),
        )
    ]


def test_nothing_that_h245_knows_is_missing() -> None:
    """Done: determination, capabilities, channels, modes, round trips, flow control, the end, and what asks for
    pictures."""
    done = {
        "masterSlaveDetermination", "terminalCapabilitySet", "openLogicalChannel", "closeLogicalChannel",
        "requestChannelClose", "requestMode", "roundTripDelayRequest", "conferenceRequest",
    }  # fmt: skip
    assert {name for name, _, _ in REQUESTS if name[0] != "_"} | done == set(H245.RequestMessage._cont)
    done = {
        "sendTerminalCapabilitySet", "flowControlCommand", "endSessionCommand", "miscellaneousCommand",
        "conferenceCommand", "communicationModeCommand",
    }  # fmt: skip
    assert {name for name, _, _ in COMMANDS if name[0] != "_"} | done == set(H245.CommandMessage._cont)
    assert {name for name, _, _ in CONFERENCE_REQUESTS} == set(H245.ConferenceRequest._cont)
    assert {name for name, _, _ in CONFERENCE_COMMANDS} == set(H245.ConferenceCommand._cont)
    forms = {body[0] for name, body in INDICATIONS if name == "userInput"}
    assert forms | {"alphanumeric", "signal", "extendedAlphanumeric"} == set(H245.UserInputIndication._cont)

"""Calls by way of our gatekeeper: what was dialled leads somewhere, bandwidth is counted, calls end."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import Account, Gatekeeper, Policy
from mcu.h323.ras import messages as ras
from mcu.h323.ras.events import Admitted, Disengaged, Refused, Reported
from mcu.h323.transport import transport
from tests.h323.ras.terminal import CALL, Terminal, gatekeeper, told

US = Address("127.0.0.1", 1720)
HUE = Account(name="hue", aliases=("2001",))
VINH = Account(name="vinh", aliases=("2002",))
FIXED = Account(name="fixed", aliases=("2004",), address="10.0.0.44")


@pytest.fixture
def gk() -> Gatekeeper:
    return gatekeeper(HUE, VINH, FIXED, neighbours=("10.9.0.0/16",), calls_each=2)


@pytest.fixture
def hue(gk: Gatekeeper) -> Terminal:
    terminal = Terminal(gk, aliases=("2001",))
    terminal.rrq()
    return terminal


@pytest.fixture
def vinh(gk: Gatekeeper) -> Terminal:
    terminal = Terminal(gk, host="10.0.0.8", aliases=("2002",))
    terminal.rrq()
    return terminal


def target_of(answer: ras.Message | None) -> Address | None:
    assert answer is not None
    assert answer[0] in ("admissionConfirm", "locationConfirm"), told(answer)
    body = answer[1]
    return ras.address_of(body.get("destCallSignalAddress") or body.get("callSignalAddress"))


@pytest.mark.parametrize("dialled", ["1001", "99999", "1001#1234", "Phòng họp", "1001@mcu.vn"])
def test_whatever_is_dialled_leads_to_us(hue: Terminal, dialled: str) -> None:
    answer = hue.arq(dialled)
    assert target_of(answer) == US
    assert answer is not None
    assert (answer[1]["callModel"], answer[1]["bandWidth"]) == (("direct", 0), 15360)
    assert hue.events == [
        Admitted(
            endpoint=hue.endpoint, account="hue", call_id=CALL, answering=False, destination=dialled, target=US,
            bit_rate=1_536_000,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(("host", "ours"), [("10.0.0.7", "10.0.0.1"), ("2001:db8::7", "2001:db8::1")])
def test_our_address_is_the_one_that_the_terminal_reaches(host: str, ours: str) -> None:
    gk = Gatekeeper(Policy(), [HUE], here=lambda peer: "2001:db8::1" if ":" in peer else "10.0.0.1")
    terminal = Terminal(gk, host=host)
    terminal.rrq()
    assert target_of(terminal.arq("1001")) == Address(ours, 1720)
    answer = terminal.grq()
    assert answer is not None
    assert ras.address_of(answer[1]["rasAddress"]) == Address(ours, 1719)


def test_terminals_call_each_other(hue: Terminal, vinh: Terminal) -> None:
    assert target_of(hue.arq("2002")) == vinh.signalling
    assert target_of(vinh.arq("2002", answering=True)) == vinh.signalling
    assert [event.answering for event in vinh.events if isinstance(event, Admitted)] == [True]
    assert target_of(hue.arq("VINH")) == vinh.signalling
    vinh.urq()
    assert told(hue.arq("2002")) == "admissionReject calledPartyNotRegistered"
    assert target_of(hue.arq("2004")) == Address("10.0.0.44", 1720)


def test_an_address_is_called_as_it_was_dialled(hue: Terminal) -> None:
    there = Address("10.3.3.3", 1720)
    assert target_of(hue.arq(destCallSignalAddress=transport(there))) == there
    assert target_of(hue.arq("1001", destCallSignalAddress=transport(there))) == US
    assert target_of(hue.arq()) == US


def test_only_who_is_registered_may_call(gk: Gatekeeper, hue: Terminal) -> None:
    assert (
        told(Terminal(gk, host="10.6.6.6", endpoint=hue.endpoint).arq("1001")) == "admissionReject callerNotRegistered"
    )
    assert told(hue.arq("1001", endpointIdentifier="unknown")) == "admissionReject callerNotRegistered"
    assert [type(event) for event in hue.events] == [Refused]
    assert gk.registry.calls == 0


def test_calls_are_counted_and_end(gk: Gatekeeper, hue: Terminal) -> None:
    one, two, three = (bytes([n]) * 16 for n in (1, 2, 3))
    assert told(hue.arq("1001", call=one)) == "admissionConfirm"
    assert told(hue.arq("1001", call=two)) == "admissionConfirm"
    assert told(hue.arq("1001", call=three)) == "admissionReject resourceUnavailable"
    assert told(hue.arq("1002", call=two)) == "admissionConfirm"  # the same one again
    assert told(hue.drq(one)) == "disengageConfirm"
    assert hue.events == [Disengaged(endpoint=hue.endpoint, account="hue", call_id=one, reason="normalDrop")]
    assert told(hue.drq(one)) == "disengageConfirm"  # over is over
    assert hue.events == []
    assert told(hue.arq("1001", call=three)) == "admissionConfirm"
    assert gk.registry.calls == 2
    hue.urq()
    assert gk.registry.calls == 0
    assert told(hue.drq(two)) == "disengageReject notRegistered"


def test_version_1_has_no_call_identifier(hue: Terminal) -> None:
    octets = hue.encode("admissionRequest", {
        "requestSeqNum": 50, "callType": ras.POINT_TO_POINT, "endpointIdentifier": hue.endpoint, "srcInfo": [],
        "destinationInfo": [ras.alias("1001")], "bandWidth": 3840, "callReferenceValue": 513, "conferenceID": CALL,
        "activeMC": False, "answerCall": False,
    })  # fmt: skip
    assert target_of(hue.send(octets)) == US
    octets = hue.encode("disengageRequest", {
        "requestSeqNum": 51, "endpointIdentifier": hue.endpoint, "conferenceID": CALL, "callReferenceValue": 513,
        "disengageReason": ("normalDrop", 0),
    })  # fmt: skip
    assert told(hue.send(octets)) == "disengageConfirm"
    assert [type(event) for event in hue.events] == [Disengaged]


@pytest.mark.parametrize(("kbit", "asked", "granted"), [(0, 40_000, 40_000), (1024, 40_000, 10_240), (1024, 500, 500)])
def test_bandwidth_is_limited(kbit: int, asked: int, granted: int) -> None:
    terminal = Terminal(gatekeeper(HUE, kbit=kbit))
    terminal.rrq()
    answer = terminal.arq("1001", bandWidth=asked)
    assert answer is not None
    assert answer[1]["bandWidth"] == granted


def test_bandwidth_is_changed_in_a_call() -> None:
    terminal = Terminal(gatekeeper(HUE, kbit=1024))
    assert told(terminal.brq(100, endpointIdentifier="x")) == "bandwidthReject notBound"
    terminal.rrq()
    assert told(terminal.brq(100)) == "bandwidthReject invalidConferenceID"
    terminal.arq("1001")
    assert told(terminal.brq(10_000)) == "bandwidthConfirm"
    answer = terminal.brq(20_000)
    assert told(answer) == "bandwidthReject insufficientResources"
    assert answer is not None
    assert answer[1]["allowedBandWidth"] == 10_240


def lrq(terminal: Terminal, *aliases: str, **more: Any) -> ras.Message | None:
    body = {"destinationInfo": [ras.alias(alias) for alias in aliases], "replyAddress": transport(terminal.source)}
    return terminal.say("locationRequest", **body, canMapAlias=True, canMapSrcAlias=True, **more)


def test_neighbours_and_terminals_ask_where_somebody_is(gk: Gatekeeper, hue: Terminal, vinh: Terminal) -> None:
    neighbour = Terminal(gk, host="10.9.0.1")
    assert target_of(lrq(neighbour, "2001")) == hue.signalling
    assert target_of(lrq(neighbour, "1001")) == US
    assert target_of(lrq(vinh, "2001", endpointIdentifier=vinh.endpoint)) == hue.signalling
    hue.urq()
    assert told(lrq(neighbour, "2001")) == "locationReject notRegistered"
    assert told(lrq(neighbour)) == "locationReject undefinedReason"
    assert told(lrq(Terminal(gk, host="10.6.6.6"), "2002")) == "locationReject invalidPermission"


def test_answers_are_not_sent_to_third_parties(gk: Gatekeeper) -> None:
    neighbour = Terminal(gk, host="10.9.0.1")
    body = {"destinationInfo": [ras.alias("1001")], "replyAddress": transport(Address("198.51.100.1", 53))}
    gk.feed(per.encode_ras(("locationRequest", {"requestSeqNum": 1, **body})), neighbour.source, 0)
    assert [target for _, target in gk.take()] == [neighbour.source]
    body["replyAddress"] = transport(Address("10.9.0.1", 1719))
    gk.feed(per.encode_ras(("locationRequest", {"requestSeqNum": 1, **body})), neighbour.source, 0)
    assert [target for _, target in gk.take()] == [Address("10.9.0.1", 1719)]


def irr(terminal: Terminal, seq: int, *calls: bytes, **more: Any) -> ras.Message | None:
    info = [
        {"callReferenceValue": 1, "conferenceID": call, "callIdentifier": {"guid": call}, "h245": {},
         "callSignalling": {}, "callType": ras.POINT_TO_POINT, "bandWidth": 100, "callModel": ras.DIRECT,
         "substituteConfIDs": []}
        for call in calls
    ]  # fmt: skip
    body: ras.Body = {
        "requestSeqNum": seq, "endpointType": {"mc": False, "undefinedNode": False},
        "endpointIdentifier": terminal.endpoint, "rasAddress": transport(terminal.source),
        "callSignalAddress": [], "perCallInfo": info, "needResponse": False, "unsolicited": False,
    }  # fmt: skip
    return terminal.send(terminal.encode("infoRequestResponse", {**body, **more}))


def test_a_terminal_is_asked_about_its_calls(gk: Gatekeeper, hue: Terminal) -> None:
    gk.ask(hue.endpoint, 1)
    ((octets, target),) = gk.take()
    name, body = per.decode_ras(octets)
    assert (name, target, body["callReferenceValue"]) == ("infoRequest", hue.source, 0)
    assert irr(hue, body["requestSeqNum"], CALL) is None
    assert hue.events == [Reported(endpoint=hue.endpoint, calls=(CALL,))]
    gk.tick(100)
    assert gk.take() == []  # it was answered


def test_reports_are_acknowledged_where_that_is_wanted(gk: Gatekeeper, hue: Terminal) -> None:
    assert told(irr(hue, 7, needResponse=True)) == "infoRequestAck"
    stranger = Terminal(gk, host="10.6.6.6", endpoint="x")
    assert told(irr(stranger, 7, needResponse=True)) == "infoRequestNak notRegistered"
    assert irr(stranger, 8) is None


def test_a_call_is_taken_from_a_terminal(gk: Gatekeeper, hue: Terminal) -> None:
    hue.arq("1001")
    gk.drop(hue.endpoint, CALL, 5)
    ((octets, _),) = gk.take()
    name, body = per.decode_ras(octets)
    assert (name, ras.reason_of(body), ras.call_id_of(body)) == ("disengageRequest", "forcedDrop", CALL)
    rip = ("requestInProgress", {"requestSeqNum": body["requestSeqNum"], "delay": 10_000})
    hue.at = 6
    hue.send(per.encode_ras(rip))
    gk.tick(9)
    assert gk.take() == []  # it works on it
    gk.tick(17)
    assert len(gk.take()) == 1
    hue.at = 18
    hue.send(per.encode_ras(("disengageConfirm", {"requestSeqNum": body["requestSeqNum"]})))
    gk.tick(60)
    assert gk.take() == []
    gk.drop(hue.endpoint, CALL, 61)
    gk.drop("nobody", CALL, 61)
    assert gk.take() == []


def test_other_requests_get_their_answers(hue: Terminal) -> None:
    rai = {"protocolIdentifier": ras.PROTOCOL, "endpointIdentifier": hue.endpoint, "protocols": []}
    assert told(hue.say("resourcesAvailableIndicate", **rai, almostOutOfResources=True)) == "resourcesAvailableConfirm"
    assert told(hue.say("serviceControlIndication", serviceControl=[])) == "serviceControlResponse"
    foreign = {"nonStandardIdentifier": ("object", (1, 2, 3)), "data": b"hello"}
    answer = hue.say("nonStandardMessage", nonStandardData=foreign)
    assert answer is not None
    assert (answer[0], answer[1]["messageNotUnderstood"]) == ("unknownMessageResponse", hue.sent)
    # An answer to what we never asked, or to that: silence, or two would talk for ever.
    assert hue.say("unknownMessageResponse", messageNotUnderstood=b"x") is None
    assert hue.say("disengageConfirm") is None
    assert hue.say("locationReject", rejectReason=("notRegistered", 0)) is None

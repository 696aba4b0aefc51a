"""Ourselves at an outside gatekeeper, which is ours here: found, registered, lost, found again."""

from __future__ import annotations

import dataclasses

import pytest

from mcu.errors import Unavailable
from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import Account, h235
from mcu.h323.ras import messages as ras
from mcu.h323.ras.client import Phase
from mcu.h323.ras.events import Allowed, Joined, Left, Registered, Unregistered
from mcu.h323.transport import transport
from tests.h323.ras.wire import CALL, EPOCH, GK, MCU, MEMBER, OTHER, SECRET, Wire, admit, gatekeeper, wired


def test_found_and_registered() -> None:
    wire = wired()
    assert wire.start() == [Joined(gatekeeper=GK, identifier="GK", aliases=("1000", "mcu"), time_to_live=300)]
    assert wire.names() == ["gatekeeperRequest", "gatekeeperConfirm", "registrationRequest", "registrationConfirm"]
    (registered,) = wire.theirs
    assert isinstance(registered, Registered)
    assert (registered.account, registered.signalling, registered.product) == ("mcu", MEMBER.signalling, "MCU 1.2")
    assert wire.said[2][1][1]["discoveryComplete"] is True


def test_without_discovery() -> None:
    wire = wired(discover=False)
    assert [type(event) for event in wire.start()] == [Joined]
    assert wire.names() == ["registrationRequest", "registrationConfirm"]


def test_found_by_multicast() -> None:
    wire = wired(gatekeeper=None)
    assert [type(event) for event in wire.start()] == [Joined]
    wire = wired(OTHER, gatekeeper=None)
    assert wire.start() == []  # not theirs, and they keep silent
    assert wire.run(15) == [Left(reason="no answer")]


@pytest.mark.parametrize("discover", [True, False])
@pytest.mark.parametrize("password", ["mật khẩu", "mat khau"])
def test_with_a_password(discover: bool, password: str) -> None:
    wire = wired(SECRET, discover=discover, password=password)
    events = wire.start()
    if password != SECRET.password:
        assert events == [Left(reason="securityIntegrityFailed")]
        return
    assert [type(event) for event in events] == [Joined]
    assert wire.client.link.mutual
    assert wire.client.link.method == ("hmac" if discover else None)
    wire.run(400)
    assert wire.client.registered
    admit(wire, dialled=["2001"])
    assert [type(event) for event in wire.fresh()] == [Allowed]


@pytest.mark.parametrize("method", ["md5", "cat"])
def test_with_the_method_that_the_gatekeeper_chose(method: h235.Method, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h235, "offered", lambda body: [method])
    wire = wired(SECRET, OTHER, password="mật khẩu")
    assert [type(event) for event in wire.start()] == [Joined]
    rrq = next(body for name, body in (m for _, m in wire.said) if name == "registrationRequest")
    assert [token.method for token in h235.tokens_of(rrq)] == [method]
    wire.run(400)
    admit(wire, dialled=["2001"])
    wire.client.calls.disengage(CALL, wire.at)
    wire.flow()
    assert [type(event) for event in wire.fresh()] == [Allowed]
    assert wire.names("<")[-1] == "disengageConfirm"


def test_an_answer_signed_by_somebody_else_is_not_believed() -> None:
    wire = wired(SECRET, password="mật khẩu")
    wire.start()
    urq = ("unregistrationRequest", {"requestSeqNum": 1, "callSignalAddress": []})
    forged = h235.signed(urq, "guessed", sender="GK", receiver="", timestamp=int(EPOCH), nonce=1)
    assert wire.client.feed(forged, GK, 1) == []
    assert wire.client.feed(per.encode_ras(urq), GK, 1) == []  # it signed before, so it has to now
    assert wire.client.link.forged == 2
    assert wire.client.take() == []
    assert wire.client.registered


def test_kept_alive() -> None:
    wire = wired(gk=gatekeeper(MCU, time_to_live=60))
    wire.start()
    before = len(wire.said)
    assert wire.run(600) == []
    assert wire.names(">")[2:] == ["registrationRequest"] * (600 // 30)
    assert all(body["keepAlive"] for way, (_, body) in wire.said[before:] if way == ">")
    assert len(wire.gatekeepers[GK].registry) == 1


@pytest.mark.parametrize(
    "lost", ["gatekeeperRequest", "gatekeeperConfirm", "registrationRequest", "registrationConfirm"]
)
def test_every_message_may_be_lost_twice(lost: str) -> None:
    wire = wired()
    left = {lost: 2}

    def losing(name: str, outwards: bool) -> bool:
        left[name] = left.get(name, 0) - 1
        return left[name] >= 0

    wire.lost = losing
    wire.start()
    assert [type(event) for event in wire.run(12)] == [Joined]
    assert len(wire.theirs) == 1  # and was registered once


def test_a_gatekeeper_that_does_not_answer_is_asked_less_and_less_often() -> None:
    wire = wired()
    wire.lost = lambda name, outwards: outwards
    wire.start()
    events = wire.run(600)
    assert set(events) == {Left(reason="no answer")}
    assert 8 <= len(events) <= 12  # 15 s of asking and 5, 10, 20, 40, 60 s of waiting
    wire.lost = lambda name, outwards: False
    assert [type(event) for event in wire.run(80)][-1] is Joined


def test_a_gatekeeper_that_was_restarted_gets_a_full_registration() -> None:
    wire = wired()
    wire.start()
    wire.gatekeepers[GK] = gatekeeper(MCU)
    assert wire.run(160) == [
        Left(reason="fullRegistrationRequired"),
        Joined(gatekeeper=GK, identifier="GK", aliases=("1000", "mcu"), time_to_live=300),
    ]
    assert wire.names(">")[2:] == ["registrationRequest", "registrationRequest"]


def test_a_gatekeeper_that_went_silent_is_noticed_before_it_forgets_us() -> None:
    wire = wired(gk=gatekeeper(MCU, time_to_live=60))
    wire.start()
    wire.lost = lambda name, outwards: True
    assert wire.run(45) == []
    assert Left(reason="no answer") in wire.run(25)
    assert not wire.client.registered
    with pytest.raises(Unavailable):
        admit(wire)


def test_an_alternate_takes_over() -> None:
    second = Address("10.0.0.3", 1719)
    wire = wired(gk=gatekeeper(MCU, time_to_live=60))
    wire.gatekeepers[second] = gatekeeper(MCU, at=second, time_to_live=60)
    wire.start()
    entry = {"rasAddress": transport(second), "needToRegister": True, "priority": 1}
    farther = {"rasAddress": transport(Address("10.0.0.4", 1719)), "needToRegister": True, "priority": 2}
    wire.client._learn_alternates([farther, entry])
    del wire.gatekeepers[GK]
    events = wire.run(120)
    assert events[0] == Left(reason="no answer")
    assert isinstance(events[1], Joined)
    assert events[1].gatekeeper == second


def test_alternates_are_learned_from_answers() -> None:
    wire = wired()
    seq = _asked(wire)
    alternate = {"rasAddress": transport(Address("10.0.0.3", 1719)), "needToRegister": True, "priority": 1}
    gcf = {"requestSeqNum": seq, "protocolIdentifier": ras.PROTOCOL, "rasAddress": transport(GK)}
    wire.client.feed(per.encode_ras(("gatekeeperConfirm", {**gcf, "alternateGatekeeper": [alternate]})), GK, 0)
    assert wire.client._alternates == [Address("10.0.0.3", 1719)]


def _asked(wire: Wire) -> int:
    """Starts; the number of the GRQ that goes nowhere."""
    wire.client.start(0)
    ((octets, _),) = wire.client.take()
    seq: int = per.decode_ras(octets)[1]["requestSeqNum"]
    return seq


def test_a_gatekeeper_behind_a_nat_is_spoken_to_where_it_answered_from() -> None:
    there = Address("20.0.0.1", 1719)
    wire = wired(gatekeeper=there)
    gcf = {"requestSeqNum": _asked(wire), "protocolIdentifier": ras.PROTOCOL}
    inside = {"rasAddress": transport(Address("192.168.0.1", 1719))}
    wire.client.feed(per.encode_ras(("gatekeeperConfirm", {**gcf, **inside})), there, 0)
    assert [target for _, target in wire.client.take()] == [there]


@pytest.mark.parametrize(
    ("accounts", "reason"),
    [((OTHER,), "terminalExcluded"), ((MCU, dataclasses.replace(OTHER, aliases=("1000",))), "")],
)
def test_who_is_not_wanted_asks_again_later(accounts: tuple[Account, ...], reason: str) -> None:
    wire = wired(*accounts)
    events = wire.start()
    if reason:
        assert events == [Left(reason=reason)]
        wire.gatekeepers[GK].replace([MCU], 1)
        assert [type(event) for event in wire.run(31)] == [Joined]


def test_sent_away_and_back_again() -> None:
    wire = wired()
    wire.start()
    gk = wire.gatekeepers[GK]
    gk.replace([dataclasses.replace(MCU, display="x")], 1)
    wire.flow()
    assert wire.fresh() == [Left(reason="reregistrationRequired")]
    assert wire.names(">")[-1] == "unregistrationConfirm"
    assert [type(event) for event in wire.run(2)] == [Joined]
    gk.stop(wire.at)
    wire.flow()
    assert wire.fresh() == [Left(reason="maintenance")]
    wire.run(10)
    assert wire.client.phase is Phase.WAITING


def test_taking_our_leave() -> None:
    wire = wired()
    wire.start()
    wire.ours += wire.client.stop(1)
    wire.flow()
    assert wire.fresh() == [Left(reason="stopped")]
    assert [type(event) for event in wire.theirs] == [Registered, Unregistered]
    assert wire.client.due() is None
    assert [type(event) for event in wire.start()] == [Joined]


def test_other_names_under_way() -> None:
    wire = wired(gk=gatekeeper(guests=True), aliases=("1000",))
    wire.start()
    wire.client.rename(("1000", "1001", "1002"), 1)
    wire.flow()
    assert [type(event) for event in wire.fresh()] == [Joined]
    assert wire.gatekeepers[GK].find("1002") == MEMBER.signalling
    assert len(wire.gatekeepers[GK].registry) == 1


def test_with_prefixes_we_are_a_gateway() -> None:
    wire = wired(prefixes=("10", "88"))
    assert [type(event) for event in wire.start()] == [Joined]
    rrq = next(body for name, body in (m for _, m in wire.said) if name == "registrationRequest")
    ((_, supported),) = rrq["terminalType"]["gateway"]["protocol"]
    assert [p["prefix"] for p in supported["supportedPrefixes"]] == [("dialledDigits", "10"), ("dialledDigits", "88")]


def test_strangers_are_not_heard() -> None:
    wire = wired()
    wire.start()
    admit(wire, dialled=["2001"])
    wire.fresh()
    stranger = Address("10.6.6.6", 1719)
    urq = per.encode_ras(("unregistrationRequest", {"requestSeqNum": 1, "callSignalAddress": []}))
    confirmed = {"requestSeqNum": 2, "protocolIdentifier": ras.PROTOCOL, "callSignalAddress": []}
    flags = {"willRespondToIRR": False, "maintainConnection": False}
    rcf = per.encode_ras(("registrationConfirm", {**confirmed, "endpointIdentifier": "x", **flags}))
    assert wire.client.feed(urq, stranger, 1) == []
    assert wire.client.feed(rcf, GK, 1) == []  # to nothing that was asked
    assert wire.client.take() == []
    someone_else = {"requestSeqNum": 3, "callSignalAddress": [], "endpointIdentifier": "someone else"}
    assert wire.client.feed(per.encode_ras(("unregistrationRequest", someone_else)), GK, 1) == []
    ((octets, _),) = wire.client.take()
    assert per.decode_ras(octets)[0] == "unregistrationReject"
    assert wire.client.registered


def test_what_it_says_that_we_do_not_know() -> None:
    wire = wired()
    wire.start()
    odd = per.encode_ras(("nonStandardMessage", {"requestSeqNum": 5, "nonStandardData": {
        "nonStandardIdentifier": ("object", (1, 2)), "data": b"x"}}))  # fmt: skip
    assert wire.client.feed(odd, GK, 1) == []
    ((octets, _),) = wire.client.take()
    assert per.decode_ras(octets) == ("unknownMessageResponse", {"requestSeqNum": 5, "messageNotUnderstood": odd})
    assert wire.client.feed(b"\xff\xff", GK, 1) == []
    assert wire.client.garbled == 1

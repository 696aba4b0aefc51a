"""Our gatekeeper asks its neighbours where somebody is: the first that knows is believed, silence ends some time."""

from __future__ import annotations

import pytest

from mcu.errors import Garbled
from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import Account, Gatekeeper, Policy
from mcu.h323.ras import messages as ras
from mcu.h323.ras.events import Event, Located
from mcu.h323.ras.neighbours import SEARCHES_MOST
from mcu.h323.transport import transport

OURS, NORTH, SOUTH = Address("10.0.0.1", 1719), Address("10.0.0.2", 1719), Address("10.0.0.3", 1719)
THERE = Address("10.0.2.9", 1720)


def gatekeeper(*asked: Address) -> Gatekeeper:
    return Gatekeeper(Policy(ras=OURS, asked=asked, neighbours=tuple(a.host for a in asked)))


def asked(gk: Gatekeeper) -> dict[Address, ras.Body]:
    """The questions that go out, by whom they are for."""
    found = {}
    for octets, target in gk.take():
        name, body = per.decode_ras(octets)
        assert name == "locationRequest"
        found[target] = body
    return found


def answer(gk: Gatekeeper, question: ras.Body, source: Address, target: Address | None, at: float = 1) -> list[Event]:
    seq = question["requestSeqNum"]
    if target is None:
        return gk.feed(per.encode_ras(ras.reject("locationReject", seq, "requestDenied")), source, at)
    body = {"requestSeqNum": seq, "callSignalAddress": transport(target), "rasAddress": transport(source)}
    return gk.feed(per.encode_ras(("locationConfirm", body)), source, at)


def test_the_first_that_knows_is_believed() -> None:
    gk = gatekeeper(NORTH, SOUTH)
    number, events = gk.locate("7701", 0)
    questions = asked(gk)
    assert (events, set(questions)) == ([], {NORTH, SOUTH})
    assert all(ras.alias_texts(body["destinationInfo"]) == ("7701",) for body in questions.values())
    assert all(ras.address_of(body["replyAddress"]) == OURS for body in questions.values())
    assert answer(gk, questions[NORTH], NORTH, None) == []
    assert answer(gk, questions[SOUTH], SOUTH, THERE) == [Located(request=number, target=THERE)]
    assert answer(gk, questions[SOUTH], SOUTH, THERE) == [], "once is enough"
    assert gk.due() is None


def test_a_no_of_all_is_a_no() -> None:
    gk = gatekeeper(NORTH, SOUTH)
    number, _ = gk.locate("7701", 0)
    questions = asked(gk)
    assert answer(gk, questions[SOUTH], SOUTH, None) == []
    assert answer(gk, questions[NORTH], NORTH, None) == [Located(request=number, target=None)]


def test_silence_ends_and_is_asked_twice() -> None:
    gk = gatekeeper(NORTH)
    number, _ = gk.locate("7701", 0)
    assert len(asked(gk)) == 1
    assert gk.tick(2.0) == []
    assert len(asked(gk)) == 1
    assert gk.tick(4.0) == [Located(request=number, target=None)]
    assert not asked(gk)


def test_others_are_not_believed() -> None:
    gk = gatekeeper(NORTH)
    number, _ = gk.locate("7701", 0)
    (question,) = asked(gk).values()
    assert answer(gk, question, Address("10.66.6.6", 1719), THERE) == []
    assert answer(gk, {"requestSeqNum": (question["requestSeqNum"] + 1) % 65535 or 1}, NORTH, THERE) == []
    multicast = {**question}
    assert answer(gk, multicast, NORTH, Address("224.0.0.5", 1720)) == [Located(request=number, target=None)]


def test_nobody_to_ask_is_told_at_once() -> None:
    gk = gatekeeper()
    number, events = gk.locate("7701", 0)
    assert events == [Located(request=number, target=None)]
    assert not gk.take()


def test_searches_are_bounded() -> None:
    gk = gatekeeper(NORTH, SOUTH)
    for _ in range(SEARCHES_MOST):
        assert gk.locate("7701", 0)[1] == []
    number, events = gk.locate("7701", 0)
    assert events == [Located(request=number, target=None)]
    assert len(gk.tick(2.0) + gk.tick(4.0)) == SEARCHES_MOST
    assert gk.locate("7701", 5)[1] == [], "they are over"


def test_searches_end_though_there_are_more_questions_than_are_kept() -> None:
    gk = gatekeeper(*(Address(f"10.0.1.{n}", 1719) for n in range(1, 6)))
    numbers = [gk.locate("7701", 0)[0] for _ in range(SEARCHES_MOST)]  # 320 questions; 256 are kept
    gk.take()
    assert gk.due() == 0, "the oldest are given up at once"
    early = gk.tick(0)
    assert early == [Located(request=number, target=None) for number in numbers[:12]]  # 64 questions, 5 a search
    assert gk.due() == 2
    assert gk.tick(2.0) == []
    late = gk.tick(4.0)
    assert late == [Located(request=number, target=None) for number in numbers[12:]]
    assert gk.locate("7701", 5)[1] == [], "they are over"


def test_two_of_ours_are_neighbours() -> None:
    other = Gatekeeper(
        Policy(ras=NORTH, signalling=Address(NORTH.host, 1720), neighbours=("10.0.0.1",)),
        [Account(name="xa", aliases=("7701",), address="10.0.2.9")],
    )
    gk = gatekeeper(NORTH)
    number, _ = gk.locate("7701", 0)
    ((octets, _),) = gk.take()
    other.feed(octets, OURS, 0)
    ((octets, target),) = other.take()
    assert target == OURS
    assert gk.feed(octets, NORTH, 0) == [Located(request=number, target=THERE)]


def test_what_is_no_alias_is_garbled() -> None:
    gk = gatekeeper(NORTH)
    with pytest.raises(Garbled):
        gk.locate("7" * 200 + "\ud800", 0)

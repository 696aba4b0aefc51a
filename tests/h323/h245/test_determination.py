"""Master-slave determination (H.245 8.2)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323.h245 import Control
from mcu.h323.h245.determination import MODULUS
from mcu.h323.h245.events import Determined, Lost
from mcu.h323.per import decode_h245, encode_h245
from tests.h323.h245.parties import OFFER, Pair, losing, none, one


class Drawn(random.Random):
    """Draws these numbers, then 5, 6, 7, …"""

    def __init__(self, *numbers: int) -> None:
        super().__init__(0)
        self._numbers = list(numbers)

    def randrange(self, *_: object) -> int:
        return self._numbers.pop(0) if self._numbers else 5


@pytest.mark.parametrize(("a_type", "b_type", "master"), [(190, 50, True), (50, 190, False), (240, 190, True)])
def test_the_larger_terminal_type_is_the_master(a_type: int, b_type: int, master: bool) -> None:
    pair = Pair(a_type, b_type)
    pair.a.start(0.0)
    pair.b.start(0.0)
    pair.run()
    assert one(pair.a_events, Determined) == Determined(master)
    assert one(pair.b_events, Determined) == Determined(not master)
    assert pair.a.peer.master is master
    assert pair.a.ready
    assert pair.b.ready


@given(st.integers(0, 2**32), st.booleans(), st.booleans())
def test_equal_types_are_decided_by_numbers(seed: int, a_starts: bool, b_starts: bool) -> None:
    pair = Pair(190, 190, seed=seed)
    if a_starts:
        pair.a.start(0.0)
        pair.run()
    if b_starts:
        pair.b.start(0.0)
    pair.run()
    if a_starts or b_starts:
        assert one(pair.a_events, Determined).master is not one(pair.b_events, Determined).master


@pytest.mark.parametrize(
    ("ours", "theirs", "master"),
    [(10, 20, True), (20, 10, False), (0, MODULUS // 2 - 1, True), (0, MODULUS // 2 + 1, False)],
)
def test_the_rule_of_the_numbers(ours: int, theirs: int, master: bool) -> None:
    """H.245 C.2: (theirs - ours) mod 2^24 in the lower half makes us the master."""
    control = Control(OFFER, 50, 0.0, Drawn(ours))
    body = {"terminalType": 50, "statusDeterminationNumber": theirs}
    assert control.feed(encode_h245(("request", ("masterSlaveDetermination", body))), 1.0) == []
    (answer,) = [decode_h245(octets) for octets in control.take()]
    word = "slave" if master else "master"
    assert answer == ("response", ("masterSlaveDeterminationAck", {"decision": (word, 0)}))


@pytest.mark.parametrize("difference", [0, MODULUS // 2])
def test_numbers_that_decide_nothing_are_drawn_again(difference: int) -> None:
    pair = Pair(50, 50)
    pair.a = Control(OFFER, 50, 0.0, Drawn(1000, 2000, 3000))
    pair.b = Control(OFFER, 50, 0.0, Drawn((1000 + difference) % MODULUS, 7000, 8000))
    pair.a.start(0.0)
    pair.b.start(0.0)
    pair.run()
    assert one(pair.a_events, Determined).master is not one(pair.b_events, Determined).master


def test_one_who_was_not_asked_rejects_equal_numbers() -> None:
    pair = Pair(50, 50)
    pair.a = Control(OFFER, 50, 0.0, Drawn(1000, 2000))
    pair.b = Control(OFFER, 50, 0.0, Drawn(1000, 9000))
    pair.a.start(0.0)
    pair.run()
    assert "masterSlaveDeterminationReject" in pair.said("b")
    assert one(pair.a_events, Determined).master is not one(pair.b_events, Determined).master


def test_a_peer_that_always_draws_our_number_is_given_up() -> None:
    class Mirror(random.Random):
        def randrange(self, *_: object) -> int:
            return 77

    pair = Pair(50, 50)
    pair.a = Control(OFFER, 50, 0.0, Mirror(0))
    pair.b = Control(OFFER, 50, 0.0, Mirror(0))
    pair.a.start(0.0)
    pair.b.start(0.0)
    pair.run()
    assert "determination" in one(pair.a_events, Lost).reason
    assert pair.a.over


@pytest.mark.parametrize("name", ["masterSlaveDetermination", "masterSlaveDeterminationAck"])
@pytest.mark.parametrize("sender", ["a", "b"])
def test_one_loss_is_made_good(name: str, sender: str) -> None:
    pair = Pair()
    left = [1]

    def lose_one(who: str, message: tuple[str, tuple[str, object]]) -> bool:
        if who == sender and message[1][0] == name and left:
            left.pop()
            return True
        return False

    pair.drop = lose_one
    pair.a.start(0.0)
    pair.b.start(0.0)
    pair.wait(15.0)
    assert pair.a.peer.master is True
    assert pair.b.peer.master is False
    assert none(pair.a_events + pair.b_events, Lost)


def test_a_peer_that_never_answers_is_lost() -> None:
    pair = Pair()
    pair.drop = losing("masterSlaveDetermination", "masterSlaveDeterminationAck", sender="b")
    pair.a.start(0.0)
    pair.wait(29.0)
    assert none(pair.a_events, Lost)
    pair.wait(2.0)
    assert one(pair.a_events, Lost)
    assert pair.said("a").count("masterSlaveDeterminationRelease") == 3
    assert pair.a.due() is None
    assert pair.a.feed(b"\x00", 40.0) == []


def test_a_last_word_that_does_not_come_is_not_waited_for() -> None:
    pair = Pair()
    pair.drop = losing("masterSlaveDeterminationAck", sender="b")
    pair.b.start(0.0)
    pair.wait(11.0)
    assert pair.a.peer.master is True


def test_a_decision_that_contradicts_is_taken_for_what_the_numbers_say() -> None:
    """Some write what they are themselves."""
    control = Control(OFFER, 190, 0.0, Drawn(1))
    control.start(0.0)
    body = {"terminalType": 50, "statusDeterminationNumber": 2}
    control.feed(encode_h245(("request", ("masterSlaveDetermination", body))), 1.0)
    ack = ("response", ("masterSlaveDeterminationAck", {"decision": ("slave", 0)}))
    assert control.feed(encode_h245(ack), 1.0) == [Determined(True)]


def test_words_out_of_turn_are_harmless() -> None:
    pair = Pair().started()
    for message in (
        ("response", ("masterSlaveDeterminationAck", {"decision": ("slave", 0)})),
        ("response", ("masterSlaveDeterminationReject", {"cause": ("identicalNumbers", 0)})),
        ("indication", ("masterSlaveDeterminationRelease", {})),
    ):
        assert pair.a.feed(encode_h245(message), 1.0) == []
        assert pair.a.take() == []
    assert pair.a.peer.master is True

"""H.239's token, both sides."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.h323.h245 import Control, h239
from mcu.h323.h245.events import TokenGranted, TokenRefused, TokenReleased, TokenRequested, TokenTaken
from mcu.h323.h245.generic import message, read_message
from mcu.h323.per import decode_h245, encode_h245
from tests.h323.h245.parties import OFFER, Pair, losing, none, one

Verdict = str


class Drawn(random.Random):
    """Symmetry numbers as given, then 1."""

    def __init__(self, *numbers: int) -> None:
        super().__init__(0)
        self._numbers = list(numbers)

    def randint(self, *_: Any) -> int:
        return self._numbers.pop(0) if self._numbers else 1


def pair_drawing(a: tuple[int, ...], b: tuple[int, ...]) -> Pair:
    pair = Pair()
    pair.a = Control(OFFER, 190, 0.0, Drawn(*a))
    pair.b = Control(OFFER, 50, 0.0, Drawn(*b))
    return pair.started()


def test_granted_indicated_released() -> None:
    pair = Pair().started()
    pair.b.request_token(103)
    pair.run()
    assert one(pair.a_events, TokenRequested) == TokenRequested(103)
    pair.a.grant_token()
    pair.run()
    assert one(pair.b_events, TokenGranted)
    assert pair.log == [("b", "genericRequest"), ("a", "genericResponse"), ("b", "genericIndication")]
    pair.b.indicate_token(104)
    pair.b.release_token()
    pair.b.release_token()
    pair.run()
    assert pair.said("b")[-2:] == ["genericIndication", "genericCommand"]
    assert one(pair.a_events, TokenReleased)
    assert none(pair.a_events, TokenTaken)


def test_refused() -> None:
    pair = Pair().started()
    pair.b.request_token(1)
    pair.run()
    pair.a.refuse_token()
    pair.run()
    assert one(pair.b_events, TokenRefused)
    assert none(pair.b_events, TokenGranted)
    pair.b.release_token()
    pair.run()
    assert pair.said("b") == ["genericRequest"]  # what one hasn't one doesn't give back


def test_an_answer_that_we_forget_is_no() -> None:
    pair = Pair().started()
    pair.b.request_token(1)
    pair.wait(6.0)
    assert one(pair.b_events, TokenRefused)
    assert one(pair.a_events, TokenReleased)
    with pytest.raises(ValueError, match="nobody asks"):
        pair.a.grant_token()


def test_an_answer_that_does_not_come_is_no() -> None:
    pair = Pair().started()
    pair.drop = losing("genericResponse")
    pair.b.request_token(1)
    pair.wait(11.0)
    assert one(pair.b_events, TokenRefused)


def test_the_token_goes_over_and_back() -> None:
    pair = Pair().started()
    pair.a.request_token(1)
    pair.run()
    pair.b.grant_token()
    pair.run()
    pair.clear()
    pair.b.request_token(2)  # b wants to present, a does
    pair.run()
    pair.a.grant_token()
    pair.run()
    assert one(pair.b_events, TokenGranted)
    with pytest.raises(ValueError, match="isn't ours"):
        pair.a.indicate_token(1)
    pair.clear()
    pair.a.request_token(1)
    pair.run()
    pair.b.refuse_token()
    pair.run()
    assert one(pair.a_events, TokenRefused)
    pair.b.indicate_token(2)  # it is b's still
    pair.b.release_token()
    pair.run()
    assert one(pair.a_events, TokenReleased)


@pytest.mark.parametrize(("a", "b", "winner"), [((90,), (20,), "a"), ((20,), (90,), "b")])
def test_when_both_ask_the_higher_number_wins(a: tuple[int, ...], b: tuple[int, ...], winner: str) -> None:
    pair = pair_drawing(a, b)
    pair.a.request_token(1)
    pair.b.request_token(2)
    pair.run()
    won, lost = (pair.a_events, pair.b_events) if winner == "a" else (pair.b_events, pair.a_events)
    assert one(won, TokenGranted)
    assert one(lost, TokenRefused)
    assert one(lost, TokenTaken).number == (1 if winner == "a" else 2)
    assert none(won, TokenTaken, TokenRefused, TokenRequested)
    assert none(lost, TokenGranted, TokenRequested)


def test_who_gives_up_while_asking_gives_back_what_comes_too_late() -> None:
    pair = Pair().started()
    pair.b.request_token(1)
    pair.b.release_token()
    pair.run()
    pair.a.grant_token()
    pair.run()
    assert none(pair.b_events, TokenGranted, TokenRefused)
    assert one(pair.a_events, TokenReleased)
    assert pair.a._token.state is h239.State.FREE


def test_a_peer_that_gives_the_token_back_while_we_ask_for_it() -> None:
    """The request and the release cross."""
    pair = Pair().started()
    pair.b.request_token(1)
    pair.run()
    pair.a.grant_token()
    pair.run()
    pair.clear()
    pair.a.request_token(2)
    pair.b.release_token()
    pair.run()
    assert one(pair.a_events, TokenReleased)
    pair.b.grant_token()
    pair.run()
    assert one(pair.a_events, TokenGranted)


def test_asking_answers_the_peers_question_with_no() -> None:
    pair = Pair().started()
    pair.b.request_token(1)
    pair.run()
    pair.a.request_token(2)
    pair.run()
    assert one(pair.b_events, TokenRefused)
    assert one(pair.b_events, TokenRequested)


def test_equal_numbers_are_drawn_again() -> None:
    pair = pair_drawing((50, 60), (50, 40))
    pair.a.request_token(1)
    pair.b.request_token(2)
    pair.run()
    assert one(pair.a_events, TokenGranted)
    assert one(pair.b_events, TokenRefused)


def test_numbers_that_are_equal_for_ever_leave_it_to_nobody() -> None:
    pair = pair_drawing((), ())
    pair.a.request_token(1)
    pair.b.request_token(2)
    pair.run()
    for events in (pair.a_events, pair.b_events):
        assert one(events, TokenRefused)
        assert none(events, TokenGranted, TokenTaken)


@given(
    st.integers(0, 10**6),
    st.lists(st.sampled_from(["ask a", "ask b", "grant", "refuse", "release", "run"]), max_size=30),
)
def test_never_two_presenters(seed: int, acts: list[str]) -> None:
    pair = Pair(seed=seed).started()
    for act in acts:
        for control, asks in ((pair.a, "ask a"), (pair.b, "ask b")):
            state = control._token.state
            if act == asks and state not in (h239.State.ASKING, h239.State.OURS):
                control.request_token(1)
            elif act == "grant" and state is h239.State.ASKED:
                control.grant_token()
            elif act == "refuse" and state is h239.State.ASKED:
                control.refuse_token()
            elif act == "release" and asks == "ask a":
                control.release_token()
        if act == "run":
            pair.run()
    pair.run()
    assert not (pair.a._token.state is h239.State.OURS and pair.b._token.state is h239.State.OURS)
    assert [c.garbled + c.unsent for c in (pair.a, pair.b)] == [0, 0]


def test_a_peer_that_just_says_it_presents() -> None:
    pair = Pair().started()
    body = message(h239.H239_MESSAGE, h239.TOKEN_OWNER, {h239.TERMINAL_LABEL: 0, h239.CHANNEL: 12})
    assert pair.a.feed(encode_h245(("indication", ("genericIndication", body))), 1.0) == [TokenTaken(12)]
    assert pair.a.feed(encode_h245(("indication", ("genericIndication", body))), 1.0) == []
    again = message(h239.H239_MESSAGE, h239.TOKEN_REQUEST, {h239.CHANNEL: 12, h239.SYMMETRY_BREAKING: 3})
    assert pair.a.feed(encode_h245(("request", ("genericRequest", again))), 1.0) == []
    name, content = decode_h245(pair.a.take()[0])[1]
    assert name == "genericResponse"
    assert h239.ACKNOWLEDGE in read_message(content)[2]


def test_flow_control_release_is_answered() -> None:
    pair = Pair().started()
    body = message(h239.H239_MESSAGE, h239.FLOW_REQUEST, {h239.CHANNEL: 12, h239.BIT_RATE: 5000})
    assert pair.a.feed(encode_h245(("request", ("genericRequest", body))), 1.0) == []
    name, content = decode_h245(pair.a.take()[0])[1]
    identifier, sub, parameters = read_message(content)
    assert (name, identifier, sub) == ("genericResponse", h239.H239_MESSAGE, h239.FLOW_RESPONSE)
    assert h239.REJECT in parameters
    assert parameters[h239.CHANNEL] == 12


def test_without_h239_the_request_is_not_supported() -> None:
    pair = Pair(a=OFFER.conservative()).started()
    pair.b.request_token(1)
    pair.run()
    assert pair.said("a") == ["functionNotSupported"]
    pair.wait(11.0)
    assert one(pair.b_events, TokenRefused)


def test_wrong_use_is_an_error() -> None:
    pair = Pair().started()
    with pytest.raises(ValueError, match="nobody asks"):
        pair.a.refuse_token()
    pair.a.request_token(1)
    with pytest.raises(ValueError, match="asked for"):
        pair.a.request_token(1)

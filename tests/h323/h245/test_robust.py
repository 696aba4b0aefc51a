"""Whatever comes in whatever order: a session never raises, never grows without bounds, and always comes to its end."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mcu.errors import Garbled
from mcu.h323.h245 import Control, FastChannel
from mcu.h323.h245.events import ChannelAccepted, ChannelOffered, Ended, Lost
from mcu.h323.per import decode_h245, encode_h245
from tests.h323 import vectors
from tests.h323.h245.parties import H264, OFFER, PCMU, RTCP, RTP, SLIDES, THEIR_RTCP, THEIR_RTP, Pair
from tests.h323.per import mutate

CAPTURED = [v.octets for v in vectors.distinct() if v.kind == "h245"]
REPLIES_PER_MESSAGE = 8


def session(chance: random.Random) -> Control:
    """In any of its states."""
    control = Control(OFFER, chance.choice((50, 190)), 0.0, random.Random(chance.randrange(1000)))
    if chance.random() < 0.8:
        control.start(0.0)
    if chance.random() < 0.5:
        control.adopt(FastChannel(True, "video", H264, 102, 2, THEIR_RTP, None))
        control.adopt(FastChannel(False, "video", H264, 102, 2, None, THEIR_RTCP))
    if chance.random() < 0.5:
        control.open("audio", PCMU, None, RTCP)
        control.open("content", SLIDES, None, RTCP)
    if chance.random() < 0.3:
        control.request_token(3)
    return control


@pytest.mark.parametrize("seed", range(60))
def test_mutations_of_what_was_captured(seed: int) -> None:
    chance = random.Random(seed)
    control = session(chance)
    at = 0.0
    for _ in range(120):
        octets = chance.choice(CAPTURED)
        if chance.random() < 0.6:
            changed: bytes | None = chance.choice(mutate.OCTETS)(chance, octets)
            if chance.random() < 0.5:
                changed = mutate.structured(chance, "h245", octets)
            octets = octets if changed is None else changed
        at += chance.random() * 3
        before = len(control._line.out)
        for event in [*control.feed(octets, at), *control.tick(at)]:
            if isinstance(event, ChannelOffered) and chance.random() < 0.7:
                control.accept(event.number, RTP, RTCP)
        assert len(control._line.out) - before <= REPLIES_PER_MESSAGE * 8
        for message in control.take():
            decode_h245(message)
        due = control.due()
        assert due is None or due >= 0
        if control.over:
            control = session(chance)
            at = 0.0


@given(st.binary(max_size=300), st.booleans())
def test_noise(octets: bytes, started: bool) -> None:
    control = Control(OFFER, 190, 0.0, random.Random(1))
    if started:
        control.start(0.0)
    control.feed(octets, 1.0)
    control.take()


def test_alterations_of_each_message_in_a_running_session() -> None:
    """Values that are well coded and make no sense."""
    chance = random.Random(7)
    for octets in CAPTURED:
        kind, body = decode_h245(octets)
        pair = Pair()
        for _ in range(12):
            if pair.a.over or not pair.a.ready:
                pair = Pair().started()
                pair.a.adopt(FastChannel(True, "video", H264, 102, 2, THEIR_RTP, None))
            try:
                changed = encode_h245((kind, mutate.alter(chance, body)))
            except Garbled:
                continue
            pair.a.feed(changed, 1.0)
            for message in pair.a.take():
                decode_h245(message)


class Session(RuleBasedStateMachine):
    """Two sessions that are used at random, with loss; in the end they talk to each other or know that they don't."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()
        self.chance = random.Random(3)
        self.loss = 0.0
        self.pair.drop = lambda *_: self.chance.random() < self.loss

    def sides(self) -> list[tuple[Control, list[Any]]]:
        return [(self.pair.a, self.pair.a_events), (self.pair.b, self.pair.b_events)]

    @rule(which=st.integers(0, 1))
    def start(self, which: int) -> None:
        control, _ = self.sides()[which]
        if not control._started:
            control.start(self.pair.at)

    @rule(which=st.integers(0, 1), what=st.sampled_from(["audio", "video", "content"]))
    def open(self, which: int, what: Any) -> None:
        control, _ = self.sides()[which]
        if len(control._channels.ours) < 6:
            control.open(what, {"audio": PCMU, "video": H264, "content": SLIDES}[what], None, RTCP)

    @rule(which=st.integers(0, 1), yes=st.booleans())
    def answer(self, which: int, yes: bool) -> None:
        control, _ = self.sides()[which]
        for number, channel in list(control._channels.theirs.items()):
            if channel.state.name == "WAITING":
                if yes:
                    control.accept(number, THEIR_RTP, THEIR_RTCP)
                else:
                    control.reject(number)

    @rule(which=st.integers(0, 1), ask=st.booleans())
    def close(self, which: int, ask: bool) -> None:
        control, _ = self.sides()[which]
        numbers = list(control._channels.theirs if ask else control._channels.ours)
        if numbers:
            (control.request_close if ask else control.close)(numbers[0])

    @rule(which=st.integers(0, 1), on=st.booleans())
    def hold(self, which: int, on: bool) -> None:
        control, _ = self.sides()[which]
        if control._started:
            control.hold(on)

    @rule(loss=st.sampled_from([0.0, 0.0, 0.3, 1.0]))
    def weather(self, loss: float) -> None:
        self.loss = loss

    @rule(seconds=st.sampled_from([0.0, 1.0, 6.0, 31.0]))
    def wait(self, seconds: float) -> None:
        self.pair.wait(seconds)

    @rule()
    def message(self) -> None:
        self.pair.a.feed(self.chance.choice(CAPTURED), self.pair.at)

    @invariant()
    def bounded(self) -> None:
        for control, _ in self.sides():
            assert len(control._channels.ours) < 50
            assert len(control._channels.theirs) < 50
            assert not control.unsent

    def teardown(self) -> None:
        self.loss = 0.0
        for control, _ in self.sides():
            control.end()
        self.pair.wait(60.0)
        for control, events in self.sides():
            assert control.over
            assert sum(isinstance(event, (Ended, Lost)) for event in events) <= 1
            accepted = [e.number for e in events if isinstance(e, ChannelAccepted)]
            assert len(accepted) == len(set(accepted))


TestSession = Session.TestCase

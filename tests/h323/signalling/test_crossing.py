"""Two of our own do anything at any time while their messages cross: nothing is lost, doubled or out of order."""

from __future__ import annotations

import dataclasses

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mcu.h323.media import Address
from mcu.h323.q931 import CallState
from mcu.h323.signalling import (
    CallSignalling,
    Connected,
    Event,
    FastStartAccepted,
    FastStartRefused,
    H245Received,
    Keypad,
    Lost,
    Released,
    SetupReceived,
    TunnellingRefused,
)

from .pair import ALICE, BOB, target

ACTIONS = ("proceed", "progress", "alert", "connect", "tunnel", "keypad", "start", "carry", "carry", "carry", "write")
STEPS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.booleans(), st.integers(1, 400)), max_size=60)


class Side:
    def __init__(self, call: CallSignalling, name: bytes) -> None:
        self.call = call
        self.name = name
        self.wire = b""  # written, not delivered yet
        self.events: list[Event] = []
        self.tunnelled: list[bytes] = []
        self.keyed = ""

    def do(self, action: str, at: float) -> None:
        """Whatever makes no sense now is a ValueError, and changes nothing."""
        call = self.call
        before = call.state
        try:
            match action:
                case "proceed" | "progress" | "alert" | "connect":
                    getattr(call, action)(Address("192.0.2.3", 3000), (b"answer",) if call._fast.open else ())
                case "tunnel":
                    message = self.name + b"%d" % len(self.tunnelled)
                    call.send_h245(message)
                    self.tunnelled.append(message)
                case "keypad":
                    call.keypad("1#")
                    self.keyed += "1#"
                case "start":
                    call.offer_h245(Address("192.0.2.4", 4000))
        except ValueError:
            assert call.state == before

    def deliver(self, other: Side, octets: int, at: float) -> None:
        piece, self.wire = self.wire[:octets], self.wire[octets:]
        other.events += other.call.feed(piece, at)


def of(events: list[Event], kind: type[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


@settings(max_examples=300)
@given(STEPS, st.booleans(), st.booleans(), st.booleans(), st.booleans())
@example(  # H.245 in the tunnel that the callee agreed to crosses the caller's startH245
    steps=[("write", True, 1), ("carry", True, 149), ("tunnel", False, 1), ("start", True, 1), ("write", False, 1)],
    ours=True,
    theirs=True,
    fast=False,
    caller_ends=False,
)
@example(  # the callee's first message is keys, and H.245 rides in it
    steps=[("write", True, 1), ("carry", True, 400), ("tunnel", False, 1), ("keypad", False, 1), ("write", False, 1)],
    ours=True,
    theirs=True,
    fast=False,
    caller_ends=False,
)
def test_anything_at_any_time(
    steps: list[tuple[str, bool, int]], ours: bool, theirs: bool, fast: bool, caller_ends: bool
) -> None:
    caller = Side(
        CallSignalling.calling(
            dataclasses.replace(ALICE, tunnelling=ours), target(), 0, fast_start=(b"offer",) if fast else ()
        ),
        b"a",
    )
    callee = Side(CallSignalling.answering(dataclasses.replace(BOB, tunnelling=theirs), 0), b"b")
    changed = False
    for number, (action, first, octets) in enumerate(steps):
        one, other = (caller, callee) if first else (callee, caller)
        at = number / 100
        changed |= action == "start"
        if action == "carry":
            one.deliver(other, octets, at)
        elif action == "write":
            one.wire += one.call.take()
        else:
            one.do(action, at)
    for _ in range(4):
        for one, other in ((caller, callee), (callee, caller)):
            one.wire += one.call.take()
            one.deliver(other, 1 << 20, 1)

    assert len(of(callee.events, SetupReceived)) == 1
    assert len(of(caller.events, Connected)) == (caller.call.state == CallState.ACTIVE)
    assert (caller.call.state == CallState.ACTIVE) is (callee.call.state == CallState.ACTIVE)
    answers = of(caller.events, FastStartAccepted) + of(caller.events, FastStartRefused)
    assert len(answers) <= fast
    assert not of(caller.events + callee.events, Lost)
    for one, other in ((caller, callee), (callee, caller)):
        keyed = "".join(event.digits for event in other.events if isinstance(event, Keypad))
        assert keyed == one.keyed
        heard = [event.message for event in other.events if isinstance(event, H245Received)]
        assert heard == one.tunnelled[: len(heard)]
        if one.call.tunnelling and not changed:
            assert heard == one.tunnelled
        assert one.call.garbled == 0
    if caller.call.state == CallState.ACTIVE and not changed:
        assert caller.call.tunnelling is callee.call.tunnelling is (ours and theirs)
        assert len(of(caller.events, TunnellingRefused)) == (ours and not theirs)

    one, other = (caller, callee) if caller_ends else (callee, caller)
    one.call.release(21)
    one.wire += one.call.take()
    one.deliver(other, 1 << 20, 2)
    assert of(other.events, Released) == [Released(21, "refused (destinationRejection)", True)]
    assert caller.call.over
    assert callee.call.over

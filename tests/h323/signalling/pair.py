"""Two CallSignalling instances that talk to each other."""

from __future__ import annotations

from typing import Any

from mcu.h323.media import Address
from mcu.h323.signalling import CallSignalling, Endpoint, Event, Target

ALICE = Endpoint(address=Address("192.0.2.1", 1720), name="alice", digits="2000", product="Terminal", version="1")
BOB = Endpoint(address=Address("192.0.2.2", 1720), name="bob", product="MCU", version="2")
CALL_ID = bytes(range(16))
CONFERENCE_ID = bytes(range(16, 32))


def target(**other: Any) -> Target:
    values: dict[str, Any] = {
        "address": BOB.address,
        "call_id": CALL_ID,
        "conference_id": CONFERENCE_ID,
        "alias": "1001",
    }
    return Target(**(values | other))


class Pair:
    """``caller`` has called; ``settle`` carries octets to and fro until both are silent and gathers their events."""

    def __init__(
        self, caller: Endpoint = ALICE, callee: Endpoint = BOB, call: Target | None = None, **more: Any
    ) -> None:
        self.at = 100.0
        self.caller = CallSignalling.calling(caller, call or target(), self.at, **more)
        self.callee = CallSignalling.answering(callee, self.at)
        self.caller_events: list[Event] = []
        self.callee_events: list[Event] = []

    def settle(self) -> tuple[list[Event], list[Event]]:
        """(events of the caller, events of the callee) since the last time."""
        self.caller_events, self.callee_events = [], []
        while True:
            there, back = self.caller.take(), self.callee.take()
            if not there and not back:
                return self.caller_events, self.callee_events
            self.callee_events += self.callee.feed(there, self.at)
            self.caller_events += self.caller.feed(back, self.at)

    def connected(self) -> Pair:
        self.settle()
        self.callee.proceed()
        self.callee.connect()
        self.settle()
        return self

"""Master-slave determination, H.245 8.2 (C.2): who decides when both want what excludes each other.

More patient than the standard's diagram where a peer says the same thing twice or leaves out the last word.
"""

from __future__ import annotations

import enum
import random

from .events import Determined, Event
from .line import Body, Key, Line

T106 = 10.0  # s until an answer must have come
TRIES = 3  # with T106 each
N100 = 10  # equal numbers in a row: with good random numbers once in 2^23
MODULUS = 1 << 24
NAME = "determination"


class State(enum.Enum):
    IDLE = enum.auto()
    OUTGOING = enum.auto()  # our request is out
    INCOMING = enum.auto()  # we have answered the peer's and wait for its word


class Determination:
    """One side of the determination. ``master`` is None until it is over for the first time."""

    def __init__(self, terminal_type: int, numbers: random.Random, line: Line) -> None:
        self.master: bool | None = None
        self.failed = False  # the peer does not take part
        self._terminal_type = terminal_type
        self._random = numbers
        self._number = numbers.randrange(MODULUS)
        self._line = line
        self._state = State.IDLE
        self._decided: bool | None = None
        self._tries = 0
        self._equal = 0

    def start(self) -> None:
        """Asks for a determination, unless one is under way."""
        if self._state is State.IDLE:
            self._tries = self._equal = 0
            self._request()

    def requested(self, body: Body) -> list[Event]:
        """MasterSlaveDetermination."""
        self._decided = self._decide(body["terminalType"], body["statusDeterminationNumber"])
        if self._decided is not None:
            self._line.response("masterSlaveDeterminationAck", {"decision": _word(not self._decided)})
            self._state = State.INCOMING
            self._line.timers.start((NAME,), T106)
        elif self._state is State.OUTGOING:
            return self._again()
        else:
            self._number = self._random.randrange(MODULUS)
            self._line.response("masterSlaveDeterminationReject", {"cause": ("identicalNumbers", 0)})
        return []

    def acknowledged(self, body: Body) -> list[Event]:
        """MasterSlaveDeterminationAck: its decision is what we are."""
        if self._state is State.OUTGOING:
            self._decided = body["decision"][0] == "master"
            self._line.response("masterSlaveDeterminationAck", {"decision": _word(not self._decided)})
            return self._over()
        if self._state is State.INCOMING:
            # Where it contradicts, what both numbers say stands: some write into the decision what they are themselves.
            return self._over()
        return []

    def rejected(self) -> list[Event]:
        """MasterSlaveDeterminationReject: the numbers were equal."""
        return self._again() if self._state is State.OUTGOING else []

    def released(self) -> list[Event]:
        """MasterSlaveDeterminationRelease: the peer has waited too long for us."""
        return self._again() if self._state is not State.IDLE else []

    def expired(self, _: Key) -> list[Event]:
        """T106."""
        if self._state is State.INCOMING:
            return self._over()  # it has our answer; that it doesn't confirm is no reason to do without
        self._line.indication("masterSlaveDeterminationRelease", {})
        self._tries += 1
        if self._tries < TRIES:
            self._request()
        else:
            self._state = State.IDLE
            self.failed = True
        return []

    def _request(self) -> None:
        self._state = State.OUTGOING
        self._line.request(
            "masterSlaveDetermination",
            {"terminalType": self._terminal_type, "statusDeterminationNumber": self._number},
        )
        self._line.timers.start((NAME,), T106)

    def _again(self) -> list[Event]:
        self._equal += 1
        if self._equal >= N100:
            self._state = State.IDLE
            self._line.timers.stop((NAME,))
            self.failed = True
            return []
        self._number = self._random.randrange(MODULUS)
        self._request()
        return []

    def _decide(self, terminal_type: int, number: int) -> bool | None:
        """Whether we are the master; None where it can't be said."""
        if terminal_type != self._terminal_type:
            return self._terminal_type > terminal_type
        difference = (number - self._number) % MODULUS
        if difference in (0, MODULUS // 2):
            return None
        return difference < MODULUS // 2

    def _over(self) -> list[Event]:
        self._state = State.IDLE
        self._line.timers.stop((NAME,))
        self.master = bool(self._decided)
        self.failed = False
        return [Determined(self.master)]


def _word(master: bool) -> tuple[str, int]:
    return ("master" if master else "slave", 0)

"""H.239's token: who may present. Messages are H.245 generic messages with the identifier below.

One token per session, between the peer and us; which of a room's terminals presents is the conference's business.
"""

from __future__ import annotations

import enum
import random

from .events import Event, TokenGranted, TokenRefused, TokenReleased, TokenRequested, TokenTaken
from .generic import message
from .line import Key, Line

H239_MESSAGE = (0, 0, 8, 239, 2)

# Sub-messages and parameters, as H.239 numbers them.
FLOW_REQUEST, FLOW_RESPONSE, TOKEN_REQUEST, TOKEN_RESPONSE, TOKEN_RELEASE, TOKEN_OWNER = 1, 2, 3, 4, 5, 6
BIT_RATE, CHANNEL, SYMMETRY_BREAKING, TERMINAL_LABEL, ACKNOWLEDGE, REJECT = 41, 42, 43, 44, 126, 127

LABEL = 0  # terminalLabel: outside of a conference with terminal numbers it is 0, as everybody sends it
MOST_SYMMETRY = 127
WAIT = 10.0  # s for an answer to our request
ANSWER = 5.0  # s that we take to answer
TRIES = 3  # equal random numbers of 127: once in two million three times over
NAME = "token"


class State(enum.Enum):
    FREE = enum.auto()
    ASKING = enum.auto()  # our request is out
    ASKED = enum.auto()  # the peer's came, not answered
    OURS = enum.auto()
    THEIRS = enum.auto()


class Token:
    """The token of one session."""

    def __init__(self, numbers: random.Random, line: Line) -> None:
        self.state = State.FREE
        self._random = numbers
        self._line = line
        self._before = State.FREE  # where a refusal leads back to
        self._channel = 0
        self._peer_channel = 0
        self._symmetry = 0
        self._equal = False  # the peer has thrown the same number: both refuse, and both throw again
        self._tries = 0

    # ---- what our side wants

    def request(self, channel: int) -> None:
        """Asks for the token, for a channel of ours (0: not known yet). ValueError where it is ours or asked for."""
        if self.state in (State.ASKING, State.OURS):
            raise ValueError("the token is ours or asked for")
        if self.state is State.ASKED:
            self.refuse()  # who is answered by a request of ours has been refused
        self._before = self.state
        self._channel = channel
        self._tries = 0
        self._ask()

    def indicate(self, channel: int) -> None:
        """Says again that we present, now on ``channel``. ValueError where we don't."""
        if self.state is not State.OURS:
            raise ValueError("the token isn't ours")
        self._channel = channel
        self._owner()

    def release(self) -> None:
        """We present no longer. Harmless where we don't."""
        if self.state is State.OURS:
            self._give_back()
            self._set(State.FREE)
        elif self.state is State.ASKING:
            self._set(self._before)

    def grant(self) -> None:
        """Says yes to a TokenRequested; if the token was ours it no longer is. ValueError where none waits."""
        self._unanswered()
        self._respond(ACKNOWLEDGE)
        self._set(State.THEIRS)

    def refuse(self) -> None:
        """Says no to a TokenRequested. ValueError where none waits."""
        self._unanswered()
        self._respond(REJECT)
        self._set(self._before)

    # ---- what the peer says

    def requested(self, parameters: dict[int, int]) -> list[Event]:
        """presentationTokenRequest."""
        self._peer_channel = parameters.get(CHANNEL, 0)
        if self.state is State.THEIRS:
            self._respond(ACKNOWLEDGE)  # asked again for what it has
            return []
        if self.state is State.ASKED:
            return []
        if self.state is State.ASKING:
            return self._collision(parameters.get(SYMMETRY_BREAKING, 0))
        self._before = self.state
        self.state = State.ASKED
        self._line.timers.start((NAME, "answer"), ANSWER)
        return [TokenRequested(self._peer_channel)]

    def answered(self, parameters: dict[int, int]) -> list[Event]:
        """presentationTokenResponse."""
        granted = ACKNOWLEDGE in parameters and REJECT not in parameters
        if self.state is not State.ASKING:
            if granted and self.state is State.FREE:
                self._give_back()  # too late: it would think for ever that we present
            return []
        if granted:
            self._set(State.OURS)
            self._owner()
            return [TokenGranted()]
        if self._equal:
            self._ask()
            return []
        self._set(self._before)
        return [TokenRefused()]

    def released(self) -> list[Event]:
        """presentationTokenRelease."""
        if self.state is State.ASKED:
            self._set(self._before)  # it has changed its mind
            return [TokenReleased()]
        if self.state is State.ASKING and self._before is State.THEIRS:
            self._before = State.FREE
            return [TokenReleased()]
        if self.state is not State.THEIRS:
            return []
        self._set(State.FREE)
        return [TokenReleased()]

    def owned(self, parameters: dict[int, int]) -> list[Event]:
        """presentationTokenIndicateOwner: the peer presents, whether it asked or not."""
        if self.state is not State.FREE:
            return []
        self._peer_channel = parameters.get(CHANNEL, 0)
        self._set(State.THEIRS)
        return [TokenTaken(self._peer_channel)]

    def expired(self, key: Key) -> list[Event]:
        if key[1] == "answer":
            if self.state is State.ASKED:
                self.refuse()
                return [TokenReleased()]
            return []
        self._set(self._before)
        return [TokenRefused()]

    def _collision(self, theirs: int) -> list[Event]:
        """Both have asked: the higher number has it, equal ones are thrown again.

        The answers name no request, so the next number waits until the refusal of this one is there.
        """
        if theirs > self._symmetry:
            self._respond(ACKNOWLEDGE)
            self._set(State.THEIRS)
            return [TokenRefused(), TokenTaken(self._peer_channel)]
        self._respond(REJECT)
        if theirs == self._symmetry:
            self._tries += 1
            self._equal = self._tries < TRIES
        return []

    def _ask(self) -> None:
        self._set(State.ASKING)
        self._equal = False
        self._symmetry = self._random.randint(1, MOST_SYMMETRY)
        parameters: dict[int, int | None] = {
            TERMINAL_LABEL: LABEL,
            CHANNEL: self._channel,
            SYMMETRY_BREAKING: self._symmetry,
        }
        self._line.request("genericRequest", message(H239_MESSAGE, TOKEN_REQUEST, parameters))
        self._line.timers.start((NAME, "wait"), WAIT)

    def _give_back(self) -> None:
        body = message(H239_MESSAGE, TOKEN_RELEASE, {TERMINAL_LABEL: LABEL, CHANNEL: self._channel})
        self._line.command("genericCommand", body)

    def _owner(self) -> None:
        parameters: dict[int, int | None] = {TERMINAL_LABEL: LABEL, CHANNEL: self._channel}
        self._line.indication("genericIndication", message(H239_MESSAGE, TOKEN_OWNER, parameters))

    def _respond(self, verdict: int) -> None:
        parameters: dict[int, int | None] = {verdict: None, TERMINAL_LABEL: LABEL, CHANNEL: self._peer_channel}
        self._line.response("genericResponse", message(H239_MESSAGE, TOKEN_RESPONSE, parameters))

    def _unanswered(self) -> None:
        if self.state is not State.ASKED:
            raise ValueError("nobody asks for the token")

    def _set(self, state: State) -> None:
        self.state = state
        self._line.timers.stop((NAME, "wait"))
        self._line.timers.stop((NAME, "answer"))


def flow_refusal(parameters: dict[int, int]) -> dict[str, object]:
    """flowControlReleaseResponse that says no."""
    content: dict[int, int | None] = {REJECT: None, CHANNEL: parameters.get(CHANNEL, 0)}
    return message(H239_MESSAGE, FLOW_RESPONSE, content)

"""Calls that the MCU makes: a terminal is called into a room, again with back-off, and why it did not come is told.

A call's id is the participant's, once the terminal answers. It is one of these until its terminal is at the door; one
that failed for good stays listed, so that an operator can call again, until somebody clears it or the room is deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mcu.core import effects as do
from mcu.core.targets import Target
from mcu.errors import Conflict, NotFound

# Seconds: Asterisk gives up an unanswered call before this; beyond it its answer is lost.
ANSWER_WITHIN, LOST_AFTER = 45.0, 60.0
FIRST_RETRY, LAST_RETRY = 10.0, 80.0  # seconds until the next attempt, doubled each time
MOST = 1000  # calls listed, failed ones included

# Why a call failed, by Q.850 cause. What is not here is "failed".
_REASONS = {
    "busy": (17,),
    "no_answer": (18, 19),
    "unreachable": (2, 3, 20, 27, 34, 38, 41, 42, 102),  # 34 is what Asterisk makes of a 503
    "refused": (21, 55, 57),
    "not_found": (1, 22, 28),
    "codec": (58, 65, 79, 88),
}
_REASON_OF = {cause: reason for reason, causes in _REASONS.items() for cause in causes}


def reason_of(cause: int) -> str:
    """A stable word for a Q.850 cause: busy, no_answer, unreachable, refused, not_found, codec or failed."""
    return _REASON_OF.get(cause, "failed")


@dataclass(slots=True, kw_only=True)
class OutgoingCall:
    id: str
    room: str
    target: Target
    name: str
    caller: str  # who calls, as the terminal shows it: the room
    tries: int  # attempts after the present one
    began_at: float
    state: str = "dialling"  # "waiting" for the next attempt, "failed" for good
    failures: int = 0
    retry_at: float = 0.0
    cause: int = 0

    def describe(self) -> dict[str, Any]:
        """As the bus tells it."""
        return {
            "id": self.id,
            "room": self.room,
            "name": self.name,
            "address": str(self.target),
            "protocol": self.target.protocol,
            "state": self.state,
            "reason": reason_of(self.cause) if self.cause else "",
            "cause": self.cause,
            "failures": self.failures,
            "began_at": round(self.began_at, 3),
            "retry_at": round(self.retry_at, 3) if self.state == "waiting" else None,
        }


class DialOut:
    """All outgoing calls. Each method returns the instructions that follow."""

    def __init__(self) -> None:
        self._calls: dict[str, OutgoingCall] = {}

    def __iter__(self) -> Iterator[OutgoingCall]:
        return iter(self._calls.values())

    def get(self, ident: str) -> OutgoingCall:
        """Raises NotFound."""
        if call := self._calls.get(ident):
            return call
        raise NotFound(f"there is no outgoing call {ident[:16]}")

    def find(self, ident: str) -> OutgoingCall | None:
        return self._calls.get(ident)

    def dial(self, call: OutgoingCall) -> list[do.Effect]:
        """Raises Conflict if this terminal is being called into this room already, or too many calls are listed."""
        for other in list(self._calls.values()):
            if (other.room, other.target) == (call.room, call.target):
                if other.state != "failed":
                    raise Conflict(f"{call.name} is being called already")
                del self._calls[other.id]  # this call is its successor
                dropped = [_told(other, "cleared")]
                break
        else:
            dropped = []
        if len(self._calls) >= MOST:
            raise Conflict(f"{MOST} outgoing calls are listed; clear those that failed")
        self._calls[call.id] = call
        return [*dropped, self._attempt(call), _told(call)]

    def redial(self, ident: str, at: float) -> list[do.Effect]:
        """At once. Raises NotFound, or Conflict while it is being dialled."""
        call = self.get(ident)
        if call.state == "dialling":
            raise Conflict(f"{call.name} is being called already")
        call.began_at, call.state = at, "dialling"
        return [self._attempt(call), _told(call)]

    def cancel(self, ident: str) -> list[do.Effect]:
        """End it, or take a failed one off the list. Raises NotFound."""
        call = self.get(ident)
        del self._calls[ident]
        stop: list[do.Effect] = [do.StopDialling(room=call.room, participant=ident)] if call.state == "dialling" else []
        return [*stop, _told(call, "cleared")]

    def answered(self, ident: str) -> list[do.Effect]:
        """Its terminal is at the door."""
        call = self._calls.pop(ident)
        return [_told(call, "answered")]

    def failed(self, ident: str, cause: int, at: float) -> list[do.Effect]:
        """An attempt ended without an answer. ``cause``: Q.850, 0 where nobody said."""
        call = self._calls.get(ident)
        if call is None or call.state != "dialling":
            return []
        call.cause, call.failures = cause or 31, call.failures + 1  # 31: normal, unspecified
        if call.tries > 0:
            call.tries -= 1
            call.state = "waiting"
            call.retry_at = at + min(FIRST_RETRY * 2 ** (call.failures - 1), LAST_RETRY)
            return [_told(call)]
        call.state = "failed"
        text = f"{call.name} ({call.target}) did not come: {reason_of(call.cause).replace('_', ' ')}"
        return [_told(call), do.Notice(room=call.room, level="warning", code="call_failed", text=text)]

    def lost_sight(self, at: float) -> list[do.Effect]:
        """The switch was away: whatever was being dialled is not any more."""
        return [effect for call in list(self._calls.values()) for effect in self.failed(call.id, 41, at)]

    def forget_room(self, room: str) -> list[do.Effect]:
        """It is deleted."""
        gone = [call.id for call in self._calls.values() if call.room == room]
        return [effect for ident in gone for effect in self.cancel(ident)]

    def tick(self, at: float, switch: bool) -> list[do.Effect]:
        out: list[do.Effect] = []
        for call in list(self._calls.values()):
            if call.state == "dialling" and not 0 <= at - call.began_at < LOST_AFTER:
                out += self.failed(call.id, 102, at)  # recovery on timer expiry
            elif call.state == "waiting" and switch and not 0 < call.retry_at - at <= LAST_RETRY:
                call.began_at, call.state = at, "dialling"
                out += [self._attempt(call), _told(call)]
        return out

    def due(self, switch: bool) -> float | None:
        times = [c.began_at + LOST_AFTER for c in self._calls.values() if c.state == "dialling"]
        if switch:
            times += [c.retry_at for c in self._calls.values() if c.state == "waiting"]
        return min(times, default=None)

    def _attempt(self, call: OutgoingCall) -> do.Effect:
        return do.DialTerminal(room=call.room, participant=call.id, target=call.target, caller=call.caller)


def _told(call: OutgoingCall, state: str = "") -> do.Effect:
    data = call.describe()
    return do.Tell(room=call.room, event="call.changed", data={**data, "state": state or call.state})

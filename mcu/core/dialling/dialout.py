"""Calls that the MCU makes: a terminal is called into a room, again with back-off, and why it did not come is told.

A call's id is the participant's, once the terminal answers. It is listed until its terminal is at the door; one that
failed for good stays listed, so that an operator can call again, until somebody clears it or the room is deleted. While
its terminal is there it is kept: should the call break, the site is called again under the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from mcu.core import effects as do
from mcu.core.dialling.calling import Dialling, Pace
from mcu.core.dialling.outgoing import NO_PLACE, OutgoingCall, reason_of
from mcu.core.dialling.reasons import in_words
from mcu.core.dialling.targets import Way
from mcu.errors import Conflict, NotFound

# Seconds: Asterisk gives up an unanswered call before this; beyond it its answer is lost.
ANSWER_WITHIN, LOST_AFTER = 45.0, 60.0
FIRST_RETRY, LAST_RETRY = 10.0, 80.0  # seconds until the next attempt, doubled each time
REDIAL_PAUSE = 2.0  # s before a lost site is called: what broke its call may need a moment
STABLE = 60.0  # s after which a call counts as one that held: all redials are there again
GONE = 1  # Q.850, unallocated number: of a call whose terminals were deleted
MOST = 1000  # calls listed, failed ones included


class DialOut:
    """All outgoing calls. Each method returns the instructions that follow."""

    def __init__(
        self,
        dialling: Dialling | None = None,
        ready: Callable[[], bool] = lambda: True,
        renew: Callable[[OutgoingCall], bool] = lambda call: True,
    ) -> None:
        """``ready``: can the switch be told to dial? ``renew``: see ``calling.renewed``."""
        self.dialling = dialling or Dialling()
        self._ready, self._renew = ready, renew
        self._pace = Pace(self.dialling.per_second)
        self._calls: dict[str, OutgoingCall] = {}
        self._kept: dict[str, OutgoingCall] = {}  # of those who came: they are called again should they be lost
        self._given_up: list[tuple[str, str]] = []  # room, participant: who was lost and will not come

    def __iter__(self) -> Iterator[OutgoingCall]:
        return iter(self._calls.values())

    def get(self, ident: str) -> OutgoingCall:
        """Raises NotFound."""
        if call := self._calls.get(ident):
            return call
        raise NotFound(f"there is no outgoing call {ident[:16]}")

    def find(self, ident: str) -> OutgoingCall | None:
        return self._calls.get(ident)

    def kept(self, ident: str) -> OutgoingCall | None:
        """The call by which this participant came, or is expected to come again."""
        return self._kept.get(ident)

    def silent_since(self, at: float) -> dict[str, float]:
        """Of those who came, by id: when they were last heard of at the door or as they left the room."""
        for call in self._kept.values():
            if call.answered_at > at or call.left_at > at:  # the clock was set back
                call.answered_at, call.left_at = min(call.answered_at, at), min(call.left_at, at)
        return {call.id: max(call.answered_at, call.left_at) for call in self._kept.values()}

    def take_given_up(self) -> list[tuple[str, str]]:
        """Rooms and participants for whom no place need be kept any more; told once."""
        gone, self._given_up = self._given_up, []
        return gone

    # --- what operators ask -------------------------------------------------------------------------------------

    def dial(self, call: OutgoingCall) -> list[do.Effect]:
        """Raises Conflict if this terminal or site is being called into this room already, or too many are listed."""
        dropped: list[do.Effect] = []
        for other in list(self._calls.values()):
            same_site = call.site is not None and other.site == call.site
            if other.room != call.room or not (same_site or other.target == call.target):
                continue
            if other.state != "failed":
                raise Conflict(f"{call.name} is being called already")
            del self._calls[other.id]  # this call is its successor
            dropped.append(_told(other, "cleared"))
        if len(self._calls) >= MOST:
            raise Conflict(f"{MOST} outgoing calls are listed; clear those that failed")
        self._calls[call.id] = call
        return [*dropped, *self._queue(call, call.began_at)]

    def redial(self, ident: str, at: float, ways: tuple[Way, ...] = ()) -> list[do.Effect]:
        """At once; ``ways`` instead of those that it has. Raises NotFound, or Conflict while it is being dialled."""
        call = self.get(ident)
        if call.coming(waiting=False):
            raise Conflict(f"{call.name} is being called already")
        call.ways, call.at_way, call.turned_away = ways or call.ways, 0, False
        return self._queue(call, at)

    def cancel(self, ident: str) -> list[do.Effect]:
        """End it, or take a failed one off the list. Raises NotFound."""
        call = self.get(ident)
        del self._calls[ident]
        if call.lost:
            self._given_up.append((call.room, ident))
        stop: list[do.Effect] = [do.StopDialling(room=call.room, participant=ident)] if call.state == "dialling" else []
        return [*stop, _told(call, "cleared")]

    def end_all(self, room: str) -> list[do.Effect]:
        """Every call into this room that was not answered, failed ones included."""
        gone = [call.id for call in self._calls.values() if call.room == room]
        return [effect for ident in gone for effect in self.cancel(ident)]

    # --- what becomes of them -----------------------------------------------------------------------------------

    def answered(self, ident: str, at: float) -> list[do.Effect]:
        """Its terminal is at the door."""
        call = self._kept[ident] = self._calls.pop(ident)
        # The one that answered is the first to be tried again.
        call.ways, call.at_way = (*call.ways[call.at_way :], *call.ways[: call.at_way]), 0
        call.state, call.answered_at = "answered", at
        return [_told(call), *self._begin(at)]

    def failed(self, ident: str, cause: int, at: float) -> list[do.Effect]:
        """An attempt ended without an answer. ``cause``: Q.850, 0 where nobody said."""
        call = self._calls.get(ident)
        if call is None or call.state != "dialling":
            return []
        call.cause = cause or 31  # normal, unspecified
        if call.at_way + 1 < len(call.ways) and not call.turned_away:
            call.at_way += 1
            return self._queue(call, at)
        call.failures += 1
        if call.tries > 0 and not call.turned_away:
            call.tries -= 1
            call.state = "waiting"
            call.retry_at = at + min(FIRST_RETRY * 2 ** (call.failures - 1), LAST_RETRY)
            return [_told(call), *self._begin(at)]
        return [*self._give_up(call), *self._begin(at)]

    def _give_up(self, call: OutgoingCall) -> list[do.Effect]:
        call.state = "failed"
        if call.lost:
            self._given_up.append((call.room, call.id))
        reason = NO_PLACE if call.turned_away else reason_of(call.cause)
        why = in_words(reason, "en")
        text = f"{call.name} ({call.target}) did not come: {why}"
        data = {"room": call.room, "name": call.name, "address": str(call.target), "reason": reason}
        notice = do.Notice(room=call.room, level="warning", code="call_failed", text=text, data=data)
        failed = do.Tell(room=call.room, event="call.failed", data=call.describe())
        return [_told(call), failed, notice]

    def turned_away(self, ident: str, cause: int, at: float) -> list[do.Effect]:
        """Its terminal answered, and there is no place for it: to call again by itself would only ring there again."""
        self._calls[ident].turned_away = True
        return self.failed(ident, cause, at)

    def lost(self, ident: str, cause: int, at: float, *, at_once: bool = False) -> list[do.Effect]:
        """The call of somebody who was here broke. ``at_once``: the fault was ours."""
        call = self._kept.pop(ident, None)
        if call is None:
            return []
        if at_once or not call.lost or not 0 <= at - call.answered_at < STABLE:
            call.tries, call.failures = self.dialling.redials, 0
        call.lost, call.cause = True, cause or 31
        # A line that breaks again and again uses up the redials.
        if call.tries <= 0 or not self.dialling.redials:
            self._given_up.append((call.room, ident))
            return [_site_lost(call, again=False)]
        call.tries -= 1
        self._calls[ident] = call
        if at_once:
            return self._queue(call, at)
        call.state, call.retry_at = "waiting", at + REDIAL_PAUSE
        return [_site_lost(call, again=True), _told(call)]

    def resume(self, call: OutgoingCall) -> None:
        """It was under way before control was restarted, and is dialled when the switch is there."""
        self._calls[call.id] = call

    def found(self, ident: str, at: float) -> list[do.Effect]:
        """Its terminal is in the room: it came while nobody looked."""
        call = self._kept[ident] = self._calls.pop(ident)
        call.state, call.answered_at = "answered", at
        return [_told(call)]

    def keep(self, call: OutgoingCall) -> None:
        """Somebody is here by this call, which was made before control was restarted."""
        self._kept[call.id] = call

    def forget(self, ident: str) -> None:
        """Somebody who was called has left as people do, or was sent out."""
        if call := self._kept.pop(ident, None):
            self._given_up.append((call.room, ident))

    def seen(self, called: Mapping[str, str], at: float) -> list[do.Effect]:
        """The switch was away, or control was. ``called``: the channels of those who ring there, or are at the door. Of
        the others nobody is being dialled any more; they are dialled anew, and that was no failure."""
        out: list[do.Effect] = []
        for call in self._calls.values():
            # The one by which it was here before may not be over yet.
            if call.id in called and called[call.id] != call.channel and call.coming(waiting=False):
                if call.state == "queued":
                    call.state, call.began_at = "dialling", at
                    out.append(_told(call))
            elif call.state == "dialling":
                call.state = "queued"
        # Nobody wants these any more: what ends a call may have been told while the switch was away.
        strangers = sorted(ident for ident in called if ident not in self._calls and ident not in self._kept)
        out += [do.StopDialling(room="", participant=ident) for ident in strangers]
        return [*out, *self._begin(at)]

    def forget_room(self, room: str) -> list[do.Effect]:
        """It is deleted."""
        for call in [call for call in self._kept.values() if call.room == room]:
            del self._kept[call.id]
        return self.end_all(room)

    # --- time ---------------------------------------------------------------------------------------------------

    def tick(self, at: float) -> list[do.Effect]:
        out: list[do.Effect] = []
        for call in list(self._calls.values()):
            call.began_at = min(call.began_at, at)  # the clock was set back: it rings all the same
            if call.state == "dialling" and at - call.began_at >= LOST_AFTER:
                out += self.failed(call.id, 102, at)  # recovery on timer expiry
            elif call.state == "waiting" and self._ready() and not 0 < call.retry_at - at <= LAST_RETRY:
                call.state, call.at_way = "queued", 0
        return [*out, *self._begin(at)]

    def due(self, at: float) -> float | None:
        """When ``tick`` has something to do; ``at``: now."""
        ringing = [call.began_at + LOST_AFTER for call in self._calls.values() if call.state == "dialling"]
        times = list(ringing)
        if self._ready():
            times += [call.retry_at for call in self._calls.values() if call.state == "waiting"]
            if len(ringing) < self.dialling.at_once and any(c.state == "queued" for c in self._calls.values()):
                times.append(self._pace.due(at))
        return min(times, default=None)

    def _queue(self, call: OutgoingCall, at: float) -> list[do.Effect]:
        call.state = "queued"
        out = self._begin(at)
        return [*out, _told(call)] if call.state == "queued" else out

    def _begin(self, at: float) -> list[do.Effect]:
        """Those whose turn it is, in order."""
        out: list[do.Effect] = []
        if not self._ready():
            return out
        ringing = sum(1 for call in self._calls.values() if call.state == "dialling")
        for call in self._calls.values():
            if call.state != "queued":
                continue
            if not self._renew(call):
                call.cause = GONE
                out += self._give_up(call)
                continue
            if ringing >= self.dialling.at_once or not self._pace.take(at):
                break
            ringing += 1
            call.began_at, call.state = at, "dialling"
            dial = do.DialTerminal(room=call.room, participant=call.id, target=call.target, caller=call.caller)
            out += [dial, _told(call)]
        return out


def _site_lost(call: OutgoingCall, *, again: bool) -> do.Effect:
    reason = reason_of(call.cause)
    then = "it is called again" if again else "it is not called any more"
    text = f"The call of {call.name} broke ({in_words(reason, 'en')}); {then}"
    data = {"room": call.room, "name": call.name, "reason": reason, "again": again}
    return do.Notice(room=call.room, level="warning", code="site_lost", text=text, data=data)


def _told(call: OutgoingCall, state: str = "") -> do.Effect:
    data = call.describe()
    return do.Tell(room=call.room, event="call.changed", data={**data, "state": state or call.state})

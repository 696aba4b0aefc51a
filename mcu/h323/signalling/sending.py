"""What we do in an H.225.0 call: answers, keys, H.245 in the tunnel, redirection, release."""

from __future__ import annotations

from collections.abc import Sequence

from mcu.h323 import causes, tpkt
from mcu.h323.media import Address
from mcu.h323.q931 import GLOBAL, CallState, Element, Kind, elements

from . import bodies, events, timers
from .events import Event
from .negotiation import FastStart, Tunnel
from .outbox import MAX_H245, Outbox
from .values import Endpoint, Peer

MOST_REFUSED = 32  # invocations of supplementary services in one call; more are passed over


class Sending:
    """The half of CallSignalling that speaks, with all that both halves know."""

    def __init__(self, local: Endpoint, at: float, caller: bool) -> None:
        self.local = local
        self.caller = caller
        self.state = CallState.NULL
        self.call_id = b""
        self.conference_id = b""
        self.peer = Peer()
        self.garbled = 0
        self.over = False
        self._at = at
        self._deadline: float | None = at + timers.FIRST_MESSAGE
        self._reference = GLOBAL
        self._version = bodies.NEWEST
        self._deframer = tpkt.Deframer()
        self._outbox = Outbox()
        self._tunnel = Tunnel()
        self._fast = FastStart()
        self._status_waits = False
        self._progressed = False
        self._h245_seen: Address | None = None
        self._services_left = MOST_REFUSED

    @property
    def tunnelling(self) -> bool:
        """Both sides have agreed so far."""
        return self._tunnel.on

    @property
    def tunnels(self) -> bool:
        """``send_h245`` may be called: tunnelling is agreed, or offered and not answered yet."""
        return self._tunnel.flag and not self.over

    def proceed(self, h245: Address | None = None, fast_start: Sequence[bytes] = ()) -> None:
        """CallProceeding."""
        self._answer(Kind.CALL_PROCEEDING, "callProceeding", (CallState.CALL_PRESENT,), h245, fast_start)
        self._enter(CallState.INCOMING_PROCEEDING)

    def alert(self, h245: Address | None = None, fast_start: Sequence[bytes] = ()) -> None:
        """Alerting: of a terminal that rings."""
        states = (CallState.CALL_PRESENT, CallState.INCOMING_PROCEEDING)
        self._answer(Kind.ALERTING, "alerting", states, h245, fast_start)
        self._enter(CallState.CALL_RECEIVED)

    def progress(self, h245: Address | None = None, fast_start: Sequence[bytes] = ()) -> None:
        """Progress with "in-band information available"."""
        states = (CallState.CALL_PRESENT, CallState.INCOMING_PROCEEDING, CallState.CALL_RECEIVED)
        self._answer(Kind.PROGRESS, "progress", states, h245, fast_start)

    def connect(self, h245: Address | None = None, fast_start: Sequence[bytes] = (), display: str = "") -> None:
        """Connect; an offer of fast start that has not been answered by now is refused.

        ``display`` is what the terminal shows for us, for example the room's name; "" is the endpoint's name.
        """
        states = (CallState.CALL_PRESENT, CallState.INCOMING_PROCEEDING, CallState.CALL_RECEIVED)
        self._answer(Kind.CONNECT, "connect", states, h245, fast_start, display)
        self._fast.open = False
        self._enter(CallState.ACTIVE)

    def _answer(
        self,
        kind: Kind,
        name: str,
        states: tuple[CallState, ...],
        h245: Address | None,
        fast_start: Sequence[bytes],
        display: str = "",
    ) -> None:
        if self.over:
            return
        if self.state not in states:
            raise ValueError(f"no {name} in state {self.state.name}")
        if fast_start and not self._fast.open:
            raise ValueError("fast start was not offered, or is answered already")
        refused = kind == Kind.CONNECT and self._fast.open
        body = bodies.answer(name, self.local, self._version, self.call_id, h245, fast_start, refused)
        ies: tuple[Element, ...] = ()
        if kind == Kind.PROGRESS:
            ies = (elements.progress(),)
        elif kind == Kind.CONNECT:
            body["conferenceID"] = self.conference_id
            ies = (elements.bearer(), elements.display(display or self.local.name))
        if fast_start:
            self._fast.open = False
        self._send(kind, (name, body), ies)

    def send_h245(self, message: bytes) -> None:
        """Tunnels a message with the next octets taken; what is sent before the peer agreed waits for that."""
        if not 0 < len(message) <= MAX_H245:
            raise ValueError(f"an H.245 message of {len(message)} octets")
        if self.over:
            return
        if not self._tunnel.flag:
            raise ValueError("no tunnelling in this call")
        self._outbox.tunnel(message)

    def offer_h245(self, address: Address) -> None:
        """Facility startH245: the peer shall connect there. Tunnelling ends with it (H.323 8.2.3)."""
        if self._in_call("startH245"):
            self._tunnel.end()
            self._send(Kind.FACILITY, bodies.facility(self._version, self.call_id, "startH245", address), ())

    def redirect(self, address: Address, aliases: Sequence[str] = ()) -> None:
        """Facility routeCallToGatekeeper: the caller shall release this call and call there (H.323 8.1.2)."""
        if self._in_call("routeCallToGatekeeper"):
            body = bodies.facility(self._version, self.call_id, "routeCallToGatekeeper", to=address, aliases=aliases)
            self._send(Kind.FACILITY, body, ())

    def keypad(self, digits: str) -> None:
        """Information with the digits, up to 32 a message."""
        if self._in_call("keypad"):
            for start in range(0, len(digits), 32):
                ie = elements.keypad(digits[start : start + 32])
                self._send(Kind.INFORMATION, ("information", bodies.plain(self._version, self.call_id)), (ie,))

    def release(self, cause: int, reason: str = "") -> None:
        """ReleaseComplete; ``reason`` is a ReleaseCompleteReason without contents where the cause's own doesn't fit."""
        if self.over:
            return
        if self.state != CallState.NULL:
            body = bodies.plain(self._version, self.call_id)
            said = reason or causes.reason_of_cause(cause)
            if said:
                body["reason"] = (said, 0)
            self._send(Kind.RELEASE_COMPLETE, ("releaseComplete", body), (elements.cause(cause),))
        self._end()

    def _in_call(self, what: str) -> bool:
        if self.state == CallState.NULL and not self.over:
            raise ValueError(f"no call yet for {what}")
        return not self.over

    def _send(self, kind: Kind, body: bodies.Body, ies: tuple[Element, ...]) -> None:
        self._outbox.add(
            kind,
            body,
            ies,
            reference=self._reference,
            to_originator=not self.caller,
            tunnelling=self._tunnel.flag,
        )

    def _enter(self, state: CallState) -> None:
        if self.over:
            return
        self.state = state
        limit = timers.LIMITS.get(state)
        self._deadline = self._at + limit[0] if limit else None

    def _end(self) -> None:
        self.over = True
        self.state = CallState.NULL
        self._deadline = None

    def _lose(self, why: str) -> list[Event]:
        self._end()
        return [events.Lost(why)]

"""CallSignalling: one H.225.0 call on one TCP connection, from either side. No input or output, no clock."""

from __future__ import annotations

from collections.abc import Sequence

from mcu.errors import Garbled
from mcu.h323 import causes
from mcu.h323.media import Address
from mcu.h323.q931 import GLOBAL, CallState, Element, Ie, Kind, Message, decode, elements

from . import bodies, events, received, replies, supplementary, timers
from .events import Event
from .received import Uuie
from .sending import Sending
from .values import Endpoint, Target

MAX_GARBLED = 100  # messages that make no sense, after which the connection is given up
_ANSWERS = (Kind.CALL_PROCEEDING, Kind.ALERTING, Kind.PROGRESS, Kind.CONNECT)
_HARMLESS = (Kind.STATUS, Kind.NOTIFY, Kind.USER_INFORMATION, Kind.CONNECT_ACK)
_FORWARDS = ("callForwarded", "routeCallToGatekeeper", "routeCallToMC")


class CallSignalling(Sending):
    """Made with ``answering`` or ``calling``. Methods that send raise ValueError when they make no sense in this state;
    once the call is over they do nothing, for the peer may have hung up a moment before."""

    @classmethod
    def answering(cls, local: Endpoint, at: float) -> CallSignalling:
        """A connection that somebody opened to us; Setup must come soon."""
        return cls(local, at, caller=False)

    @classmethod
    def calling(
        cls,
        local: Endpoint,
        target: Target,
        at: float,
        *,
        h245: Address | None = None,
        fast_start: Sequence[bytes] = (),
        parallel: Sequence[bytes] = (),
    ) -> CallSignalling:
        """A connection that we opened; Setup waits in ``take``. ``parallel`` are H.245 messages inside it."""
        if parallel and not (fast_start and local.tunnelling):
            raise ValueError("parallelH245Control goes with fast start and tunnelling")  # H.323 8.2.4
        call = cls(local, at, caller=True)
        call.call_id, call.conference_id = target.call_id, target.conference_id
        # Any value of ours will do (Q.931 4.3): one taken from the call's identifier is the same in every trace.
        call._reference = int.from_bytes(target.call_id[-2:], "big") & 0x7FFF or 1
        call._tunnel.offered = local.tunnelling
        call._fast.open = bool(fast_start)
        ies: tuple[Element, ...] = (elements.bearer(target.rate), elements.display(target.display or local.name))
        if target.alias.isdigit() and target.alias.isascii():
            ies += (elements.called_number(target.alias),)
        call._send(Kind.SETUP, bodies.setup(local, target, h245, fast_start, parallel), ies)
        call._enter(CallState.CALL_INITIATED)
        return call

    def due(self) -> float | None:
        return self._deadline

    def tick(self, at: float) -> list[Event]:
        self._at = max(self._at, at)
        if self.over or self._deadline is None or at < self._deadline:
            return []
        if self.state == CallState.NULL:
            return self._lose("nobody called in time")
        cause = timers.LIMITS[self.state][1]
        self.release(cause)
        return [events.Released(cause, causes.text_of_cause(cause), False)]

    def take(self) -> bytes:
        self._status_waits = False
        return self._outbox.take(self._reference, not self.caller, self._tunnel.on)

    # --- what the peer does

    def feed(self, octets: bytes, at: float) -> list[Event]:
        """Takes octets off the connection, in whatever pieces."""
        self._at = max(self._at, at)
        found: list[Event] = []
        if self.over:
            return found
        for packet in self._deframer.feed(octets):
            found += self._packet(packet)
            if self.over:
                return found
            if self.garbled > MAX_GARBLED:
                return found + self._lose("too much garbage")
        if self._deframer.broken:
            if self.state != CallState.NULL:
                self.release(causes.PROTOCOL_ERROR)
            self._end()
            found.append(events.Lost(self._deframer.broken))
        return found

    def _packet(self, packet: bytes) -> list[Event]:
        try:
            message = decode(packet)
        except Garbled:
            self.garbled += 1
            return []
        uuie = received.read(message)
        if message.kind == Kind.SETUP:
            return self._setup(message, uuie)
        if self.state == CallState.NULL or not self._is_ours(message, uuie):
            self.garbled += replies.stray(self._outbox, message, self._version)
            return []
        if message.kind == Kind.STATUS_INQUIRY:
            self._status(causes.STATUS_RESPONSE)
            return []
        if message.kind not in _HARMLESS and message.kind != Kind.RELEASE_COMPLETE:
            self._complain(message, uuie)
        return self._message(message, uuie)

    def _is_ours(self, message: Message, uuie: Uuie) -> bool:
        """Huawei's Facility startH245 has the global reference; what names our call by its identifier is meant, too."""
        if message.reference == self._reference:
            return True
        return message.reference == GLOBAL and uuie.call_id in (b"", self.call_id)

    def _complain(self, message: Message, uuie: Uuie) -> None:
        """A Status tells what we did not understand; the message is taken for what it says all the same."""
        if message.not_understood:
            self._status(causes.NOT_UNDERSTOOD)
        elif message.damaged or (uuie.present and not uuie.sound):
            self.garbled += 1
            self._status(causes.INVALID_CONTENTS)

    def _message(self, message: Message, uuie: Uuie) -> list[Event]:
        kind = message.kind
        if kind in (Kind.RELEASE_COMPLETE, Kind.RELEASE, Kind.DISCONNECT):
            return self._released(message, uuie)
        found: list[Event] = []
        if kind in _ANSWERS:
            if not self.caller or self.state == CallState.ACTIVE:
                self._status(causes.WRONG_STATE)
                return []
            found += self._answered(message, uuie)
        elif kind == Kind.FACILITY:
            found += self._facility(uuie)
        elif kind == Kind.INFORMATION:
            digits = elements.read_keypad(message.get(Ie.KEYPAD))
            if digits:
                found.append(events.Keypad(digits))
        elif kind == Kind.SETUP_ACK:
            if self.state == CallState.CALL_INITIATED:
                self._enter(CallState.OVERLAP_SENDING)
        elif kind not in _HARMLESS:
            self.garbled += 1
            self._status(causes.UNKNOWN_TYPE)
        return found + (self._services(uuie) or self._contents(uuie))

    def _setup(self, message: Message, uuie: Uuie) -> list[Event]:
        if self.caller or self.state != CallState.NULL:
            if message.reference != self._reference:  # the same once more is a repetition
                self.garbled += 1
                replies.reject(self._outbox, message, self._version, causes.RESOURCE_UNAVAILABLE, "newConnectionNeeded")
            return []
        if uuie.name != "setup":
            self.garbled += 1
            missing = causes.INVALID_CONTENTS if uuie.present else causes.MANDATORY_MISSING
            replies.reject(self._outbox, message, self._version, missing, "undefinedReason")
            return []
        if uuie.goal == "callIndependentSupplementaryService":  # H.450 alone, no call: none of it is ours
            replies.reject(self._outbox, message, self._version, causes.NOT_IMPLEMENTED, "undefinedReason")
            return []
        self._reference = message.reference
        setup = received.setup(message, uuie, self.local)
        self.peer = setup.peer
        self._version = min(self.peer.protocol or bodies.NEWEST, bodies.NEWEST)
        self.conference_id = received.conference_id(uuie)
        self.call_id = uuie.call_id or self.conference_id  # H.225.0 version 1 has no callIdentifier
        if uuie.tunnelling and self.local.tunnelling:
            self._tunnel.agree()
        self._fast.open = bool(setup.fast_start)
        self._enter(CallState.CALL_PRESENT)
        if message.not_understood:
            self._status(causes.NOT_UNDERSTOOD)
        if cleared := self._services(uuie):
            return cleared
        return [setup, *(events.H245Received(inside) for inside in uuie.parallel if self._tunnel.on)]

    def _answered(self, message: Message, uuie: Uuie) -> list[Event]:
        kind = message.kind
        self.peer = received.peer(message, uuie, self.peer)
        self._version = min(self.peer.protocol or bodies.NEWEST, bodies.NEWEST)
        found: list[Event] = []
        if kind == Kind.CONNECT:
            self.conference_id = received.conference_id(uuie) or self.conference_id
            self._enter(CallState.ACTIVE)
            found.append(events.Connected(self.peer))
        elif kind == Kind.ALERTING:
            if self.state != CallState.CALL_DELIVERED:  # a repetition gives no more time
                found.append(events.Alerting())
                self._enter(CallState.CALL_DELIVERED)
        elif kind == Kind.PROGRESS:
            found.append(events.ProgressReceived(elements.read_progress(message.get(Ie.PROGRESS_INDICATOR)) in (1, 8)))
            if not self._progressed and self.state != CallState.CALL_DELIVERED:
                self._progressed = True
                self._deadline = self._at + timers.T301  # Q.931 5.1.6: Progress stops T303 and T310
        elif self.state in (CallState.CALL_INITIATED, CallState.OVERLAP_SENDING):
            found.append(events.Proceeding())
            self._enter(CallState.OUTGOING_PROCEEDING)
        return found + self._tunnel.answered(kind, uuie) + self._fast.answered(kind, uuie)

    def _facility(self, uuie: Uuie) -> list[Event]:
        reason = uuie.choice if uuie.name == "facility" else ""
        if reason in _FORWARDS:
            address, aliases = received.forwarded(uuie)
            if address or aliases:
                return [events.Forwarded(address, aliases, reason, received.conference_id(uuie))]
        found: list[Event] = []
        if reason == "startH245" and uuie.h245_address:
            if self._tunnel.offered:
                found.append(events.TunnellingRefused())
            self._tunnel.end()  # H.323 8.2.3: H.245 goes on in a connection of its own
        return found + (self._fast.answered(Kind.FACILITY, uuie) if self.caller else [])

    def _services(self, uuie: Uuie) -> list[Event]:
        """Supplementary services: none is ours, and each peer says what that shall mean."""
        refused: list[bytes] = []
        for octets in uuie.services:
            try:
                asked = supplementary.read(octets)
            except Garbled:
                self.garbled += 1
                continue
            if asked.interpretation == "clear" and asked.invocations:
                self.release(causes.FACILITY_REJECTED)
                return [events.Released(causes.FACILITY_REJECTED, "a supplementary service that we have not", False)]
            if asked.interpretation == "reject":
                refused += [supplementary.reject(number) for number in asked.invocations]
        refused = refused[: self._services_left]
        self._services_left -= len(refused)
        if refused:
            self._outbox.serve(refused, self._reference, not self.caller, self._tunnel.flag)
        return []

    def _contents(self, uuie: Uuie) -> list[Event]:
        """What any message may carry: the address for H.245, and H.245 itself."""
        found: list[Event] = []
        address = uuie.h245_address
        if address and address != self._h245_seen:
            self._h245_seen = address
            found.append(events.H245Address(address))
        self._tunnel.carried(uuie)
        if uuie.h245 and not self._tunnel.listens:
            self.garbled += 1
        elif uuie.h245:
            found += [events.H245Received(message) for message in uuie.h245]
        return found

    def _released(self, message: Message, uuie: Uuie) -> list[Event]:
        if self._tunnel.offered and uuie.tunnelling:
            self._tunnel.agree()
        found = self._contents(uuie) if self._tunnel.listens else []
        cause = elements.read_cause(message.get(Ie.CAUSE))
        if cause is None:
            cause = causes.cause_of_reason(uuie.choice) if uuie.choice else causes.NORMAL_CLEARING
        text = causes.text_of_cause(cause) + (f" ({uuie.choice})" if uuie.choice else "")
        self.release(causes.NORMAL_CLEARING)  # every stack captured answers so, with its own endSession in it
        return [*found, events.Released(cause, text, True)]

    def _status(self, cause: int) -> None:
        if self._status_waits:
            return  # one that waits to be sent says enough: a flood is not answered in kind
        self._status_waits = True
        body = ("status", bodies.plain(self._version, self.call_id))
        self._send(Kind.STATUS, body, (elements.cause(cause), elements.call_state(self.state)))

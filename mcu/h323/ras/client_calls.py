"""Calls that we ask an outside gatekeeper for: admitted, given bandwidth, reported, ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mcu.errors import Busy, Unavailable
from mcu.h323.media import Address
from mcu.h323.ras import messages as ras
from mcu.h323.ras import requests
from mcu.h323.ras.events import Allowed, Denied, Dropped, Event, Limited
from mcu.h323.ras.request import Request
from mcu.h323.ras.requests import ClientCall
from mcu.h323.ras.session import GatekeeperLink, Handler
from mcu.h323.ras.traffic import Question

CALLS_MOST = 2000
UNIT = 100  # bit/s: H.225.0 counts bandwidth in it
# It has no memory of us: its answer to a call is not about the call.
_FORGOTTEN = frozenset({"callerNotRegistered", "invalidEndpointIdentifier"})


class ClientCalls:
    """``unknown`` is called when the gatekeeper has forgotten us."""

    def __init__(self, link: GatekeeperLink, unknown: Callable[[float], None]) -> None:
        self._link = link
        self._unknown = unknown
        self._calls: dict[bytes, ClientCall] = {}
        self._asked: dict[int, ClientCall] = {}
        self._events: list[Event] = []
        self.handlers: dict[str, Handler] = {
            "admissionConfirm": self._admitted,
            "admissionReject": self._denied,
            "disengageConfirm": self._settled,
            "disengageReject": self._settled,
            "disengageRequest": self._dropped,
            "bandwidthConfirm": self._limited,
            "bandwidthReject": self._limited,
            "bandwidthRequest": self._told_to_limit,
            "infoRequest": self._questioned,
        }

    def __len__(self) -> int:
        return len(self._calls)

    def events(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def forget(self) -> None:
        """The gatekeeper is gone; calls go on, but it counts them no more. Those that wait for its word don't."""
        self._events += [self._denial(seq, call, "no gatekeeper") for seq, call in self._asked.items()]
        self._asked.clear()
        self._calls.clear()

    # --- what we ask --------------------------------------------------------------------------------------------

    def admit(
        self,
        at: float,
        *,
        call_id: bytes,
        conference_id: bytes,
        reference: int,
        bit_rate: int,
        dialled: Iterable[str] = (),
        callers: Iterable[str] = (),
        answering: bool = False,
        dialled_address: Address | None = None,
        caller_address: Address | None = None,
    ) -> int:
        """May this call be made, or answered? Allowed or Denied follows, with the number that this returns.

        ``bit_rate`` in bit/s, both ways together; ``reference`` 0 takes one out of ``call_id``. Raises Unavailable
        while not registered, Busy with too many calls, Garbled for names that RAS can't say, ValueError for
        identifiers that are not 16 octets.
        """
        if len(call_id) != 16 or len(conference_id) != 16:
            raise ValueError("callIdentifier and conferenceID have 16 octets")
        if not self._link.endpoint:
            raise Unavailable("no gatekeeper has registered us")
        if len(self._calls) + len(self._asked) >= CALLS_MOST:
            raise Busy("too many calls at the gatekeeper")
        call = ClientCall(
            call_id=call_id,
            conference_id=conference_id,
            reference=(reference or int.from_bytes(call_id[:2], "big")) & 0x7FFF or 1,  # 0 would mean all calls
            answering=answering,
            bandwidth=max(0, bit_rate // UNIT),
        )
        body = requests.admission(
            call,
            **self._identifiers(),
            dialled=dialled,
            callers=callers,
            dialled_address=dialled_address,
            caller_address=caller_address,
        )
        seq = self._link.ask("admissionRequest", body, at)
        self._asked[seq] = call
        return seq

    def disengage(self, call_id: bytes, at: float, *, reason: str = "normalDrop") -> None:
        """The call is over; for one that was never admitted nothing is said."""
        call = self._calls.pop(call_id, None)
        if call is not None and self._link.endpoint:
            body = requests.disengagement(call, reason, **self._identifiers())
            self._link.ask("disengageRequest", body, at)

    def bandwidth(self, call_id: bytes, bit_rate: int, at: float) -> None:
        """Ask for another bit rate; Limited follows, with the one that is granted."""
        call = self._calls.get(call_id)
        if call is not None and self._link.endpoint:
            body = requests.bandwidth(call, max(0, bit_rate // UNIT), **self._identifiers())
            self._link.ask("bandwidthRequest", body, at)

    def tick(self, at: float) -> None:
        """Reports that are due (ACF irrFrequency)."""
        for call in self._calls.values():
            if call.report_every and at >= call.report_due:
                call.report_due = at + call.report_every
                body = requests.report(self._link.member, self._link.endpoint, [call], asked=False)
                self._link.tell("infoRequestResponse", body, at)

    def due(self) -> float | None:
        return min((call.report_due for call in self._calls.values() if call.report_every), default=None)

    def in_vain(self, question: Question) -> None:
        """No answer, however often we asked."""
        call = self._asked.pop(question.body["requestSeqNum"], None)
        if call is not None:
            self._events.append(self._denial(question.body["requestSeqNum"], call, "no answer"))

    # --- what it says -------------------------------------------------------------------------------------------

    def _admitted(self, answer: Request) -> None:
        call = self._asked.pop(answer.seq, None)
        if call is None or not self._link.questions.answered(answer.seq, "admissionRequest"):
            return
        body = answer.body
        call.bandwidth = int(body.get("bandWidth", call.bandwidth))
        call.report_every = int(body.get("irrFrequency", 0))
        call.report_due = answer.at + call.report_every
        self._calls[call.call_id] = call
        self._events.append(
            Allowed(
                request=answer.seq,
                call_id=call.call_id,
                target=ras.address_of(body.get("destCallSignalAddress")),
                destination=ras.alias_texts(body.get("destinationInfo")),
                tokens=tuple(body.get("tokens") or ()),
                bit_rate=call.bandwidth * UNIT,
            )
        )

    def _denied(self, answer: Request) -> None:
        call = self._asked.pop(answer.seq, None)
        if call is None or not self._link.questions.answered(answer.seq, "admissionRequest"):
            return
        reason = ras.reason_of(answer.body) or "refused"
        self._events.append(self._denial(answer.seq, call, reason))
        if reason in _FORGOTTEN:
            self._unknown(answer.at)

    def _settled(self, answer: Request) -> None:
        self._link.questions.answered(answer.seq, "disengageRequest")

    def _limited(self, answer: Request) -> None:
        question = self._link.questions.answered(answer.seq, "bandwidthRequest")
        call = self._calls.get(ras.call_id_of(question.body)) if question else None
        granted = answer.body.get("bandWidth", answer.body.get("allowedBandWidth"))
        if call is not None and granted is not None:
            self._limit(call, int(granted))

    def _dropped(self, request: Request) -> None:
        """DRQ of the gatekeeper (H.225.0 7.13): the call has to end; call reference 0 is all calls."""
        body = request.body
        call_id = ras.call_id_of(body)
        self._link.answer(request, ("disengageConfirm", {"requestSeqNum": request.seq}))
        if self._calls.pop(call_id, None) is not None:
            self._events.append(Dropped(call_id=call_id))
        elif body.get("callReferenceValue") == 0 and not any(call_id):
            self._calls.clear()
            self._events.append(Dropped(call_id=b""))

    def _told_to_limit(self, request: Request) -> None:
        """BRQ of the gatekeeper."""
        call = self._calls.get(ras.call_id_of(request.body))
        if call is None:
            reject = ras.reject("bandwidthReject", request.seq, "invalidConferenceID", allowedBandWidth=0)
            return self._link.answer(request, reject)
        units = int(request.body.get("bandWidth", call.bandwidth))
        self._link.answer(request, ("bandwidthConfirm", {"requestSeqNum": request.seq, "bandWidth": units}))
        self._limit(call, units)

    def _questioned(self, request: Request) -> None:
        """IRQ: about one call, or with call reference 0 about all (H.225.0 7.14.1)."""
        asked = self._calls.get(ras.call_id_of(request.body))
        every = request.body.get("callReferenceValue") == 0
        calls = list(self._calls.values()) if every else [asked] if asked else []
        body = requests.report(self._link.member, self._link.endpoint, calls, asked=True)
        self._link.answer(request, ("infoRequestResponse", {"requestSeqNum": request.seq, **body}))

    def _limit(self, call: ClientCall, units: int) -> None:
        call.bandwidth = units
        self._events.append(Limited(call_id=call.call_id, bit_rate=units * UNIT))

    def _denial(self, seq: int, call: ClientCall, reason: str) -> Denied:
        return Denied(request=seq, call_id=call.call_id, reason=reason)

    def _identifiers(self) -> dict[str, str]:
        return {"endpoint": self._link.endpoint, "gatekeeper": self._link.gatekeeper_id}

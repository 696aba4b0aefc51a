"""Our gatekeeper (H.323 7, H.225.0 7): terminals find it, register, and are told that what they dial is here.

No I/O and no clock: datagrams go in by ``feed`` and come out by ``take``. Discovery and registration are here, calls in
``admission.py``, who may do what in ``guard.py`` and ``accounts.py``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable

from mcu.errors import Garbled
from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import admission, claims, enrolment, h235
from mcu.h323.ras import messages as ras
from mcu.h323.ras.accounts import Account, Directory, Policy
from mcu.h323.ras.events import Event, Unregistered
from mcu.h323.ras.guard import Guard
from mcu.h323.ras.neighbours import Neighbours
from mcu.h323.ras.registry import Registration, Registry
from mcu.h323.ras.request import Request
from mcu.h323.ras.traffic import Answers, Questions, Throttle
from mcu.h323.transport import transport

_QUESTIONS_MOST = 256
SEARCHES_A_SECOND = 20  # through all passwords for who signed a message: 2 ms for 400 accounts

Handler = Callable[["Gatekeeper", Request], ras.Message | None]


class Gatekeeper:
    """``here`` tells at which of our addresses a host reaches us (default: as in the policy)."""

    def __init__(
        self,
        policy: Policy,
        accounts: Iterable[Account] = (),
        *,
        epoch: float = 0.0,
        here: Callable[[str], str] | None = None,
        fresh_id: Callable[[], str] = lambda: secrets.token_hex(12),
    ) -> None:
        """``epoch`` plus ``at`` is the time of day in seconds since 1970; it may be set anew when the clock is."""
        self.policy = policy
        self.epoch = epoch
        self.directory = Directory(accounts)
        self.registry = Registry(policy.most_endpoints)
        self.guard = Guard(policy.identifier, policy.clock_skew)
        self.fresh_id = fresh_id
        self.garbled = 0  # datagrams that were no messages
        self.throttled = 0  # dropped, for their host sends too many
        self._here = here or (lambda host: "")
        self._throttle = Throttle(policy.messages_a_second)
        self.searches = Throttle(SEARCHES_A_SECOND)  # all hosts together
        self._answers = Answers()
        self._questions = Questions(_QUESTIONS_MOST, first=1 + secrets.randbelow(30_000))
        self._neighbours = Neighbours(policy.asked, self._questions)
        self._out: list[tuple[bytes, Address]] = []
        self.events: list[Event] = []  # of the message at hand; handlers add to them

    # --- what comes in ------------------------------------------------------------------------------------------

    def feed(self, octets: bytes, source: Address, at: float, *, multicast: bool = False) -> list[Event]:
        """One datagram. ``multicast``: it came to the discovery group, where those who can't help keep silent."""
        self.events = []
        if not self._throttle.passes(source.host, at):
            self.throttled += 1
            return []
        try:
            name, body = message = per.decode_ras(octets)
        except Garbled:
            self.garbled += 1
            return []
        seq = body.get("requestSeqNum") if isinstance(body, dict) else None
        if not isinstance(seq, int):
            self.garbled += 1  # a message of a later version: without its number it can't be answered
            return []
        request = Request(name=name, body=body, octets=octets, source=source, at=at, seq=seq, multicast=multicast)
        if name in ("locationConfirm", "locationReject"):
            self.events += self._neighbours.answered(request)
        elif name in _ANSWERS_TO_US:
            self.settle(request)
        elif (again := self._answers.find(source, message, at)) is not None:
            self._out.append((again, request.reply_to))
        elif (handler := _HANDLERS.get(name)) is not None:
            self._reply(request, handler(self, request))
        elif name not in _NEVER_ANSWERED:
            self._reply(request, ras.not_understood(seq, octets[:1024]))
        return self.events

    def tick(self, at: float) -> list[Event]:
        self.events = []
        for gone in self.registry.expired(at):
            self.unregister(gone, "expired", at, tell="ttlExpired")
        again, vain = self._questions.tick(at)
        self._out += again
        for question in vain:
            self.events += self._neighbours.in_vain(question)
        return self.events

    def due(self) -> float | None:
        moments = [moment for moment in (self.registry.due(), self._questions.due()) if moment is not None]
        return min(moments, default=None)

    def take(self) -> list[tuple[bytes, Address]]:
        """What is to be sent, and whereto."""
        out, self._out = self._out, []
        return out

    # --- what others ask of it ----------------------------------------------------------------------------------

    def find(self, alias: str, *, guests: bool = True) -> Address | None:
        """Where to call a terminal: one that is registered under ``alias``, whose account has a fixed address, or that
        is behind a gateway. ``guests``: those without an account, too, who may call themselves as they like."""
        holder = self.registry.holder(alias)
        if holder is not None and (holder.account or guests) and holder.signalling.port:
            return holder.signalling
        account = self.directory.dialled(alias)
        if account is not None and account.host:
            return Address(account.host, ras.SIGNALLING_PORT)
        ahead = self.registry.ahead_of(alias) if account is None else None
        return ahead.signalling if ahead is not None and ahead.signalling.port else None

    def locate(self, alias: str, at: float) -> tuple[int, list[Event]]:
        """Ask the neighbours where somebody is: Located follows with this number, at once if there is none to ask.
        Raises Garbled for what is no alias."""
        number, out, events = self._neighbours.ask(alias, self.ras_for, at)
        self._out += out
        return number, events

    def replace(self, accounts: Iterable[Account], at: float) -> list[Event]:
        """Other accounts from now on. Whose own is gone or changed, or who has a prefix that is another's number now,
        has to register anew."""
        self.events = []
        before, self.directory = self.directory, Directory(accounts)
        for one in self.registry:
            now = self.directory.by_name.get(one.account)
            claimed = not one.account and (self.directory.claimed(one.aliases) or not self.policy.guests)
            lost = now is not None and not all(claims.owns(self.directory, now, prefix) for prefix in one.prefixes)
            if claimed or lost or (one.account and now != before.by_name.get(one.account)):
                self.unregister(one, "account", at, tell="reregistrationRequired")
        return self.events

    def drop(self, endpoint: str, call_id: bytes, at: float) -> None:
        """Make an endpoint end a call (DRQ forcedDrop)."""
        one = self.registry.get(endpoint)
        call = one.calls.pop(call_id, None) if one else None
        if one is None or call is None:
            return
        body: ras.Body = {
            "endpointIdentifier": one.endpoint,
            "conferenceID": call.conference_id,
            "callReferenceValue": call.reference,
            "disengageReason": ("forcedDrop", ras.NULL),
            "callIdentifier": {"guid": call.call_id[:16]},
            "answeredCall": call.answering,
        }
        self._ask(one, "disengageRequest", body, at)

    def ask(self, endpoint: str, at: float) -> None:
        """Ask an endpoint about all its calls (IRQ with call reference 0, H.225.0 7.14.1); the answer is Reported."""
        if one := self.registry.get(endpoint):
            body: ras.Body = {"callReferenceValue": 0, "callIdentifier": {"guid": bytes(16)}}
            self._ask(one, "infoRequest", body, at)

    def stop(self, at: float) -> list[Event]:
        """Tell all that we go; the last thing to be taken."""
        self.events = []
        for one in self.registry:
            self.unregister(one, "stopping", at, tell="maintenance" if one.version >= 5 else "undefinedReason")
        return self.events

    def unregister(self, one: Registration, reason: str, at: float, *, tell: str = "") -> None:
        """Forget it; with ``tell``, a reason of URQ, tell it so."""
        self.registry.remove(one)
        self._answers.forget(one.source)
        self.events.append(Unregistered(endpoint=one.endpoint, account=one.account, reason=reason))
        if tell:
            body: ras.Body = {
                "callSignalAddress": [transport(one.signalling)],
                "endpointIdentifier": one.endpoint,
                "reason": (tell, ras.NULL),
            }
            self._ask(one, "unregistrationRequest", body, at)

    def signalling_for(self, host: str) -> Address:
        """Our H.225.0 address, as ``host`` reaches it."""
        return Address(self._here(host) or self.policy.signalling.host, self.policy.signalling.port)

    def ras_for(self, host: str) -> Address:
        return Address(self._here(host) or self.policy.ras.host, self.policy.ras.port)

    # --- sending ------------------------------------------------------------------------------------------------

    def _reply(self, request: Request, answer: ras.Message | None) -> None:
        if answer is None:
            return
        try:
            # Whoever is told what it is called from now on checks that name (GnuGk writes it so, H323Plus insists).
            receiver = answer[1].get("endpointIdentifier") or request.sender
            octets = self._encode(answer, request.secret, receiver, request.at)
        except Garbled:  # what it sent decodes, but can't be said back
            self.garbled += 1
            return
        self._answers.keep(request.source, (request.name, request.body), octets, request.at)
        self._out.append((octets, request.reply_to))

    def _ask(self, one: Registration, name: str, body: ras.Body, at: float) -> None:
        body = {"requestSeqNum": self._questions.number(), **body}
        secret = one.password if one.method == "hmac" else ""

        def make() -> bytes:
            return self._encode((name, body), secret, one.endpoint, at)

        self._out.append(self._questions.ask((name, body), one.source, make, at))

    def _encode(self, message: ras.Message, secret: str, receiver: str, at: float) -> bytes:
        """Who proved itself by HMAC gets what it can prove, too (H.235.1 9.2)."""
        if not secret:
            return per.encode_ras(message)
        now, nonce = int(self.epoch + at), secrets.randbits(31)
        sender = self.policy.identifier
        return h235.signed(message, secret, sender=sender, receiver=receiver, timestamp=now, nonce=nonce)

    def settle(self, request: Request) -> None:
        question = self._questions.peek(request.seq)
        if question is None or question.target.host != request.source.host:
            return
        if request.name == "requestInProgress":
            self._questions.delay(request.seq, request.body.get("delay", 1) / 1000, request.at)
        else:
            self._questions.answered(request.seq, question.name)


_ANSWERS_TO_US = frozenset(
    {
        "unregistrationConfirm", "unregistrationReject", "disengageConfirm", "disengageReject",
        "unknownMessageResponse", "requestInProgress",
    }
)  # fmt: skip
# Answers to what we never ask; an XRS for them could be answered by another, for ever.
_NEVER_ANSWERED = frozenset(
    {
        "gatekeeperConfirm", "gatekeeperReject", "registrationConfirm", "registrationReject", "admissionConfirm",
        "admissionReject", "bandwidthConfirm", "bandwidthReject", "infoRequest", "infoRequestAck", "infoRequestNak",
        "resourcesAvailableConfirm", "serviceControlResponse", "admissionConfirmSequence",
    }
)  # fmt: skip
_HANDLERS: dict[str, Handler] = {
    "gatekeeperRequest": enrolment.discover,
    "registrationRequest": enrolment.register,
    "unregistrationRequest": enrolment.unregister,
    "admissionRequest": admission.admit,
    "bandwidthRequest": admission.change_bandwidth,
    "disengageRequest": admission.disengage,
    "locationRequest": admission.locate,
    "infoRequestResponse": admission.report,
    "resourcesAvailableIndicate": admission.resources,
    "serviceControlIndication": admission.service,
}

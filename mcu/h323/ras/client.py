"""Ourselves as a client of an outside gatekeeper: found, registered with, kept alive, found again.

No I/O and no clock. It goes on trying until it is stopped: at the gatekeeper's alternates first, then from the
beginning, less and less often.
"""

from __future__ import annotations

import dataclasses
import ipaddress
from enum import Enum

from mcu.h323.media import Address
from mcu.h323.ras import h235, requests
from mcu.h323.ras import messages as ras
from mcu.h323.ras.client_calls import ClientCalls
from mcu.h323.ras.events import Event, Joined, Left
from mcu.h323.ras.request import Request
from mcu.h323.ras.requests import Membership
from mcu.h323.ras.session import GatekeeperLink, Handler
from mcu.h323.ras.traffic import Question

RETRY_FIRST, RETRY_MOST = 5.0, 60.0  # s, doubled each time
REFUSED_WAIT = 30.0  # s until we ask again who said no: somebody may have mended it
SOON = 1.0  # s until we register again where we were asked to
KEEP_ALIVE = 300.0  # s, where no time to live was told: it may be restarted without a word
ALTERNATES_MOST = 8


class Phase(Enum):
    IDLE = "idle"
    WAITING = "waiting"  # until something is tried again
    DISCOVERING = "discovering"
    REGISTERING = "registering"
    REGISTERED = "registered"


class Client:
    """``calls`` asks for calls while ``registered``."""

    def __init__(self, member: Membership, *, epoch: float = 0.0) -> None:
        """``epoch`` plus ``at`` is the time of day in seconds since 1970; it may be set anew when the clock is."""
        self.phase = Phase.IDLE
        self.member = member
        self.link = GatekeeperLink(member, epoch)
        self.calls = ClientCalls(self.link, self._unknown_to_it)
        self._alternates: list[Address] = []
        self._wait = RETRY_FIRST
        self._next: float | None = None  # when to keep alive, or to try again
        self._time_to_live = 0.0
        self._confirmed = 0.0
        self._events: list[Event] = []
        self._handlers: dict[str, Handler] = {
            "gatekeeperConfirm": self._found,
            "gatekeeperReject": self._not_found,
            "registrationConfirm": self._registered,
            "registrationReject": self._refused,
            "unregistrationRequest": self._sent_away,
            "unregistrationConfirm": self._acknowledged,
            "unregistrationReject": self._acknowledged,
            "requestInProgress": self._patience,
            "unknownMessageResponse": self._acknowledged,
        }

    @property
    def registered(self) -> bool:
        return self.phase is Phase.REGISTERED

    @property
    def garbled(self) -> int:
        return self.link.garbled

    @property
    def epoch(self) -> float:
        return self.link.epoch

    @epoch.setter
    def epoch(self, value: float) -> None:
        self.link.epoch = value

    # --- what we do ---------------------------------------------------------------------------------------------

    def start(self, at: float) -> list[Event]:
        """Begin, or begin anew."""
        self._events = []
        self._begin(at)
        return self._events

    def stop(self, at: float) -> list[Event]:
        """Take our leave; the last thing to be taken. URQ is not repeated: nobody waits for its answer."""
        self._events = []
        if self.registered:
            body = requests.farewell(self.member, endpoint=self.link.endpoint, gatekeeper=self.link.gatekeeper_id)
            self.link.tell("unregistrationRequest", body, at)
            self._events.append(Left(reason="stopped"))
        self._forget()
        self.phase, self._next = Phase.IDLE, None
        return self._events

    def rename(self, aliases: tuple[str, ...], at: float) -> None:
        """Register under other names from now on."""
        if aliases == self.member.aliases:
            return
        self.member = self.link.member = dataclasses.replace(self.member, aliases=aliases)
        if self.registered:
            self._register(at)

    def feed(self, octets: bytes, source: Address, at: float) -> list[Event]:
        """One datagram."""
        self._events = []
        request = self.link.read(octets, source, at)
        if request is None or self.phase is Phase.IDLE:
            return []
        handler = self._handlers.get(request.name) or self.calls.handlers.get(request.name)
        question = self.link.questions.peek(request.seq)
        if request.name in _REQUESTS:
            if not self.registered or self.link.gatekeeper is None or source.host != self.link.gatekeeper.host:
                return []
            if not self.link.repeated(request):
                if handler is not None:
                    handler(request)
                else:
                    self.link.answer(request, ras.not_understood(request.seq, octets[:1024]))
        elif handler is not None and question is not None and question.target.host in (source.host, _GROUP):
            handler(request)
        return self._events + self.calls.events()

    def tick(self, at: float) -> list[Event]:
        self._events = []
        for question in self.link.tick(at):
            self._in_vain(question, at)
        if self._next is not None and at >= self._next:
            self._next = None
            if self.registered:
                self._keep_alive(at)
            elif self.phase is Phase.WAITING:
                self._begin(at)
        if self.registered:
            self.calls.tick(at)
        return self._events + self.calls.events()

    def due(self) -> float | None:
        moments = [self._next, self.link.questions.due(), self.calls.due() if self.registered else None]
        return min((moment for moment in moments if moment is not None), default=None)

    def take(self) -> list[tuple[bytes, Address]]:
        """What is to be sent, and whereto."""
        out, self.link.out = self.link.out, []
        return out

    # --- finding it ---------------------------------------------------------------------------------------------

    def _begin(self, at: float, gatekeeper: Address | None = None) -> None:
        self._forget()
        target = gatekeeper or self.member.gatekeeper
        if target is None or self.member.discover:
            self._discover(target, at)
        else:
            self.link.gatekeeper = target
            self._register(at)

    def _discover(self, target: Address | None, at: float) -> None:
        self._forget()
        self.phase, self.link.gatekeeper = Phase.DISCOVERING, target
        body = requests.discovery(self.member)
        self.link.ask("gatekeeperRequest", body, at, target or ras.DISCOVERY_GROUP)

    def _found(self, answer: Request) -> None:
        if self.phase is not Phase.DISCOVERING or not self.link.questions.answered(answer.seq, "gatekeeperRequest"):
            return
        self.link.gatekeeper = _reachable(ras.address_of(answer.body.get("rasAddress")), answer.source)
        self.link.gatekeeper_id = str(answer.body.get("gatekeeperIdentifier", "")).rstrip("\0")
        algorithm = answer.body.get("algorithmOID")
        chosen = [method for method, oid in h235.ALGORITHMS.items() if oid == algorithm]
        self.link.method = chosen[0] if chosen else None
        self.link.mutual = self.link.mutual and self.link.method in (None, "hmac")
        self._learn_alternates(answer.body.get("alternateGatekeeper"))
        self._register(answer.at, discovered=True)

    def _not_found(self, answer: Request) -> None:
        if self.link.questions.answered(answer.seq, "gatekeeperRequest"):
            self._learn_alternates((answer.body.get("altGKInfo") or {}).get("alternateGatekeeper"))
            self._elsewhere(ras.reason_of(answer.body) or "refused", REFUSED_WAIT, answer.at)

    # --- registering --------------------------------------------------------------------------------------------

    def _register(self, at: float, *, discovered: bool = False) -> None:
        if not self.registered:
            self.phase = Phase.REGISTERING
        body = requests.registration(
            self.member, discovered=discovered, endpoint=self.link.endpoint, gatekeeper=self._identifier()
        )
        self.link.ask("registrationRequest", body, at)

    def _keep_alive(self, at: float) -> None:
        body = requests.keep_alive(self.member, endpoint=self.link.endpoint, gatekeeper=self._identifier())
        self.link.ask("registrationRequest", body, at)

    def _registered(self, answer: Request) -> None:
        question = self.link.questions.answered(answer.seq, "registrationRequest")
        endpoint = str(answer.body.get("endpointIdentifier", ""))
        if question is None or self.link.gatekeeper is None or not endpoint:
            return
        body, self.link.endpoint, self._confirmed = answer.body, endpoint, answer.at
        self.link.gatekeeper_id = str(body.get("gatekeeperIdentifier", self.link.gatekeeper_id)).rstrip("\0")
        self.link.route = next(iter(ras.addresses_of(body.get("callSignalAddress"))), None)
        self._learn_alternates(body.get("alternateGatekeeper"))
        seconds = body.get("timeToLive", 0)
        self._time_to_live = float(seconds)
        # Half of it leaves time for three tries, 3 s apart, and for a gatekeeper that counts tightly.
        self._next = answer.at + (max(1.0, min(seconds / 2, KEEP_ALIVE)) if seconds else KEEP_ALIVE)
        if not question.body.get("keepAlive"):
            self.phase, self._wait = Phase.REGISTERED, RETRY_FIRST
            granted = ras.alias_texts(body.get("terminalAlias")) or self.member.aliases
            self._events.append(
                Joined(
                    gatekeeper=self.link.gatekeeper,
                    identifier=self.link.gatekeeper_id,
                    aliases=granted,
                    time_to_live=seconds,
                )
            )

    def _refused(self, answer: Request) -> None:
        question = self.link.questions.answered(answer.seq, "registrationRequest")
        if question is None:
            return
        reason = ras.reason_of(answer.body) or "refused"
        if question.body.get("keepAlive"):
            # It forgot us, by a restart as a rule; whatever it says, a full registration will show.
            self.phase = Phase.REGISTERING
            self._events.append(Left(reason=reason))
            self.link.endpoint = ""
            if reason == "discoveryRequired":
                self._begin(answer.at)
            else:
                self._register(answer.at)
            return
        if reason == "discoveryRequired" and not question.body.get("discoveryComplete"):
            return self._discover(self.link.gatekeeper, answer.at)
        self._learn_alternates((answer.body.get("altGKInfo") or {}).get("alternateGatekeeper"))
        self._elsewhere(reason, REFUSED_WAIT, answer.at)

    def _identifier(self) -> str:
        return self.link.gatekeeper_id or self.member.identifier

    # --- losing it ----------------------------------------------------------------------------------------------

    def _sent_away(self, request: Request) -> None:
        """URQ of the gatekeeper."""
        named = request.body.get("endpointIdentifier")
        if named is not None and named != self.link.endpoint:
            reject = ras.reject("unregistrationReject", request.seq, "notCurrentlyRegistered")
            return self.link.answer(request, reject)
        self.link.answer(request, ("unregistrationConfirm", {"requestSeqNum": request.seq}))
        self._learn_alternates(request.body.get("alternateGatekeeper"))
        reason = ras.reason_of(request.body) or "undefinedReason"
        wait = SOON if reason in ("reregistrationRequired", "ttlExpired", "undefinedReason") else REFUSED_WAIT
        self._elsewhere(reason, wait, request.at)

    def _unknown_to_it(self, at: float) -> None:
        """It answered a call as if we had never registered."""
        if self.registered:
            self.phase = Phase.REGISTERING
            self._events.append(Left(reason="forgotten"))
            self.link.endpoint = ""
            self._register(at)

    def _in_vain(self, question: Question, at: float) -> None:
        if question.name not in ("gatekeeperRequest", "registrationRequest"):
            self.calls.in_vain(question)
            if self.registered:
                self._next = at  # is it there at all?
            return
        if self.registered and at < self._confirmed + self._time_to_live - 10:
            self._next = at + 1.0  # there is time left for another round
            return
        wait, self._wait = self._wait, min(2 * self._wait, RETRY_MOST)
        self._elsewhere("no answer", wait, at)

    def _elsewhere(self, reason: str, wait: float, at: float) -> None:
        """To an alternate at once, from the beginning later."""
        self._events.append(Left(reason=reason))
        alternates = [address for address in self._alternates if address != self.link.gatekeeper]
        if alternates and wait != SOON:
            self._alternates = alternates[1:]
            self._begin(at, alternates[0])
        else:
            self._forget()
            self.phase, self._next = Phase.WAITING, at + wait

    def _learn_alternates(self, told: object) -> None:
        if isinstance(told, list) and told:
            entries = sorted((e for e in told[:32] if isinstance(e, dict)), key=lambda e: e.get("priority", 127))
            self._alternates = list(ras.addresses_of(e.get("rasAddress") for e in entries))[:ALTERNATES_MOST]

    def _forget(self) -> None:
        self.calls.forget()
        self.link.forget()
        self._next = None

    def _acknowledged(self, answer: Request) -> None:
        question = self.link.questions.peek(answer.seq)
        if question is not None and answer.name == "unknownMessageResponse":
            self.link.questions.answered(answer.seq, question.name)
            self._in_vain(question, answer.at)

    def _patience(self, answer: Request) -> None:
        self.link.questions.delay(answer.seq, answer.body.get("delay", 1) / 1000, answer.at)


def _reachable(named: Address | None, source: Address) -> Address:
    """Where a gatekeeper says it is, unless that is inside a network from which it spoke to us through a NAT."""
    if named is None:
        return source
    hidden = ipaddress.ip_address(named.host).is_private and not ipaddress.ip_address(source.host).is_private
    return source if hidden else named


_GROUP = ras.DISCOVERY_GROUP.host
_REQUESTS = frozenset(
    {
        "unregistrationRequest", "disengageRequest", "bandwidthRequest", "infoRequest", "nonStandardMessage",
        "serviceControlIndication", "locationRequest", "gatekeeperRequest", "registrationRequest", "admissionRequest",
        "resourcesAvailableIndicate",
    }
)  # fmt: skip

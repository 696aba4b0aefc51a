"""The link to an outside gatekeeper: our questions and its answers, tokens on both, whom we believe."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from mcu.errors import Garbled
from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import h235
from mcu.h323.ras import messages as ras
from mcu.h323.ras.request import Request
from mcu.h323.ras.requests import Membership
from mcu.h323.ras.traffic import Answers, Question, Questions

_QUESTIONS_MOST = 4096  # more than calls that may be open at once: none of those must be given up early

# What each method's tokens go with; HMAC's with everything (H.235.1 9.1).
_SECURED: dict[h235.Method, frozenset[str]] = {
    "md5": frozenset(
        {
            "registrationRequest",
            "unregistrationRequest",
            "admissionRequest",
            "disengageRequest",
            "bandwidthRequest",
            "infoRequestResponse",
        }
    ),
    "cat": frozenset({"registrationRequest", "admissionRequest"}),
}


class GatekeeperLink:
    """Says what it is told to, as the gatekeeper wants it proved."""

    def __init__(self, member: Membership, epoch: float) -> None:
        self.member = member
        self.epoch = epoch
        self.questions = Questions(_QUESTIONS_MOST, first=1 + secrets.randbelow(30_000))
        self.answers = Answers()
        self.garbled = 0
        self.forged = 0  # signed with another password than ours, or not any more
        self.out: list[tuple[bytes, Address]] = []
        self.forget()

    def forget(self) -> None:
        """Of a gatekeeper that is no longer ours."""
        self.gatekeeper: Address | None = None
        self.endpoint = ""  # what it calls us
        self.gatekeeper_id = ""
        self.route: Address | None = None  # where calls go that it routes itself
        self.method: h235.Method | None = None  # that it chose
        self.mutual = False  # it signed once, so it has to go on
        self.questions.forget()

    # --- out ----------------------------------------------------------------------------------------------------

    def ask(self, name: str, body: ras.Body, at: float, target: Address | None = None) -> int:
        """A request, repeated until it is answered; its requestSeqNum. Raises Garbled for what can't be said."""
        if (target := target or self.gatekeeper) is None:
            raise ValueError("no gatekeeper to ask")
        seq = self.questions.number()
        message = (name, {"requestSeqNum": seq, **body})

        def make() -> bytes:
            return self._encode(message, at)

        self.out.append(self.questions.ask(message, target, make, at))
        return seq

    def tell(self, name: str, body: ras.Body, at: float) -> None:
        """A message that is not repeated."""
        if self.gatekeeper is not None:
            self._say((name, {"requestSeqNum": self.questions.number(), **body}), self.gatekeeper, at)

    def _say(self, message: ras.Message, target: Address, at: float) -> bytes:
        octets = self._encode(message, at)
        self.out.append((octets, target))
        return octets

    def tick(self, at: float) -> list[Question]:
        """Repeats what is due; what was asked in vain."""
        again, vain = self.questions.tick(at)
        self.out += again
        return vain

    def _encode(self, message: ras.Message, at: float) -> bytes:
        name, body = message
        member, wall = self.member, int(self.epoch + at)
        if not member.password:
            return per.encode_ras(message)
        body = dict(body)
        if self._wanted("md5", name):
            body["cryptoTokens"] = [h235.md5_token(member.name, member.password, wall)]
        if self._wanted("cat", name):
            body["tokens"] = [h235.cat_token(member.name, member.password, wall, secrets.randbelow(256))]
        if self.method not in (None, "hmac"):
            return per.encode_ras((name, body))
        return h235.signed(
            (name, body),
            member.password,
            sender=self.endpoint or member.name,
            receiver=self.gatekeeper_id or member.identifier,
            timestamp=wall,
            nonce=secrets.randbits(31),
        )

    def _wanted(self, method: h235.Method, name: str) -> bool:
        """Where it chose no method it gets them all, to pick the one it knows."""
        return self.method in (None, method) and name in _SECURED[method]

    # --- in -----------------------------------------------------------------------------------------------------

    def read(self, octets: bytes, source: Address, at: float) -> Request | None:
        """One datagram; None for one that is no message, or not from whom it seems."""
        try:
            name, body = per.decode_ras(octets)
        except Garbled:
            self.garbled += 1
            return None
        seq = body.get("requestSeqNum") if isinstance(body, dict) else None
        if not isinstance(seq, int):
            self.garbled += 1
            return None
        if not self._believed(body, octets):
            self.forged += 1
            return None
        return Request(name=name, body=body, octets=octets, source=source, at=at, seq=seq)

    def _believed(self, body: ras.Body, octets: bytes) -> bool:
        if not self.member.password:
            return True
        signed = [token for token in h235.tokens_of(body) if token.method == "hmac"]
        if not signed:
            return not self.mutual
        if not h235.proves(signed[0], self.member.password, octets):
            return False
        self.mutual = True
        return True

    def answer(self, request: Request, message: ras.Message) -> None:
        """What it asked of us; kept, should it ask again."""
        octets = self._say(message, request.reply_to, request.at)
        self.answers.keep(request.source, (request.name, request.body), octets, request.at)

    def repeated(self, request: Request) -> bool:
        """Whether it asks again; then it has its answer."""
        octets = self.answers.find(request.source, (request.name, request.body), request.at)
        if octets is None:
            return False
        self.out.append((octets, request.reply_to))
        return True


Handler = Callable[[Request], None]

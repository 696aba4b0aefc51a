"""A terminal that speaks RAS by hand: what our own client never does is said here, too."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import Account, Gatekeeper, Policy, h235
from mcu.h323.ras import messages as ras
from mcu.h323.ras.events import Event
from mcu.h323.transport import transport

EPOCH = 1_795_320_000.0
VENDOR = ras.vendor("Old Codec 3000", "F8.1")
TERMINAL = {"vendor": VENDOR, "terminal": {}, "mc": False, "undefinedNode": False}
CALL = bytes(range(16))
HUE = Account(name="hue", aliases=("2001",), password="mật khẩu")
OPEN = Account(name="open", aliases=("2002",))
HALL = Account(name="hall", aliases=("2003",), address="10.1.0.0/16")
DENIED = "registrationReject securityDenial"


def gatekeeper(*accounts: Account, **policy: Any) -> Gatekeeper:
    return Gatekeeper(Policy(identifier="GK", **{"time_to_live": 300, **policy}), accounts, epoch=EPOCH)


@dataclass
class Terminal:
    gk: Gatekeeper
    host: str = "10.0.0.7"
    name: str = ""
    aliases: tuple[str, ...] = ("2001",)
    password: str = ""
    methods: tuple[h235.Method, ...] = ("hmac",)
    at: float = 0.0
    skew: float = 0.0
    port: int = 2719
    endpoint: str = ""
    events: list[Event] = field(default_factory=list)
    sent: bytes = b""
    got: bytes = b""
    nonce: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    seq: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def source(self) -> Address:
        return Address(self.host, self.port)

    @property
    def signalling(self) -> Address:
        return Address(self.host, 1720)

    def encode(self, name: str, body: ras.Body) -> bytes:
        """With tokens, if it has a password."""
        wall = int(EPOCH + self.at + self.skew)
        who = self.name or self.aliases[0] if self.aliases else self.endpoint
        if self.password and "md5" in self.methods:
            body = {**body, "cryptoTokens": [h235.md5_token(who, self.password, wall)]}
        if self.password and "cat" in self.methods:
            body = {**body, "tokens": [h235.cat_token(who, self.password, wall, next(self.nonce))]}
        if self.password and "hmac" in self.methods:
            sender, nonce = self.endpoint or who, next(self.nonce)
            return h235.signed((name, body), self.password, sender=sender, receiver="GK", timestamp=wall, nonce=nonce)
        return per.encode_ras((name, body))

    def say(self, name: str, /, **body: Any) -> ras.Message | None:
        """A message and what comes back to us; None for silence."""
        return self.send(self.encode(name, {"requestSeqNum": next(self.seq), **body}))

    def send(self, octets: bytes, **more: Any) -> ras.Message | None:
        self.sent = octets
        self.events = self.gk.feed(octets, self.source, self.at, **more)
        answers = [answer for answer, target in self.gk.take() if target == self.source]
        assert len(answers) <= 1
        self.got = answers[0] if answers else b""
        return per.decode_ras(self.got) if answers else None

    def grq(self, **more: Any) -> ras.Message | None:
        body = {"protocolIdentifier": ras.PROTOCOL, "rasAddress": transport(self.source), "endpointType": TERMINAL}
        return self.say("gatekeeperRequest", **{**body, **self._named("endpointAlias"), **more})

    def rrq(self, **more: Any) -> ras.Message | None:
        """Registers anew; keeps what it was told."""
        body: ras.Body = {
            "protocolIdentifier": ras.PROTOCOL,
            "discoveryComplete": False,
            "callSignalAddress": [transport(self.signalling)],
            "rasAddress": [transport(self.source)],
            "terminalType": TERMINAL,
            "endpointVendor": VENDOR,
            "keepAlive": False,
            "willSupplyUUIEs": False,
            "maintainConnection": False,
            **self._named("terminalAlias"),
        }
        answer = self.say("registrationRequest", **{**body, **more})
        if answer is not None and answer[0] == "registrationConfirm":
            self.endpoint = answer[1]["endpointIdentifier"]
        return answer

    def keep_alive(self, **more: Any) -> ras.Message | None:
        return self.rrq(**{"keepAlive": True, "endpointIdentifier": self.endpoint, **more})

    def arq(self, dialled: str = "", *, answering: bool = False, call: bytes = CALL, **more: Any) -> ras.Message | None:
        body: ras.Body = {
            "callType": ras.POINT_TO_POINT,
            "endpointIdentifier": self.endpoint,
            "srcInfo": [],
            "bandWidth": 15360,
            "callReferenceValue": 77,
            "conferenceID": call,
            "activeMC": False,
            "answerCall": answering,
            "canMapAlias": True,
            "callIdentifier": {"guid": call},
            "willSupplyUUIEs": False,
        }
        if dialled:
            body["destinationInfo"] = [ras.alias(dialled)]
        return self.say("admissionRequest", **{**body, **more})

    def drq(self, call: bytes = CALL, **more: Any) -> ras.Message | None:
        body: ras.Body = {
            "endpointIdentifier": self.endpoint,
            "conferenceID": call,
            "callReferenceValue": 77,
            "disengageReason": ("normalDrop", 0),
            "callIdentifier": {"guid": call},
            "answeredCall": False,
        }
        return self.say("disengageRequest", **{**body, **more})

    def brq(self, units: int, call: bytes = CALL, **more: Any) -> ras.Message | None:
        body: ras.Body = {
            "endpointIdentifier": self.endpoint,
            "conferenceID": call,
            "callReferenceValue": 77,
            "bandWidth": units,
            "callIdentifier": {"guid": call},
            "answeredCall": False,
        }
        return self.say("bandwidthRequest", **{**body, **more})

    def urq(self, **more: Any) -> ras.Message | None:
        body = {"callSignalAddress": [transport(self.signalling)], "endpointIdentifier": self.endpoint}
        return self.say("unregistrationRequest", **{**body, **more})

    def _named(self, field_name: str) -> ras.Body:
        names = (*self.aliases, *([self.name] if self.name else []))
        return {field_name: [ras.alias(name) for name in names]} if names else {}


def told(answer: ras.Message | None) -> str:
    """A short word for an answer: "registrationConfirm", "registrationReject securityDenial", "silence"."""
    if answer is None:
        return "silence"
    return f"{answer[0]} {ras.reason_of(answer[1])}".strip()

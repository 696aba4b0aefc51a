"""A network in memory between a client and gatekeepers: datagrams arrive at once, are lost, or are shown to a spy."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import Account, Gatekeeper, Policy
from mcu.h323.ras.client import Client
from mcu.h323.ras.events import Event
from mcu.h323.ras.messages import DISCOVERY_GROUP, Message
from mcu.h323.ras.requests import Membership

GK = Address("10.0.0.1", 1719)
US = Address("10.0.0.2", 1719)
EPOCH = 1_795_320_000.0
MCU = Account(name="mcu", aliases=("1000",))
SECRET = Account(name="mcu", aliases=("1000",), password="mật khẩu")
OTHER = Account(name="hall", aliases=("2001",), address="10.0.0.9")
MEMBER = Membership(
    gatekeeper=GK, aliases=("1000", "mcu"), signalling=Address("10.0.0.2", 1720), ras=US, product="MCU", version="1.2"
)
CALL = bytes(range(16))


@dataclass
class Wire:
    client: Client
    gatekeepers: dict[Address, Gatekeeper]
    at: float = 0.0
    lost: Callable[[str, bool], bool] = lambda name, outwards: False
    said: list[tuple[str, Message]] = field(default_factory=list)  # ">" to the gatekeeper, "<" back
    ours: list[Event] = field(default_factory=list)  # of the client
    theirs: list[Event] = field(default_factory=list)

    def names(self, way: str = "") -> list[str]:
        return [message[0] for direction, message in self.said if way in direction]

    def flow(self) -> None:
        """Until nobody has anything to say."""
        for _ in range(50):
            busy = False
            for octets, target in self.client.take():
                busy = True
                self._deliver(octets, target)
            for address, gatekeeper in self.gatekeepers.items():
                for octets, target in gatekeeper.take():
                    busy = True
                    assert target == US
                    self._back(octets, address)
            if not busy:
                return
        raise AssertionError("they talk for ever")

    def _deliver(self, octets: bytes, target: Address) -> None:
        message = per.decode_ras(octets)
        self.said.append((">", message))
        if self.lost(message[0], True):
            return
        for address, gatekeeper in self.gatekeepers.items():
            if target in (address, DISCOVERY_GROUP):
                self.theirs += gatekeeper.feed(octets, US, self.at, multicast=target == DISCOVERY_GROUP)

    def _back(self, octets: bytes, source: Address) -> None:
        message = per.decode_ras(octets)
        self.said.append(("<", message))
        if not self.lost(message[0], False):
            self.ours += self.client.feed(octets, source, self.at)

    def start(self) -> list[Event]:
        self.ours += self.client.start(self.at)
        self.flow()
        return self.fresh()

    def run(self, seconds: float) -> list[Event]:
        """Let time pass, from one moment that somebody waits for to the next."""
        end = self.at + seconds
        for _ in range(10_000):
            moments = [m for m in (self.client.due(), *(g.due() for g in self.gatekeepers.values())) if m is not None]
            self.at = max(self.at, min([*moments, end]))
            if self.at >= end:
                self.at = end
            self.ours += self.client.tick(self.at)
            for gatekeeper in self.gatekeepers.values():
                self.theirs += gatekeeper.tick(self.at)
            self.flow()
            if self.at >= end:
                return self.fresh()
        raise AssertionError("something is due for ever")

    def fresh(self) -> list[Event]:
        """What the client told since the last time."""
        events, self.ours = self.ours, []
        return events


def gatekeeper(*accounts: Account, at: Address = GK, **policy: Any) -> Gatekeeper:
    granted = {"time_to_live": 300, **policy}
    return Gatekeeper(
        Policy(identifier="GK", ras=at, signalling=Address(at.host, 1720), **granted), accounts, epoch=EPOCH
    )


def wired(*accounts: Account, gk: Gatekeeper | None = None, **member: Any) -> Wire:
    made = gk or gatekeeper(*(accounts or (MCU, OTHER)))
    return Wire(Client(dataclasses.replace(MEMBER, **member), epoch=EPOCH), {GK: made})


def admit(wire: Wire, *, call: bytes = CALL, **more: Any) -> int:
    what: dict[str, Any] = {"call_id": call, "conference_id": call, "reference": 7, "bit_rate": 1_920_000, **more}
    seq = wire.client.calls.admit(wire.at, **what)
    wire.flow()
    return seq

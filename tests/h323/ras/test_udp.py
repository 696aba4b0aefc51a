"""Gatekeeper and membership on real sockets, on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mcu.errors import NotPermitted, TimedOut, Unavailable
from mcu.h323 import per
from mcu.h323.media import Address
from mcu.h323.ras import Account, Gatekeeper, Policy
from mcu.h323.ras import messages as ras
from mcu.h323.ras.events import Event, Joined, Left, Registered, Unregistered
from mcu.h323.ras.outside import OutsideGatekeeper, split
from mcu.h323.ras.requests import Membership
from mcu.h323.ras.udp import GatekeeperServer, Here, mapped, source_of
from mcu.h323.transport import transport
from tests.waiting import until

MCU = Account(name="mcu", aliases=("1000",), password="mật khẩu")
HALL = Account(name="hall", aliases=("2001",), address="127.0.0.9")
CALL = bytes(range(16))
ASKED: dict[str, Any] = {"call_id": CALL, "conference_id": CALL, "reference": 1, "bit_rate": 64_000}


class Served:
    """A gatekeeper at work."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.gatekeeper = Gatekeeper(Policy(identifier="GK"), [MCU, HALL], here=Here("127.0.0.1"))
        self.server = GatekeeperServer(self.gatekeeper, self.events.append)
        self.address = Address("127.0.0.1", 1)

    async def start(self, port: int = 0, **more: Any) -> None:
        self.address = await self.server.start("127.0.0.1", port, **more)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    made = Served()
    await made.start()
    yield made
    made.server.stop()
    await asyncio.sleep(0)


def member(password: str = "mật khẩu", **more: Any) -> Membership:
    anywhere = Address("127.0.0.1", 1720)
    return Membership(gatekeeper=None, aliases=("1000",), signalling=anywhere, ras=anywhere, password=password, **more)


async def test_registered_and_calling(served: Served) -> None:
    told: list[Event] = []
    outside = OutsideGatekeeper(str(served.address), member(), told.append)
    with pytest.raises(Unavailable):
        await outside.admit(**ASKED)
    outside.start("0.0.0.0")
    await until(lambda: outside.joined is not None)
    assert [type(event) for event in told] == [Joined]
    (registered,) = served.events
    assert isinstance(registered, Registered)
    assert registered.signalling == Address("127.0.0.1", 1720)
    assert served.gatekeeper.find("1000") == Address("127.0.0.1", 1720)
    allowed = await outside.admit(**ASKED, dialled=["2001"])
    assert allowed.target == Address("127.0.0.9", 1720)
    outside.disengage(CALL)
    await until(lambda: served.gatekeeper.registry.calls == 0)
    served.server.run(lambda at: served.gatekeeper.replace([MCU], at))
    assert (await outside.admit(**ASKED, dialled=["2001"])).target == Address("127.0.0.1", 1720)
    served.server.run(lambda at: served.gatekeeper.replace([MCU, Account(name="x", aliases=("2001",))], at))
    with pytest.raises(NotPermitted, match="calledPartyNotRegistered"):
        await outside.admit(**ASKED, dialled=["2001"])
    await outside.stop()
    await until(lambda: isinstance(served.events[-1], Unregistered))
    assert [type(event) for event in told] == [Joined, Left]


async def test_a_gatekeeper_that_refuses_says_why(served: Served) -> None:
    told: list[Event] = []
    outside = OutsideGatekeeper(str(served.address), member("wrong"), told.append)
    outside.start("")
    await until(lambda: bool(told))
    assert told == [Left(reason="securityIntegrityFailed")]
    with pytest.raises(Unavailable, match="securityIntegrityFailed"):
        await outside.admit(**ASKED)
    await outside.stop()


async def test_who_waits_for_a_call_is_told_when_we_stop(served: Served) -> None:
    outside = OutsideGatekeeper(str(served.address), member(), lambda event: None)
    outside.start("")
    await until(lambda: outside.joined is not None)
    served.server.stop()
    waiting = asyncio.create_task(outside.admit(**ASKED, dialled=["2001"]))
    await asyncio.sleep(0)
    await outside.stop()
    with pytest.raises((Unavailable, NotPermitted, TimedOut)):
        await waiting


async def test_a_host_that_is_none_is_tried_again_later() -> None:
    outside = OutsideGatekeeper("host.invalid", member(), lambda event: None)
    outside.start("")
    await until(lambda: outside.reason != "not yet")
    await outside.stop()


async def test_a_taken_port_is_an_error(served: Served) -> None:
    with pytest.raises(OSError, match="in use"):
        await Served().start(served.address.port)


async def test_rubbish_and_faults_of_ours_stop_nothing(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"\xff" * 1400, (served.address.host, served.address.port))
        await until(lambda: served.gatekeeper.garbled == 1)
        failed: list[str] = []

        def fault(host: str, at: float) -> bool:
            failed.append(host)
            raise ZeroDivisionError

        monkeypatch.setattr(served.gatekeeper._throttle, "passes", fault)
        sender.sendto(b"x", (served.address.host, served.address.port))
        await until(lambda: failed == ["127.0.0.1"])
        monkeypatch.undo()
        sender.sendto(b"x", (served.address.host, served.address.port))
        await until(lambda: served.gatekeeper.garbled == 2)


async def test_a_flood_does_not_stop_the_clock(served: Served) -> None:
    """Each datagram looks at what is due, and must not put it off."""
    ticks: list[float] = []
    session = served.gatekeeper
    due, tick = session.due, session.tick
    at = asyncio.get_running_loop().time() + 0.2
    session.due = lambda: at if not ticks else due()  # type: ignore[method-assign]
    session.tick = lambda now: (ticks.append(now), tick(now))[1]  # type: ignore[func-returns-value,method-assign]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
        async with asyncio.timeout(60):
            while not ticks:
                flood.sendto(b"x", (served.address.host, served.address.port))
                await asyncio.sleep(0.001)


async def test_found_on_the_multicast_group() -> None:
    served = Served()
    await served.start(multicast=True)
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as terminal:
        terminal.setblocking(False)
        terminal.bind(("127.0.0.1", 0))
        terminal.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        grq = {
            "requestSeqNum": 9, "protocolIdentifier": ras.PROTOCOL,
            "rasAddress": transport(Address(*terminal.getsockname())),
            "endpointType": {"mc": False, "undefinedNode": False}, "endpointAlias": [ras.alias("1000")],
        }  # fmt: skip
        terminal.sendto(
            per.encode_ras(("gatekeeperRequest", grq)), (ras.DISCOVERY_GROUP.host, ras.DISCOVERY_GROUP.port)
        )
        async with asyncio.timeout(60):
            octets, source = await loop.sock_recvfrom(terminal, 2000)
    assert per.decode_ras(octets)[0] == "gatekeeperConfirm"
    assert Address(*source) == served.address  # from where it is registered with
    served.server.stop()


def test_our_address_towards_a_host() -> None:
    assert Here("10.1.2.3")("127.0.0.1") == "10.1.2.3"
    assert Here("0.0.0.0")("127.0.0.1") == "127.0.0.1"
    assert Here("")("::1") in ("::1", "")  # without IPv6 on this machine there is no way
    assert source_of(("::ffff:10.0.0.1", 5, 0, 0)) == Address("10.0.0.1", 5)
    assert source_of(("fe80::1%eth0", 5, 0, 2)) == Address("fe80::1", 5)
    assert source_of(("10.0.0.1", 0)) is None
    assert mapped("10.0.0.1", socket.AF_INET) == "10.0.0.1"
    assert mapped("10.0.0.1", socket.AF_INET6) == "::ffff:10.0.0.1"
    assert mapped("fd00::1", socket.AF_INET6) == "fd00::1"


@pytest.mark.parametrize(
    ("where", "host", "port"),
    [
        ("10.0.0.1", "10.0.0.1", 1719),
        ("gk.example:1720", "gk.example", 1720),
        ("[fd00::7]:99", "fd00::7", 99),
        ("[fd00::7]", "fd00::7", 1719),
        ("fd00::7", "fd00::7", 1719),
        ("gk:port", "gk", 1719),
        ("gk:0", "gk", 1719),
        ("gk:99999", "gk", 1719),
    ],
)
def test_where_a_gatekeeper_is(where: str, host: str, port: int) -> None:
    assert split(where) == (host, port)

"""We belong to a gatekeeper that routes calls, and a stranger calls us past it: he is told to call there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import structlog.testing

from mcu import config
from mcu.h323 import per, signalling, sip
from mcu.h323.gateway import Gateway, admission
from mcu.h323.media import Address
from mcu.h323.ras import messages as ras
from mcu.h323.transport import transport
from tests.asterisk.running import free_ports
from tests.h323.sip.fake_asterisk import FakeAsterisk
from tests.probe.h323_light import LightTerminal
from tests.waiting import until

ROUTE = Address("127.0.0.77", 1720)


class Routing(asyncio.DatagramProtocol):
    """A gatekeeper as GnuGk is by default: whom it has not sent to us may not be answered."""

    def __init__(self, route: Address | None, reason: str) -> None:
        self.route, self.reason = route, reason
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, body = per.decode_ras(data)
        seq = {"requestSeqNum": body["requestSeqNum"]}
        here = transport(Address(*self.transport.get_extra_info("sockname")))
        answers: dict[str, ras.Message] = {
            "gatekeeperRequest": (
                "gatekeeperConfirm", {**seq, "protocolIdentifier": ras.PROTOCOL, "rasAddress": here}
            ),
            "registrationRequest": (
                "registrationConfirm",
                {
                    **seq, "protocolIdentifier": ras.PROTOCOL, "endpointIdentifier": "us", "willRespondToIRR": False,
                    "callSignalAddress": [transport(self.route)] if self.route else [], "maintainConnection": False,
                },
            ),
            "admissionRequest": ras.reject("admissionReject", body["requestSeqNum"], self.reason),
        }  # fmt: skip
        if name in answers:
            self.transport.sendto(per.encode_ras(answers[name]), addr)


class Sent(LightTerminal):
    """Remembers where it was sent."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.forwarded: list[signalling.Forwarded] = []

    def _signalled(self, event: signalling.Event) -> None:
        if isinstance(event, signalling.Forwarded):
            self.forwarded.append(event)
        super()._signalled(event)


Start = Callable[[Address | None, str], Any]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """A gateway that such a gatekeeper knows."""
    ends: list[Callable[[], Any]] = []

    async def started(route: Address | None, reason: str) -> Gateway:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: Routing(route, reason), ("127.0.0.1", 0))
        port, ras_port, sip_port = free_ports(3)
        fake = FakeAsterisk()
        await fake.start()
        host, there = transport.get_extra_info("sockname")
        other = config.OutsideGatekeeper(address=f"{host}:{there}", number="10")
        settings = config.H323(port=port, ras_port=ras_port, sip_port=sip_port, gatekeeper=other)
        made = Gateway(settings, "127.0.0.1", fake.address, sip.Account("h323", "x"), lambda event, data: None)
        await made.start()
        ends.extend((transport.close, fake.close))
        gateways.append(made)
        await until(lambda: made.ras.joined)
        return made

    gateways: list[Gateway] = []
    yield started
    for made in gateways:
        await made.stop()
    for end in ends:
        end()
    await asyncio.sleep(0)


async def test_a_stranger_is_sent_to_the_gatekeeper(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "_REDIRECT_LIMIT", 0.1)
    made = await start(ROUTE, "routeCallToGatekeeper")
    with structlog.testing.capture_logs() as told:
        async with Sent(("127.0.0.1", made.settings.port), host="127.0.0.5") as stranger:
            await stranger.begin("1001")
            await until(lambda: not stranger.up)  # who does not go is thrown out
            assert stranger.forwarded == [signalling.Forwarded(ROUTE, ("1001",), "routeCallToGatekeeper")]
    assert [line["why"] for line in told if line["event"] == "h323.call_over"] == ["the gatekeeper wants to route it"]


async def test_who_goes_is_let_go(start: Start) -> None:
    made = await start(ROUTE, "routeCallToGatekeeper")
    with structlog.testing.capture_logs() as told:
        async with Sent(("127.0.0.1", made.settings.port), host="127.0.0.5") as stranger:
            await stranger.begin("1001")
            await until(lambda: stranger.forwarded)
        await until(lambda: not made.calls)
    assert [line["why"] for line in told if line["event"] == "h323.call_over"] == ["hung up"]


async def test_where_it_takes_calls_is_its_too(start: Start) -> None:
    made = await start(ROUTE, "resourceUnavailable")
    assert [made.ras.is_partner(host) for host in ("127.0.0.1", ROUTE.host, "127.0.0.5")] == [True, True, False]


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        (None, "routeCallToGatekeeper"),  # it says no address
        (Address("127.0.0.5", 1720), "routeCallToGatekeeper"),  # the call came from there: it would go round and round
        (ROUTE, "resourceUnavailable"),
    ],
    ids=["nowhere", "a circle", "another reason"],
)
async def test_others_are_refused(start: Start, route: Address | None, reason: str) -> None:
    made = await start(route, reason)
    async with Sent(("127.0.0.1", made.settings.port), host="127.0.0.5") as stranger:
        await stranger.begin("1001")
        await until(lambda: not stranger.up)
        assert stranger.forwarded == []
        assert stranger.cause == 21

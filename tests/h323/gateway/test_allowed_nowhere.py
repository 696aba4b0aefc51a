"""The outside gatekeeper allows a call and tells no address: Asterisk hears that, and the gatekeeper counts no call."""

from __future__ import annotations

import asyncio
from typing import Any

from mcu import config
from mcu.h323 import per, sip
from mcu.h323.gateway import Gateway
from mcu.h323.media import Address
from mcu.h323.ras import messages as ras
from mcu.h323.transport import transport
from tests.asterisk.running import free_ports
from tests.h323.gateway.test_hostile_terminal import OFFER
from tests.h323.gateway.test_routed_by import Routing
from tests.h323.sip.fake_asterisk import FakeAsterisk


class Allowing(Routing):
    """``calls``: callIdentifier of those that it has allowed and that are not over."""

    def __init__(self) -> None:
        super().__init__(None, "")
        self.calls: list[bytes] = []
        self.over = asyncio.Event()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, body = per.decode_ras(data)
        seq = {"requestSeqNum": body["requestSeqNum"]}
        answers: dict[str, tuple[str, dict[str, Any]]] = {
            "admissionRequest": (
                "admissionConfirm",
                {
                    **seq, "bandWidth": 1000, "callModel": ras.DIRECT, "willRespondToIRR": False,
                    "destCallSignalAddress": transport(Address("127.0.0.1", 0)), "uuiesRequested": ras.NO_UUIES,
                },
            ),
            "disengageRequest": ("disengageConfirm", seq),
        }  # fmt: skip
        if name not in answers:
            super().datagram_received(data, addr)
            return
        if name == "admissionRequest":
            self.calls.append(ras.call_id_of(body))
        else:
            self.calls.remove(ras.call_id_of(body))
            self.over.set()
        self.transport.sendto(per.encode_ras(answers[name]), addr)


async def test_a_call_that_was_allowed_to_nowhere_is_over_for_the_gatekeeper_too() -> None:
    gatekeeper, fake = Allowing(), FakeAsterisk()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: gatekeeper, ("127.0.0.1", 0))
    await fake.start()
    port, ras_port, sip_port = free_ports(3)
    host, there = transport.get_extra_info("sockname")
    settings = config.H323(
        port=port, ras_port=ras_port, sip_port=sip_port,
        gatekeeper=config.OutsideGatekeeper(address=f"{host}:{there}", number="10"),
    )  # fmt: skip
    gateway = Gateway(settings, "127.0.0.1", fake.address, sip.Account("h323", "x"), lambda event, data: None)
    await gateway.start()
    try:
        async with asyncio.timeout(60):
            while not gateway.ras.joined:
                await asyncio.sleep(0.01)
            fake.invite(gateway.agent.local, "2001", OFFER)
            await fake.response(404)
            await gatekeeper.over.wait()
        assert gatekeeper.calls == []
    finally:
        await gateway.stop()
        transport.close()
        fake.close()
        await asyncio.sleep(0)

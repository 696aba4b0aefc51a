"""RAS as the gateway has it: settings in, registrations and calls out, both gatekeepers on real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mcu.config import H323, OutsideGatekeeper
from mcu.errors import McuError
from mcu.h323.media import Address
from mcu.h323.ras import Account
from mcu.h323.ras.events import Event
from mcu.h323.ras.service import RasService
from tests.ports import free_port
from tests.waiting import until

HALL = Account(name="hall", aliases=("2001",), address="127.0.0.9")
CALL = bytes(range(16))


class Two:
    """An outside gatekeeper, and a gateway that registers with it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.elsewhere: list[tuple[str, dict[str, Any]]] = []
        self.dropped: list[bytes] = []
        port = free_port()
        there = H323(ras_port=port, port=1720, gatekeeper_id="Elsewhere")
        self.other = RasService(there, "127.0.0.1", guests=False, tell=self._elsewhere, drop=lambda call: None)
        member = OutsideGatekeeper(address=f"127.0.0.1:{port}", alias="mcu", number="10", password="bí mật")
        ours = H323(ras_port=free_port(), port=1721, gatekeeper=member)
        self.ours = RasService(ours, "127.0.0.1", guests=False, tell=self._told, drop=self.dropped.append)

    def _elsewhere(self, event: str, data: dict[str, Any]) -> None:
        self.elsewhere.append((event, data))

    def _told(self, event: str, data: dict[str, Any]) -> None:
        self.told.append((event, data))


@pytest.fixture
async def two() -> AsyncIterator[Two]:
    made = Two()
    await made.other.start()
    made.other.replace([Account(name="mcu", aliases=("10",), password="bí mật"), HALL])
    await made.ours.start()
    yield made
    await made.ours.stop()
    await made.other.stop()


async def test_two_gateways_and_a_call_between_them(two: Two) -> None:
    await until(lambda: two.ours.joined)
    assert two.told == [
        ("h323.gatekeeper_changed", {"registered": True, "address": str(two_address(two)), "reason": ""})
    ]
    assert two.other.registered == {"mcu": Address("127.0.0.1", 1721)}
    assert two.other.find("10") == Address("127.0.0.1", 1721)
    assert two.other.find("1001") == Address("127.0.0.1", 1721), "its number is a prefix as well"
    assert two.other.gateway_at("127.0.0.1") == "mcu"
    assert two.other.is_partner("127.0.0.1")
    assert not two.other.is_partner("127.0.0.2")
    ((event, data),) = two.elsewhere
    assert (event, data["terminal"], data["registered"]) == ("h323.registration_changed", "mcu", True)
    assert two.ours.endpoint_identifier
    allowed = await two.ours.admit(
        call_id=CALL, conference_id=CALL, reference=3, bit_rate=768_000, dialled=["2001"], callers=["1001"]
    )
    assert allowed.target == Address("127.0.0.9", 1720)
    (endpoint,) = two.other.describe()["endpoints"]
    assert (endpoint["terminal"], endpoint["proved"], endpoint["calls"]) == ("mcu", "hmac", 1)

    def drop(at: float) -> list[Event]:
        two.other.gatekeeper.drop(two.ours.endpoint_identifier, CALL, at)
        return []

    two.other._server.run(drop)
    await until(lambda: two.dropped == [CALL])


def two_address(two: Two) -> Address:
    return two.other.gatekeeper.policy.ras


async def test_what_is_lost_is_told(two: Two) -> None:
    await until(lambda: two.ours.joined)
    two.other.replace([HALL])
    await until(lambda: not two.ours.joined)
    assert two.told[-1][1]["registered"] is False
    assert two.ours.describe()["outside"]["reason"]
    assert two.elsewhere[-1] == (
        "h323.registration_changed",
        {"terminal": "mcu", "registered": False, "reason": "account"},
    )
    assert two.other.registered == {}


def test_it_is_made_before_the_loop_runs() -> None:
    made = RasService(H323(), "", guests=True, tell=lambda *_: None, drop=lambda _: None)
    assert made.find("2001") is None


async def test_without_an_outside_gatekeeper(two: Two) -> None:
    assert not two.other.joined
    assert two.other.endpoint_identifier == ""
    two.other.disengage(CALL)
    with pytest.raises(McuError):
        await two.other.admit()
    assert two.other.describe()["outside"] == {"address": "", "registered": False}


async def test_a_taken_port_is_an_error(two: Two) -> None:
    taken = H323(ras_port=two_address(two).port)
    with pytest.raises(OSError, match="in use"):
        await RasService(taken, "127.0.0.1", guests=True, tell=lambda *_: None, drop=lambda _: None).start()
    await asyncio.sleep(0)

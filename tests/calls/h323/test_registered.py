"""A terminal registers with the built-in gatekeeper: it is called by its number, and known when it calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mcu.h323.media import Address
from mcu.h323.ras.outside import OutsideGatekeeper
from mcu.h323.ras.requests import Membership
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.patience import Patience
from tests.probe.h323 import H323Terminal
from tests.product import Mcu
from tests.waiting import until

PASSWORD = "mật khẩu của Huế"
CALL: dict[str, Any] = {"call_id": bytes(range(16)), "conference_id": bytes(16), "reference": 9, "bit_rate": 64_000}
NUMBER = "77123"  # no room's


async def register(mcu: Mcu, port: int, password: str = PASSWORD) -> OutsideGatekeeper:
    """A terminal's RAS, with H.235.1; answered, one way or the other."""
    where = f"127.0.0.1:{mcu.environment['MCU_H323__RAS_PORT']}"
    address = Address("127.0.0.1", port)
    member = Membership(gatekeeper=None, aliases=(NUMBER, "hue"), signalling=address, ras=address, password=password)
    terminal = OutsideGatekeeper(where, member, lambda event: None)
    terminal.start("127.0.0.1")
    await until(lambda: terminal.joined is not None or terminal.reason != "not yet", "an answer", 20)
    return terminal


def _registered(mcu: Mcu) -> list[dict[str, Any]]:
    """Under our number; others may have left theirs in the same gatekeeper."""
    return [one for one in mcu.bus.call("h323.registered")["endpoints"] if NUMBER in one["aliases"]]


@pytest.fixture
async def account(mcu: Mcu) -> AsyncIterator[None]:
    mcu.bus.call(
        "terminal.create", name="hue", protocol="h323", alias=NUMBER, password=PASSWORD, display="Thành phố Huế"
    )
    yield
    mcu.bus.call("terminal.delete", name="hue")


async def test_a_registered_terminal_is_called_and_calls(mcu: Mcu, seat: Seat, room: str, account: None) -> None:
    sip = await seat(0)
    async with H323Terminal(mcu.h323, colour="blue", tone=700, name="Codec 7", number=NUMBER) as terminal:
        _, port = await terminal.wait_for_calls()
        ras = await register(mcu, port)

        def known() -> bool:
            """A guest, until the gateway has heard of the account."""
            return [one["terminal"] for one in _registered(mcu)] == ["hue"]

        await asyncio.to_thread(mcu.await_, known, 15, "its registration")
        (one,) = _registered(mcu)
        assert (one["aliases"], one["proved"]) == ([NUMBER, "hue"], "hmac")
        mcu.bus.call("call.dial", room=room, address=f"h323:{NUMBER}")
        await terminal.sees(auto(2), [sip.colour, "blue"], seconds=15)
        await sip.hears({700}, {sip.tone, 700})
        allowed = await ras.admit(**CALL, dialled=[room])
        assert allowed.target == Address(*mcu.h323)
    async with H323Terminal(mcu.h323, colour="blue", tone=700, name="Codec 7", number=NUMBER) as terminal:
        await terminal.dial(room)
        await terminal.hears({sip.tone}, {sip.tone, 700}, seconds=15)
        people = {one["name"]: one["kind"] for one in mcu.bus.call("room.show", number=room)["participants"]}
        assert people["Thành phố Huế"] == "terminal"
    await ras.stop()
    await asyncio.to_thread(mcu.await_, lambda: _registered(mcu) == [], 10, "its leave")


async def test_a_wrong_password_does_not_register(mcu: Mcu, account: None) -> None:
    async def reason() -> str:
        ras = await register(mcu, 1720, "wrong")
        told = ras.reason
        await ras.stop()
        return told

    patience = Patience(15)
    while (told := await reason()) == "":  # a guest, until the gateway has heard of the account
        assert not patience.over, f"{patience}: the gateway hears of the account"
        await asyncio.sleep(0.02)
    assert told == "securityIntegrityFailed"
    await asyncio.to_thread(mcu.await_, lambda: _registered(mcu) == [], 10, "that nobody has the number")

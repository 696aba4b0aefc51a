"""A terminal that says it receives where it is not to be believed: it is heard, but nothing is sent there."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.h323.media import Address
from tests.probe.h323_light import LightTerminal
from tests.product import Mcu
from tests.waiting import until


class Elsewhere(LightTerminal):
    """Receives at ``victim``, as it says."""

    victim = ""

    def _address(self, kind: str) -> tuple[Address, Address]:
        _, rtcp = super()._address(kind)
        return Address(self.victim, 5004), Address(self.victim, rtcp.port)


def _call(mcu: Mcu, name: str) -> dict[str, Any]:
    return next((call for call in mcu.bus.call("h323.calls") if call["name"] == name), {})


@pytest.mark.parametrize("victim", ["224.0.1.75", "255.255.255.255", "127.0.0.1"])
@pytest.mark.parametrize("tunnelling", [True, False], ids=["tunnelled", "separate"])
async def test_nothing_is_sent_to_groups(mcu: Mcu, room: str, victim: str, tunnelling: bool) -> None:
    """On loopback, where this test is, only a terminal of loopback may name it."""
    log = mcu.home / "log" / "h323.log"
    before = log.stat().st_size
    name = f"Elsewhere {victim} {tunnelling}"
    terminal = Elsewhere(mcu.h323, tunnelling=tunnelling, name=name)
    terminal.victim = victim
    async with terminal:
        await terminal.begin(room)

        def refused() -> bool:
            with log.open(errors="replace") as told:
                told.seek(before)
                return any("h323.media_elsewhere" in line and f"{victim}:5004" in line for line in told)

        def sent() -> bool:
            media = _call(mcu, name).get("media", {})
            return bool(media.get("audio", {}).get("to_terminal"))

        await until(sent if victim == "127.0.0.1" else refused, "where it is sent to, or that it is not")
        assert refused() == (victim != "127.0.0.1")
        if victim == "127.0.0.1":
            return
        await until(lambda: _call(mcu, name)["media"]["audio"]["from_terminal"], "that it goes on talking to us")
        assert not sent()
        assert terminal.up

"""The moment in which the terminal may open its channels first: however often it begins, there is one at a time."""

from __future__ import annotations

import asyncio

import pytest

from mcu.h323 import causes
from mcu.h323.gateway import channels
from mcu.h323.gateway.channels import Channels
from mcu.h323.h245 import events as h245
from tests.h323.gateway.answering import Answering, running
from tests.probe.h323_light import LightTerminal


async def test_resumed_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Channels] = []
    monkeypatch.setattr(channels, "FIRST_WORD", 0.01)
    monkeypatch.setattr(Channels, "_open_unmatched", lambda of: opened.append(of))
    loop = asyncio.get_running_loop()
    async with (
        running(Answering()) as gateway,
        LightTerminal(("127.0.0.1", gateway.settings.port)) as terminal,
    ):
        await terminal.begin("1001")
        async with asyncio.timeout(10):
            while not opened:
                await asyncio.sleep(0.01)
        (call,) = gateway.calls.values()
        assert opened == [call.channels]
        limits = len(call._limits)
        for _ in range(50):
            call.controlled(h245.Resumed())
        assert len(call._limits) == limits
        await _later(loop, 0.02)
        assert opened == [call.channels, call.channels]

        call.controlled(h245.Resumed())
        call.end(causes.NORMAL_CLEARING, "over")
        await _later(loop, 0.02)
        assert opened == [call.channels, call.channels]


async def _later(loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """When all timers of less have gone off: the loop has them in order."""
    gone: asyncio.Future[None] = loop.create_future()
    loop.call_later(seconds, gone.set_result, None)
    await gone

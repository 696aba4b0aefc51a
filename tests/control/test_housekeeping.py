"""Looked after while Asterisk is there, and again after a failure."""

from __future__ import annotations

import asyncio

import pytest

from mcu.config import Settings
from mcu.control import housekeeping
from tests.control.conftest import start, stop


async def test_asterisk_s_log_is_looked_after_again_and_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "EVERY", 0.001)
    house = await start(settings)

    def asked() -> int:
        return len(house.switch.asked("keep_log_small"))

    try:
        await house.until(lambda: asked() >= 2)
        house.switch.refuses.add("keep_log_small")
        refused = asked()
        await house.until(lambda: asked() >= refused + 2)
        house.switch.disconnect()
        away = asked()
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert asked() == away
        house.switch.connect()
        await house.until(lambda: asked() > away)
    finally:
        await stop(house)

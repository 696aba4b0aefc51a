"""Looked after while Asterisk is there, and again after a failure."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from mcu.config import Settings
from mcu.control import housekeeping
from mcu.models import Database, NoticeRow, rows
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


async def test_what_has_been_kept_long_enough_goes_while_control_runs(settings: Settings) -> None:
    database = Database(settings.database_url)
    rows.add_notice(database, at=datetime(2020, 1, 1, tzinfo=UTC), level="info", code="old", text="x")
    rows.add_notice(database, at=datetime.now(UTC), level="info", code="new", text="x")
    house = await start(settings)
    try:
        await house.until(lambda: "old" not in codes(database), 30)
        assert "new" in codes(database)
    finally:
        await stop(house)
        database.close()


def codes(database: Database) -> list[str]:
    with database.session() as session:
        return [notice.code for notice in session.query(NoticeRow)]

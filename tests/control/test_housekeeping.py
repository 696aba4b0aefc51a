"""Looked after while Asterisk is there, and again after a failure."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from mcu.config import Settings
from mcu.control import housekeeping
from mcu.models import Database, NoticeRow, retention, rows
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


async def test_a_fault_of_ours_ends_no_lasting_job(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = dict.fromkeys(("keep_log_small", "media", "forget"), 0)

    def fails(job: str) -> None:
        faults[job] += 1
        raise ValueError("a fault of ours")

    async def fails_soon(job: str) -> None:
        fails(job)

    def forget(database: Database, before: datetime) -> int:
        fails("forget")
        return 0

    monkeypatch.setattr(housekeeping, "EVERY", 0.001)
    monkeypatch.setattr(housekeeping, "FORGET_EVERY", 0.001)
    monkeypatch.setattr(retention, "forget", forget)
    settings = settings.model_copy(update={"quality": settings.quality.model_copy(update={"every": 0.001})})
    house = await start(settings)
    try:
        await house.dial()
        monkeypatch.setattr(house.switch, "keep_log_small", lambda: fails_soon("keep_log_small"))
        monkeypatch.setattr(house.switch, "media", lambda: fails_soon("media"))
        await house.until(lambda: min(faults.values()) > 1, 30)
    finally:
        await stop(house)


def codes(database: Database) -> list[str]:
    with database.session() as session:
        return [notice.code for notice in session.query(NoticeRow)]

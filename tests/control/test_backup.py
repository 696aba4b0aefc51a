"""A backup while control runs and writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mcu.config import Settings
from mcu.errors import BadRequest, Conflict
from mcu.models import Database, backup, rows
from tests.control.conftest import House


async def test_a_backup_of_a_running_control(house: House, tmp_path: Path) -> None:
    await house.call("room.create", number="77", name="Giao ban")
    told = await house.call("backup.make", timeout=120, path=str(tmp_path / "b.tar.gz"))
    assert told["path"] == str(tmp_path / "b.tar.gz")
    assert told["size"] == (tmp_path / "b.tar.gz").stat().st_size
    with pytest.raises(Conflict):
        await house.call("backup.make", timeout=120, path=str(tmp_path / "b.tar.gz"))
    with pytest.raises(Conflict, match="control is running"):
        backup.restore(house.settings, tmp_path / "b.tar.gz")
    other = Settings(home=tmp_path / "other")
    other.home.mkdir()
    backup.restore(other, tmp_path / "b.tar.gz")
    database = Database(other.database_url)
    assert [room.number for room in rows.rooms(database)] == ["77", "1001"]
    database.close()


@pytest.mark.parametrize("path", ["b.tar.gz", "/tmp/x.txt", "", "/tmp/a\0b.tar.gz", "/nowhere/b.tar.gz", 7])
async def test_where_no_backup_goes(house: House, path: Any) -> None:
    with pytest.raises(BadRequest):
        await house.call("backup.make", timeout=120, path=path)

"""The database fails in the middle of a meeting: operators are told, the meeting goes on, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, select, text

from mcu.config import Settings
from mcu.control.records import journal as journal_module
from mcu.errors import Unavailable
from mcu.models import AttendanceRow, ConferenceRow, Database, NoticeRow, first_start
from mcu.models import database as database_module
from tests.control.conftest import House, start, stop
from tests.postgresql import Cluster, database_name

LONG = 60.0  # s at most, on a loaded machine


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "_BUSY_MS", 50)
    monkeypatch.setattr(journal_module, "FIRST_RETRY", 0.02)
    monkeypatch.setattr(journal_module, "LAST_RETRY", 0.05)


@contextmanager
def locked_by_another_process(house: House) -> Iterator[None]:
    """On either kind of database: a write that does not come to an end."""
    if house.settings.database.startswith("postgresql"):
        with psycopg.connect(house.settings.database) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [database_module._ADVISORY_LOCK])
            yield
        return
    script = (
        "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\nc.execute('BEGIN EXCLUSIVE')\n"
    )
    script += "print('held', flush=True)\nsys.stdin.read()\nc.rollback()"
    command = [sys.executable, "-c", script, str(house.settings.home / "mcu.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield  # leaving closes its input, and it ends


@contextmanager
def full(house: House) -> Iterator[None]:
    """No page more than there is: SQLITE_FULL, as of a disk without room."""
    engine = house.control.controller.record.database.engine
    most = 1

    def limit(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {most}").fetchall()  # fewer than there are: those that there are

    event.listen(engine, "connect", limit)
    engine.dispose()
    _fill_free_pages(house)
    yield
    most = 2**30
    engine.dispose()
    event.remove(engine, "connect", limit)


def _fill_free_pages(house: House) -> None:
    """What was once used and is free now takes rows, too."""
    row = text("INSERT INTO idempotency VALUES (hex(randomblob(9)), 'k', 'r', 0, :body, 0)")
    database = house.control.controller.record.database
    for size in (9000, 50):
        with contextlib.suppress(Unavailable):
            while True:
                with database.session(writing=True) as session:
                    session.execute(row, {"body": "x" * size})


@contextmanager
def cut_off(cluster: Cluster, name: str) -> Iterator[None]:
    """PostgreSQL takes no connection, and ends those that there are, as while it is started again."""
    with altered(cluster, name, "ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"):
        yield


@contextmanager
def crowded(cluster: Cluster, name: str) -> Iterator[None]:
    """Others have all the connections that there are (53300, too_many_connections)."""
    with altered(cluster, name, "CONNECTION LIMIT 0", "CONNECTION LIMIT -1"):
        yield


@contextmanager
def only_read(cluster: Cluster, name: str) -> Iterator[None]:
    """As a standby that nobody has promoted yet (25006, read_only_sql_transaction)."""
    with altered(
        cluster, name, "SET default_transaction_read_only = on", "RESET default_transaction_read_only", after=True
    ):
        yield


@contextmanager
def altered(cluster: Cluster, name: str, there: str, back: str, *, after: bool = False) -> Iterator[None]:
    """``after``: what is there now was connected under that rule, too, and goes."""
    with psycopg.connect(cluster.address("postgres"), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" {there}')
        cluster.send_away(name)
        yield
        connection.execute(f'ALTER DATABASE "{name}" {back}')
        if after:
            cluster.send_away(name)


@contextmanager
def held(cluster: Cluster, name: str) -> Iterator[None]:
    """Somebody at psql has a table, and went to lunch."""
    with psycopg.connect(cluster.address(name)) as connection:
        connection.execute("LOCK TABLE attendance, notices, rooms IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


ON_POSTGRESQL = {"cut off": cut_off, "crowded": crowded, "only read": only_read, "held": held}
TROUBLES = ("locked-sqlite", "full-sqlite", "locked-postgresql", *(f"{name}-postgresql" for name in ON_POSTGRESQL))


@pytest.fixture(scope="module", params=TROUBLES)
def kind_of_trouble(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def database_kind(kind_of_trouble: str) -> str:
    return kind_of_trouble.partition("-")[2]


@pytest.fixture
async def trouble(
    kind_of_trouble: str, settings: Settings, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[House, Any]]:
    """A running control, and a way to take its database away."""
    house = await start(settings)
    kind = kind_of_trouble.partition("-")[0]
    if kind in ON_POSTGRESQL:
        cluster, name = request.getfixturevalue("postgresql"), database_name(settings.database)
        yield house, lambda: ON_POSTGRESQL[kind](cluster, name)
    else:
        yield house, lambda: {"locked": locked_by_another_process, "full": full}[kind](house)
    await stop(house)


async def test_the_meeting_goes_on_and_nothing_is_lost(trouble: tuple[House, Any]) -> None:
    house, away = trouble
    came = [await house.dial("Hà Nội", channel="PJSIP/t-first-1")]
    await house.until(lambda: kept(house, AttendanceRow.participant) == came, LONG)
    with ExitStack() as stack:
        stack.enter_context(away())
        while "record_failing" not in codes(house):  # the pages of a table have room for some rows more
            assert len(came) < 1000
            channel = f"PJSIP/t-n{len(came)}-1"
            came.append(await house.dial("Huế", channel=channel))
            house.switch.leave(channel)
            await asyncio.sleep(0.01)
        second = await house.dial("Đà Nẵng", channel="PJSIP/t-b-1")
        house.switch.leave("PJSIP/t-first-1")
        third = await house.dial("Cần Thơ", channel="PJSIP/t-c-1")
        with contextlib.suppress(Unavailable):  # told at once; a full disk may have room for this one row
            await house.call("room.create", number="77", name="x")
        # Acts are carried out, and looked at, as ever.
        await house.call("room.act", room="1001", act="mute", participant=second, on=True)
        shown = {p["id"]: p for p in await house.call("participant.list", room="1001")}
        assert set(shown) == {second, third}
        await house.call("room.act", room="1001", act="broadcast", participant=third)
        assert (await house.call("room.direction", room="1001"))["focus"] == third
    await house.until(lambda: codes(house).count("record_back") == 1, LONG)
    assert codes(house).count("record_failing") == 1  # told once, however often it was tried
    await house.call("room.create", number="78", name="x")
    came += [second, third]
    await house.until(lambda: kept(house, AttendanceRow.participant) == came, LONG)
    assert [left is None for left in kept(house, AttendanceRow.left_at)] == [*[False] * (len(came) - 2), True, True]
    (direction,) = kept(house, ConferenceRow.direction)
    assert (direction["mode"], direction["focus"]) == ("broadcast", third)
    noted = kept(house, NoticeRow.code)
    assert noted.index("record_failing") < noted.index("record_back")


def codes(house: House) -> list[str]:
    return [data["code"] for told, data in house.heard if told == "notice"]


def kept(house: House, column: Any) -> list[Any]:
    database = Database(house.settings.database_url)
    try:
        with database.session() as session:
            rows = select(column).order_by(*column.class_.__table__.primary_key)
            return list(session.scalars(rows))
    except Unavailable:
        return []
    finally:
        database.close()


def test_a_disk_without_room_is_told_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up = database_module._set_up_sqlite

    def limited(connection: Any, record: Any) -> None:
        set_up(connection, record)
        connection.execute("PRAGMA max_page_count = 10").fetchall()

    monkeypatch.setattr(database_module, "_set_up_sqlite", limited)
    with pytest.raises(Unavailable, match="full"):
        first_start(Settings(home=tmp_path, admin_password="secret-enough"))

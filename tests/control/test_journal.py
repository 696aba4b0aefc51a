"""Writes in order, many at once, and none lost while the database cannot take them."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mcu.config import Settings
from mcu.control.records import conferences as conferences_module
from mcu.control.records import journal as journal_module
from mcu.control.records.journal import Journal
from mcu.control.records.savings import savings_of
from mcu.errors import BadRequest, NotFound, Unavailable
from mcu.models import Database, NoticeRow, journal, story, upgrade
from mcu.models import database as database_module
from tests.control.conftest import House
from tests.postgresql import Cluster
from tests.waiting import until


def note(session: Session, code: str) -> None:
    session.add(NoticeRow(at=database_now(), level="info", code=code, text=""))


def database_now() -> datetime:
    return datetime.now(UTC)


def codes(database: Database) -> list[str]:
    with database.session() as session:
        return list(session.scalars(select(NoticeRow.code).order_by(NoticeRow.id)))


@pytest.fixture
def url(tmp_path: Path, database_url: str) -> str:
    return Settings(home=tmp_path, database=database_url).database_url


@pytest.fixture
def said() -> list[tuple[str, str]]:
    return []


@pytest.fixture
async def kept(url: str, said: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Journal]:
    monkeypatch.setattr(database_module, "_BUSY_MS", 20)
    monkeypatch.setattr(journal_module, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(journal_module, "LAST_RETRY", 0.02)
    database = Database(url)
    upgrade(database)
    made = Journal(database, lambda level, code, text, **data: said.append((code, text)))
    yield made
    await made.close()


def lock(url: str) -> sqlite3.Connection | psycopg.Connection[Any]:
    """As another program that writes and does not come to an end."""
    if url.startswith("postgresql"):
        writer = psycopg.connect(url.replace("+psycopg", "", 1))
        writer.execute("SELECT pg_advisory_xact_lock(%s)", [database_module._ADVISORY_LOCK])
        return writer
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


async def test_steps_are_written_in_order_and_a_wait_is_for_all_before(kept: Journal) -> None:
    for n in range(1200):
        kept.step("note", partial(note, code=str(n)))
    assert await kept.now("codes", codes) == [str(n) for n in range(1200)]


async def test_many_steps_are_few_transactions(kept: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = []
    write, free = journal.write, threading.Event()

    def counted(database: Database, steps: Any) -> None:
        assert free.wait(120)
        batches.append(len(steps))
        write(database, steps)

    monkeypatch.setattr(journal, "write", counted)
    kept.step("note", partial(note, code="first"))
    await asyncio.sleep(0)
    for n in range(400):
        kept.step("note", partial(note, code=str(n)))
    free.set()
    assert len(await kept.now("codes", codes)) == 401
    assert len(batches) <= 3


async def test_a_locked_database_is_told_once_and_nothing_is_lost(
    kept: Journal, url: str, said: list[tuple[str, str]]
) -> None:
    other = lock(url)
    kept.step("note", partial(note, code="1"))
    await until(lambda: kept.failing)
    for n in range(2, 6):
        kept.step("note", partial(note, code=str(n)))
    with pytest.raises(Unavailable):
        await kept.now("note", lambda database: journal.write(database, [partial(note, code="asked")]))
    assert await kept.now("codes", codes) == []  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: len(said) == 2)
    assert await kept.now("codes", codes) == ["1", "2", "3", "4", "5"]
    assert [code for code, _ in said] == ["record_failing", "record_back"]
    assert "lock" in said[0][1]


async def test_nobody_waits_behind_who_reads_for_long(kept: Journal) -> None:
    begun, free = threading.Event(), threading.Event()

    def report(database: Database) -> list[str]:
        found = codes(database)
        begun.set()
        assert free.wait(120)
        return found

    kept.step("note", partial(note, code="before"))
    asked = asyncio.create_task(kept.read(report))
    await until(begun.is_set)
    more = [asyncio.create_task(kept.read(codes)) for _ in range(50)]  # more than there are threads for all
    await kept.now("note", lambda database: journal.write(database, [partial(note, code="after")]))
    free.set()
    assert await asked == ["before"]
    assert await more[-1] == ["before", "after"]
    await asyncio.gather(*more)


async def test_a_report_is_read_though_nothing_can_be_written(kept: Journal, url: str) -> None:
    other = lock(url)
    kept.step("note", partial(note, code="1"))
    assert await kept.read(codes) == []
    assert kept.failing
    other.close()


async def test_reports_and_minutes_are_read_beside_what_is_written(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, asked = threading.Event(), list[str]()

    def slow(work: Any) -> Any:
        def slowly(*args: Any, **more: Any) -> Any:
            asked.append(work.__name__)
            assert free.wait(120)
            return work(*args, **more)

        return slowly

    monkeypatch.setattr(conferences_module, "savings_of", slow(savings_of))
    monkeypatch.setattr(story, "story", slow(story.story))
    await house.dial()
    await house.until(lambda: any(event == "conference.began" for event, _ in house.heard))
    ident = next(data["id"] for event, data in house.heard if event == "conference.began")
    reports = (
        house.call("savings.report", since=0, until=2e9),
        house.call("conference.show", id=ident),
        house.call("conference.minutes", id=ident),
    )
    for number, call in enumerate(reports, 2001):
        free.clear()
        asked.clear()
        report = asyncio.create_task(call)
        await until(lambda: asked)
        await house.call("room.create", number=str(number), name="Giao ban")
        assert not report.done()
        free.set()
        assert await report


async def test_what_is_written_after_a_fault_comes_after_what_was_kept_meanwhile(
    kept: Journal, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault is over, and the worker is in its longest pause."""
    monkeypatch.setattr(journal_module, "FIRST_RETRY", 600.0)
    monkeypatch.setattr(journal_module, "LAST_RETRY", 600.0)
    other = lock(url)
    kept.step("note", partial(note, code="kept"))
    await until(lambda: kept.failing)
    other.execute("ROLLBACK")
    other.close()
    assert await kept.now("codes", codes) == []  # who only reads is served at once, by what is there
    await kept.now("note", lambda database: journal.write(database, [partial(note, code="asked")]))
    assert not kept.failing
    assert await kept.now("codes", codes) == ["kept", "asked"]


async def test_nothing_is_written_past_what_cannot_be_written(kept: Journal, said: list[tuple[str, str]]) -> None:
    """A large entry has no room on the disk, a small one would have."""
    full = True

    def step(session: Session) -> None:
        if full:
            raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
        note(session, "large")

    kept.step("large", step)
    await until(lambda: kept.failing)
    with pytest.raises(Unavailable, match="full"):
        await kept.now("note", lambda database: journal.write(database, [partial(note, code="small")]))
    with pytest.raises(Unavailable, match="full"):
        await kept.now("rebuild", lambda database: database.connection(rebuilding=True).__enter__())
    full = False
    await kept.now("note", lambda database: journal.write(database, [partial(note, code="small")]))
    assert await kept.now("codes", codes) == ["large", "small"]
    assert [code for code, _ in said] == ["record_failing", "record_back"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_full_disk_is_told_and_written_when_there_is_room(kept: Journal, said: list[tuple[str, str]]) -> None:
    # SQLite's own limit answers with the error of a full disk: "database or disk is full".
    def fill(session: Session) -> None:
        session.execute(text("PRAGMA max_page_count = 1"))
        session.add(NoticeRow(at=database_now(), level="info", code="big", text="x" * 1_000_000))

    tries = []

    def step(session: Session) -> None:
        tries.append(1)
        if len(tries) < 3:
            fill(session)
        else:
            session.execute(text("PRAGMA max_page_count = 1073741823"))
            note(session, "kept")

    kept.step("big", step)
    await until(lambda: len(said) == 2)
    assert "full" in said[0][1]
    assert await kept.now("codes", codes) == ["kept"]


async def test_only_the_newest_of_what_replaces_is_written(kept: Journal, url: str) -> None:
    other = lock(url)
    kept.step("note", partial(note, code="before"))
    await until(lambda: kept.failing)
    for n in range(50):
        kept.step("note", partial(note, code=f"direction {n}"), replaces="direction")
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: not kept.failing)
    assert await kept.now("codes", codes) == ["before", "direction 49"]


async def test_memory_is_bounded_and_what_is_lost_is_said(
    kept: Journal, url: str, said: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "MOST_KEPT", 10)
    other = lock(url)
    kept.step("note", partial(note, code="0"))
    await until(lambda: kept.failing)
    for n in range(1, 20):
        kept.step("note", partial(note, code=str(n)))
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: len(said) == 2)
    assert said[1][1] == "The record can be written again; 10 entries were too many to be kept and are lost"
    assert await kept.now("codes", codes) == [str(n) for n in range(10)]


async def test_what_was_too_much_is_replaced_by_nothing_later(
    kept: Journal, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "MOST_KEPT", 3)
    other = lock(url)
    kept.step("note", partial(note, code="0"))
    await until(lambda: kept.failing)
    for n in range(1, 6):
        kept.step("note", partial(note, code=str(n)))
    kept.step("direction", partial(note, code="lost"), replaces="direction")
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: not kept.failing)
    kept.step("direction", partial(note, code="newest"), replaces="direction")
    assert await kept.now("codes", codes) == ["0", "1", "2", "newest"]


async def test_a_step_that_can_never_be_written_does_not_hold_up_the_others(kept: Journal) -> None:
    def wrong(session: Session) -> None:
        raise ValueError("a fault of ours")

    kept.step("note", partial(note, code="1"))
    kept.step("wrong", wrong)
    kept.step("note", partial(note, code="2"))
    assert await kept.now("codes", codes) == ["1", "2"]


async def test_a_statement_that_is_wrong_does_not_hold_up_the_others(kept: Journal, said: list[Any]) -> None:
    def wrong(session: Session) -> None:
        session.connection().exec_driver_sql("SELECT ?")  # ProgrammingError: no value for it

    def no_type(session: Session) -> None:
        session.connection().exec_driver_sql("SELECT ?", (object(),))  # InterfaceError, of SQLite's

    for step in (partial(note, code="1"), wrong, partial(note, code="2"), no_type, partial(note, code="3")):
        kept.step("step", step)
    assert await kept.now("codes", codes) == ["1", "2", "3"]
    assert said == []


@pytest.mark.parametrize("value", ["a\0b", "x" * 100])
async def test_a_value_that_postgresql_cannot_hold_does_not_hold_up_the_others(
    postgresql: Cluster, said: list[tuple[str, str]], value: str
) -> None:
    url = postgresql.create()
    database = Database(url)
    upgrade(database)
    kept = Journal(database, lambda level, code, text, **data: said.append((code, text)))
    for code in ("1", value, "2"):
        kept.step("note", partial(note, code=code))
    assert await asyncio.wait_for(kept.now("codes", codes), 30) == ["1", "2"]
    assert said == []
    with pytest.raises(BadRequest, match="cannot hold"):
        await kept.now("note", lambda found: journal.write(found, [partial(note, code=value)]))
    await kept.close()
    postgresql.drop(url)


async def test_who_asks_hears_what_came_of_it(kept: Journal) -> None:
    def refused(database: Database) -> None:
        raise NotFound("nothing there")

    with pytest.raises(NotFound, match="nothing there"):
        await kept.now("refused", refused)


async def test_an_end_while_the_database_fails_is_no_hang(kept: Journal, url: str) -> None:
    other = lock(url)
    kept.step("note", partial(note, code="1"))
    await until(lambda: kept.failing)
    await asyncio.wait_for(kept.close(), 10)
    other.close()

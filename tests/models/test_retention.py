"""What has been kept long enough goes, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from mcu.config import Settings
from mcu.models import (
    AttendanceRow,
    AuditRow,
    ConferenceEventRow,
    ConferenceRow,
    Database,
    DeliveryRow,
    IdempotencyRow,
    NoticeRow,
    RoomRow,
    SiteRow,
    WebhookRow,
    retention,
    upgrade,
)
from mcu.models.tables import Base, ConferenceSiteRow, SiteTestRow

OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
BORDER = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path, database_url: str) -> Iterator[Database]:
    made = Database(Settings(home=tmp_path, database=database_url).database_url)
    upgrade(made)
    with made.session(writing=True) as session:
        session.add_all(
            [SiteRow(id=1, name="x"), RoomRow(number="7", name="x"), WebhookRow(id=1, url="x", secret="x", events=[])]
        )
        session.flush()
        for name, began, ended in (("old", OLD, OLD), ("new", NEW, NEW), ("long", OLD, None)):
            session.add(ConferenceRow(id=name, room="7", name="x", began_at=began, ended_at=ended))
            session.flush()
            session.add(ConferenceEventRow(conference_id=name, at=began, kind="x"))
            session.add(_stay(began, ended, name))
        session.add_all([_stay(OLD, OLD, None), _stay(OLD, None, None), _stay(NEW, NEW, None)])
        for at in (OLD, NEW):
            session.add(AuditRow(at=at, login="x", role="admin", via="cli", act="x", result="ok"))
            session.add(NoticeRow(at=at, level="info", code="x", text="x"))
            session.add(DeliveryRow(webhook_id=1, event="x", body={}, at=at, next_at=None))
            session.add(IdempotencyRow(who="x", key=str(at), request="x", status=200, at=at))
        session.add(DeliveryRow(webhook_id=1, event="x", body={}, at=OLD, next_at=NEW))  # still tried
    yield made
    made.close()


def _stay(joined: datetime, left: datetime | None, conference: str | None) -> AttendanceRow:
    told = {"participant": "0a0b0c0d", "room": "7", "name": "x", "number": "", "kind": "terminal"}
    return AttendanceRow(joined_at=joined, left_at=left, conference_id=conference, **told)


def count(database: Database) -> dict[str, int]:
    kept = (ConferenceRow, ConferenceEventRow, AttendanceRow, AuditRow, NoticeRow, DeliveryRow, IdempotencyRow, SiteRow)
    with database.session() as session:
        tables: list[type[Base]] = [*kept]
        return {one.__tablename__: session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def test_old_rows_go(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert retention.forget(database, OLD) == 0
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    steps = []
    while gone := retention.forget(database, BORDER):
        steps.append(gone)
    assert sum(steps) == 8
    assert max(steps) <= 6  # one of each kind
    assert count(database) == {
        "conferences": 2,
        "conference_events": 2,
        "attendance": 4,
        "audit": 1,
        "notices": 1,
        "deliveries": 2,
        "idempotency": 1,
        "sites": 1,
    }
    with database.session() as session:
        assert set(session.scalars(select(ConferenceRow.id))) == {"new", "long"}


def test_everything_old_goes_at_once(database: Database) -> None:
    later = NEW + timedelta(days=1)
    while retention.forget(database, later):
        pass
    assert count(database)["conferences"] == 1  # it goes on
    assert count(database)["attendance"] == 2  # and two are still there
    assert count(database)["deliveries"] == 1


def test_a_large_conference_goes_in_small_steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The write lock is held for AT_ONCE rows, however much hangs on a conference."""
    with database.session(writing=True) as session:
        session.add_all(ConferenceEventRow(conference_id="old", at=OLD, kind="x") for _ in range(25))
        session.add_all(_stay(OLD, OLD, "old") for _ in range(25))
        session.add_all(ConferenceSiteRow(conference_id="old", name="x", mark="") for _ in range(5))
        session.add_all(SiteTestRow(conference_id="old", name="x", at=OLD, verdict="good") for _ in range(5))
    while retention.forget(database, OLD):
        pass
    monkeypatch.setattr(retention, "AT_ONCE", 10)
    steps = []
    left = total(database)
    while retention.forget(database, BORDER):
        steps.append(left - total(database))
        left -= steps[-1]
    assert sum(steps) == 8 + 60
    assert max(steps) <= 10 + 10 + 5  # of the conference, of all old events, and what else is old
    assert count(database)["conferences"] == 2


def test_a_webhook_s_last_delivery_stays(database: Database) -> None:
    """SQLite would give its number again, and what has that number is not sent: it was, to control's knowledge."""
    with database.session(writing=True) as session:
        session.execute(delete(DeliveryRow).where(DeliveryRow.next_at.is_not(None)))
    while retention.forget(database, NEW + timedelta(days=1)):
        pass
    with database.session(writing=True) as session:
        (last,) = session.scalars(select(DeliveryRow.id))
        session.add(DeliveryRow(webhook_id=1, event="x", body={}, at=NEW, next_at=None))
        session.flush()
        assert max(session.scalars(select(DeliveryRow.id))) > last


def total(database: Database) -> int:
    with database.session() as session:
        return sum(session.scalar(select(func.count()).select_from(one)) or 0 for one in Base.metadata.sorted_tables)

"""Rows of conferences: begin and end, what happened, who was there; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from mcu.config import Savings, Settings
from mcu.control.records.minutes_rows import minutes_of
from mcu.control.records.savings import savings_of
from mcu.errors import NotFound, Unavailable
from mcu.models import (
    AttendanceRow,
    Database,
    RoomRow,
    attendance,
    conferences,
    journal,
    retention,
    rows,
    sites,
    story,
    upgrade,
)
from mcu.models import database as database_module
from mcu.models import schedule as planned
from mcu.models.planned import Planned, Replan
from mcu.models.tables import ConferenceEventRow, ConferenceSiteRow, MeetingRow

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(tmp_path: Path, database_url: str) -> Iterator[Database]:
    made = Database(Settings(home=tmp_path, database=database_url).database_url)
    upgrade(made)
    rows.add_room(made, RoomRow(number="1001", name="Giao ban"))
    yield made
    made.close()


def begin(database: Database, ident: str = "1001-1", at: datetime = AT) -> None:
    journal.write(database, [lambda session: conferences.began(session, ident, "1001", "Giao ban", at)])


def stay(participant: str, site: int | None, **values: object) -> AttendanceRow:
    columns = {
        "room": "1001", "name": participant, "number": "2001", "kind": "terminal", "joined_at": AT, "left_at": None,
        "conference_id": "1001-1", "site_id": site,
    }  # fmt: skip
    return AttendanceRow(participant=participant, **{**columns, **values})


def site(database: Database, name: str = "Xã", parent: int | None = None) -> int:
    return sites.add_site(database, {"name": name, "parent_id": parent}).id


def test_a_conference_from_begin_to_end(database: Database) -> None:
    begin(database)
    begin(database)  # told again after a restart
    assert [row.id for row in conferences.going_on(database)] == ["1001-1"]
    journal.write(database, [lambda session: conferences.direct(session, "1001-1", {"mode": "floor"})])
    assert conferences.conference(database, "1001-1").direction == {"mode": "floor"}
    journal.write(database, [lambda session: conferences.ended(session, "1001-1", AT + MINUTE)])
    row = conferences.conference(database, "1001-1")
    assert (row.ended_at, row.direction) == (AT + MINUTE, {})
    assert conferences.going_on(database) == []
    with pytest.raises(NotFound):
        conferences.conference(database, "1001-2")


def test_who_was_invited_stays_so_whoever_is_invited_next(database: Database) -> None:
    first, second, third = (site(database, name) for name in ("a", "b", "c"))
    sites.set_room_sites(database, "1001", [second, first])
    begin(database)

    def told() -> list[tuple[str, int | None, int | None]]:
        return [(row.name, row.position, row.people) for row in story.story(database, "1001-1").counts]

    assert told() == [("b", 0, None), ("a", 1, None)]
    sites.set_room_sites(database, "1001", [third, first])  # while it is on
    assert told() == [("c", 0, None), ("a", 1, None)]
    conferences.count_people(database, "1001-1", second, 7)
    conferences.count_people(database, "1001-1", first, 8)
    journal.write(database, [
        lambda session: attendance.arrive(session, stay("p", first)),
        lambda session: conferences.ended(session, "1001-1", AT + MINUTE),
    ])  # fmt: skip
    sites.set_room_sites(database, "1001", [])
    assert told() == [("c", 0, None), ("a", 1, 8), ("b", None, 7)]
    for gone in (first, second, third):
        sites.delete_site(database, gone)
    assert told() == [("c", 0, None), ("a", 1, 8), ("b", None, 7)]
    assert story.counts(database, ["1001-1"])["1001-1"].people == 15


def test_an_end_that_nobody_saw_is_when_the_last_one_left(database: Database) -> None:
    begin(database)
    begin(database, "1002-1")
    steps = [
        lambda session: attendance.arrive(session, stay("a", None)),
        lambda session: attendance.depart(session, "a", "1001", AT + 5 * MINUTE, "hung up", {"loss_in": 0.5}),
        lambda session: conferences.close_but(session, {"1002-1"}, AT + 99 * MINUTE),
    ]
    journal.write(database, steps)
    assert conferences.conference(database, "1001-1").ended_at == AT + 5 * MINUTE
    assert [row.id for row in conferences.going_on(database)] == ["1002-1"]
    (left,) = attendance.stays(database, "1001", AT)
    assert (left.reason, left.quality, left.conference_id) == ("hung up", {"loss_in": 0.5}, "1001-1")


def test_what_refers_to_a_site_or_a_conference_that_is_gone_is_kept_without_it(database: Database) -> None:
    begin(database)
    event = ConferenceEventRow(conference_id="1001-1", at=AT, kind="left", participant="a", site_id=99, data={"x": 1})
    stray = ConferenceEventRow(conference_id="none", at=AT, kind="left", participant="a", site_id=None, data={})
    steps = [
        lambda session: conferences.happened(session, event),
        lambda session: conferences.happened(session, stray),
        lambda session: attendance.arrive(session, stay("a", 99, conference_id="none")),
        lambda session: conferences.mark(session, "1001-1", 99, "present"),
        lambda session: conferences.direct(session, "none", {}),
        lambda session: conferences.ended(session, "none", AT),
    ]
    journal.write(database, steps)
    told = story.story(database, "1001-1")
    assert [(one.kind, one.site_id, one.data) for one in told.events] == [("left", None, {"x": 1})]
    (kept,) = attendance.under_way(database)
    assert (kept.site_id, kept.conference_id) == (None, None)


def test_pages_are_the_latest_first_and_do_not_shift(database: Database) -> None:
    for n in range(5):
        begin(database, f"1001-{n}", AT + (n // 2) * MINUTE)  # two at one moment
    first = conferences.page(database, limit=2)
    begin(database, "1001-9", AT + 99 * MINUTE)
    seen = [row.id for row in first]
    while page := conferences.page(database, limit=2, after=(first[-1].began_at, first[-1].id)):
        first = page
        seen += [row.id for row in page]
    assert seen == ["1001-4", "1001-3", "1001-2", "1001-1", "1001-0"]
    assert [row.id for row in conferences.page(database, since=AT + MINUTE, before=AT + 2 * MINUTE)] == [
        "1001-3", "1001-2",
    ]  # fmt: skip
    assert conferences.page(database, room="1002") == []


def test_strangers_are_counted_as_the_minutes_tell_them_apart(database: Database) -> None:
    """Three guests of one number are three; who comes a second time is one, and a site's two terminals are one."""
    begin(database)
    commune = site(database)
    came = [
        ("a", None, "Một"),
        ("b", None, "Hai"),
        ("c", None, "Ba"),
        ("d", None, "Ba"),
        ("e", commune, "X"),
        ("f", commune, "Y"),
    ]
    arrivals = [stay(who, where, name=name) for who, where, name in came]
    journal.write(database, [partial(attendance.arrive, stay=row) for row in arrivals])
    assert story.counts(database, ["1001-1"])["1001-1"].sites == 4
    assert minutes_of(story.story(database, "1001-1"), 0.0, "UTC").present == 4


def test_the_story_has_the_sites_and_all_above_them(database: Database) -> None:
    begin(database)
    province = site(database, "Tỉnh")
    commune, other = site(database, "Xã A", province), site(database, "Xã B", province)
    sites.set_room_sites(database, "1001", [other, commune])
    journal.write(database, [
        lambda session: attendance.arrive(session, stay("a", commune)),
        lambda session: conferences.mark(session, "1001-1", other, "absent"),
    ])  # fmt: skip
    conferences.count_people(database, "1001-1", commune, 42)
    conferences.count_people(database, "1001-1", other, None)
    told = story.story(database, "1001-1")
    assert {one.name for one in told.sites.values()} == {"Tỉnh", "Xã A", "Xã B"}
    assert [one.site_id for one in told.counts if one.position is not None] == [other, commune]
    assert {(one.site_id, one.people, one.mark) for one in told.counts} == {(commune, 42, ""), (other, None, "absent")}
    assert story.counts(database, ["1001-1", "none"]) == {"1001-1": (1, 42), "none": (0, 0)}
    with pytest.raises(NotFound):
        conferences.count_people(database, "1001-1", 99, 5)
    with pytest.raises(NotFound):
        story.story(database, "none")
    sites.delete_site(database, commune)
    assert [one.site_id for one in story.story(database, "1001-1").stays] == [None]


def test_savings_are_of_sites_and_of_no_tests(database: Database) -> None:
    commune = site(database)
    for ident in ("1001-1", "1001-2"):
        begin(database, ident)
    journal.write(database, [
        lambda session: attendance.arrive(session, stay("a", commune)),
        lambda session: attendance.arrive(session, stay("b", None)),
        lambda session: attendance.arrive(session, stay("c", commune, conference_id="1001-2")),
    ])  # fmt: skip
    conferences.count_people(database, "1001-1", commune, 7)
    with database.session(writing=True) as session:
        conferences.get(session, "1001-2").test = True
    found = story.stretches(database, AT, AT + MINUTE)
    assert [(one.conference, one.site, one.seat and one.seat.people, one.left_at) for one in found] == [
        ("1001-1", commune, 7, None)
    ]
    assert story.stretches(database, AT + MINUTE, AT + 2 * MINUTE) == []


def test_a_report_of_a_year_makes_no_objects_of_rows(database: Database) -> None:
    """They cost ten times what a tuple does, in time and in memory: a year has 100,000."""
    commune, made = site(database), list[object]()
    begin(database)
    journal.write(database, [
        lambda session: attendance.arrive(session, stay("a", commune)),
        lambda session: attendance.depart(session, "a", "1001", AT + 60 * MINUTE),
        lambda session: conferences.ended(session, "1001-1", AT + 60 * MINUTE),
    ])  # fmt: skip

    def loaded(row: object, context: object) -> None:
        made.append(row)

    for kind in (AttendanceRow, ConferenceSiteRow):
        event.listen(kind, "load", loaded)
    try:
        (found,) = story.stretches(database, AT, AT + MINUTE)
        assert found.seat
        assert (found.seat.conference, found.seat.site, found.seat.usual is None) == ("1001-1", commune, False)
        savings_of(database, AT, AT + MINUTE, Savings(), "UTC")
    finally:
        for kind in (AttendanceRow, ConferenceSiteRow):
            event.remove(kind, "load", loaded)
    assert made == []


def test_an_ended_conference_keeps_what_was_true_of_its_sites(database: Database) -> None:
    """Whatever is changed or deleted later, its minutes and the report of savings say the same."""
    far, near, host = (
        sites.add_site(database, {"name": name, "people": 8, "distance_km": km, "position": 0, "note": ""}).id
        for name, km in (("Xa", 30.0), ("Gần", 5.0), ("Tỉnh", 0.0))
    )
    sites.set_room_sites(database, "1001", [far, near])

    def preside(site: int) -> None:
        with database.session(writing=True) as session:
            session.execute(update(RoomRow).values(presiding_site_id=site))

    preside(host)
    begin(database)
    journal.write(database, [
        lambda session: attendance.arrive(session, stay("a", far)),
        lambda session: attendance.depart(session, "a", "1001", AT + 60 * MINUTE),
        lambda session: attendance.arrive(session, stay("b", near)),
        lambda session: attendance.depart(session, "b", "1001", AT + 60 * MINUTE),
        lambda session: conferences.ended(session, "1001-1", AT + 60 * MINUTE),
    ])  # fmt: skip
    conferences.count_people(database, "1001-1", near, 3)

    def told() -> Any:
        saved = savings_of(database, AT, AT + MINUTE, Savings(), "UTC").found
        minutes = minutes_of(story.story(database, "1001-1"), 0.0, "UTC")
        lines = [(one.name, one.invited, one.usual, one.people, one.seconds) for one in minutes.lines]
        return lines, saved.total, [(place.name, km) for place, km in saved.by_site], minutes.present, minutes.absent

    before = told()
    assert before[0] == [("Xa", True, 8, None, 3600.0), ("Gần", True, 8, 3, 3600.0)]
    assert (before[1].people, before[1].km) == (11, 2 * 30 * 2 + 2 * 5)
    sites.change_site(database, far, {"name": "Khác", "people": 90, "distance_km": 1.0})
    preside(near)
    assert told() == before
    sites.delete_site(database, near)
    assert told() == before
    assert retention.forget(database, AT + timedelta(days=1)) > 0
    with database.session() as session:
        assert session.scalars(select(ConferenceSiteRow)).all() == []


def plan(database: Database, times: int = 3) -> int:
    row = MeetingRow(
        uid="1@mcu", sequence=0, room="1001", title="Giao ban", begins="2026-11-23T08:00:00", zone="Asia/Ho_Chi_Minh",
        minutes=60, rrule="FREQ=DAILY", exdates=[], call_before=None, warn_before=10, ends=False, created_by="admin",
    )  # fmt: skip
    return planned.add_meeting(database, row, [daily(n) for n in range(times)]).id


def daily(n: int) -> Planned:
    begins = AT + timedelta(days=n)
    return Planned(begins, begins + 60 * MINUTE)


def test_a_site_that_goes_leaves_each_conference_its_stays_and_who_presided(database: Database) -> None:
    """In two conferences that go on, of one of which it presides; a stay of no conference is nobody's afterwards."""
    gone, other = site(database, "Xã A"), site(database, "Xã B")
    rows.add_room(database, RoomRow(number="1002", name="Hội nghị", presiding_site_id=other))
    begin(database)
    journal.write(database, [lambda session: conferences.began(session, "1002-1", "1002", "Hội nghị", AT)])
    stays = [
        stay("p1", gone), stay("p2", gone), stay("p3", gone, conference_id="1002-1", room="1002"),
        stay("p4", other), stay("p5", gone, conference_id=None),
    ]  # fmt: skip
    with database.session(writing=True) as session:
        session.execute(update(RoomRow).where(RoomRow.number == "1001").values(presiding_site_id=gone))
        session.add_all(stays)
    sites.delete_site(database, gone)
    with database.session() as session:
        kept = {
            row.id: (row.conference_id, row.name, row.presides, row.usual is not None, row.position)
            for row in session.scalars(select(ConferenceSiteRow).where(ConferenceSiteRow.site_id.is_(None)))
        }
        whose = {row.participant: row.conference_site_id for row in session.scalars(select(AttendanceRow))}
    assert sorted(kept.values()) == [
        ("1001-1", "Xã A", True, True, None),
        ("1002-1", "Xã A", False, True, None),
    ]
    assert whose["p4"] is None
    assert whose["p5"] is None
    assert {kept[row][0] for who in ("p1", "p2") if (row := whose[who])} == {"1001-1"}
    assert kept[whose["p3"] or 0][0] == "1002-1"


def test_times_are_made_once_and_follow_a_change(database: Database) -> None:
    ident = plan(database)
    planned.plan(database, {ident: [daily(n) for n in range(5)], 99: [daily(0)]})
    assert [row.planned_at for row in planned.occurrences(database, ident)] == [daily(n).planned_at for n in range(5)]
    later = AT + timedelta(days=1, hours=3)
    planned.move_occurrence(database, ident, daily(1).planned_at, later, later + timedelta(hours=1))
    journal.write(database, [lambda session: planned.advance(session, 1, "running", AT + 90 * MINUTE)])
    shorter = [Planned(daily(n).planned_at, daily(n).planned_at + 30 * MINUTE) for n in range(1, 4)]
    changed = planned.change_meeting(
        database, ident, {"minutes": 30}, Replan(times=shorter, since=AT - MINUTE, successor=lambda at: at)
    )
    assert (changed.minutes, changed.sequence) == (30, 2)
    assert [(row.state, row.ends_at - row.begins_at) for row in planned.occurrences(database, ident)] == [
        ("running", 90 * MINUTE),
        ("planned", 60 * MINUTE),  # it was moved: its end is its own affair
        ("planned", 30 * MINUTE),
        ("planned", 30 * MINUTE),
    ]


def test_a_cancelled_time_is_not_taken_up_again(database: Database) -> None:
    ident = plan(database)
    planned.cancel_occurrence(database, ident, AT, lambda row: ["2026-11-23T08:00:00"])
    journal.write(database, [lambda session: planned.advance(session, 1, "called", AT)])
    assert [row.state for row in planned.occurrences(database, ident)] == ["cancelled", "planned", "planned"]
    assert planned.meeting(database, ident).exdates == ["2026-11-23T08:00:00"]
    assert planned.next_of_each(database, [ident], AT)[ident].planned_at == daily(1).planned_at
    assert [row.planned_at for row, _ in planned.open_until(database, AT + timedelta(days=2))] == [daily(1).planned_at]
    planned.delete_meeting(database, ident)
    assert planned.open_until(database, AT + timedelta(days=9)) == []


def test_a_conference_is_some_meeting_s(database: Database) -> None:
    plan(database)
    begin(database)
    journal.write(database, [
        lambda session: planned.belongs(session, "1001-1", 1),
        lambda session: planned.belongs(session, "none", 1),
        lambda session: planned.belongs(session, "1001-1", 99),
    ])  # fmt: skip
    assert story.meeting_titles(database, ["1001-1", "none"]) == {"1001-1": "Giao ban"}
    meeting = story.story(database, "1001-1").meeting
    assert meeting is not None
    assert meeting.title == "Giao ban"


def test_times_that_were_are_forgotten_and_those_to_come_are_not(database: Database) -> None:
    ident = plan(database)
    journal.write(database, [
        lambda session: planned.advance(session, 1, "ended", AT),
        lambda session: planned.advance(session, 2, "running", AT),
    ])  # fmt: skip
    assert retention.forget(database, AT + timedelta(days=365)) == 1
    assert [row.state for row in planned.occurrences(database, ident)] == ["running", "planned"]


def test_who_waits_too_long_for_another_writer_is_told(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that control's record knows that it fails, and the meeting goes on."""
    monkeypatch.setattr(database_module, "_BUSY_MS", 50)
    other = Database(Settings(home=tmp_path, database=database_url).database_url)
    try:
        with database.session(writing=True), pytest.raises(Unavailable, match="lock"):
            begin(other)
        begin(other)
    finally:
        other.close()
    assert [row.id for row in conferences.going_on(database)] == ["1001-1"]

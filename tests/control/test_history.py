"""What of all that is told becomes part of a conference's story."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.control.records.history import DAMPED, History
from mcu.control.records.record import Record

AT = 1_795_000_000.0


class Kept(Record):
    """A record that remembers instead of writing."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, dict[str, Any]]] = []
        self.marks: list[tuple[int, str]] = []
        self.stays: list[tuple[str, str | None]] = []

    def happened(self, conference: str, at: float, kind: str, participant: str, site: int | None, data: Any) -> None:
        assert conference == "1001-1"
        self.events.append((kind, participant, dict(data)))

    def mark(self, conference: str, site: int, found: str) -> None:
        self.marks.append((site, found))

    def arrived(self, participant: Any, conference: str | None) -> None:
        self.stays.append((participant["id"], conference))

    def departed(self, participant: str, room: str, at: float, reason: str = "", quality: Any = None) -> None:
        self.stays.append((participant, reason))

    def began(self, conference: str, room: str, name: str, at: float) -> None:
        pass

    def ended(self, conference: str, at: float) -> None:
        pass


def joined(ident: str, **more: object) -> dict[str, object]:
    about = {"id": ident, "room": "1001", "name": f"Xã {ident}", "number": "2001", "kind": "terminal", "joined_at": AT}
    return {**about, "site": 7, "picture": "none", "quality": None, **more}


@pytest.fixture
def record() -> Kept:
    return Kept()


@pytest.fixture
def history(record: Kept) -> History:
    made = History(record)
    made.hear("conference.began", {"id": "1001-1", "room": "1001", "name": "Giao ban", "began_at": AT}, AT)
    made.hear("participant.joined", joined("a"), AT)
    record.events.clear()
    return made


def kinds(record: Kept) -> list[str]:
    return [kind for kind, _, _ in record.events]


def test_a_picture_that_flickers_tells_of_itself_once_a_minute(history: History, record: Kept) -> None:
    for second in range(0, 120, 2):
        for n, picture in enumerate(("stalled", "waiting", "live")):
            history.hear("participant.changed", joined("a", picture=picture), AT + second + 0.1 * n)
    assert kinds(record) == ["picture.stalled", "picture.back"] * 2


def test_a_line_tells_when_it_becomes_poor_and_when_it_is_good_again(history: History, record: Kept) -> None:
    for second, grade in ((0, "good"), (10, "bad"), (20, "good"), (30, "bad"), (10 + DAMPED, "good"), (900, "good")):
        history.hear("participant.changed", joined("a", quality={"grade": grade, "loss_in": 7.0}), AT + second)
    assert [(kind, who, data["grade"]) for kind, who, data in record.events] == [
        ("quality", "a", "bad"),
        ("quality", "a", "good"),
    ]


def test_talking_and_muting_are_no_events(history: History, record: Kept) -> None:
    for n in range(100):
        history.hear("participant.changed", joined("a", talking=bool(n % 2), muted=bool(n % 3)), AT + n)
    assert record.events == []


def test_marks_of_the_roll_call_are_the_site_s(history: History, record: Kept) -> None:
    def told(mark: str, mode: str = "roll_call") -> dict[str, object]:
        entries = [
            {"participant": "a", "site": 7, "name": "Xã a", "mark": mark},
            {"participant": "", "site": 8, "name": "B", "mark": ""},
        ]
        return {"room": "1001", "mode": mode, "focus": "", "roll_call": {"at": 0, "entries": entries}}

    for mark, mode in (("", "roll_call"), ("present", "roll_call"), ("present", "roll_call"), ("present", "free")):
        history.hear("direction.changed", told(mark, mode), AT)
    assert record.marks == [(7, "present")]
    assert kinds(record) == ["roll_call.began", "roll_call.mark", "roll_call.ended", "mode.free"]


def test_a_presentation_is_nobody_s_stay(history: History, record: Kept) -> None:
    record.stays.clear()
    history.hear("participant.joined", joined("b", presents="a", kind="presentation"), AT)
    history.hear("participant.left", {"id": "b", "room": "1001"}, AT)
    assert record.stays == []
    assert [(kind, who) for kind, who, _ in record.events] == [("presentation.began", "a"), ("presentation.ended", "a")]


def test_other_rooms_are_not_this_conference_s(history: History, record: Kept) -> None:
    for event in ("direction.changed", "participant.changed", "call.failed", "participant.left"):
        history.hear(event, joined("z", room="1002", mode="floor", focus="z"), AT)
    history.hear("room.changed", {"number": "1002", "locked": True}, AT)
    history.noticed("1002", "warning", "x", "y", {}, AT)
    assert record.events == []
    history.hear("room.changed", {"number": "1001", "locked": True}, AT)
    history.hear("call.failed", {"room": "1001", "id": "c", "name": "Xã C", "reason": "busy"}, AT)
    assert record.events == [("locked", "", {}), ("call.failed", "", {"name": "Xã C", "reason": "busy"})]


def test_one_that_is_found_again_has_joined_before(record: Kept) -> None:
    history = History(record)
    history.resumed("1001", "1001-1", {"mode": "free"})
    history.hear("participant.joined", joined("a"), AT)
    assert record.events == []
    assert record.stays == [("a", "1001-1")]  # known by its row


def test_a_clock_that_is_set_back_hides_nothing(history: History, record: Kept) -> None:
    bad, good = ({"grade": grade, "loss_in": 7.0} for grade in ("bad", "good"))
    history.hear("participant.changed", joined("a", picture="stalled", quality=bad), AT)
    history.hear("participant.changed", joined("a", picture="live"), AT + 1)
    earlier = AT - 7 * 3600
    history.hear("participant.changed", joined("a", picture="stalled", quality=good), earlier)
    assert kinds(record) == ["picture.stalled", "quality", "picture.back", "picture.stalled", "quality"]


def test_who_joins_after_all_were_found_again_is_new_though_the_clock_was_set_back(record: Kept) -> None:
    history = History(record)
    history.resumed("1001", "1001-1", {"mode": "free"})
    history.hear("participant.joined", joined("a"), AT)
    history.hear("resync", {}, AT)
    history.hear("participant.joined", joined("b", joined_at=AT - 7 * 3600), AT - 7 * 3600)
    assert [(kind, who) for kind, who, _ in record.events] == [("joined", "b")]

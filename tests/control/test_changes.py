"""What becomes a line of the minutes when a direction changes, and what was told before."""

from __future__ import annotations

from typing import Any

from mcu.control.records.changes import of_direction


def entry(name: str, *, site: int | None = None, participant: str = "", mark: str = "") -> dict[str, Any]:
    return {"participant": participant, "site": site, "name": name, "mark": mark}


def roll(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"mode": "roll_call", "roll_call": {"at": 0, "entries": list(entries)}, **more}


def marks(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, int | None, str]]:
    found = [change for change in of_direction(before, after) if change.kind == "roll_call.mark"]
    return [(change.participant, change.site, change.data["mark"]) for change in found]


def test_of_two_strangers_of_one_name_each_has_a_mark_that_is_told_once() -> None:
    first, second = entry("Khách", participant="a"), entry("Khách", participant="b")
    called = roll(first, second)
    present = roll({**first, "mark": "present"}, second)
    assert marks(called, present) == [("a", None, "present")]
    hand = {**present, "hands": [{"participant": "b", "since": 1}]}
    assert marks(present, hand) == marks(hand, present) == []
    both = roll({**first, "mark": "present"}, {**second, "mark": "absent"})
    assert marks(present, both) == [("b", None, "absent")]
    assert marks(both, present) == [("b", None, "")]  # taken back


def test_a_site_is_the_same_line_whichever_of_its_terminals_is_there() -> None:
    before = roll(entry("Xã A", site=1, participant="a", mark="present"), entry("Khách", participant="b"))
    after = roll(entry("Xã A", site=1, participant="c", mark="present"), entry("Khách", participant="b"))
    assert marks(before, after) == []


def test_a_roll_that_is_called_again_in_another_order_keeps_the_sites_apart() -> None:
    before = roll(entry("Xã A", site=1, mark="present"), entry("Xã B", site=2))
    after = roll(entry("Xã B", site=2), entry("Xã A", site=1, mark="present"))
    assert marks(before, after) == []

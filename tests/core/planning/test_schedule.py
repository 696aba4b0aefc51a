"""What is due for a planned meeting: each step once and in order, whenever and however often somebody looks."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mcu.core.planning import schedule
from mcu.core.planning.schedule import Occurrence, Step

ORDER: list[Step] = ["call", "begin", "warn", "end"]
BEGINS = 1_000_000.0


def occurrence(**values: object) -> Occurrence:
    base = Occurrence(
        id=1, meeting=1, room="1001", title="Giao ban", begins_at=BEGINS, ends_at=BEGINS + 3600, call_before=10,
        warn_before=10, ends=True,
    )  # fmt: skip
    return replace(base, **values)  # type: ignore[arg-type]


def look(one: Occurrence, now: float) -> tuple[list[Step], Occurrence]:
    taken: list[Step] = []
    while what := schedule.step(one, now):
        taken.append(what)
        one = schedule.done(one, what)
    return taken, one


def test_a_meeting_from_the_first_call_to_its_end() -> None:
    one, story = occurrence(), []
    for minute in range(-20, 70):
        taken, one = look(one, BEGINS + 60 * minute)
        story += [(minute, what) for what in taken]
    assert story == [(-10, "call"), (0, "begin"), (50, "warn"), (60, "end")]


def test_nobody_is_called_and_nobody_warned_where_that_is_not_wanted() -> None:
    one, story = occurrence(call_before=None, warn_before=0), []
    for minute in range(-20, 70):
        taken, one = look(one, BEGINS + 60 * minute)
        story += taken
    assert story == ["begin", "end"]


def test_late_but_within_its_time_it_begins_late() -> None:
    assert look(occurrence(), BEGINS + 1800) == (["call", "begin"], occurrence(state="running"))


def test_after_its_time_it_was_missed_and_nothing_else_is_done() -> None:
    assert look(occurrence(), BEGINS + 3600) == (["miss"], occurrence(state="missed"))


def test_what_had_begun_is_ended_however_late_and_nobody_is_warned_then() -> None:
    assert look(occurrence(state="running"), BEGINS + 9000)[0] == ["end"]
    assert look(occurrence(state="called"), BEGINS + 9000)[0] == ["begin", "end"]


def test_an_end_that_is_put_off_is_announced_again() -> None:
    now = BEGINS + 3300
    one = schedule.extend(occurrence(state="warned"), BEGINS + 7200, now)
    assert (one.state, one.ends_at) == ("running", BEGINS + 7200)
    assert look(one, BEGINS + 3600)[0] == []
    assert look(one, BEGINS + 6600)[0] == ["warn"]
    near = schedule.extend(occurrence(state="warned"), BEGINS + 3700, now)
    assert near.state == "warned"  # that it is near is known already
    over = occurrence(state="ended")
    assert schedule.extend(over, BEGINS + 7200, now) is over


def test_two_meetings_in_one_room() -> None:
    first, second = occurrence(id=1), occurrence(id=2, begins_at=BEGINS + 3600, ends_at=BEGINS + 7200)
    assert schedule.overlaps([second, first]) == []
    longer = replace(first, ends_at=BEGINS + 3601)
    assert schedule.overlaps([second, longer]) == [(longer, second)]
    assert schedule.overlaps([replace(second, room="1002"), longer]) == []
    assert schedule.overlaps([replace(second, state="cancelled"), longer]) == []
    whole = replace(first, ends_at=BEGINS + 99999)
    third = occurrence(id=3, begins_at=BEGINS + 9000, ends_at=BEGINS + 9900)
    assert schedule.overlaps([third, second, whole]) == [(whole, second), (whole, third)]


MEETINGS = st.builds(
    occurrence,
    ends_at=st.integers(60, 20_000).map(lambda s: BEGINS + s),
    call_before=st.none() | st.integers(0, 200),
    warn_before=st.integers(0, 200),
)
LOOKS = st.lists(st.integers(-15_000, 30_000).map(lambda s: BEGINS + s), max_size=30)


@given(one=MEETINGS, looks=LOOKS)
def test_no_step_twice_and_no_end_before_a_begin_whatever_the_clock_does(one: Occurrence, looks: list[float]) -> None:
    """The looks are in no order: clocks are put back, too."""
    story: list[Step] = []
    for now in looks:
        taken, one = look(one, now)
        story += taken
    assert len(story) == len(set(story))
    if "miss" in story:
        assert story == ["miss"]
    else:
        assert story == sorted(story, key=ORDER.index)
        assert "end" not in story or "begin" in story


@given(one=MEETINGS, looks=LOOKS, restarts=st.sets(st.integers(0, 29)))
def test_a_restart_at_any_point_gives_the_same_steps(one: Occurrence, looks: list[float], restarts: set[int]) -> None:
    """All that a new process knows is the row: state and end."""
    other, story, again = one, [], []
    for number, now in enumerate(sorted(looks)):
        taken, one = look(one, now)
        story += taken
        if number in restarts:
            other = replace(occurrence(), **{k: getattr(other, k) for k in Occurrence.__slots__})
        taken, other = look(other, now)
        again += taken
    assert story == again


@given(one=MEETINGS, ends=st.lists(st.tuples(st.integers(0, 20_000), st.integers(60, 30_000)), max_size=6))
def test_whoever_looks_when_something_is_due_misses_nothing(one: Occurrence, ends: list[tuple[int, int]]) -> None:
    """``due`` is a promise: who sleeps until then, and no longer, takes every step, however the end is put off."""
    story: list[Step] = []
    for after, until in sorted(ends):
        while (wanted := schedule.due(one)) and wanted[0] <= BEGINS + after:
            before = one
            taken, one = look(one, wanted[0])
            assert one != before
            story += taken
        one = schedule.extend(one, BEGINS + max(after, until), BEGINS + after)
    while wanted := schedule.due(one):
        taken, one = look(one, wanted[0])
        story += taken
    assert story[-1] == "end"
    assert story.count("end") == story.count("begin") == 1
    assert ("call" in story) == (one.call_before is not None)

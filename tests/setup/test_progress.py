from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.setup.progress import Console, Expectation, History, remaining, spoken

USUAL = Expectation(units=100, seconds=200)


def test_before_anything_is_seen_last_time_is_the_estimate() -> None:
    assert remaining(USUAL, 0, 0, 0) == 200
    assert remaining(USUAL, 0, 5, 30) == 170


def test_then_the_pace_of_this_run_counts() -> None:
    assert remaining(USUAL, 0, 50, 300) == 300


def test_a_resumed_build_is_judged_by_what_it_still_has_to_do() -> None:
    assert remaining(USUAL, 80, 80, 0) == 40
    assert remaining(USUAL, 80, 90, 10) == 10


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0, 1e6))
def test_the_estimate_is_never_negative(before: int, more: int, elapsed: float) -> None:
    assert remaining(USUAL, before, before + more, elapsed) >= 0


@pytest.mark.parametrize(
    ("seconds", "words"), [(-3, "0 s"), (12.4, "12 s"), (89, "89 s"), (95, "2 min"), (600, "10 min"), (5700, "1 h 35")]
)
def test_durations_are_told_as_people_do(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


def test_history_is_kept_and_survives_rubbish(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "history.json"
    history = History(file)
    assert history.expect("make", USUAL) == USUAL
    history.remember("make", Expectation(680, 281.04))
    history.remember("other", Expectation(1, 2))
    assert History(file).expect("make", USUAL) == Expectation(680, 281.0)
    for rubbish in ("", "{", "[]", '{"make": "x"}', '{"make": [1]}'):
        file.write_text(rubbish)
        assert history.expect("make", USUAL) == USUAL
        history.remember("new", USUAL)
        assert history.expect("new", Expectation(1, 1)) == USUAL


def test_without_a_terminal_progress_is_one_line_now_and_then() -> None:
    now = [0.0]
    out = io.StringIO()
    console = Console(out, clock=lambda: now[0])
    for second in range(60):
        now[0] = float(second)
        console.progress("compiling", second / 60, 60 - second)
    assert out.getvalue().splitlines() == [
        "  compiling: 0%, about 60 s left",
        "  compiling: 33%, about 40 s left",
        "  compiling: 67%, about 20 s left",
    ]


def test_on_a_terminal_the_line_is_rewritten_and_wiped() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    now = [0.0]
    out = Terminal()
    console = Console(out, clock=lambda: now[0])
    console.progress("compiling", 0.1, 100)
    now[0] = 1.0
    console.progress("compiling", 1.7, 9)
    console.say("done")
    written = out.getvalue()
    assert "\r  compiling: 99%, it takes longer than usual" in written
    assert written.endswith("\rdone\n")

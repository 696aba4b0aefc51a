"""From counters of RTP and RTCP to figures and a word."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.core import effects as do
from mcu.core.quality import Counters, Line, MediaTold, Thresholds
from tests.core.world import World

LIMITS = Thresholds()


def sound(seconds: float, **more: Any) -> Counters:
    """50 packets of 160 octets a second each way."""
    count = round(50 * seconds)
    both = {"packets_in": count, "octets_in": 160 * count, "packets_out": count, "octets_out": 160 * count}
    return Counters(**(both | more))


def test_rates_and_losses_are_of_the_time_between_two_readings() -> None:
    line = Line()
    assert line.read(100.0, (sound(20), None), LIMITS) is None
    quality = line.read(110.0, (sound(30, lost_in=50, jitter_in=0.004, rtt=0.08), None), LIMITS)
    assert quality is not None
    assert (quality.kbps_in, quality.kbps_out) == (64.0, 64.0)
    assert quality.loss_in == pytest.approx(100 * 50 / 550)
    assert (quality.jitter_ms, quality.rtt_ms, quality.grade) == (4.0, 80.0, "bad")
    quality = line.read(120.0, (sound(40, lost_in=50), None), LIMITS)
    assert quality is not None
    assert (quality.loss_in, quality.grade) == (0.0, "good")
    stay = line.stay()
    assert (stay["kbps_in"], stay["poor_share"], stay["worst_loss_in"]) == (64.0, 0.5, 9.1)


def test_a_pictures_bursts_are_no_jitter_of_the_line() -> None:
    line = Line()
    line.read(0.0, (sound(1), sound(1)), LIMITS)
    quality = line.read(10.0, (sound(11, jitter_in=0.002), sound(11, jitter_in=0.4)), LIMITS)
    assert quality is not None
    assert (quality.jitter_ms, quality.kbps_in, quality.grade) == (2.0, 128.0, "good")


def test_a_stream_that_began_anew_is_no_loss() -> None:
    line = Line()
    line.read(0.0, (sound(100), None), LIMITS)
    assert line.read(10.0, (sound(1), None), LIMITS) is None
    assert line.read(20.0, (sound(11), None), LIMITS) is not None


@pytest.mark.parametrize(
    ("loss", "rtt", "jitter", "grade"),
    [
        (0, 0, 0, "good"),
        (1, 0, 0, "poor"),
        (0, 300, 0, "poor"),
        (0, 0, 150, "bad"),
        (5, 0, 0, "bad"),
        (0, 801, 0, "bad"),
    ],
)
def test_a_line_is_as_good_as_its_worst(loss: float, rtt: float, jitter: float, grade: str) -> None:
    assert LIMITS.grade(loss, rtt, jitter) == grade


_counters = st.builds(
    Counters,
    **{
        name: st.integers(0, 2**32 - 1)
        for name in ("packets_in", "octets_in", "lost_in", "packets_out", "octets_out", "lost_out")
    },
    **{name: st.floats(0, 10) for name in ("jitter_in", "jitter_out", "rtt")},
)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.none() | _counters, st.none() | _counters), max_size=6))
def test_whatever_is_read_losses_are_shares(readings: list[tuple[float, Counters | None, Counters | None]]) -> None:
    line = Line()
    for at, one, other in readings:
        quality = line.read(at, (one, other), LIMITS)
        if quality:
            assert 0 <= quality.loss_in <= 100
            assert 0 <= quality.loss_out <= 100
            assert quality.kbps_in >= 0


def test_only_a_line_that_became_better_or_worse_is_told() -> None:
    world = World()
    world.switch_up()
    channel = world.come()

    def read(seconds: float, **more: Any) -> list[do.Effect]:
        told = MediaTold(at=world.at + seconds, channels={channel: (sound(seconds, **more), None)})
        return [e for e in world.happen(told) if isinstance(e, do.Tell) and e.event == "participant.changed"]

    assert read(10) == []
    (first,) = read(20)
    assert isinstance(first, do.Tell)
    assert first.data["quality"]["grade"] == "good"
    assert read(30) == []
    (worse,) = read(40, lost_in=100)
    assert isinstance(worse, do.Tell)
    assert (worse.data["quality"]["grade"], worse.data["quality"]["kbps_in"]) == ("bad", 64)
    assert read(50, lost_in=200) == []
    world.leave(channel)
    (left,) = [e for e in world.log if isinstance(e, do.Tell) and e.event == "participant.left"]
    assert left.data["quality"]["poor_share"] == 0.5

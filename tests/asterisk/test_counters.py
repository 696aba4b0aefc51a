"""What the router's module tells of RTP and RTCP, read."""

from __future__ import annotations

import pytest

from mcu.asterisk.media import counters
from mcu.core.quality import Counters


def test_nine_figures_are_one_stream() -> None:
    assert counters("500 80000 3 0.0040 600 96000 7 0.0020 0.0810") == Counters(
        packets_in=500, octets_in=80_000, lost_in=3, jitter_in=0.004, packets_out=600, octets_out=96_000, lost_out=7,
        jitter_out=0.002, rtt=0.081,
    )  # fmt: skip


@pytest.mark.parametrize("line", ["", "1 2 3", "a b c d e f g h i", "1 2 3 0.1 4 5 6 0.1 0.1 9"])
def test_what_is_not_understood_is_no_stream(line: str) -> None:
    assert counters(line) is None

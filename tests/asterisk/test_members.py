"""What control does to one member of a room: hearing, loudness, another room."""

from __future__ import annotations

import pytest

from mcu.asterisk import members
from mcu.core.events import Joined
from mcu.errors import BadRequest, NotFound
from tests.asterisk.conftest import Bench

CHANNEL = "PJSIP/site1-0000002a"


@pytest.mark.parametrize(("db", "told"), [(0, "0"), (6, "1.9953"), (-6, "0.5012"), (20, "10.0000"), (-20, "0.1000")])
def test_a_gain_in_db_is_a_factor_to_volume(db: float, told: str) -> None:
    assert members.factor(db) == told


@pytest.mark.parametrize("db", [20.1, -21, float("nan"), float("inf")])
def test_a_gain_that_would_hurt_is_refused(db: float) -> None:
    with pytest.raises(BadRequest):
        members.gain(CHANNEL, "in", db)


def test_nothing_but_names_of_ours_reaches_an_action() -> None:
    for channel in ("all", "PJSIP/x", f"{CHANNEL}\r\nAction: Command"):
        with pytest.raises(BadRequest):
            members.deafen(channel, True)
    with pytest.raises(BadRequest):
        members.move(CHANNEL, "0000000a", "1001,mcu", "", False)
    with pytest.raises(BadRequest):
        members.move(CHANNEL, "0000000a", "1001", "v-1001-hd;x", False)
    with pytest.raises(BadRequest):
        members.let_in(CHANNEL, "../x", "1001", "", False)


async def test_asterisk_takes_them(bench: Bench) -> None:
    await bench.call("1001")
    joined = await bench.heard(Joined)
    await bench.switch.deafen("1001", joined.channel, True)
    await bench.switch.deafen("1001", joined.channel, False)
    await bench.switch.gain("1001", joined.channel, "in", 6)
    await bench.switch.gain("1001", joined.channel, "out", -6)
    await bench.switch.gain("1001", joined.channel, "in", 0)
    with pytest.raises(NotFound):
        await bench.switch.deafen("1001", CHANNEL, True)

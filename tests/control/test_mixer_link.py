"""Which mixer is the mixer, when several links come and go."""

from __future__ import annotations

import pytest

from tests.control.conftest import House


async def test_the_newest_mixer_counts_and_an_older_one_s_end_is_nothing(house: House) -> None:
    old = await house.mixer("old")
    ident = await house.dial()
    await house.until(lambda: len(house.switch.legs) == 2)
    new = await house.mixer("new")
    await house.until(lambda: {leg.mixer for leg in house.switch.legs.values()} == {"new"})
    old.tell_picture(ident, "stalled")
    new.tell_picture(ident, "live")
    await old.close()
    await house.until(lambda: "live" in [data.get("picture") for _, data in house.heard])
    state = await house.call("status")
    assert (state["mixer"]["connected"], state["mixer"]["run"]) == (True, "new")
    assert "stalled" not in [data.get("picture") for _, data in house.heard]


async def test_a_link_that_broke_and_came_back_changes_no_leg(house: House) -> None:
    mixer = await house.mixer("run1")
    ident = await house.dial()
    await house.until(lambda: len(house.switch.legs) == 2)
    legs = dict(house.switch.legs)
    await mixer.close()
    await house.until(lambda: not house.control.controller.mixer.connected)
    mixer.legs, mixer.sinks, mixer.views = [ident], [{"view": "1001", "cls": "hd"}], {}
    await mixer.connect(house.settings.control_socket)
    await house.until(lambda: "1001" in mixer.views)
    assert house.switch.legs == legs
    assert len(house.switch.asked("dial_leg")) == 1


async def test_a_mixer_that_goes_while_it_is_looked_for_is_not_dialled(house: House) -> None:
    await house.dial()
    mixer = await house.mixer("run1")
    await mixer.close()
    await house.until(lambda: not house.control.controller.mixer.connected)
    again = await house.mixer("run2")
    await house.until(lambda: len(house.switch.legs) == 2 and "1001" in again.views)
    assert {dial[2] for dial in house.switch.asked("dial_leg")} <= {"run1", "run2"}
    assert {leg.mixer for leg in house.switch.legs.values()} == {"run2"}


async def test_a_fault_on_its_way_keeps_no_mixer_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails() -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(house.switch, "look_for_mixer", fails)
    await house.dial()
    mixer = await house.mixer()
    await house.until(lambda: "1001" in mixer.views)


async def test_pictures_that_are_none_are_ignored(house: House) -> None:
    mixer = await house.mixer()
    ident = await house.dial()
    assert mixer.peer
    for data in ({}, {"participant": 7, "state": "live"}, {"participant": ident, "state": "sparkling"}):
        mixer.peer.emit("picture.state", data)
    mixer.peer.emit("something.else", {"participant": ident, "state": "live"})
    mixer.tell_picture("0badf00d", "live")
    mixer.tell_picture(ident, "stalled")
    await house.until(lambda: "stalled" in [data.get("picture") for _, data in house.heard])
    assert {data.get("picture") for event, data in house.heard if event == "participant.changed"} == {"stalled"}

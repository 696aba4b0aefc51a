"""Acts over the bus: what the switch is asked, what is answered, what is taken back, and what outlives control."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mcu.config import Settings
from mcu.core import events
from mcu.core.entry.answers import Wait
from mcu.errors import AsteriskDown, BadRequest, Conflict, McuError, ParticipantNotFound, RoomNotFound
from tests.control.conftest import House, request, start, stop


async def people(house: House, *names: str) -> list[str]:
    return [await house.dial(name) for name in names]


async def act(house: House, name: str, /, **arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await house.call("room.act", room="1001", act=name, **arguments)
    return answer


def muted(house: House) -> list[bool]:
    return [member.muted for member in house.switch.members.values()]


async def test_an_act_is_done_by_the_switch_when_it_is_answered(house: House) -> None:
    hue, vinh, da_nang = await people(house, "Huế", "Vinh", "Đà Nẵng")
    answer = await act(house, "floor", participant=vinh)
    assert muted(house) == [True, False, True]
    assert answer["act"] == "floor"
    assert {hue, da_nang} <= set(answer["changed"])
    direction = await house.call("room.direction", room="1001")
    assert answer["direction"] == direction
    assert (direction["mode"], direction["focus"], direction["undo"]) == ("floor", vinh, "floor")
    shown = await house.call("room.show", number="1001")
    assert (shown["conference"], shown["direction"]) == (direction["conference"], direction)
    told = [data for event, data in house.heard if event == "direction.changed"]
    assert {key: value for key, value in told[-1].items() if key != "seq"} == direction
    answer = await act(house, "undo")
    assert muted(house) == [False] * 3
    assert answer["direction"]["mode"] == "free"


async def test_an_act_that_the_switch_refuses_in_part_is_taken_back(house: House) -> None:
    hue, _, _ = await people(house, "Huế", "Vinh", "Đà Nẵng")
    house.switch.refused_channels.add(list(house.switch.members)[2])
    with pytest.raises(BadRequest, match="not today"):
        await act(house, "floor", participant=hue)
    await house.until(lambda: muted(house) == [False] * 3)
    direction = await house.call("room.direction", room="1001")
    assert (direction["mode"], direction["undo"]) == ("free", "")
    house.switch.refused_channels.clear()
    await act(house, "floor", participant=hue)
    assert muted(house) == [False, True, True]


async def test_who_leaves_while_an_act_is_done_is_no_fault(house: House) -> None:
    hue, _ = await people(house, "Huế", "Vinh")
    house.switch.holds["1001"] = asyncio.Event()
    doing = asyncio.create_task(act(house, "floor", participant=hue))
    await house.until(lambda: bool(house.switch.asked("mute")))
    house.switch.leave(list(house.switch.members)[1])
    house.switch.holds["1001"].set()
    assert (await doing)["direction"]["mode"] == "floor"


@pytest.mark.parametrize("name", ["end", "drop_all"])
async def test_everybody_is_sent_out_by_one_order(house: House, name: str) -> None:
    ids = await people(house, "Huế", "Vinh", "Đà Nẵng")
    assert (await act(house, name))["changed"] == ids
    assert house.switch.asked("kick_all") == [("1001",)]
    assert not house.switch.asked("kick")
    assert not house.switch.members


async def test_the_end_of_a_large_meeting_is_answered_before_the_last_one_is_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcu.control.acts.SENT_OUT_WITHIN", 0.05)
    await people(house, "Huế", "Vinh")
    kick_all, may_go = house.switch.kick_all, asyncio.Event()

    async def slowly(room: str) -> None:
        await may_go.wait()
        await kick_all(room)

    monkeypatch.setattr(house.switch, "kick_all", slowly)
    assert len((await act(house, "end"))["changed"]) == 2
    assert len(house.switch.members) == 2
    may_go.set()
    await house.until(lambda: "1001" not in house.control.controller.bridge.conferences)


async def test_a_link_that_is_cut_keeps_nobody_in_a_meeting_that_was_ended(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(house, "Huế", "Vinh")

    async def unheard(room: str) -> None:
        house.switch.disconnect()
        raise AsteriskDown

    with monkeypatch.context() as patched:
        patched.setattr(house.switch, "kick_all", unheard)
        await act(house, "end")
    assert len(house.switch.members) == 2
    house.switch.connect()
    await house.until(lambda: not house.switch.members)


async def test_a_link_that_is_cut_loses_no_act_and_does_none_twice(house: House) -> None:
    hue, vinh, _ = await people(house, "Huế", "Vinh", "Đà Nẵng")
    await act(house, "mute", participant=vinh, on=True)
    house.switch.holds["1001"] = asyncio.Event()
    doing = asyncio.create_task(act(house, "floor", participant=hue))
    await house.until(lambda: len(house.switch.asked("mute")) == 2)
    house.switch.disconnect()
    house.switch.holds.pop("1001").set()  # one more gets through, unheard of
    assert (await doing)["direction"]["mode"] == "floor"
    house.switch.connect()
    await house.until(lambda: muted(house) == [False, True, True])
    before = len(house.switch.asked("mute"))
    await act(house, "free_talk")
    assert muted(house) == [False, True, False]
    assert len(house.switch.asked("mute")) == before + 1


async def test_control_goes_on_in_the_middle_of_a_roll_call(house: House, settings: Settings) -> None:
    names = ("Huế", "Vinh", "Đà Nẵng")
    hue, vinh, da_nang = await people(house, *names)
    await act(house, "chair", participant=hue)
    await act(house, "mute", participant=da_nang, on=True)
    await act(house, "roll_call", participants=[vinh, da_nang])
    before = (await act(house, "roll_call_next", mark="present"))["direction"]
    assert muted(house) == [False, True, False]
    await stop(house)
    house.switch.calls.clear()
    again = await start(settings, house.switch)
    try:
        direction = await again.call("room.direction", room="1001")
        assert direction == before
        assert direction["undo"] == "roll_call_next"
        assert again.switch.asked("mute") == []
        await act(again, "roll_call_next", mark="absent")
        direction = await again.call("room.direction", room="1001")
        assert [entry["mark"] for entry in direction["roll_call"]["entries"]] == ["present", "absent"]
        assert direction["mode"] == "free"
        assert muted(again) == [False, False, True]
    finally:
        again.client.close()
        await again.client.wait_closed()
        await again.control.stop()


async def test_a_conference_that_ended_while_control_was_away_is_not_gone_on_with(
    house: House, settings: Settings
) -> None:
    (hue,) = await people(house, "Huế")
    await act(house, "broadcast", participant=hue)
    await stop(house)
    house.switch.members.clear()
    again = await start(settings, house.switch)
    try:
        direction = await again.call("room.direction", room="1001")
        assert (direction["conference"], direction["mode"]) == (None, "free")
        fresh = await again.dial("Vinh")
        direction = await again.call("room.direction", room="1001")
        assert (direction["mode"], direction["focus"], fresh != hue) == ("free", "", True)
    finally:
        again.client.close()
        await again.client.wait_closed()
        await again.control.stop()


async def test_a_layout_that_is_ordered_outlives_control(house: House, settings: Settings) -> None:
    await people(house, "Huế")
    await act(house, "layout", layout="2x2")
    await stop(house)
    again = await start(settings, house.switch)
    try:
        assert (await again.call("room.show", number="1001"))["layout"] == "2x2"
    finally:
        again.client.close()
        await again.client.wait_closed()
        await again.control.stop()


async def test_moves_and_drops(house: House) -> None:
    await house.call("room.create", number="2001", name="Hai")
    hue, vinh = await people(house, "Huế", "Vinh")
    channel = next(iter(house.switch.members))
    answer = await act(house, "move", participant=hue, to="2001")
    assert answer["changed"] == [hue]
    assert house.switch.asked("move")[0][:4] == ("1001", channel, hue, "2001")
    await act(house, "drop", participant=vinh)
    assert vinh not in [member.participant for member in house.switch.members.values()]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({}, BadRequest),
        ({"room": "1001"}, BadRequest),
        ({"room": "1001", "act": "dance"}, BadRequest),
        ({"room": "1001", "act": "floor"}, BadRequest),
        ({"room": "1001", "act": "floor", "participant": "deadbeef"}, ParticipantNotFound),
        ({"room": "1001", "act": "floor", "site": 3}, ParticipantNotFound),
        ({"room": "1001", "act": "panes", "rules": [{}] * 100}, BadRequest),
        ({"room": "7777", "act": "free_talk"}, RoomNotFound),
        ({"room": "2001", "act": "free_talk"}, Conflict),
        ({"room": "1001", "act": "undo"}, Conflict),
    ],
)
async def test_what_is_asked_wrongly_is_refused(house: House, args: dict[str, Any], error: type[McuError]) -> None:
    await house.call("room.create", number="2001", name="Hai")
    await people(house, "Huế")
    before = await house.call("room.direction", room="1001")
    with pytest.raises(error) as refused:
        await house.call("room.act", **args)
    assert " " in refused.value.detail
    assert await house.call("room.direction", room="1001") == before


async def test_a_room_takes_its_rules_and_joiners_are_muted(house: House) -> None:
    given: dict[str, Any] = {
        "host_pin": "98765", "entry": "known", "lobby": "off", "capacity": 30, "language": "vi", "mute_joiners": True,
        "branch_id": None, "presiding_site_id": None,
    }  # fmt: skip
    made = await house.call("room.create", number="2001", name="Hai", **given)
    assert made["asks_host_pin"] is True
    assert {key: made[key] for key in given if key != "host_pin"} == {k: v for k, v in given.items() if k != "host_pin"}
    who = await house.dial("Huế", room="2001")
    assert (await house.call("room.direction", room="2001"))["mute_joiners"] is True
    await house.until(lambda: [m.muted for m in house.switch.members.values()] == [True])
    changed = await house.call("room.change", number="2001", lobby="all", capacity=0, mute_joiners=False)
    assert (changed["lobby"], changed["capacity"], changed["mute_joiners"]) == ("all", 0, False)
    assert (await house.call("room.direction", room="2001"))["mute_joiners"] is False
    assert who in [p["id"] for p in (await house.call("participant.list", room="2001"))]
    for wrong in ({"entry": "all"}, {"lobby": 1}, {"capacity": -1}, {"language": "fr"}, {"branch_id": 99}):
        with pytest.raises(BadRequest):
            await house.call("room.change", number="2001", **wrong)


@pytest.mark.parametrize("names", [["Huế", "Vinh"], ["Huế"]])
async def test_all_are_let_in_though_one_has_just_hung_up(house: House, names: list[str]) -> None:
    await people(house, "Hà Nội")
    await house.call("room.change", number="1001", lobby="all")
    for n, name in enumerate(names):
        answer = await house.control.controller.entry(request(name, channel=f"PJSIP/t-b-{n:08x}"))
        assert isinstance(answer, Wait)
        house.switch.waiting[f"PJSIP/t-b-{n:08x}"] = events.Member(
            participant=answer.participant, channel=f"PJSIP/t-b-{n:08x}", room="1001", name=name, number="",
            muted=False, talking=False,
        )  # fmt: skip
    del house.switch.waiting["PJSIP/t-b-00000000"]
    await act(house, "admit", all=True)
    assert len(house.switch.asked("let_in")) == len(names)
    assert [m.name for m in house.switch.members.values()] == ["Hà Nội", *names[1:]]


async def test_what_is_refused_and_was_so_already_takes_nothing_else_back(house: House) -> None:
    await people(house, "Hà Nội")
    await house.call("room.act", room="1001", act="lock", on=True)
    house.switch.refuses.add("lock")
    with pytest.raises(BadRequest):
        await house.call("room.act", room="1001", act="lock", on=True)
    assert (await house.call("room.show", number="1001"))["locked"] is True
    assert house.switch.locked == {"1001"}
    assert (await house.call("room.direction", room="1001"))["undo"] == "lock"


async def test_an_answer_names_the_step_that_its_act_made_and_no_other(house: House) -> None:
    hue, vinh = await people(house, "Huế", "Vinh")
    first = await act(house, "mute_all", on=True, except_chair=False)
    assert first["step"] == first["direction"]["undo_step"] > 0
    assert (await act(house, "mute_all", on=True, except_chair=False))["step"] == 0  # they are closed already
    second = await act(house, "mute", participant=vinh, on=False)
    assert second["step"] > first["step"]
    with pytest.raises(Conflict):
        await act(house, "undo", step=first["step"])
    assert (await act(house, "undo", step=second["step"]))["step"] == 0
    assert (await act(house, "hand", participant=hue, on=True))["step"] == 0
    await act(house, "undo", step=first["step"])
    assert muted(house) == [False, False]


async def test_a_refused_undo_takes_back_no_further_step(house: House) -> None:
    _, vinh = await people(house, "Huế", "Vinh")
    await act(house, "lock", on=True)
    await act(house, "mute", participant=vinh, on=True)
    house.switch.refused_channels.add(list(house.switch.members)[1])
    with pytest.raises(BadRequest):
        await act(house, "undo")
    assert (await house.call("room.show", number="1001"))["locked"] is True

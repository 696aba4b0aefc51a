"""Events of microphones wait for one another, for 10 ms at most, and nobody who asks finds out."""

from __future__ import annotations

import asyncio

from mcu.control.bursts import TOGETHER, Bursts
from mcu.core.entry.answers import Admit
from mcu.core.events import Muted, Talking
from tests.control.conftest import House, request
from tests.waiting import until


def muted(n: int, on: bool = True) -> Muted:
    return Muted(at=1.0, participant=f"{n:08x}", channel=f"PJSIP/t-a-{n:08x}", room="1001", on=on)


async def test_the_first_is_not_held_up_and_the_others_come_together() -> None:
    taken: list[list[Muted]] = []
    bursts = Bursts(taken.append)
    assert bursts.hold(muted(1))
    assert not taken
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert taken == [[muted(1)]]
    assert bursts.hold(muted(2))
    assert bursts.hold(muted(3))
    await until(lambda: len(taken) == 2)
    assert taken[1] == [muted(2), muted(3)]


async def test_whatever_else_happens_comes_after_them() -> None:
    taken: list[list[Muted]] = []
    bursts = Bursts(taken.append)
    bursts.hold(muted(1))
    talking = Talking(at=1.0, participant=f"{1:08x}", channel="PJSIP/t-a-00000001", room="1001", on=True)
    assert not bursts.hold(talking)
    assert taken == [[muted(1)]]
    await asyncio.sleep(2 * TOGETHER)
    assert len(taken) == 1


async def test_who_is_told_of_twice_is_taken_twice() -> None:
    taken: list[list[Muted]] = []
    bursts = Bursts(taken.append)
    for event in (muted(1), muted(2), muted(1, False)):
        assert bursts.hold(event)
    bursts.catch_up()
    assert taken == [[muted(1), muted(2)], [muted(1, False)]]


async def test_whoever_asks_is_told_what_has_happened(house: House) -> None:
    ids = [f"{n:08x}" for n in range(1, 21)]
    for ident in ids:
        house.switch.join(ident, "1001")
    for on in (True, False, True):
        house.heard.clear()
        answer = await house.call("room.act", room="1001", act="mute_all", on=on)
        assert sorted(answer["changed"]) == ids
        people = (await house.call("room.show", number="1001"))["participants"]
        assert [person["muted"] for person in people] == [on] * 20
        told = [data["id"] for event, data in house.heard if event == "participant.changed" and data["muted"] is on]
        assert sorted(told) == ids, "each is told of, once"


async def test_who_comes_while_a_floor_is_given_ends_up_as_ordered(house: House) -> None:
    """It was let in at the door while everybody might talk, and is in the room before the others are closed."""
    speaker, *others = [await house.dial(f"Xã {n}") for n in range(12)]
    channel = "PJSIP/t-late-00000fff"
    answer = await house.control.controller.entry(request("Muộn", channel=channel))
    assert isinstance(answer, Admit)
    house.switch.holds["1001"] = asyncio.Event()
    doing = asyncio.create_task(house.call("room.act", room="1001", act="floor", participant=speaker))
    await until(lambda: len(house.switch.asked("mute")) == len(others))
    house.switch.join(answer.participant, "1001", channel=channel, name=answer.name)
    house.switch.holds["1001"].set()
    await doing
    await until(lambda: house.switch.members[channel].muted)
    assert [m.participant for m in house.switch.members.values() if not m.muted] == [speaker]
    asked = [(told[1], told[2]) for told in house.switch.asked("mute")]
    open_one = next(m.channel for m in house.switch.members.values() if m.participant == speaker)
    assert (open_one, True) not in asked, "who has the floor is not closed for a moment"
    people = (await house.call("room.show", number="1001"))["participants"]
    assert [person["id"] for person in people if not person["muted"]] == [speaker]

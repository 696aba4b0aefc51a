"""What an operator does to a running meeting must arrive at the terminals: mute, kick, lock, layout."""

from __future__ import annotations

from typing import Any

import pytest

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.calls.turned_away import turned_away
from tests.product import Mcu


def _participant(mcu: Mcu, room: str, name: str) -> dict[str, Any]:
    found = [person for person in mcu.bus.call("room.show", number=room)["participants"] if person["name"] == name]
    assert len(found) == 1, f"{name} is {len(found)} times in room {room}"
    return dict(found[0])


async def test_a_muted_terminal_is_not_heard(mcu: Mcu, seat: Seat, room: str) -> None:
    first, second = [await seat(number) for number in range(2)]
    both = {first.tone, second.tone}
    await first.hears({second.tone}, both)
    person = _participant(mcu, room, "Probe 1")
    mcu.bus.call("room.act", room=room, act="mute", participant=person["id"], on=True)
    await first.hears(set(), both, seconds=2)
    await second.hears({first.tone}, both, seconds=2)
    mcu.await_(lambda: _participant(mcu, room, "Probe 1")["muted"], 2, "the muted one is shown as muted")
    mcu.bus.call("room.act", room=room, act="mute", participant=person["id"], on=False)
    await first.hears({second.tone}, both, seconds=2)


async def test_a_kicked_terminal_is_gone(mcu: Mcu, seat: Seat, room: str) -> None:
    first, second = [await seat(number) for number in range(2)]
    await first.sees(auto(2), [first.colour, second.colour])
    mcu.bus.call("room.act", room=room, act="drop", participant=_participant(mcu, room, "Probe 1")["id"])
    await second.until(second.call.ended.is_set, 30, "the end of its call")
    await first.sees(auto(1), [first.colour], seconds=2)
    await first.hears(set(), {first.tone, second.tone}, seconds=2)
    assert not first.call.ended.is_set()


async def test_a_locked_room_takes_no_newcomer(mcu: Mcu, seat: Seat, room: str) -> None:
    first = await seat(0)
    mcu.bus.call("room.act", room=room, act="lock", on=True)
    late = await seat(1, dial=None)
    assert 400 <= await turned_away(late, room) < 700
    assert [person["name"] for person in mcu.bus.call("room.show", number=room)["participants"]] == ["Probe 0"]
    mcu.bus.call("room.act", room=room, act="lock", on=False)
    second = await seat(2)
    await first.hears({second.tone}, {second.tone, late.tone})
    await first.sees(auto(2), [first.colour, second.colour])


async def test_a_chosen_layout_is_seen_at_once(mcu: Mcu, seat: Seat, room: str) -> None:
    first, second = [await seat(number) for number in range(2)]
    await first.sees(auto(2), [first.colour, second.colour])
    mcu.bus.call("room.act", room=room, act="layout", layout="1+5")
    third = 1 / 3
    tiles = [(0.0, 0.0, 2 * third, 2 * third), (2 * third, 0.0, third, third)]
    await first.sees(tiles, [first.colour, second.colour], seconds=2)
    mcu.bus.call("room.act", room=room, act="layout", layout="auto")
    await first.sees(auto(2), [first.colour, second.colour], seconds=2)


async def test_an_unknown_layout_is_refused(mcu: Mcu, room: str) -> None:
    from mcu.errors import BadRequest

    with pytest.raises(BadRequest):
        mcu.bus.call("room.act", room=room, act="layout", layout="17x23")


async def test_talking_is_told(mcu: Mcu, seat: Seat, room: str) -> None:
    first = await seat(0)
    silent = await seat(1, tone=0)
    await silent.hears({first.tone}, {first.tone})
    mcu.await_(lambda: _participant(mcu, room, "Probe 0")["talking"], 5, "who sounds is shown as talking")
    assert not _participant(mcu, room, "Probe 1")["talking"]
    first.voice.change(0)
    mcu.await_(lambda: not _participant(mcu, room, "Probe 0")["talking"], 8, "who fell silent is not shown as talking")

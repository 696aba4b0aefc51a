"""Who is in the room: locked, renamed, sent out, all at once."""

from __future__ import annotations

import numpy as np
import pytest

from mcu.errors import Conflict, ParticipantNotFound
from tests.calls.acts.meeting import meet
from tests.calls.seating import Seat
from tests.calls.tiles import auto, part
from tests.calls.turned_away import turned_away
from tests.probe.stamp import crop
from tests.product import Mcu


async def test_lock_and_undo(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat, 1)
    meeting.act("lock", on=True)
    late = await seat(1, dial=None)
    assert 400 <= await turned_away(late, room) < 700
    meeting.act("undo")
    second = await seat(2)
    await second.sees(auto(2), [meeting.terminals[0].colour, second.colour])


async def test_another_name_is_seen(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat, 1)
    (only,) = meeting.terminals

    def plate() -> float:
        """How many bright columns of letters stand where the name is."""
        picture = only.screen.picture()
        assert picture is not None
        bright = crop(picture, part(auto(1)[0], 0.0, 0.84, 1.0, 0.12)).min(axis=2) > 180
        return float(np.count_nonzero(bright.any(axis=0)))

    before = plate()
    meeting.act("rename", participant=only, name="Ủy ban nhân dân xã Vĩnh Ô")
    await only.until(lambda: plate() > before + 100, 8, "a longer name")
    people = mcu.bus.call("room.show", number=room)["participants"]
    assert [person["name"] for person in people] == ["Ủy ban nhân dân xã Vĩnh Ô"]


async def test_drop_one_and_then_all(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    first, second, third = meeting.terminals
    ident = meeting.ident(third)
    meeting.act("drop", participant=third)
    await third.until(third.call.ended.is_set, 30, "the end of its call")
    await first.sees(auto(2), [first.colour, second.colour])
    with pytest.raises(ParticipantNotFound):
        meeting.act("broadcast", participant=ident)
    meeting.act("drop_all")
    for terminal in (first, second):
        await terminal.until(terminal.call.ended.is_set, 30, "the end of its call")
    await third.dial(room)
    await third.sees(auto(1), [third.colour])


async def test_the_end(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat, 2)
    meeting.act("broadcast", participant=meeting.terminals[0])
    meeting.act("end")
    for terminal in meeting.terminals:
        await terminal.until(terminal.call.ended.is_set, 30, "the end of its call")
    mcu.await_(lambda: not mcu.bus.call("room.show", number=room)["participants"], 5, "an empty room")
    with pytest.raises(Conflict):
        meeting.act("free_talk")
    # Nothing of it is left for who comes next.
    await meeting.terminals[1].dial(room)
    await meeting.terminals[1].sees(auto(1), [meeting.terminals[1].colour])
    assert mcu.bus.call("room.direction", room=room)["mode"] == "free"

"""``kill -9`` in the middle of a directed meeting: what was ordered holds, and who sees what is as it was."""

from __future__ import annotations

import contextlib

from tests.calls.acts.meeting import WHOLE, Meeting, meet, sees_whole
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.product import Mcu


async def _directed(mcu: Mcu, room: str, seat: Seat) -> Meeting:
    """The first presides, all see the second, the third alone sees the fourth."""
    meeting = await meet(mcu, room, seat, 4)
    chair, shown, viewer, seen = meeting.terminals
    meeting.act("chair", participant=chair)
    meeting.act("roll_call", participants=[shown, seen])
    meeting.act("view", viewer=viewer, participant=seen)
    await _as_ordered(meeting)
    return meeting


async def _as_ordered(meeting: Meeting) -> None:
    chair, shown, viewer, seen = meeting.terminals
    await chair.sees(auto(4), meeting.colours, seconds=15)
    await shown.sees(auto(4), meeting.colours)
    await sees_whole(viewer, seen)
    await sees_whole(seen, shown)
    await meeting.all_hear([chair, shown])


async def test_control_dies_in_a_roll_call(own_mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await _directed(own_mcu, room, seat)
    chair, shown, viewer, seen = meeting.terminals
    before = own_mcu.bus.call("room.direction", room=room)
    legs = {line for line in own_mcu.console("core show channels concise").splitlines() if "!mcu-view!" in line}
    idrs = viewer.screen.facts.idrs
    killed = own_mcu.kill("control")
    await viewer.more_pictures(30)
    await seen.more_pictures(30)
    own_mcu.await_(lambda: own_mcu.started_anew("control", killed) and own_mcu.ready(), 15, "control is back")
    own_mcu.await_(lambda: len(own_mcu.bus.call("room.show", number=room)["participants"]) == 4, 10, "all four")
    assert before["undo"]
    with contextlib.suppress(AssertionError):
        own_mcu.await_(lambda: own_mcu.bus.call("room.direction", room=room) == before, 5, "the direction as it was")
    assert own_mcu.bus.call("room.direction", room=room) == before
    await _as_ordered(meeting)
    kept = {line for line in own_mcu.console("core show channels concise").splitlines() if "!mcu-view!" in line}
    assert {line.partition("!")[0] for line in kept} == {line.partition("!")[0] for line in legs}, "legs were kept"
    assert viewer.screen.facts.idrs - idrs <= 1, "the picture went on"
    # The roll call goes on where it was.
    roll = meeting.act("roll_call_next", mark="present")["direction"]["roll_call"]
    assert [entry["mark"] for entry in roll["entries"]] == ["present", ""]
    await sees_whole(shown, seen)
    meeting.act("view", viewer=viewer, participant=None)
    meeting.act("roll_call_end")
    await meeting.all_see_all()
    await meeting.all_hear_all()
    assert chair.call.up


async def test_the_mixer_dies_in_a_roll_call(own_mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await _directed(own_mcu, room, seat)
    idrs = [terminal.screen.facts.idrs for terminal in meeting.terminals]
    own_mcu.kill("mixer")
    for terminal, before in zip(meeting.terminals, idrs, strict=True):
        await terminal.idr_after(before, 20)
    await _as_ordered(meeting)
    assert meeting.terminals[2].colours(WHOLE) == [meeting.terminals[3].colour]

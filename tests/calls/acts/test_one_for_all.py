"""One site for all: broadcast, floor, lecture, roll call; and free talk, which ends each of them."""

from __future__ import annotations

from tests.calls.acts.meeting import meet, sees_whole
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.product import Mcu


async def test_broadcast(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    chair, shown, third = meeting.terminals
    meeting.act("chair", participant=chair)
    meeting.act("broadcast", participant=shown)
    await sees_whole(third, shown)
    # The chair keeps an eye on the room, and nobody looks at itself alone.
    await chair.sees(auto(3), meeting.colours)
    await shown.sees(auto(3), meeting.colours)
    await chair.runs(auto(3)[2])
    await meeting.all_hear_all()
    meeting.act("broadcast", participant=third)
    await sees_whole(shown, third)
    await third.sees(auto(3), meeting.colours)
    meeting.act("free_talk")
    await meeting.all_see_all()
    await third.runs(auto(3)[0])


async def test_floor(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    chair, speaker, third = meeting.terminals
    await meeting.all_hear_all()
    meeting.act("chair", participant=chair)
    meeting.act("mute", participant=speaker, on=True)
    await meeting.all_hear([chair, third])
    meeting.act("floor", participant=speaker)
    await meeting.all_hear([chair, speaker])
    await sees_whole(third, speaker)
    meeting.act("free_talk")
    await meeting.all_hear([chair, third])  # as it was: the speaker had been muted
    await meeting.all_see_all()


async def test_a_raised_hand_gets_the_floor(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    first, second, third = meeting.terminals
    meeting.act("hand", participant=third, on=True)
    await meeting.told(third, hand=True)
    meeting.act("floor_next")
    await sees_whole(first, third)
    await meeting.all_hear([third])
    await meeting.told(third, hand=False)
    meeting.act("free_talk", open=True)
    await meeting.all_hear_all()
    await second.sees(auto(3), meeting.colours)


async def test_lecture(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    lecturer, *audience = meeting.terminals
    meeting.act("lecture", participant=lecturer, mute=True)
    for terminal in audience:
        await sees_whole(terminal, lecturer)
    await lecturer.sees(auto(2), [terminal.colour for terminal in audience])
    await meeting.all_hear([lecturer])
    meeting.act("free_talk")
    await meeting.all_see_all()
    await meeting.all_hear_all()


async def test_roll_call(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    chair, first, second = meeting.terminals
    meeting.act("chair", participant=chair)
    meeting.act("roll_call", participants=[first, second])
    await sees_whole(second, first)
    await chair.sees(auto(3), meeting.colours)
    await meeting.all_hear([chair, first])
    direction = meeting.act("roll_call_next", mark="present")["direction"]
    assert [entry["mark"] for entry in direction["roll_call"]["entries"]] == ["present", ""]
    await sees_whole(first, second)
    await meeting.all_hear([chair, second])
    meeting.act("roll_call_end")
    await meeting.all_see_all()
    await meeting.all_hear_all()


async def test_undo_takes_a_broadcast_back(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat, 2)
    first, second = meeting.terminals
    meeting.act("broadcast", participant=first)
    await sees_whole(second, first)
    meeting.act("undo")
    await meeting.all_see_all()


async def test_whom_all_see_leaves(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    first, second, third = meeting.terminals
    meeting.act("broadcast", participant=third)
    await sees_whole(first, third)
    await third.hang_up()
    await first.sees(auto(2), [first.colour, second.colour])
    await second.sees(auto(2), [first.colour, second.colour])

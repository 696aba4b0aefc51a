"""What is heard where: mute all, mute who joins, deafen, gain; and who is moved to another room."""

from __future__ import annotations

from tests.calls.acts.meeting import Meeting, meet
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import Terminal
from tests.product import Mcu


async def test_mute_all_but_the_chair(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    chair, second, third = meeting.terminals
    await meeting.all_hear_all()
    meeting.act("chair", participant=chair)
    meeting.act("mute_all", on=True)
    await meeting.all_hear([chair])
    await meeting.told(second, muted=True)
    meeting.act("mute", participant=third, on=False)
    await meeting.all_hear([chair, third])
    meeting.act("mute_all", on=False)
    await meeting.all_hear_all()


async def test_who_joins_is_muted(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat, 2)
    meeting.act("mute_joiners", on=True)
    late = await seat(2)
    first = meeting.terminals[0]
    tones = {*meeting.tones, late.tone}
    await late.hears(meeting.tones, tones)
    await first.hears({meeting.terminals[1].tone}, tones)
    await meeting.told(late, muted=True)
    meeting.act("mute", participant=late, on=False)
    await first.hears({meeting.terminals[1].tone, late.tone}, tones)


async def test_who_is_deafened_hears_nothing_and_is_heard(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    first, second, third = meeting.terminals
    await meeting.all_hear_all()
    meeting.act("deafen", participant=second, on=True)
    await second.hears(set(), meeting.tones)
    await first.hears({second.tone, third.tone}, meeting.tones)
    await meeting.told(second, deafened=True)
    await second.runs(auto(3)[0])
    meeting.act("deafen", participant=second, on=False)
    await meeting.all_hear_all()


async def _level(listener: Terminal, speaker: Terminal, wanted: float) -> None:
    await listener.until(
        lambda: abs(listener.ear.level(speaker.tone) - wanted) < 1.0, 8, f"{wanted:.1f} dBFS of {speaker.tone} Hz"
    )


async def test_gain(mcu: Mcu, seat: Seat, room: str) -> None:
    """ "in" is how loud the room hears it, "out" how loud it hears the room; in dB."""
    meeting = await meet(mcu, room, seat, 2)
    first, second = meeting.terminals
    await meeting.all_hear_all()
    loud = first.ear.level(second.tone)
    meeting.act("gain", participant=second, direction="in", db=-12)
    await _level(first, second, loud - 12)
    meeting.act("gain", participant=second, direction="in", db=4)
    await _level(first, second, loud + 4)
    meeting.act("gain", participant=second, direction="in", db=0)
    await _level(first, second, loud)
    loud = second.ear.level(first.tone)
    meeting.act("gain", participant=second, direction="out", db=-8)
    await _level(second, first, loud - 8)
    await meeting.told(second, gain_out=-8)
    meeting.act("gain", participant=second, direction="out", db=0)
    await _level(second, first, loud)


async def test_move(mcu: Mcu, seat: Seat, room: str) -> None:
    """Without a new call it sees and hears the other room, and is seen and heard there and no longer here."""
    meeting = await meet(mcu, room, seat)
    first, second, goes = meeting.terminals
    other = f"{room}1"
    mcu.bus.call("room.create", number=other, name="Phòng hai", guests=True)
    try:
        there = await seat(3, dial=other)
        tones = {*meeting.tones, there.tone}
        await first.hears({second.tone, goes.tone}, tones)
        ident = meeting.ident(goes)
        meeting.act("move", participant=goes, to=other)
        elsewhere = Meeting(mcu, other, [there, goes])
        await elsewhere.all_see_all()
        await goes.runs(auto(2)[0])
        await goes.hears({there.tone}, tones)
        await there.hears({goes.tone}, tones)
        await first.hears({second.tone}, tones)
        await first.sees(auto(2), [first.colour, second.colour])
        assert elsewhere.ident(goes) == ident
        assert not goes.call.ended.is_set()
        await goes.hang_up()
        await there.hang_up()
    finally:
        mcu.await_(lambda: not mcu.bus.call("room.show", number=other)["participants"], 10, "an empty room")
        mcu.bus.call("room.delete", number=other)

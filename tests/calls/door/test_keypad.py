"""Keys in a meeting, by real calls: what they do, and that only who pressed hears of it."""

from __future__ import annotations

import time

import pytest

from tests.calls.acts.meeting import Meeting, meet
from tests.calls.door.keys import asked, loud, press, press_events
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import Terminal
from tests.probe.h323 import H323Terminal
from tests.product import Mcu


async def told_alone(meeting: Meeting, who: Terminal, keys: str) -> None:
    """Who pressed hears a voice, the others nothing. All are silent themselves."""
    since = time.time()
    await press(who, keys)
    await who.until(lambda: loud(who, since) > 0.4, 10, f"a voice after {keys}")
    for other in meeting.terminals:
        assert other is who or loud(other, since) == 0, f"{keys} of another is heard"


async def quiet(meeting: Meeting) -> None:
    """Whatever is being said is over."""

    def silent() -> bool:
        return all(loud(terminal, time.time() - 1) == 0 for terminal in meeting.terminals)

    await meeting.terminals[0].until(silent, 30, "silence")


async def test_a_site_asks_for_the_floor_and_only_it_hears_that_it_did(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat, 2, tone=0)
    first, second = meeting.terminals
    await told_alone(meeting, first, "*9")
    ident = meeting.ident(first)
    await first.until(
        lambda: [hand["participant"] for hand in mcu.bus.call("room.direction", room=room)["hands"]] == [ident],
        5,
        "its raised hand",
    )
    await quiet(meeting)
    await told_alone(meeting, first, "*6")
    await first.until(lambda: meeting.person(first)["muted"], 5, "its closed microphone")
    # The picture goes on while one is told something.
    await first.runs(auto(2)[1])
    await quiet(meeting)
    await told_alone(meeting, second, "**")
    await first.runs(auto(2)[1])


async def test_the_tones_of_keys_are_not_heard(mcu: Mcu, seat: Seat, room: str) -> None:
    """RFC 4733 events and INFO: neither becomes a tone in the room."""
    meeting = await meet(mcu, room, seat, 2, tone=0)
    first, second = meeting.terminals
    since = time.time()
    await press(first, "12345678*9")
    await first.until(lambda: mcu.bus.call("room.direction", room=room)["hands"], 8, "a raised hand, by INFO")
    # Where this machine holds the terminal up, two keys come at once and Asterisk takes them for one: pressed again.
    for attempt in range(6):
        await press_events(first, "12*9")
        try:
            await first.until(lambda: not mcu.bus.call("room.direction", room=room)["hands"], 4, "lowered, by events")
            break
        except AssertionError:
            assert attempt < 5, "telephone-events are not understood"
    await second.until(lambda: len(second.ear.record(since)) > 60, 10, "a second of sound")
    assert loud(second, since) == 0


async def test_the_chair_runs_the_meeting_by_keys(mcu: Mcu, seat: Seat, room: str) -> None:
    mcu.bus.call("room.change", number=room, host_pin="815100")
    chair, guest = await seat(0, dial=None), await seat(1, dial=None)
    for terminal, pin in ((chair, "815100#"), (guest, "#")):
        await terminal.dial(room)
        await asked(terminal)
        await press(terminal, pin)
        await terminal.sees(auto(1 if terminal is chair else 2), _colours(chair, guest, terminal), seconds=20)
    meeting = Meeting(mcu, room, [chair, guest])
    await meeting.all_hear_all()
    await press(guest, "*8")
    await press(chair, "*5")
    await meeting.all_hear([chair])
    assert not mcu.bus.call("room.show", number=room)["locked"], "a guest may not lock"
    await press(guest, "*9")
    await guest.until(lambda: mcu.bus.call("room.direction", room=room)["hands"], 20, "a hand")
    await press(chair, "*3")
    await guest.until(lambda: mcu.bus.call("room.direction", room=room)["focus"] == meeting.ident(guest), 20, "floor")
    await meeting.all_hear_all()
    await press(chair, "*2")
    await chair.sees(auto(2), [chair.colour, guest.colour])
    await press(chair, "*8")
    await chair.until(lambda: mcu.bus.call("room.show", number=room)["locked"], 5, "a lock")
    mcu.await_(lambda: len({(one["act"], one["login"]) for one in _keyed(mcu, room)}) >= 5, 5, "the audit")
    assert {(one["act"], one["login"]) for one in _keyed(mcu, room)} == {
        ("mute_all", "Probe 0"), ("hand", "Probe 1"), ("floor_next", "Probe 0"), ("free_talk", "Probe 0"),
        ("lock", "Probe 0"),
    }  # fmt: skip


def _colours(chair: Terminal, guest: Terminal, now: Terminal) -> list[str]:
    return [chair.colour] if now is chair else [chair.colour, guest.colour]


def _keyed(mcu: Mcu, room: str) -> list[dict[str, str]]:
    return [one for one in mcu.bus.call("audit.list", room=room)["items"] if one["via"] == "keypad"]


async def test_an_h323_terminals_keys(mcu: Mcu, seat: Seat, room: str) -> None:
    other = await seat(0, tone=0)
    async with H323Terminal(mcu.h323, colour="blue", tone=0) as terminal:
        await terminal.dial(room)
        await terminal.sees(auto(2), [other.colour, "blue"])
        since = time.time()
        await press(terminal, "*9")
        await terminal.until(lambda: mcu.bus.call("room.direction", room=room)["hands"], 5, "a hand")
        await terminal.until(lambda: loud(terminal, since) > 0.4, 10, "a voice")
        assert loud(other, since) == 0


@pytest.mark.parametrize("keys", ["*", "6", "#0#"])
async def test_half_an_order_is_none(mcu: Mcu, seat: Seat, room: str, keys: str) -> None:
    terminal = await seat(0, tone=0)
    before = mcu.bus.call("room.direction", room=room)
    since = time.time()
    await press(terminal, keys)
    await terminal.until(lambda: len(terminal.ear.record(since)) > 60, 10, "a second of sound")
    assert loud(terminal, since) == 0
    assert mcu.bus.call("room.direction", room=room) == before

"""The lobby, with real calls: a card and music, no meeting; then in, by a word or because the host has come."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.calls.door.keys import asked, loud, press
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import Terminal
from tests.probe.h323 import H323Terminal
from tests.product import Mcu


def waiting(mcu: Mcu, room: str) -> list[str]:
    return [one["participant"] for one in mcu.bus.call("room.direction", room=room)["lobby"]]


async def in_lobby(mcu: Mcu, room: str, terminal: Terminal, people: int = 1) -> None:
    await terminal.until(lambda: len(waiting(mcu, room)) == people, 10, f"{people} in the lobby")


@pytest.fixture
def guarded(mcu: Mcu, room: str) -> str:
    mcu.bus.call("room.change", number=room, lobby="all")
    return room


async def test_who_waits_sees_a_card_hears_music_and_is_let_in(
    mcu: Mcu, seat: Seat, guarded: str, tmp_path: Path
) -> None:
    first = await seat(0, dial=None)
    await first.dial(guarded)
    await in_lobby(mcu, guarded, first)
    assert mcu.bus.call("room.show", number=guarded)["participants"] == []
    await first.first_picture(15)
    assert first.screen.colour() == "", "not its own picture, but a card"
    first.screen.save(tmp_path / "card.png")
    # The prompt takes 5 s at most; what sounds for longer is music, while the card's picture goes on.
    since = time.time()
    await first.until(lambda: loud(first, since) > 6, 20, "music")
    await first.more_pictures(5, 10)
    second = await seat(1, dial=None)
    await second.dial(guarded)
    await in_lobby(mcu, guarded, second, 2)
    mcu.bus.call("room.act", room=guarded, act="admit", all=True)
    await first.until(lambda: len(mcu.people(guarded)) == 2, 12, "both in the room")
    # Let in at once, either may be the first inside, and have the first tile.
    inside = sorted(mcu.people(guarded), key=lambda person: person["joined_at"])
    colours = [{"Probe 0": first, "Probe 1": second}[person["name"]].colour for person in inside]
    for terminal in (first, second):
        await terminal.sees(auto(2), colours, seconds=12)
    await first.hears({second.tone}, {first.tone, second.tone})
    await second.hears({first.tone}, {first.tone, second.tone})
    assert waiting(mcu, guarded) == []


async def test_an_h323_terminal_waits_too(mcu: Mcu, seat: Seat, guarded: str) -> None:
    async with H323Terminal(mcu.h323, colour="blue", tone=700) as terminal:
        await terminal.dial(guarded)
        await in_lobby(mcu, guarded, terminal)
        await terminal.first_picture(15)
        mcu.bus.call("room.act", room=guarded, act="admit", participant=waiting(mcu, guarded)[0])
        await terminal.sees(auto(1), ["blue"], seconds=12)


async def test_one_is_refused_and_one_gives_up(mcu: Mcu, seat: Seat, guarded: str) -> None:
    first, second = await seat(0, dial=None), await seat(1, dial=None)
    await first.dial(guarded)
    await in_lobby(mcu, guarded, first)
    await second.dial(guarded)
    await in_lobby(mcu, guarded, second, 2)
    mcu.bus.call("room.act", room=guarded, act="refuse", participant=waiting(mcu, guarded)[0])
    await first.until(first.call.ended.is_set, 30, "its refusal")
    await in_lobby(mcu, guarded, second)
    await second.hang_up()
    await in_lobby(mcu, guarded, second, 0)


async def test_all_wait_for_the_host_who_keys_in_a_pin(mcu: Mcu, seat: Seat, room: str) -> None:
    mcu.bus.call("room.change", number=room, lobby="host", pin="4711", host_pin="815100")
    guest, host = await seat(0, dial=None), await seat(1, dial=None)
    await guest.dial(room)
    await asked(guest)
    await press(guest, "4711#")
    await in_lobby(mcu, room, guest)
    await host.dial(room)
    await asked(host)
    await press(host, "815100#")
    # Both are in: the host first.
    await guest.sees(auto(2), [host.colour, guest.colour], seconds=20)
    direction = mcu.bus.call("room.direction", room=room)
    people = mcu.bus.call("room.show", number=room)["participants"]
    assert [(one["name"], one["role"]) for one in people] == [("Probe 1", "chair"), ("Probe 0", "guest")]
    assert direction["chair"] == people[0]["id"]


async def test_who_waits_is_found_by_a_control_that_was_killed(own_mcu: Mcu, seat: Seat, room: str) -> None:
    own_mcu.bus.call("room.change", number=room, lobby="all")
    terminal = await seat(0, dial=None)
    await terminal.dial(room)
    await in_lobby(own_mcu, room, terminal)
    before = waiting(own_mcu, room)
    since = time.time()
    killed = own_mcu.kill("control")
    own_mcu.await_(lambda: own_mcu.started_anew("control", killed), 20, "another control")
    own_mcu.await_(lambda: waiting(own_mcu, room) == before, 20, "the lobby as it was")
    await terminal.until(lambda: loud(terminal, since) > 3, 20, "music")
    own_mcu.bus.call("room.act", room=room, act="admit", participant=before[0])
    await terminal.sees(auto(1), [terminal.colour], seconds=12)
    killed = own_mcu.kill("asterisk")
    own_mcu.await_(lambda: own_mcu.started_anew("asterisk", killed), 30, "another Asterisk")
    own_mcu.await_(lambda: own_mcu.bus.call("status")["asterisk"]["connected"], 30, "its link")
    assert waiting(own_mcu, room) == []

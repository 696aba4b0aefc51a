"""Numbers and PINs by keypad, from terminals of both kinds: who keys in the right one is in the room."""

from __future__ import annotations

import pytest

from tests.calls.door.keys import asked, press
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import Terminal
from tests.probe.h323 import H323Terminal
from tests.product import Mcu


@pytest.fixture
def closed_room(mcu: Mcu, room: str) -> str:
    mcu.bus.call("room.change", number=room, pin="4711")
    return room


async def test_strangers_key_in_the_pin(mcu: Mcu, seat: Seat, closed_room: str) -> None:
    sip = await seat(0, dial=None)
    await sip.dial(closed_room)
    await asked(sip)
    assert mcu.bus.call("room.show", number=closed_room)["participants"] == []
    await press(sip, "4710#")
    await asked(sip, sip.sound.log.packets)  # once more; keys that come before it asks are nobody's
    await press(sip, "4711#")
    await sip.sees(auto(1), [sip.colour], seconds=20)
    async with H323Terminal(mcu.h323, colour="blue", tone=700) as h323:
        await h323.dial(closed_room)
        await asked(h323)
        await press(h323, "4711#")
        await h323.sees(auto(2), [sip.colour, "blue"], seconds=20)
        await sip.sees(auto(2), [sip.colour, "blue"])
        await h323.hears({sip.tone}, {sip.tone, 700})
        await sip.hears({700}, {sip.tone, 700})


async def test_three_wrong_pins_end_the_call(mcu: Mcu, seat: Seat, closed_room: str) -> None:
    stranger = await seat(0, dial=None)
    await stranger.dial(closed_room)
    for _ in range(3):
        await asked(stranger, stranger.sound.log.packets)
        await press(stranger, "0000#")
    await stranger.until(stranger.call.ended.is_set, 30, "the end of the call")
    assert mcu.bus.call("room.show", number=closed_room)["participants"] == []


@pytest.mark.parametrize("kind", ["sip", "h323"])
async def test_an_address_alone_leads_to_the_entry_that_asks_for_the_number(
    mcu: Mcu, seat: Seat, room: str, kind: str
) -> None:
    if kind == "h323":
        async with H323Terminal(mcu.h323, colour="blue", tone=700) as terminal:
            await _by_keys(terminal, room)
    else:
        await _by_keys(await seat(0, dial=None), room)


async def _by_keys(terminal: Terminal, room: str) -> None:
    await terminal.dial("")
    await asked(terminal)
    await press(terminal, f"{room}#")
    await terminal.sees(auto(1), [terminal.colour], seconds=20)

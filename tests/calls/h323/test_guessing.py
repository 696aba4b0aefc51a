"""A stranger that dials number after number by H.323 is refused at once, and nobody else is."""

from __future__ import annotations

import contextlib

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import CallRefused
from tests.probe.h323 import H323Terminal, capabilities
from tests.product import Mcu

SCANNER = "127.0.9.40"
SOUND = capabilities(h264="")
IN_A_MINUTE, IN_AN_HOUR = 10, 30  # wrong numbers that are too many (mcu/core/entry/scanners.py)


def _notices(mcu: Mcu) -> list[str]:
    return [notice["text"] for notice in mcu.bus.call("status")["notices"] if notice["code"] == "scanner"]


async def _refused(mcu: Mcu, number: str) -> bool:
    """Dial from there. True where the call ended before a word was said, as one to no room; False where it was taken,
    to be asked for a number."""
    async with H323Terminal(mcu.h323, host=SCANNER, can=SOUND, tone=0) as scanner:
        with contextlib.suppress(CallRefused):
            await scanner.dial(number)
            return False
        assert scanner.h323.cause == 1
        assert scanner.sound.log.packets == 0
        return True


async def test_who_tries_numbers_is_refused_at_once_whatever_it_dials(own_mcu: Mcu, seat: Seat, room: str) -> None:
    """On a product of its own: only one address that is closed is told in a minute, and others await theirs."""
    mcu = own_mcu
    assert not [text for text in _notices(mcu) if SCANNER in text]
    tried = 0
    while not await _refused(mcu, f"9876{tried:02}"):
        tried += 1
        assert tried <= IN_AN_HOUR
    assert tried >= IN_A_MINUTE  # a machine so slow that ten take longer than a minute closes it later
    mcu.await_(lambda: [text for text in _notices(mcu) if SCANNER in text], 15, "a notice of that address")
    assert [await _refused(mcu, number) for number in (room, "987654")] == [True] * 2
    sip = await seat(0)
    async with H323Terminal(mcu.h323, colour="blue", tone=700) as other:  # through the same gateway
        await other.dial(room)
        await other.sees(auto(2), [sip.colour, "blue"], 20)
        assert len(mcu.bus.call("room.show", number=room)["participants"]) == 2

"""A room's PIN attacked by real calls: it closes, and then nothing tells it from a room that is not there. And numbers
that are tried one after the other from one address."""

from __future__ import annotations

from tests.calls.door.attack import close, ring, stranger
from tests.calls.door.keys import asked, press
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.product import Mcu

MISSING = "987654321"
SCANNER = "127.0.9.20"
IN_A_MINUTE, IN_AN_HOUR = 10, 30  # wrong numbers that are too many (mcu/core/entry/scanners.py)


def _told(mcu: Mcu, code: str) -> str:
    """The texts of all notices of the sort; the oldest go when there are many."""
    return "\n".join(notice["text"] for notice in mcu.bus.call("status")["notices"] if notice["code"] == code)


async def test_a_room_that_was_guessed_at_is_told_by_nothing_from_a_missing_one(
    mcu: Mcu, seat: Seat, room: str
) -> None:
    mcu.bus.call("room.change", number=room, pin="4711", language="en")
    open_room = await ring(mcu, "127.0.9.1", room)
    await close(mcu, room, ["127.0.9.2", "127.0.9.3", "127.0.9.4"])
    mcu.await_(lambda: f"Room {room} is closed" in _told(mcu, "pin_guessed"), 15, "the room is closed")
    closed, missing = await ring(mcu, "127.0.9.5", room), await ring(mcu, "127.0.9.5", MISSING)
    assert (closed.status, closed.provisional) == (missing.status, missing.provisional)
    assert closed.words == missing.words, "other words, or in another language"
    assert closed.words != open_room.words
    assert _told(mcu, "pin_guessed").count(f"Room {room} is closed") == 1
    # The right PIN opens nothing now: it is a number that is asked for.
    async with stranger(mcu, "127.0.9.6") as late:
        await late.dial(room)
        await asked(late)
        heard = len(late.ear.record())
        await press(late, "4711#")
        await late.until(lambda: len(late.ear.record()) > heard + 60, 15, "another question")
        assert mcu.bus.call("room.show", number=room)["participants"] == []
    mcu.bus.call("room.change", number=room, pin="123456")  # a new PIN opens it at once
    friend = await seat(0, dial=None)
    await friend.dial(room)
    await asked(friend)
    await press(friend, "123456#")
    await friend.sees(auto(1), [friend.colour], seconds=20)


async def test_an_address_that_tries_numbers_is_refused_at_once_whatever_it_dials(
    own_mcu: Mcu, seat: Seat, room: str
) -> None:
    """On a product of its own: only one address that is closed is told in a minute, and others await theirs."""
    mcu = own_mcu
    tried = 0
    while (await ring(mcu, SCANNER, f"9876{tried:02}", 0)).status == 200:
        tried += 1
        assert tried <= IN_AN_HOUR
    assert tried >= IN_A_MINUTE  # a machine so slow that ten take longer than a minute closes it later
    mcu.await_(lambda: SCANNER in _told(mcu, "scanner"), 15, "a notice of that address")
    answers = [await ring(mcu, SCANNER, number) for number in (room, MISSING, room, MISSING)]
    assert {(one.status, one.provisional, one.words) for one in answers} == {(404, (100,), b"")}
    other = await seat(0)  # from another address
    await other.sees(auto(1), [other.colour])

    def strangers() -> list[str]:
        channels = mcu.console("core show channels concise").splitlines()
        return [line for line in channels if line.startswith("PJSIP/anonymous")]

    mcu.await_(lambda: len(strangers()) == 1, 10, "that of all strangers' calls the other's alone is left")

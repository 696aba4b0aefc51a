"""Calls that change while they last: hold, a camera switched off and on, video added and taken away by re-INVITE."""

from __future__ import annotations

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import Offer
from tests.product import Mcu


async def test_hold_and_resume(mcu: Mcu, seat: Seat) -> None:
    first, second = [await seat(number) for number in range(2)]
    both = {first.tone, second.tone}
    await first.sees(auto(2), [first.colour, second.colour])
    await second.hold()
    await first.hears(set(), both, seconds=3)
    await first.sees(auto(2), [first.colour, ""], seconds=8)
    await second.resume()
    await first.hears({second.tone}, both, seconds=5)
    await second.hears({first.tone}, both, seconds=5)
    await first.sees(auto(2), [first.colour, second.colour])
    idrs = second.screen.facts.idrs
    await second.until(lambda: second.screen.facts.idrs >= idrs and second.screen.last_at > 0, 5, "pictures again")
    await second.sees(auto(2), [first.colour, second.colour])


async def test_hold_as_of_rfc_2543(mcu: Mcu, seat: Seat) -> None:
    """c=IN IP4 0.0.0.0: old terminals and gateways still do it (RFC 3264 8.4)."""
    first, second = [await seat(number) for number in range(2)]
    await first.sees(auto(2), [first.colour, second.colour])
    await second.change(no_address=True)
    second.camera.on, second.voice.paused = False, True
    await first.hears(set(), {first.tone, second.tone}, seconds=3)
    await second.change(no_address=False)
    second.camera.on, second.voice.paused = True, False
    await first.hears({second.tone}, {first.tone, second.tone}, seconds=5)
    await second.hears({first.tone}, {first.tone, second.tone}, seconds=5)
    await second.sees(auto(2), [first.colour, second.colour])
    await first.sees(auto(2), [first.colour, second.colour])


async def test_a_camera_switched_off_and_on(mcu: Mcu, seat: Seat) -> None:
    """No signalling at all: the stream just stops, as with a shutter or a camera's cable."""
    first, second = [await seat(number) for number in range(2)]
    await first.sees(auto(2), [first.colour, second.colour])
    second.camera.on = False
    await first.sees(auto(2), [first.colour, ""], seconds=8)
    await first.hears({second.tone}, {first.tone, second.tone})
    second.camera.on = True
    await first.sees(auto(2), [first.colour, second.colour], seconds=5)


async def test_video_added_by_reinvite(mcu: Mcu, seat: Seat) -> None:
    first = await seat(0)
    second = await seat(1, offer=Offer(video=()))
    await first.sees(auto(2), [first.colour, ""])
    await second.change(video=Offer().video)
    both = {first.tone, second.tone}
    await second.hears({first.tone}, both)
    await first.hears({second.tone}, both)
    await first.sees(auto(2), [first.colour, second.colour])
    await second.sees(auto(2), [first.colour, second.colour])


async def test_video_taken_away_by_reinvite(mcu: Mcu, seat: Seat) -> None:
    first, second = [await seat(number) for number in range(2)]
    await first.sees(auto(2), [first.colour, second.colour])
    await second.change(video_port_zero=True)
    await first.sees(auto(2), [first.colour, ""], seconds=8)
    await first.hears({second.tone}, {first.tone, second.tone})
    assert not second.call.ended.is_set()


async def test_a_reinvite_that_changes_nothing(mcu: Mcu, seat: Seat) -> None:
    first, second = [await seat(number) for number in range(2)]
    await first.sees(auto(2), [first.colour, second.colour])
    for _ in range(5):
        await second.change()
    await second.sees(auto(2), [first.colour, second.colour])
    await first.sees(auto(2), [first.colour, second.colour])

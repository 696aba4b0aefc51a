"""Three terminals in a room: each sees all in their places and hears the others, not itself."""

from __future__ import annotations

import time

from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import Offer, Terminal
from tests.product import Mcu
from tests.starvation import Starvation


async def _three(seat: Seat) -> list[Terminal]:
    return [await seat(number) for number in range(3)]


async def test_each_sees_all_in_their_places(mcu: Mcu, seat: Seat) -> None:
    terminals = await _three(seat)
    colours = [terminal.colour for terminal in terminals]
    for terminal in terminals:
        await terminal.sees(auto(3), colours)
    # The tiles move: what is seen is a picture of now, not a still.
    for terminal in terminals:
        for rect in auto(3):
            await terminal.runs(rect)


async def test_each_hears_the_others_and_not_itself(mcu: Mcu, seat: Seat) -> None:
    terminals = await _three(seat)
    tones = {terminal.tone for terminal in terminals}
    for terminal in terminals:
        await terminal.hears(tones - {terminal.tone}, tones)


async def test_the_picture_of_a_720p_terminal_is_what_was_promised(mcu: Mcu, seat: Seat) -> None:
    terminal = await seat(0)
    await terminal.sees(auto(1), [terminal.colour])
    assert terminal.screen.size == (1280, 720)
    assert terminal.screen.facts.level <= 31
    assert terminal.screen.facts.largest_payload <= 1300, "a packet must pass tunnels"
    begun, starved = time.time(), Starvation(mcu, "asterisk", "mixer")
    await terminal.more_pictures(90, seconds=20)
    assert time.time() - begun < 3.6 + starved.seconds(), "fewer than 25 pictures a second"
    assert terminal.video.log.missing_since(begun) == 0
    assert terminal.screen.damaged == 0


async def test_a_terminal_without_video_has_a_card(mcu: Mcu, seat: Seat) -> None:
    terminals = await _three(seat)
    voice = await seat(3, offer=Offer(video=()), display="Tổng đài")
    colours = [terminal.colour for terminal in terminals]
    for terminal in terminals:
        await terminal.sees(auto(4), [*colours, ""])
    tones = {terminal.tone for terminal in (*terminals, voice)}
    await voice.hears(tones - {voice.tone}, tones)
    await terminals[0].hears(tones - {terminals[0].tone}, tones)
    first = terminals[0]

    def spread() -> float:
        """Of the card, which comes a moment after its place."""
        card = first.screen.tile(auto(4)[3])
        return 0.0 if card is None else float(card.std())

    await first.until(lambda: spread() > 3, 5, "a card that is not one plain colour, but has a name on it")


async def test_the_picture_closes_up_when_one_leaves(mcu: Mcu, seat: Seat) -> None:
    first, second, third = await _three(seat)
    await first.sees(auto(3), [first.colour, second.colour, third.colour])
    starved = Starvation(mcu, "asterisk", "control", "mixer")
    await second.hang_up()
    for terminal in (first, third):
        took = await terminal.sees(auto(2), [first.colour, third.colour])
        assert took < 1.0 + starved.seconds()
    await first.hears({third.tone}, {first.tone, second.tone, third.tone}, seconds=2.0)

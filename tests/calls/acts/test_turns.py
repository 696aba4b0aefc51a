"""Pictures that change without an order: panes for those who speak, panes that turn, a lecturer's audience by pages."""

from __future__ import annotations

from tests.calls.acts.meeting import WHOLE, meet
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.product import Mcu

PATIENCE = 30.0  # s; much longer than a turn, which a busy machine may miss


async def test_panes_for_who_spoke_last_and_before(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat, 3, tone=0)
    first, second, third = meeting.terminals
    meeting.act("layout", layout="1+1")
    meeting.act("panes", rules=[{"show": "loudest", "rank": 1}, {"show": "loudest", "rank": 2}])
    await second.sees(auto(2), [first.colour, second.colour], PATIENCE)  # nobody has spoken yet: in order of joining
    before = first
    for speaker, tone in ((second, 550), (third, 700), (first, 400), (third, 700)):
        speaker.voice.change(tone)
        for viewer in meeting.terminals:
            await viewer.sees(auto(2), [speaker.colour, before.colour], PATIENCE)
        speaker.voice.change(0)
        before = speaker
    await second.more_pictures(30)
    assert second.colours(auto(2)) == [third.colour, first.colour], "silence changes nothing"
    for rect in auto(2):
        await second.runs(rect)


async def test_a_pane_that_turns_beside_one_that_stays(mcu: Mcu, seat: Seat, room: str) -> None:
    """The site that has a pane of its own has no turn in the other."""
    meeting = await meet(mcu, room, seat)
    first, second, third = meeting.terminals
    meeting.act("layout", layout="1+1")
    turning = {"show": "turning", "participants": [first, second, third], "seconds": 3}
    meeting.act("panes", rules=[{"show": "participant", "participant": third}, turning])
    for _ in range(2):
        for shown in (first, second):
            await second.sees(auto(2), [third.colour, shown.colour], PATIENCE)
    await second.runs(auto(2)[0])
    meeting.act("panes", rules=[{"show": "turning", "seconds": 3}, {"show": "blank"}])
    for shown in (first, second, third, first):
        await third.sees(auto(2), [shown.colour, ""], PATIENCE)
        await third.runs(auto(2)[0])
    meeting.act("panes", rules=[])
    meeting.act("layout", layout="auto")
    await meeting.all_see_all()


async def test_a_lecturers_audience_turns_page_by_page(mcu: Mcu, seat: Seat, room: str) -> None:
    """Three in a layout for two: the last page is filled up from the first."""
    meeting = await meet(mcu, room, seat, 4)
    lecturer, first, second, third = meeting.terminals
    meeting.act("layout", layout="1+1")
    meeting.act("lecture", participant=lecturer)
    pages = [[first.colour, second.colour], [third.colour, first.colour]]
    seen: list[list[str]] = []

    def a_page() -> bool:
        seen.append(lecturer.colours(auto(2)))
        return seen[-1] in pages

    await lecturer.until(a_page, PATIENCE, "a page of the audience")
    begin = pages.index(seen[-1])
    await first.sees(WHOLE, [lecturer.colour])
    for turn in (begin + 1, begin):
        await lecturer.sees(auto(2), pages[turn % 2], PATIENCE)
        for rect in auto(2):
            await lecturer.runs(rect)
        assert first.colours(WHOLE) == [lecturer.colour], "the audience sees the lecturer all the time"
    meeting.act("free_talk")
    meeting.act("layout", layout="auto")
    await meeting.all_see_all()

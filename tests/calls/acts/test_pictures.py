"""What is seen where: one alone sees a site, sites turn, panes have rules, the picture follows voices, text on it."""

from __future__ import annotations

import asyncio

import numpy as np
import numpy.typing as npt

from tests.calls.acts.meeting import WHOLE, meet, sees_whole
from tests.calls.seating import Seat
from tests.calls.tiles import auto
from tests.probe import Terminal
from tests.product import Mcu


async def test_one_alone_views_a_site(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    viewer, other, seen = meeting.terminals
    meeting.act("view", viewer=viewer, participant=seen)
    await sees_whole(viewer, seen)
    await other.sees(auto(3), meeting.colours)
    meeting.act("view", viewer=viewer, participant=other)
    await sees_whole(viewer, other)
    await meeting.all_hear_all()
    meeting.act("view", viewer=viewer, participant=None)
    await meeting.all_see_all()


async def test_sites_turn_for_one_alone(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    viewer, second, third = meeting.terminals
    meeting.act("browse", viewer=viewer, participants=[second, third], seconds=2)
    await sees_whole(viewer, second)
    await second.sees(auto(3), meeting.colours)
    await sees_whole(viewer, third)
    meeting.act("stop_browse", viewer=viewer)
    await meeting.all_see_all()


async def test_sites_turn_for_all(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    first, second, third = meeting.terminals
    meeting.act("browse", viewer=None, participants=[third, first], seconds=2)
    await sees_whole(second, third)
    await sees_whole(second, first)
    await third.sees(WHOLE, [first.colour])
    meeting.act("stop_browse", viewer=None)
    await meeting.all_see_all()


async def test_panes_have_rules(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat)
    first, second, third = meeting.terminals
    meeting.act("layout", layout="2x2")
    meeting.act("panes", rules=[{"show": "participant", "participant": third}, {"show": "blank"}, {"show": "auto"}])
    await second.sees(auto(4), [third.colour, "", first.colour, second.colour])
    await second.runs(auto(4)[0])
    meeting.act("panes", rules=[])
    await second.sees(auto(4), [*meeting.colours, ""])


async def test_the_picture_follows_voices(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat, 2, tone=0)
    silent = await seat(2, tone=0)
    first, second = meeting.terminals
    meeting.act("voice", hold=1)
    second.voice.change(700)
    await sees_whole(silent, second)
    second.voice.change(0)
    first.voice.change(400)
    await sees_whole(silent, first)
    first.voice.change(0)
    await silent.more_pictures(30)
    assert silent.colours(WHOLE) == [first.colour], "silence changes nothing"
    meeting.act("free_talk")
    await silent.sees(auto(3), [*meeting.colours, silent.colour])


def _strip(viewer: Terminal) -> npt.NDArray[np.float64]:
    """Where a banner stands: the top twentieth of the picture."""
    picture = viewer.screen.picture()
    assert picture is not None
    top: npt.NDArray[np.float64] = picture[: picture.shape[0] // 20].astype(float).mean(axis=2)
    return top


def _text(viewer: Terminal) -> bool:
    """White letters on the dark strip."""
    strip = _strip(viewer)
    return bool((strip > 200).mean() > 0.005 and (strip < 90).mean() > 0.3)


async def test_a_banner_for_all_and_for_one(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat, 1, colour="cyan")
    (first,) = meeting.terminals
    second = await seat(1, colour="cyan")
    third = await seat(2, colour="cyan")
    for terminal in (first, second, third):
        await terminal.sees(auto(3), ["cyan"] * 3)
    text = "Nghỉ giải lao 10 phút, mời các điểm cầu giữ nguyên kết nối"
    meeting.act("banner", text=text, participant=second)
    await second.until(lambda: _text(second), 8, "the text, to one")
    await third.more_pictures(15)
    assert not _text(first)
    assert not _text(third)
    meeting.act("banner", text="", participant=second)
    meeting.act("banner", text=text, scroll=True)
    for terminal in (first, second, third):
        await terminal.until(lambda terminal=terminal: _text(terminal), 8, "the text, to all")
    still = _strip(first)
    await first.until(lambda: np.abs(_strip(first) - still).mean() > 5, 8, "a text that moves")
    meeting.act("banner", text="")
    for terminal in (first, second, third):
        await terminal.until(lambda terminal=terminal: not _text(terminal), 8, "no text")


async def test_a_banner_ends_by_itself(mcu: Mcu, seat: Seat, room: str) -> None:
    meeting = await meet(mcu, room, seat, 1)
    (only,) = meeting.terminals
    meeting.act("banner", text="Còn năm phút", seconds=4)
    await only.until(lambda: _text(only), 8, "the text")
    await only.until(lambda: not _text(only), 8, "its end")


async def test_of_the_same_people_many_may_watch_alone(mcu: Mcu, seat: Seat, room: str) -> None:
    """Three views of their own at once, each another picture."""
    meeting = await meet(mcu, room, seat)
    first, second, third = meeting.terminals
    pairs = ((first, second), (second, third), (third, first))
    for viewer, seen in pairs:
        meeting.act("view", viewer=viewer, participant=seen)
    await asyncio.gather(*(sees_whole(viewer, seen) for viewer, seen in pairs))
    for viewer, _ in pairs:
        meeting.act("view", viewer=viewer, participant=None)
    await meeting.all_see_all()

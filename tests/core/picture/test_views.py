"""Who sees what, by what is ordered: one site for all, the chair's picture, voices, banners; and after a loss."""

from __future__ import annotations

import pytest

from mcu.core import commands, events
from mcu.core.direction import Asking, Banner, Turning
from mcu.core.picture.view import room_of
from tests.core.picture.viewing import ids, meeting, order, sees, shown, whole
from tests.core.world import World, ident

# --- one site for all


@pytest.mark.parametrize("mode", ["broadcast", "floor", "roll_call"])
def test_all_see_the_one_but_the_chair_and_itself(world: World, mode: str) -> None:
    channels = meeting(world, 4)
    everyone = ids(world, channels)
    order(world, mode=mode, focus=everyone[2], chair=everyone[0])
    assert whole(world, "1001")
    assert [sees(world, c) for c in channels] == [everyone, [everyone[2]], everyone, [everyone[2]]]
    assert world.told[everyone[0]]["view"] == "v-1001c-hd"
    order(world, mode="free", focus="")
    assert [sees(world, c) for c in channels] == [everyone] * 4
    assert set(world.views) == {"1001"}
    assert {leg.ident for leg in world.legs.values() if leg.kind == "view"} == {"1001/hd"}


def test_whom_all_should_see_is_not_there(world: World) -> None:
    channels = meeting(world, 3)
    everyone = ids(world, channels)
    order(world, mode="roll_call", focus="", chair=everyone[0])
    assert shown(world) == everyone
    order(world, mode="broadcast", focus=everyone[2])
    assert shown(world) == [everyone[2]]
    world.leave(channels[2])
    assert shown(world) == everyone[:2]
    assert set(world.views) == {"1001"}


def test_with_a_presentation_all_see_both(world: World) -> None:
    channels = meeting(world, 3)
    everyone = ids(world, channels)
    order(world, mode="broadcast", focus=everyone[1], chair=everyone[0])
    slides = ident(world, world.present(channels[2]))
    world.answer_all()
    assert sees(world, channels[2]) == [slides, everyone[1]]
    assert sees(world, channels[0]) == [slides, *everyone]
    first, second = world.views["1001"].scene.tiles
    assert first.w >= 2 * second.w


def test_who_has_the_presentation_beside_sees_the_one_alone(world: World) -> None:
    channels = meeting(world, 4)
    everyone = ids(world, channels)
    for channel in channels[:2]:
        world.content(channel)
    slides = world.present(channels[3])
    world.answer_all()
    order(world, mode="broadcast", focus=everyone[2], chair=everyone[0])
    assert sees(world, channels[1]) == [everyone[2]], "beside its slides"
    assert sees(world, channels[3]) == [ident(world, slides), everyone[2]]
    assert sees(world, channels[0]) == everyone, "the chair, beside its slides"
    assert world.members[channels[0]].subscribed == "v-1001cp-hd"


def test_a_lecturer_sees_the_audience_page_by_page_and_all_others_the_lecturer(world: World) -> None:
    channels = meeting(world, 6)
    everyone = ids(world, channels)
    order(world, mode="lecture", focus=everyone[0], chair=everyone[1])
    assert sees(world, channels[0]) == everyone[1:]
    assert all(sees(world, c) == [everyone[0]] for c in channels[1:])
    world.command(commands.ChangeRoom(at=world.at, number="1001", layout="2x2"))
    pages = set()
    for _ in range(4):
        pages.add(tuple(sees(world, channels[0])))
        world.wait(10)
    assert len(pages) == 2
    assert set().union(*pages) == set(everyone[1:])
    assert all(len(page) == 4 for page in pages), "the last page is filled up"


def test_a_lecturer_alone_sees_itself(world: World) -> None:
    channels = meeting(world, 1)
    order(world, mode="lecture", focus=ident(world, channels[0]))
    assert sees(world, channels[0]) == ids(world, channels)


# --- voices


def test_the_picture_follows_who_talks_long_enough(world: World) -> None:
    channels = meeting(world, 3)
    a, b, _c = ids(world, channels)
    world.talk(channels[1], True)
    order(world, mode="voice", voice_hold=3.0)
    assert shown(world) == [b], "who talks already"
    world.talk(channels[2], True)
    world.wait(2)
    assert shown(world) == [b]
    world.talk(channels[2], False)
    world.wait(5)
    assert shown(world) == [b], "too short"
    world.talk(channels[0], True)
    world.wait(3)
    assert shown(world) == [a], "by time alone, though the other goes on"
    world.talk(channels[0], False)
    world.wait(0)
    assert shown(world) == [b], "who still talks"
    world.talk(channels[1], False)
    world.wait(60)
    assert shown(world) == [b], "silence changes nothing"
    world.leave(channels[1])
    assert shown(world) == [a]
    assert whole(world, "1001")


def test_who_is_muted_does_not_draw_the_picture(world: World) -> None:
    channels = meeting(world, 2)
    order(world, mode="voice")
    world.talk(channels[1], True)
    world.act("mute", participant=ident(world, channels[1]), on=True)
    world.wait(10)
    assert shown(world) == ids(world, channels[:1])


# --- banner and hands


def test_a_banner_for_all_and_one_for_one(world: World) -> None:
    channels = meeting(world, 3)
    a, b, c = ids(world, channels)
    order(world, banner=Banner(text="Nghỉ 10 phút", scroll=True, until=world.at + 30))
    assert world.views["1001"].scene.describe()["banner"] == {"text": "Nghỉ 10 phút", "scroll": True}
    assert set(world.views) == {"1001"}, "no other picture for it"
    order(world, banners={b: Banner(text="Xin tắt micro", until=world.at + 10)})
    assert sees(world, channels[1]) == [a, b, c]
    assert world.views[f"1001x{b}"].scene.describe()["banner"]["text"] == "Xin tắt micro"
    world.wait(10)
    assert world.members[channels[1]].subscribed == "v-1001-hd", "its own text has ended"
    assert set(world.views) == {"1001"}
    world.wait(20)
    assert "banner" not in world.views["1001"].scene.describe()


def test_a_raised_hand_is_seen(world: World) -> None:
    channels = meeting(world, 2)
    _a, b = ids(world, channels)
    order(world, hands=(Asking(participant=b, since=world.at),))
    assert [tile.hand for tile in world.views["1001"].scene.tiles] == [False, True]


# --- after a loss


def test_control_restarted_finds_every_view_again(world: World) -> None:
    channels = meeting(world, 4)
    a, b, c, d = ids(world, channels)
    order(world, mode="broadcast", focus=b, chair=a, views={d: c})
    before = dict(world.views)
    answered = World()
    answered.at = world.at
    answered.members, answered.legs = world.members, world.legs
    conference = answered.bridge.conference("1001")
    conference.direction = world.bridge.conferences["1001"].direction
    answered.switch_up()
    answered.mixer_up("run1", calls_kept=True)
    assert answered.views == before
    assert not answered.dials
    assert not [e for e in answered.log if type(e).__name__ in ("HangUp", "Subscribe")]


def test_a_mixer_that_was_restarted_gets_every_view(world: World) -> None:
    channels = meeting(world, 3)
    a, b, c = ids(world, channels)
    order(world, mode="broadcast", focus=b, chair=a, views={c: a})
    world.mixer_down()
    world.mixer_up("run2", calls_kept=False)
    world.answer_all()
    assert set(world.views) == {"1001", "1001c", f"1001x{c}"}
    assert sees(world, channels[2]) == [a]
    assert sees(world, channels[0]) == [a, b, c]


def test_without_a_mixer_turning_keeps_nobody_busy(world: World) -> None:
    meeting(world, 3)
    order(world, browse={"": Turning(seconds=1, since=world.at)})
    world.mixer_down()
    for _ in range(3):
        due = world.bridge.due()
        assert due is not None
        assert due > world.at
        world.at = due
        world.tick(0)


@pytest.mark.parametrize(
    ("view", "room"), [("1001", "1001"), ("1001cp", "1001"), ("1001x00ab12cd", "1001"), ("7w", "7")]
)
def test_the_room_of_a_view(view: str, room: str) -> None:
    assert room_of(view) == room


def test_a_leg_of_a_view_that_nobody_wants_any_more_is_hung_up(world: World) -> None:
    (channel,) = meeting(world, 1)
    world.switch_down()
    stray = events.Leg(kind="view", ident="1001x0000ffff/hd", channel="PJSIP/mixer-00000bad", mixer="run1")
    world.legs[stray.channel] = stray
    world.switch_up()
    assert stray.channel not in world.legs
    assert world.members[channel].subscribed == "v-1001-hd"

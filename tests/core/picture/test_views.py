"""Who sees what, by what is ordered: the common picture, the chair's, one participant's own, panes, turning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mcu.core import commands, events
from mcu.core.acts.registry import perform
from mcu.core.direction import Asking, Banner, Direction, PaneRule, Turning
from mcu.core.limits import Limits
from mcu.core.picture.view import room_of
from mcu.core.picture.views import Views
from mcu.errors import Conflict
from tests.core.world import CIF, World, ident

MOST = Limits().personal


def order(world: World, room: str = "1001", **changes: Any) -> None:
    conference = world.bridge.conferences[room]
    conference.direct(replace(conference.direction, **changes))
    world.bridge.touch(room)
    world.tick(0)
    world.answer_all()


def shown(world: World, view: str = "1001") -> list[str]:
    return [tile.participant for tile in world.views[view].scene.tiles]


def sees(world: World, channel: str) -> list[str]:
    """Who is in the picture that this terminal gets, over view leg and subscription."""
    key = world.members[channel].subscribed
    view, _, rate_class = key.removeprefix("v-").rpartition("-")
    assert ("view", f"{view}/{rate_class}") in {(leg.kind, leg.ident) for leg in world.legs.values()}, key
    return shown(world, view)


def meeting(world: World, people: int) -> list[str]:
    channels = [world.come() for _ in range(people)]
    world.answer_all()
    return channels


def ids(world: World, channels: list[str]) -> list[str]:
    return [ident(world, channel) for channel in channels]


def whole(world: World, view: str) -> bool:
    (tile,) = world.views[view].scene.tiles
    return (tile.x, tile.y, tile.w, tile.h) == (0.0, 0.0, 1.0, 1.0)


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


# --- one participant's own


def test_one_alone_sees_a_chosen_site(world: World) -> None:
    channels = meeting(world, 3)
    a, b, c = ids(world, channels)
    order(world, views={a: c})
    assert [sees(world, ch) for ch in channels] == [[c], [a, b, c], [a, b, c]]
    assert world.members[channels[0]].subscribed == f"v-1001x{a}-hd"
    order(world, views={})
    assert sees(world, channels[0]) == [a, b, c]
    assert set(world.views) == {"1001"}


def test_a_view_goes_with_its_viewer_and_with_whom_it_shows(world: World) -> None:
    channels = meeting(world, 3)
    a, b, c = ids(world, channels)
    order(world, views={a: c, b: c})
    world.leave(channels[1])
    assert set(world.views) == {"1001", f"1001x{a}"}
    world.leave(channels[2])
    assert sees(world, channels[0]) == [a]
    assert set(world.views) == {"1001"}


def test_one_with_another_codec_has_its_own_view_in_it(world: World) -> None:
    a, b = world.come(), world.come(video=f"h264 {CIF}")
    world.answer_all()
    order(world, views={ident(world, b): ident(world, a)})
    put = world.views[f"1001x{ident(world, b)}"]
    assert [c.name for c in put.classes] == ["cif"]
    assert [c.name for c in world.views["1001"].classes] == ["hd", "cif"]
    world.wait(6)
    assert [c.name for c in world.views["1001"].classes] == ["hd"], "nobody takes the common one so small any more"


def test_sites_turn_for_one_and_for_all(world: World) -> None:
    channels = meeting(world, 4)
    a, b, c, d = ids(world, channels)
    order(world, browse={a: Turning(seconds=10, since=world.at)})
    seen = []
    for _ in range(4):
        seen += sees(world, channels[0])
        world.wait(10)
    assert seen == [b, c, d, b], "everybody else, in order"
    assert sees(world, channels[1]) == [a, b, c, d]
    order(world, browse={"": Turning(participants=(d, b), seconds=5, since=world.at)})
    assert shown(world) == [d]
    world.wait(5)
    assert shown(world) == [b]
    world.leave(channels[1])
    world.wait(7)
    assert shown(world) == [d]
    assert world.bridge.due() is None or world.bridge.due() > world.at


def test_turning_goes_on_over_a_change_of_the_clock(world: World) -> None:
    meeting(world, 3)
    order(world, browse={"": Turning(seconds=10, since=world.at + 1000)})
    first = shown(world)
    world.wait(10)
    assert shown(world) != first
    due = world.bridge.due()
    assert due is not None
    assert world.at < due <= world.at + 10


def test_so_many_may_have_a_picture_of_their_own(world: World) -> None:
    views = {f"{n:08x}": "x" for n in range(MOST - 1)}
    direction = Direction(views=views)
    Views.room_for_one_more(direction, "ffffffff", MOST)
    full = replace(direction, browse={"": Turning(), "eeeeeeee": Turning()})
    with pytest.raises(Conflict):
        Views.room_for_one_more(full, "ffffffff", MOST)
    Views.room_for_one_more(full, "eeeeeeee", MOST)
    Views.room_for_one_more(full, next(iter(views)), MOST)


def test_an_act_that_would_make_one_picture_too_many_is_refused(world: World) -> None:
    channels = meeting(world, MOST + 1)
    everyone = ids(world, channels)
    acts = [
        {"act": "view", "participant": everyone[0]},
        {"act": "browse", "seconds": 10},
    ]
    for n, viewer in enumerate(everyone[1:]):
        world.carry_out(perform(world.bridge, "1001", **told(acts[n % 2], viewer=viewer), at=world.at))
    for refused in (
        {"act": "view", "viewer": everyone[0], "participant": everyone[1]},
        {"act": "browse", "viewer": everyone[0]},
        {"act": "banner", "participant": everyone[0], "text": "Nghỉ"},
    ):
        before = world.bridge.conferences["1001"].direction
        with pytest.raises(Conflict):
            perform(world.bridge, "1001", **told(refused), at=world.at)
        assert world.bridge.conferences["1001"].direction is before
    world.carry_out(perform(world.bridge, "1001", **told({"act": "browse"}, viewer=None), at=world.at))
    world.carry_out(perform(world.bridge, "1001", **told({"act": "banner", "text": "Nghỉ"}), at=world.at))


def told(act: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {**act, **more}
    return {"name": given.pop("act"), "given": given}


# --- panes


def rules(*shows: str | PaneRule) -> tuple[PaneRule, ...]:
    return tuple(show if isinstance(show, PaneRule) else PaneRule(show=show) for show in shows)  # type: ignore[arg-type]


def by_pane(world: World, panes: int) -> list[str]:
    """Who is in which pane of the layout, empty for blank ones."""
    layout = world.bridge.catalogue.choose(world.bridge.rooms["1001"].config.layout, panes)
    where = {(t.x, t.y): t.participant for t in world.views["1001"].scene.tiles}
    return [where.get((r.x, r.y), "") for r in layout.tiles]


def test_panes_have_rules(world: World) -> None:
    channels = meeting(world, 6)
    a, b, c, d, e, _f = ids(world, channels)
    world.command(commands.ChangeRoom(at=world.at, number="1001", layout="2x2"))
    order(world, panes=rules(PaneRule(show="participant", participant=d), "blank"))
    assert by_pane(world, 4) == [d, "", a, b], "the rest is automatic, and nobody is seen twice"
    order(world, panes=rules(PaneRule(show="participant", participant=d), PaneRule(show="participant", participant=d)))
    assert by_pane(world, 4) == [d, d, a, b], "but who is named twice"
    world.leave(channels[3])
    assert set(by_pane(world, 4)) == {a, b, c, e}


def test_panes_of_the_loudest(world: World) -> None:
    channels = meeting(world, 4)
    a, b, c, d = ids(world, channels)
    world.command(commands.ChangeRoom(at=world.at, number="1001", layout="2x2"))
    order(
        world,
        panes=rules(
            PaneRule(show="loudest", rank=1),
            PaneRule(show="loudest", rank=2),
            PaneRule(show="participant", participant=d),
        ),
    )
    assert by_pane(world, 4) == [a, b, d, c]
    world.talk(channels[2], True)
    world.wait(3)
    assert by_pane(world, 4) == [c, a, d, b]
    world.talk(channels[3], True)
    world.wait(3)
    assert by_pane(world, 4) == [c, a, d, b], "who is named is in its own pane already"


def test_panes_that_turn_skip_who_is_seen(world: World) -> None:
    channels = meeting(world, 4)
    a, b, c, d = ids(world, channels)
    world.command(commands.ChangeRoom(at=world.at, number="1001", layout="1+1"))
    turn = PaneRule(show="turning", turning=Turning(seconds=5, since=world.at))
    order(world, panes=rules(PaneRule(show="participant", participant=a), turn))
    seen = []
    for _ in range(4):
        first, second = by_pane(world, 2)
        assert first == a
        seen.append(second)
        world.wait(5)
    assert seen == [b, b, c, d]


def test_a_pane_for_the_presentation(world: World) -> None:
    channels = meeting(world, 3)
    a, b, c = ids(world, channels)
    world.command(commands.ChangeRoom(at=world.at, number="1001", layout="2x2"))
    order(world, panes=rules("auto", "auto", "presentation"))
    assert by_pane(world, 4) == [a, b, "", c], "kept for it"
    slides = ident(world, world.present(channels[0]))
    assert by_pane(world, 4) == [a, b, slides, c]
    order(world, panes=rules("auto", "blank"))
    assert by_pane(world, 4) == [slides, "", a, b]


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

"""One participant's own picture: a chosen site, sites in turn, and how many may have one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mcu.core.acts.registry import perform
from mcu.core.direction import Direction, Turning
from mcu.core.limits import Limits
from mcu.core.picture.views import Views
from mcu.errors import Conflict
from tests.core.picture.viewing import ids, meeting, order, sees, shown
from tests.core.world import CIF, World, ident

MOST = Limits().personal


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

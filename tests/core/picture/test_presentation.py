"""Somebody's second picture: it takes the first and large tile, is nobody, and goes with whose it is."""

from __future__ import annotations

import pytest

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.entry.answers import Admit, Refuse
from mcu.core.limits import Limits
from mcu.core.roster import PRESENTATION
from tests.core.world import World, catalogue, ident


def shown(world: World, room: str = "1001") -> list[str]:
    return [tile.participant for tile in world.views[room].scene.tiles]


def test_it_takes_a_large_first_tile_and_gives_it_back(world: World) -> None:
    owner, other = world.come(), world.come()
    before = world.views["1001"]
    slides = world.present(owner)
    assert shown(world) == [ident(world, slides), ident(world, owner), ident(world, other)]
    first, *rest = world.views["1001"].scene.tiles
    assert all(first.w >= 2 * tile.w and first.h >= 2 * tile.h for tile in rest)
    assert (first.name, first.muted) == ("Huế", False)
    world.leave(slides)
    assert world.views["1001"] == before


@pytest.mark.parametrize("people", [1, 3, 4, 5, 6, 7, 8, 9, 12])
def test_however_many_there_are_it_is_the_largest(world: World, people: int) -> None:
    come = [world.come() for _ in range(people)]
    slides = world.present(come[-1])
    first, *rest = world.views["1001"].scene.tiles
    assert first.participant == ident(world, slides)
    assert len(rest) == min(people, 9)
    assert all(first.w >= 2 * tile.w for tile in rest)


def test_in_an_operators_layout_it_takes_the_first_tile(world: World) -> None:
    owner, *_ = (world.come() for _ in range(4))
    world.command(commands.ChangeRoom(at=world.at, number="1001", layout="2x2"))
    everyone = shown(world)
    slides = world.present(owner)
    assert shown(world) == [ident(world, slides), *everyone[:3]]
    assert world.views["1001"].scene.tiles[0].w == 0.5
    world.command(commands.ChangeRoom(at=world.at, number="1001", layout="1x1"))
    assert shown(world) == [ident(world, slides)]


def test_it_is_admitted_muted_beside_whose_it_is_and_watches_nothing(world: World) -> None:
    owner = world.come("1002")
    answer, channel = world.enter("", name="nobody", presents=world.call_id(owner))
    assert isinstance(answer, Admit)
    assert (answer.room, answer.muted, answer.view, answer.name) == ("1002", True, "", "Huế")
    assert answer.presents == ident(world, owner)
    world.leave(owner)
    assert channel not in world.at_the_door


def test_it_makes_no_rate_class_of_its_own(world: World) -> None:
    owner = world.come(video="h264 profile-level-id=42800d")
    slides = world.present(owner)
    assert world.bridge.conferences["1001"].views.common.classes == ["cif"]
    assert not [e for e in world.log if isinstance(e, do.Subscribe) and e.channel == slides]
    assert ("leg", ident(world, slides)) in [(dial.kind, dial.ident) for dial in world.dials]


def test_without_its_terminal_in_a_room_it_is_refused(world: World) -> None:
    owner = world.come()
    world.leave(owner)
    assert isinstance(world.enter("1001", presents=world.call_id(owner))[0], Refuse)
    assert isinstance(world.enter("1001", presents="made up")[0], Refuse)


def test_no_presentation_presents(world: World) -> None:
    slides = world.present(world.come())
    assert isinstance(world.enter("1001", presents=world.call_id(slides))[0], Refuse)


def test_lock_and_limits_do_not_keep_it_out_and_it_counts_for_nobody() -> None:
    world = World(Bridge(catalogue(), Limits(room=2)))
    world.switch_up()
    world.mixer_up("run1", calls_kept=False)
    owner = world.come()
    world.act("lock", on=True)
    world.present(owner)
    world.act("lock", on=False)
    assert world.bridge.describe_room("1001")["participants"] == 1
    world.come()
    assert isinstance(world.enter()[0], Refuse)
    assert world.bridge.describe_room("1001")["participants"] == 2


def test_it_goes_with_whose_it_is(world: World) -> None:
    owner, other = world.come(), world.come()
    slides = world.present(owner)
    world.leave(owner)
    assert slides not in world.members
    assert shown(world) == [ident(world, other)]
    assert do.HangUp(room="1001", channel=slides) in world.log


def test_the_newest_wins(world: World) -> None:
    one, other = world.come(), world.come()
    first = world.present(one)
    second = world.present(other)
    assert first not in world.members
    assert shown(world)[0] == ident(world, second)
    assert len(shown(world)) == 3


def test_it_begins_with_its_first_picture(world: World) -> None:
    one, other = world.come(), world.come()
    first = world.present(one)
    _, idle = world.enter(presents=world.call_id(other))
    world.join(idle)
    assert shown(world) == [ident(world, first), ident(world, one), ident(world, other)], "opened, nothing shown yet"
    world.wait(30)
    assert first in world.members
    world.show(idle, "profile-level-id=42e01f")
    assert first not in world.members
    assert shown(world)[0] == ident(world, idle)


def test_a_call_that_does_not_end_is_told_again_and_not_shown(world: World) -> None:
    one, other = world.come(), world.come()
    first = world.present(one)
    answer, second = world.enter(presents=world.call_id(other))
    assert isinstance(answer, Admit)
    joined = events.Joined(
        at=world.at, participant=answer.participant, channel=second, room="1001", muted=True, name="Huế"
    )
    ended = do.HangUp(room="1001", channel=first)
    world.bridge.handle(joined)
    begins = events.PictureStarted(
        at=world.at, participant=answer.participant, channel=second, codec="h264", fmtp="profile-level-id=42e01f"
    )
    effects = world.bridge.handle(begins)
    assert effects.count(ended) == 1
    put = next(e for e in effects if isinstance(e, do.PutView))
    assert [tile.participant for tile in put.scene.tiles] == [
        answer.participant,
        ident(world, one),
        ident(world, other),
    ]
    assert ended not in world.bridge.tick(world.at + 1)
    assert ended in world.bridge.tick(world.at + 5)


def test_control_restarted_finds_it_as_it_was(world: World) -> None:
    owner = world.come()
    slides = world.present(owner)
    answered = World()
    answered.members, answered.legs = world.members, world.legs
    answered.switch_up()
    answered.mixer_up("run1", calls_kept=True)
    assert shown(answered) == [ident(world, slides), ident(world, owner)]
    found = answered.bridge.whereabouts(ident(world, slides))
    assert found is not None
    assert (found[1].kind, found[1].presents, found[1].key) == (PRESENTATION, ident(world, owner), "")
    assert answered.bridge.describe_room("1001")["participants"] == 1


def test_whose_terminal_left_while_control_was_away_ends(world: World) -> None:
    owner = world.come()
    slides = world.present(owner)
    world.switch_down()
    world.leave(owner)
    world.switch_up()
    assert slides not in world.members

"""Panes of the common picture that have rules: who is named, the loudest, who turns, the presentation."""

from __future__ import annotations

from mcu.core import commands
from mcu.core.direction import PaneRule, Turning
from tests.core.picture.viewing import ids, meeting, order
from tests.core.world import World, ident


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

"""Operators' commands and the door, one behaviour at a time: who comes in, and what is refused whole."""

from __future__ import annotations

import pytest

from mcu.core import commands
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.dialling.targets import parse_target
from mcu.core.entry.answers import Admit, Ask, Refuse
from mcu.core.limits import Limits
from mcu.core.roster import RoomConfig
from mcu.errors import AsteriskDown, BadRequest, Conflict, ParticipantNotFound, RoomNotFound
from tests.core.world import World, catalogue, ident

AT = 1_000_000.0  # as the world's clock


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (commands.Act(at=AT, number="1001", name="drop", arguments={"participant": "0badf00d"}), ParticipantNotFound),
        (commands.Act(at=AT, number="1001", name="drop", arguments={"participant": ""}), BadRequest),
        (commands.Act(at=AT, number="9", name="drop", arguments={"participant": "0badf00d"}), RoomNotFound),
        (commands.ChangeRoom(at=AT, number="1001", layout="9x9"), BadRequest),
        (commands.ChangeRoom(at=AT, number="9", layout="auto"), RoomNotFound),
        (commands.ChangeRoom(at=AT, number="1001", name="Mới", guests=False, locked=True, layout="9x9"), BadRequest),
        (commands.Act(at=AT, number="9", name="lock", arguments={"on": True}), RoomNotFound),
        (commands.RemoveRoom(at=AT, number="9"), RoomNotFound),
        (commands.RemoveRoom(at=AT, number="1001"), Conflict),
        (commands.PutRoom(at=AT, config=RoomConfig(number="5", name="x", layout="y")), BadRequest),
        (commands.Command(at=AT), BadRequest),
    ],
)
def test_commands_that_cannot_be_carried_out_change_nothing(
    world: World, command: commands.Command, error: type[Exception]
) -> None:
    world.come()
    before = world.bridge.describe_room("1001"), len(world.log)
    with pytest.raises(error):
        world.command(command)
    assert (world.bridge.describe_room("1001"), len(world.log)) == before


def test_without_asterisk_nobody_can_be_muted_or_locked_in(world: World) -> None:
    channel = world.come()
    world.switch_down()
    with pytest.raises(AsteriskDown):
        world.act("mute", participant=ident(world, channel), on=True)
    with pytest.raises(AsteriskDown):
        world.act("lock", on=True)


def test_a_room_is_changed_whole_or_not_at_all(world: World) -> None:
    change = commands.ChangeRoom(at=AT, number="1001", name="Mới", guests=False, layout="2x2", locked=True)
    world.come()
    world.switch_down()
    before = world.bridge.describe_room("1001")
    with pytest.raises(AsteriskDown):
        world.command(change)
    assert world.bridge.describe_room("1001") == before
    world.switch_up()
    world.command(change)
    wanted = {"name": "Mới", "guests": False, "layout": "2x2", "locked": True}
    assert world.bridge.describe_room("1001") == before | wanted


def test_an_empty_room_can_be_locked_and_asterisk_hears_when_somebody_is_in_all_the_same(world: World) -> None:
    _, channel = world.enter()
    world.act("lock", on=True)
    assert world.locked == set()
    assert isinstance(world.enter()[0], Refuse)
    world.join(channel)
    assert world.locked == {"1001"}


@pytest.mark.parametrize("done_late", [False, True])
@pytest.mark.parametrize("on", [True, False])
def test_a_lock_that_asterisk_refuses_is_none(world: World, on: bool, done_late: bool) -> None:
    world.come()
    if not on:
        world.act("lock", on=True)
    effects = world.bridge.handle(commands.Act(at=world.at, number="1001", name="lock", arguments={"on": on}))
    (lock,) = [e for e in effects if isinstance(e, do.Lock)]
    world.carry_out(effects if done_late else [e for e in effects if e is not lock])
    out = world.happen(do.EffectFailed(at=world.at, effect=lock))
    assert world.bridge.rooms["1001"].locked is not on
    assert ("1001" in world.locked) is not on
    assert do.StoreLock(room="1001", on=not on) in out
    assert [e.data["locked"] for e in out if isinstance(e, do.Tell)] == [not on]
    # That the repair fails, too, changes nothing and is not tried for ever.
    repair = next(e for e in out if isinstance(e, do.Lock))
    assert world.happen(do.EffectFailed(at=world.at, effect=repair)) == []


def test_a_removed_room_lets_nobody_in_and_its_view_goes(world: World) -> None:
    world.leave(world.come())
    world.answer_all()
    world.command(commands.RemoveRoom(at=world.at, number="1001"))
    assert not world.legs
    assert not world.views
    answer, _ = world.enter()
    assert isinstance(answer, Ask)
    assert answer.prompts == ("mcu-unknown-number", "mcu-enter-number")


def test_a_room_that_only_asterisk_knows_goes_with_its_last_one(world: World) -> None:
    channel = world.appear("7777")
    assert world.bridge.rooms["7777"].config.open is False
    assert isinstance(world.enter("7777")[0], Refuse)
    world.leave(channel)
    world.wait(30)
    assert set(world.bridge.rooms) == {"1001", "1002"}
    assert not world.bridge.conferences
    assert ("room.removed", {"number": "7777"}) in [(e.event, e.data) for e in world.log if isinstance(e, do.Tell)]
    with pytest.raises(RoomNotFound):
        world.bridge.describe_room("7777")


def test_a_room_that_only_asterisk_knew_stays_once_it_was_made(world: World) -> None:
    channel = world.appear("7777")
    world.command(commands.PutRoom(at=world.at, config=RoomConfig(number="7777", name="Mới")))
    world.leave(channel)
    world.wait(30)
    assert world.bridge.describe_room("7777")["name"] == "Mới"


def full_world(limits: Limits) -> World:
    world = World(bridge=Bridge(catalogue(), limits))
    world.switch_up()
    return world


def notices(world: World) -> list[str]:
    return [effect.code for effect in world.log if isinstance(effect, do.Notice)]


def test_a_full_room_refuses_and_says_so_once_a_minute() -> None:
    world = full_world(Limits(room=2, bridge=9))
    first = world.come()
    world.enter()  # stands at the door, and takes a place
    for _ in range(3):
        refused, _ = world.enter()
        assert isinstance(refused, Refuse)
        assert (refused.prompt, refused.cause) == ("mcu-room-full", 17)
    assert notices(world) == ["room_full"]
    assert [e.data for e in world.log if isinstance(e, do.Notice)] == [{"room": "1001", "people": 2}]
    assert isinstance(world.enter("1002")[0], Admit)
    world.leave(first)
    assert isinstance(world.enter()[0], Admit)
    world.at += 60
    assert isinstance(world.enter()[0], Refuse)
    assert notices(world) == ["room_full", "room_full"]


def test_a_full_bridge_refuses_in_every_room() -> None:
    world = full_world(Limits(room=9, bridge=2))
    world.come("1001")
    world.come("1002")
    for room in ("1001", "1002", "1001"):
        refused, _ = world.enter(room)
        assert isinstance(refused, Refuse)
        assert (refused.prompt, refused.cause) == ("mcu-bridge-full", 42)
    assert notices(world) == ["bridge_full"]
    assert [e.data for e in world.log if isinstance(e, do.Notice)] == [{"people": 2}]
    unknown, _ = world.enter("4711")
    assert isinstance(unknown, Ask)
    assert unknown.prompts[0] == "mcu-unknown-number"


def test_nobody_is_called_into_a_full_room() -> None:
    world = full_world(Limits(room=2, bridge=9))
    world.come()

    def call(number: str, host: str) -> None:
        command = commands.CallTerminal(
            at=world.at,
            number=number,
            participant=host.encode().hex()[:8],
            target=parse_target(f"sip:{host}"),
            name=host,
            tries=0,
        )
        world.command(command)

    call("1001", "aaaa")
    with pytest.raises(Conflict):
        call("1001", "bbbb")  # the first one may still come
    call("1002", "cccc")


def test_a_closed_room_lets_nobody_in(world: World) -> None:
    world.command(commands.PutRoom(at=AT, config=RoomConfig(number="1001", name="x", open=False)))
    refused, _ = world.enter()
    assert isinstance(refused, Refuse)
    assert refused.prompt == "mcu-not-open"

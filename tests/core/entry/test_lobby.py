"""Who waits before a room, and what ends the waiting."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.overrides import Overrides
from mcu.core.directory.sites import Directory, Site
from mcu.core.entry import lobby
from mcu.core.entry.answers import Admit, Wait
from mcu.core.limits import Limits
from mcu.core.roster import RoomConfig
from mcu.errors import AsteriskDown, Conflict, ParticipantNotFound
from tests.core.world import HD, World, catalogue, ident


def put(world: World, **rules: Any) -> None:
    config = RoomConfig(number="1001", name="Phòng 1001", host_pin="815100", **rules)
    world.command(commands.PutRoom(at=world.at, config=config))


@pytest.fixture
def world(world: World) -> World:
    put(world, lobby="all")
    return world


def waiting(world: World) -> list[str]:
    conference = world.bridge.conferences.get("1001")
    return list(conference.lobby) if conference else []


def wait(world: World) -> str:
    """The channel of one who waits."""
    answer, channel = world.enter()
    assert isinstance(answer, Wait), answer
    return channel


def host(world: World) -> str:
    _, channel = world.enter(door="guest", pin="815100", pin_tries=1)
    world.join(channel)
    return channel


def told(world: World, event: str) -> list[dict[str, Any]]:
    return [dict(effect.data) for effect in world.log if isinstance(effect, do.Tell) and effect.event == event]


def admit(world: World, participant: str | None) -> list[do.Effect]:
    effects = lobby.admit(world.bridge, world.bridge.conferences["1001"], participant, world.at)
    world.carry_out(effects)
    world.tick(0)
    return effects


def test_who_waits_is_in_no_meeting_and_sees_a_card(world: World) -> None:
    answer, channel = world.enter()
    world.answer_all()
    assert isinstance(answer, Wait)
    assert (answer.room, answer.view, answer.prompt) == ("1001", "v-1001w-hd", "mcu-lobby")
    assert world.bridge.describe_room("1001")["participants"] == 0
    assert world.bridge.participants("1001") == []
    assert [leg.ident for leg in world.legs.values()] == ["1001w/hd"]  # its own picture is not looked at
    scene = world.views["1001w"].scene.describe()
    assert [(tile["participant"], tile["name"]) for tile in scene["tiles"]] == [("", "Phòng 1001")]
    assert scene["banner"] == {"text": "Xin chờ, người điều hành sẽ mời quý vị vào phòng", "scroll": False}
    put(world, lobby="host", language="en")
    assert world.views["1001w"].scene.describe()["banner"]["text"] == "Please wait for the chair to join"
    assert told(world, "lobby.joined") == [
        {"room": "1001", "participant": answer.participant, "name": "Huế", "number": "", "since": world.at}
    ]
    world.go_away(channel)
    assert told(world, "lobby.left") == [{"room": "1001", "participant": answer.participant, "admitted": False}]
    world.wait(10)
    assert not world.bridge.conferences
    assert not world.legs


def test_one_is_let_in(world: World) -> None:
    first, second = wait(world), wait(world)
    name = world.waiting[first].participant
    admit(world, name)
    assert ident(world, first) == name
    assert [p.id for p in world.bridge.participants("1001")] == [name]
    assert waiting(world) == [world.waiting[second].participant]
    assert world.members[first].subscribed == "v-1001-hd"
    assert told(world, "lobby.left") == [{"room": "1001", "participant": name, "admitted": True}]


def test_all_are_let_in(world: World) -> None:
    channels = [wait(world) for _ in range(3)]
    admit(world, None)
    assert list(world.members) == channels
    assert waiting(world) == []


def test_one_is_sent_away(world: World) -> None:
    channel = wait(world)
    (name,) = waiting(world)
    world.carry_out(lobby.refuse(world.bridge, world.bridge.conferences["1001"], name, world.at))
    assert channel not in world.waiting
    assert waiting(world) == []


def test_who_does_not_wait_cannot_be_let_in(world: World) -> None:
    wait(world)
    with pytest.raises(ParticipantNotFound):
        admit(world, "0badf00d")
    with pytest.raises(ParticipantNotFound):
        lobby.refuse(world.bridge, world.bridge.conferences["1001"], "0badf00d", world.at)
    world.switch_down()
    with pytest.raises(AsteriskDown):
        admit(world, None)


def test_until_a_host_is_in(world: World) -> None:
    put(world, lobby="host")
    first = wait(world)
    (told_first,) = told(world, "lobby.joined")
    hosts = host(world)
    assert waiting(world) == []
    assert {p.id for p in world.bridge.participants("1001")} == {ident(world, hosts), told_first["participant"]}
    assert first in world.members
    assert isinstance(world.enter()[0], Admit)
    world.leave(hosts)
    wait(world)


def test_a_chair_who_is_named_is_one_to_wait_for(world: World) -> None:
    inside = host(world)
    put(world, lobby="host")
    assert isinstance(world.enter()[0], Admit)
    world.leave(inside)
    # Somebody whom an operator let in, and makes the chair.
    put(world, lobby="all")
    channel = wait(world)
    admit(world, None)
    put(world, lobby="host")
    late = wait(world)
    world.command(
        commands.Act(at=world.at, number="1001", name="chair", arguments={"participant": ident(world, channel)})
    )
    assert late in world.members


def test_a_host_waits_for_nobody(world: World) -> None:
    channel = host(world)
    assert channel in world.members
    assert world.bridge.conferences["1001"].direction.chair == ident(world, channel)


def test_the_host_keys_in_the_pin_while_waiting(world: World) -> None:
    put(world, lobby="host")
    first, second = wait(world), wait(world)
    world.press(first, "0000#")
    assert len(waiting(world)) == 2
    world.press(first, "815100#")
    assert waiting(world) == []
    assert {first, second} <= world.members.keys()
    assert world.bridge.conferences["1001"].direction.chair == ident(world, first)


def test_pins_that_are_guessed_in_the_lobby_count(world: World) -> None:
    channels = [wait(world) for _ in range(8)]
    for channel in channels[:7]:
        for _ in range(3):
            world.press(channel, "1234#")
            world.at += 1
    assert world.bridge.pins.closed("1001", world.at)
    world.press(channels[7], "815100#")
    assert len(waiting(world)) == 8


def test_after_three_wrong_pins_nobody_listens_to_that_call_any_more(world: World) -> None:
    channel = wait(world)
    for _ in range(21):
        world.press(channel, "1234#")
        world.at += 4
    assert not world.bridge.pins.closed("1001", world.at)  # others may come
    world.press(channel, "815100#")
    assert len(waiting(world)) == 1


def test_wrong_pins_at_the_door_count_in_the_lobby(world: World) -> None:
    config = RoomConfig(number="1001", name="Phòng 1001", host_pin="815100", pin="2222", lobby="all")
    world.command(commands.PutRoom(at=world.at, config=config))
    for n, pin in enumerate(("1111", "1112", "2222"), 1):
        answer, channel = world.enter(door="guest", pin=pin, pin_tries=n)
    assert isinstance(answer, Wait)
    world.press(channel, "1234#")
    world.press(channel, "815100#")
    assert len(waiting(world)) == 1


def test_guesses_in_the_lobby_close_the_bridge_to_their_address(world: World) -> None:
    for _ in range(4):
        answer, channel = world.enter(door="guest", pin="", pin_tries=1, source="203.0.113.9")
        assert isinstance(answer, Wait)
        for pin in ("1234#", "1235#", "1236#"):
            world.press(channel, pin)
            world.at += 1
    assert world.bridge.scanners.closed("203.0.113.9", world.at)


def test_places_are_counted_once_however_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    crowded = full(Limits(room=2, bridge=99))
    put(crowded, lobby="all")
    inside = [wait(crowded) for _ in range(12)]
    admit(crowded, None)
    put(crowded, lobby="off")
    assert len(waiting(crowded)) == 10
    counted: list[str] = []
    crowd = Bridge.crowd

    def counting(bridge: Bridge, number: str) -> tuple[int, int]:
        counted.append(number)
        return crowd(bridge, number)

    monkeypatch.setattr(Bridge, "crowd", counting)
    crowded.talk(inside[0], True)
    assert counted == ["1001"]


def test_a_lobby_that_is_closed_lets_all_in(world: World) -> None:
    channel = wait(world)
    put(world, lobby="off")
    assert channel in world.members


def test_who_is_called_by_us_does_not_wait(world: World) -> None:
    from mcu.core.dialling.targets import parse_target

    world.command(
        commands.CallTerminal(
            at=world.at, number="1001", participant="0a0a0a0a", target=parse_target("sip:a"), name="A"
        )
    )
    assert isinstance(world.enter("0a0a0a0a", door="dialled")[0], Admit)


def full(limits: Limits) -> World:
    world = World(bridge=Bridge(catalogue(), limits))
    world.switch_up()
    return world


def test_a_full_room_lets_in_as_many_as_fit_and_the_next_when_one_leaves() -> None:
    world = full(Limits(room=2, bridge=9))
    put(world, lobby="all")
    channels = [wait(world) for _ in range(3)]
    admit(world, None)
    assert list(world.members) == channels[:2]
    (left_over,) = waiting(world)
    with pytest.raises(Conflict):
        admit(world, left_over)
    put(world, lobby="off")
    assert waiting(world) == [left_over]
    world.leave(channels[0])
    assert channels[2] in world.members


def test_who_waits_takes_a_place_in_the_bridge_but_none_in_the_room() -> None:
    world = full(Limits(room=2, bridge=3))
    put(world, lobby="all")
    for _ in range(3):
        wait(world)
    answer, _ = world.enter()
    assert not isinstance(answer, Wait)
    admit(world, None)
    assert len(world.members) == 2


def test_control_that_was_restarted_finds_who_waits(world: World) -> None:
    first, gone = wait(world), wait(world)
    world.at += 100
    world.switch_down()
    del world.waiting[gone]
    world.waiting[first] = events.Member(
        participant=world.waiting[first].participant, channel=first, room="1001", name="Huế", number="", muted=False,
        talking=False, subscribed="v-1001w-hd", codec="h264", fmtp="profile-level-id=42e01f", age=100.0,
    )  # fmt: skip
    world.switch_up()
    assert waiting(world) == [world.waiting[first].participant]
    anew = World(at=world.at, waiting=dict(world.waiting))
    put(anew, lobby="all")
    anew.switch_up()
    anew.mixer_up("run1", calls_kept=False)
    (visitor,) = anew.bridge.conferences["1001"].lobby.values()
    assert (visitor.id, visitor.name, visitor.key) == (world.waiting[first].participant, "Huế", "v-1001w-hd")
    assert visitor.entered_at == anew.at - 100
    admit(anew, None)
    assert first in anew.members


@pytest.mark.parametrize(("channel", "told"), [("PJSIP/t-xa1-0000000a", ""), ("PJSIP/h323-0000000a", "t-xa1")])
def test_control_that_was_restarted_knows_whose_terminal_waits(world: World, channel: str, told: str) -> None:
    limits = Overrides(kbit_to_terminal=256)
    account = TerminalAccount(name="xa1", password="x", display="Xã 1", overrides=limits, site=1)
    world.bridge.directory = Directory([Site(id=1, name="Xã 1")], [account])
    world.waiting[channel] = events.Member(
        participant="0badcafe", channel=channel, room="1001", name="Xã 1", number="", muted=False, talking=False,
        codec="h264", fmtp=HD, endpoint=told, age=100.0,
    )  # fmt: skip
    world.switch_up()
    visitor = world.bridge.conferences["1001"].lobby["0badcafe"]
    assert (visitor.terminal, visitor.site, visitor.entered_at) == ("xa1", 1, world.at - 100)
    assert visitor.bound_kbps == 192


def test_an_asterisk_that_was_restarted_has_nobody_waiting(world: World) -> None:
    wait(world)
    world.switch_down()
    world.waiting.clear()
    world.switch_up()
    assert waiting(world) == []


def test_whom_the_switch_did_not_let_in_waits_again_and_is_tried_again_by_rule_only(world: World) -> None:
    channel = wait(world)
    (name,) = waiting(world)
    (let_in,) = [e for e in lobby.admit(world.bridge, world.bridge.conferences["1001"], name, world.at)
                 if isinstance(e, do.LetIn)]  # fmt: skip
    world.happen(do.EffectFailed(at=world.at, effect=let_in))
    assert waiting(world) == [name]
    put(world, lobby="off")
    assert channel not in world.members  # not at once
    world.wait(2)
    assert channel in world.members


def test_a_let_in_whose_end_is_not_known_is_told_by_the_switch(world: World) -> None:
    wait(world)
    (name,) = waiting(world)
    lobby.admit(world.bridge, world.bridge.conferences["1001"], name, world.at)  # lost on the way
    assert waiting(world) == []
    world.switch_down()
    world.switch_up()
    assert waiting(world) == [name]

"""Keys that people press in a meeting: which acts they are, who may, and what is said to whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcu.core import commands
from mcu.core import effects as do
from mcu.core.entry.keypad import LONGEST, MOST, MOST_ORDERS, PAUSE, VOICE_EVERY, WITHIN, Keypads
from mcu.core.roster import RoomConfig
from tests.core.world import World, ident


@pytest.fixture
def world(world: World) -> World:
    config = RoomConfig(number="1001", name="Phòng 1001", host_pin="815100", language="en")
    world.command(commands.PutRoom(at=world.at, config=config))
    return world


def chair(world: World) -> str:
    _, channel = world.enter(door="guest", pin="815100", pin_tries=1)
    world.join(channel)
    return channel


def said(world: World, channel: str, keys: str) -> tuple[str, ...]:
    """What that one hears of it; nobody else hears anything."""
    before = len(world.log)
    world.at += WITHIN  # nobody is in a hurry
    world.press(channel, keys)
    whispers = [effect for effect in world.log[before:] if isinstance(effect, do.Whisper)]
    assert all(whisper.channel == channel for whisper in whispers)
    assert all(whisper.language == "en" for whisper in whispers)
    return tuple(prompt for whisper in whispers for prompt in whisper.prompts)


def direction(world: World):  # type: ignore[no-untyped-def]  # Direction; the tests read its fields
    return world.bridge.conferences["1001"].direction


def audited(world: World) -> list[tuple[str, bool, str]]:
    return [(e.act, e.presides, e.result) for e in world.log if isinstance(e, do.Keyed)]


def test_ones_own_microphone(world: World) -> None:
    channel, other = world.come(), world.come()
    assert said(world, channel, "*6") == ("mcu-you-are-muted",)
    assert (world.members[channel].muted, world.members[other].muted) == (True, False)
    assert said(world, channel, "*6") == ("mcu-you-are-unmuted",)
    assert not world.members[channel].muted
    assert audited(world) == [("mute", False, "ok")] * 2


def test_what_one_does_for_oneself_nobody_else_takes_back(world: World) -> None:
    channel = world.come()
    world.press(channel, "*6*4")
    assert world.bridge.conferences["1001"].done.name == ""


def test_while_another_has_the_floor_ones_microphone_stays_closed(world: World) -> None:
    boss, first, second = chair(world), world.come(), world.come()
    act(world, "floor", participant=ident(world, first))
    assert world.members[second].muted
    assert said(world, second, "*6") == ("mcu-not-possible",)
    assert world.members[second].muted
    assert said(world, first, "*6") == ("mcu-you-are-muted",)
    assert said(world, first, "*6") == ("mcu-you-are-unmuted",)
    assert said(world, boss, "*6")
    assert said(world, boss, "*6") == ("mcu-you-are-unmuted",) or not world.members[boss].muted


def act(world: World, name: str, **arguments: object) -> None:
    world.command(commands.Act(at=world.at, number="1001", name=name, arguments=arguments))


def test_hands_and_help(world: World) -> None:
    channel = world.come()
    assert said(world, channel, "*9") == ("mcu-hand-raised",)
    assert [a.participant for a in direction(world).hands] == [ident(world, channel)]
    assert said(world, channel, "*9") == ("mcu-hand-lowered",)
    assert direction(world).hands == ()
    assert said(world, channel, "*0") == ("mcu-help-called",)
    assert [a.participant for a in direction(world).help] == [ident(world, channel)]
    assert said(world, channel, "*0") == ("mcu-help-cancelled",)


def test_louder_and_quieter_within_bounds(world: World) -> None:
    channel = world.come()
    participant = world.bridge.participants("1001")[0]
    for _ in range(9):
        assert said(world, channel, "*4") == ("mcu-louder",)
    assert participant.gain_out == 12.0
    for _ in range(20):
        assert said(world, channel, "*7") == ("mcu-quieter",)
    assert participant.gain_out == -12.0


@pytest.mark.parametrize(("key", "by"), [("4", 4.0), ("7", -4.0)])
def test_louder_makes_nobody_quieter_whom_an_operator_made_louder_than_keys_do(
    world: World, key: str, by: float
) -> None:
    channel = world.come()
    participant = world.bridge.participants("1001")[0]
    far = {"participant": participant.id, "direction": "out", "db": 5 * by}
    world.command(commands.Act(at=world.at, number="1001", name="gain", arguments=far))
    said(world, channel, f"*{key}")
    assert participant.gain_out == 5 * by
    said(world, channel, "*7" if key == "4" else "*4")
    assert participant.gain_out == 4 * by


@pytest.mark.parametrize("key", "12358")
def test_the_chairs_keys_are_nobody_elses(world: World, key: str) -> None:
    chair(world)
    channel = world.come()
    before = direction(world), world.bridge.describe_room("1001")
    assert said(world, channel, f"*{key}") == ("mcu-chair-only",)
    assert (direction(world), world.bridge.describe_room("1001")) == before
    assert audited(world) == []


def test_the_chair_runs_the_meeting_by_keys(world: World) -> None:
    boss, first, second = chair(world), world.come(), world.come()
    assert said(world, boss, "*3") == ("mcu-no-hands",)
    world.press(second, "*9")
    assert said(world, boss, "*3") == ("mcu-floor-given",)
    assert (direction(world).mode, direction(world).focus) == ("floor", ident(world, second))
    assert said(world, boss, "*2") == ("mcu-free-talk",)
    assert direction(world).mode == "free"
    assert said(world, boss, "*5") == ("mcu-all-muted",)
    assert (world.members[first].muted, world.members[second].muted, world.members[boss].muted) == (True, True, False)
    assert said(world, boss, "*5") == ("mcu-all-open",)
    assert not world.members[first].muted
    assert said(world, boss, "*8") == ("mcu-locked-now",)
    assert world.locked == {"1001"}
    assert said(world, boss, "*8") == ("mcu-unlocked-now",)
    assert {presides for act_, presides, _ in audited(world) if act_ not in ("hand",)} == {True}


def test_another_host_closes_all_but_the_chairs_and_its_own_and_opens_them_again(world: World) -> None:
    boss, host, first = chair(world), chair(world), world.come()
    assert direction(world).chair == ident(world, boss)
    assert said(world, host, "*5") == ("mcu-all-muted",)
    assert [world.members[c].muted for c in (boss, host, first)] == [False, False, True]
    assert said(world, host, "*5") == ("mcu-all-open",)
    assert [world.members[c].muted for c in (boss, host, first)] == [False] * 3
    said(world, boss, "*6")
    assert said(world, host, "*5") == ("mcu-all-muted",)
    assert said(world, host, "*5") == ("mcu-all-open",)
    assert world.members[boss].muted  # the chair's is its own business


def test_a_host_where_nobody_is_chair_keeps_its_own_microphone(world: World) -> None:
    host, first = chair(world), world.come()
    act(world, "chair", participant=None)
    assert said(world, host, "*5") == ("mcu-all-muted",)
    assert [world.members[c].muted for c in (host, first)] == [False, True]
    assert said(world, host, "*5") == ("mcu-all-open",)
    assert [world.members[c].muted for c in (host, first)] == [False, False]


def test_the_next_layout_comes_round_again(world: World) -> None:
    boss = chair(world)
    seen = []
    for _ in range(len(list(world.bridge.catalogue)) + 1):
        assert said(world, boss, "*1") == ("mcu-layout-changed",)
        seen.append(world.bridge.rooms["1001"].config.layout)
    assert len(set(seen)) == len(seen)
    assert seen[-1] == "auto"


def test_the_chairs_acts_can_be_taken_back_as_the_panels(world: World) -> None:
    boss = chair(world)
    world.press(boss, "*1")
    act(world, "undo")
    assert world.bridge.rooms["1001"].config.layout == "auto"


def test_the_menu_tells_each_what_is_theirs(world: World) -> None:
    boss, channel = chair(world), world.come()
    assert said(world, channel, "**") == ("mcu-keys",)
    assert said(world, boss, "**") == ("mcu-keys", "mcu-keys-chair")


def test_an_act_that_cannot_be_is_said_and_audited(world: World) -> None:
    channel = world.come()
    world.switch_down()
    world.switch = True  # its keys are heard of late
    assert said(world, channel, "*6") == ("mcu-not-possible",)
    assert audited(world) == [("mute", False, "asterisk_down")]


@pytest.mark.parametrize("keys", ["6", "9999", "#", "*#", "*A", "1234*", "6*"])
def test_other_keys_mean_nothing(world: World, keys: str) -> None:
    channel = world.come()
    assert said(world, channel, keys) == ()
    assert not world.members[channel].muted


def test_a_star_that_nothing_follows_is_forgotten(world: World) -> None:
    channel = world.come()
    world.press(channel, "*")
    world.at += PAUSE + 0.1
    assert said(world, channel, "6") == ()
    world.press(channel, "*")
    world.at += PAUSE
    world.press(channel, "6")
    assert world.members[channel].muted


def test_each_has_a_keypad_of_its_own(world: World) -> None:
    first, second = world.come(), world.come()
    world.press(first, "*")
    world.press(second, "6")
    assert not world.members[second].muted
    world.press(first, "6")
    assert world.members[first].muted


def test_keys_of_a_call_that_is_not_the_participants_now_are_not_its_own(world: World) -> None:
    channel = world.come()
    world.members["PJSIP/x-00000099"] = replace(world.members[channel], channel="PJSIP/x-00000099")
    assert said(world, "PJSIP/x-00000099", "*6") == ()


def test_a_keypad_that_is_hammered_is_not_obeyed_for_ever(world: World) -> None:
    """Each order is told to everybody who looks on, and kept."""
    channel = world.come()
    before = len(world.log)
    world.press(channel, "*9" * 100)
    done = world.log[before:]
    assert len([e for e in done if isinstance(e, do.Keyed)]) == MOST_ORDERS
    assert len([e for e in done if isinstance(e, do.Whisper)]) == 1
    world.at += WITHIN
    assert said(world, channel, "*9") == ("mcu-hand-raised",)


def test_a_voice_is_not_talked_over(world: World) -> None:
    channel = world.come()
    assert said(world, channel, "*4*4*4") == ("mcu-louder",)
    assert world.bridge.participants("1001")[0].gain_out == 12.0
    world.at += VOICE_EVERY
    before = len(world.log)
    world.press(channel, "*7")
    assert len([e for e in world.log[before:] if isinstance(e, do.Whisper)]) == 1


def test_what_is_kept_of_keys_is_bounded() -> None:
    keypads = Keypads()
    for n in range(3 * MOST):
        keypads.press(f"{n:08x}", "1", 100.0)
        assert keypads.may_order(f"{n:08x}", 100.0)
        assert keypads.may_speak(f"{n:08x}", 100.0)
    assert len(keypads._typed) == len(keypads._ordered) == len(keypads._told) == MOST
    for _ in range(100):
        typed = keypads.press("x", "9", 100.0)
    assert len(typed) == LONGEST

"""A meeting as core runs it, one behaviour at a time. Random histories are in test_invariants.py."""

from __future__ import annotations

from dataclasses import replace

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.entry.answers import Admit
from mcu.core.roster import Memory
from tests.core.world import CIF, HD, Dial, World, ident


def dials(effects: list[do.Effect]) -> list[str]:
    """What is dialled, in order."""
    return [
        effect.participant if isinstance(effect, do.DialLeg) else f"{effect.view}/{effect.rate_class}"
        for effect in effects
        if isinstance(effect, do.DialLeg | do.DialView)
    ]


# --- views and legs


def test_who_asks_to_be_sent_less_gets_the_class_that_fits(world: World) -> None:
    channel = world.come()
    other = world.come()
    for limit, key in ((400_000, "v-1001-cif"), (1_000, "v-1001-qcif15"), (0, "v-1001-hd")):
        world.limit(channel, limit)
        world.answer_all()
        assert world.members[channel].subscribed == key
        assert world.members[other].subscribed == "v-1001-hd"


def test_both_pictures_are_dialled_at_the_door_the_views_first(world: World) -> None:
    answer, _ = world.enter()
    assert isinstance(answer, Admit)
    assert answer.view == "v-1001-hd"
    assert dials(world.log) == ["1001/hd", answer.participant]
    puts = [effect for effect in world.log if isinstance(effect, do.PutView)]
    assert world.log.index(puts[0]) < world.log.index(next(e for e in world.log if isinstance(e, do.DialView)))


def test_a_class_in_use_is_dialled_once(world: World) -> None:
    world.come()
    world.answer_all()
    before = len(world.log)
    world.come()
    assert [d for d in dials(world.log[before:]) if "/" in d] == []


def test_each_class_has_its_view_leg(world: World) -> None:
    for video in (f"h264 {HD}", f"h264 {CIF}", "h264 profile-level-id=42e01e"):
        world.come(video=video)
    assert [c.name for c in world.views["1001"].classes] == ["hd", "sd", "cif"]
    assert {d.ident for d in world.dials if d.kind == "view"} == {"1001/hd", "1001/sd", "1001/cif"}


def test_who_has_sound_only_has_a_tile_and_no_leg(world: World) -> None:
    channel = world.come(video="")
    assert [t.participant for t in world.views["1001"].scene.tiles] == [ident(world, channel)]
    assert dials(world.log) == []
    assert world.views["1001"].classes == ()


def test_video_added_later_is_dialled_and_shown(world: World) -> None:
    channel = world.come(video="")
    world.show(channel, HD)
    assert dials(world.log) == ["1001/hd", ident(world, channel)]
    assert world.members[channel].subscribed == "v-1001-hd"


def test_other_bounds_told_later_move_a_terminal_to_another_class(world: World) -> None:
    channel = world.come()
    world.show(channel, CIF)
    assert world.members[channel].subscribed == "v-1001-cif"
    world.wait(6)
    assert [c.name for c in world.views["1001"].classes] == ["cif"]


def test_a_class_that_nobody_takes_stays_for_the_next_and_goes_after_some_seconds(world: World) -> None:
    channel = world.come()
    world.answer_all()
    world.leave(channel)
    assert [leg.ident for leg in world.legs.values()] == ["1001/hd"]
    world.wait(4.9)
    assert len(world.legs) == 1
    world.wait(0.2)
    assert not world.legs
    assert not world.views
    assert world.bridge.conferences == {}
    assert world.bridge.due() is None


def test_a_newcomer_within_the_grace_finds_the_view_running(world: World) -> None:
    world.leave(world.come())
    world.answer_all()
    world.wait(3)
    before = len(world.log)
    world.come()
    assert [d for d in dials(world.log[before:]) if "/" in d] == []


def test_a_failed_dial_is_repeated_with_growing_pauses_up_to_five_seconds(world: World) -> None:
    world.enter()
    leg = next(d for d in world.dials if d.kind == "leg")
    world.answer(next(d for d in world.dials if d.kind == "view"))
    pauses = []
    for _ in range(8):
        world.refuse(leg)
        failed_at, waited = world.at, world.bridge.due()
        assert waited is not None
        world.at = waited
        world.tick(0)
        assert world.dials == [leg]
        pauses.append(round(world.at - failed_at, 3))
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]


def test_a_leg_that_stood_long_is_dialled_again_soon(world: World) -> None:
    world.come()
    world.answer_all()
    channel = next(c for c, leg in world.legs.items() if leg.kind == "leg")
    world.wait(60)
    world.drop_leg(channel)
    assert world.dials == []
    world.wait(0.2)
    assert len(world.legs) == 2


def test_a_dial_whose_outcome_is_lost_is_repeated(world: World) -> None:
    world.enter()
    lost = list(world.dials)
    world.dials.clear()
    world.tick(11)
    assert world.dials == []
    world.tick(1.1)
    world.tick(0.2)
    assert world.dials == lost


def test_of_two_legs_of_one_participant_the_newer_stays(world: World) -> None:
    channel = world.come()
    world.answer_all()
    old = next(c for c, leg in world.legs.items() if leg.kind == "leg")
    world.dials.append(Dial("leg", ident(world, channel), "run1"))
    world.answer_all()
    assert old not in world.legs
    assert len(world.legs) == 2


def test_a_leg_that_comes_up_after_its_participant_left_is_hung_up(world: World) -> None:
    _, channel = world.enter()
    leg = next(d for d in world.dials if d.kind == "leg")
    world.turn_away(channel)
    world.answer(leg)
    assert [k.kind for k in world.legs.values()] == []


def test_a_hang_up_without_effect_is_repeated_and_then_left_to_the_next_snapshot(world: World) -> None:
    effects = world.happen(
        events.LegUp(at=world.at, channel="PJSIP/x-00000001", kind="leg", ident="gone", mixer="run1")
    )
    tries = len(effects)
    for _ in range(10):
        tries += len(world.tick(5))
    assert tries == 3
    assert world.bridge.due() is None


def test_a_call_that_never_reaches_the_room_is_forgotten(world: World) -> None:
    world.enter()
    world.answer_all()
    world.wait(66)
    assert world.bridge.conferences == {}
    assert world.legs == {}


# --- what is seen


def test_tiles_close_up_when_somebody_leaves(world: World) -> None:
    channels = [world.come() for _ in range(3)]
    world.leave(channels[1])
    tiles = world.views["1001"].scene.tiles
    assert [t.participant for t in tiles] == [ident(world, channels[0]), ident(world, channels[2])]
    assert [round(t.x, 2) for t in tiles] == [0, 0.5]


def test_of_more_than_25_the_latest_talkers_are_seen(world: World) -> None:
    channels = [world.come(video="") for _ in range(30)]
    shown = [t.participant for t in world.views["1001"].scene.tiles]
    assert shown == [ident(world, c) for c in channels[:25]]
    world.at += 1
    world.talk(channels[29], True)
    now = [t.participant for t in world.views["1001"].scene.tiles]
    assert ident(world, channels[29]) in now
    assert sum(a != b for a, b in zip(shown, now, strict=True)) == 1
    world.talk(channels[29], False)
    assert [t.participant for t in world.views["1001"].scene.tiles] == now


def test_nothing_new_is_not_put_again(world: World) -> None:
    channel = world.come()
    world.talk(channel, True)
    before = len(world.log)
    world.talk(channel, True)
    assert [e for e in world.log[before:] if isinstance(e, do.PutView)] == []


def test_a_chosen_layout_shows_no_more_than_it_holds(world: World) -> None:
    for _ in range(3):
        world.come(video="")
    world.command(commands.ChangeRoom(at=world.at, number="1001", layout="1+1"))
    assert len(world.views["1001"].scene.tiles) == 2
    world.command(commands.ChangeRoom(at=world.at, number="1001", layout="auto"))
    assert len(world.views["1001"].scene.tiles) == 3


# --- losses


def test_while_the_mixer_is_away_nothing_is_dialled_or_put(world: World) -> None:
    world.mixer_down()
    before = len(world.log)
    world.come()
    assert not [e for e in world.log[before:] if isinstance(e, do.DialLeg | do.DialView | do.PutView)]
    world.mixer_up("run1", calls_kept=True)
    assert len(world.dials) == 2
    assert "1001" in world.views


def test_a_mixer_back_with_its_calls_keeps_them_and_a_lost_one_is_dialled(world: World) -> None:
    channel = world.come()
    world.answer_all()
    legs = dict(world.legs)
    world.mixer_down()
    views = ("1001/hd",)
    world.mixer = "run1"
    world.happen(events.MixerUp(at=world.at, mixer="run1", legs=(), views=views))
    assert [leg.kind for c, leg in world.legs.items() if c in legs] == ["view"]
    assert [d.ident for d in world.dials] == [ident(world, channel)]


def test_a_view_that_nobody_took_is_dropped_when_the_mixer_is_back(world: World) -> None:
    """Without a leg its mixer does not list it."""
    sound_only = world.appear("1001")
    world.mixer_down()
    world.leave(sound_only)
    world.mixer_up("run1", calls_kept=True)
    assert not world.views


def test_an_unneeded_view_of_a_mixer_that_came_back_is_dropped(world: World) -> None:
    world.mixer_down()
    effects = world.happen(events.MixerUp(at=world.at, mixer="run1", legs=(), views=("1002/hd", "77/sd")))
    assert {e.view for e in effects if isinstance(e, do.DropView)} == {"1002", "77"}


def test_legs_of_another_run_found_at_control_s_start_are_dialled_anew(world: World) -> None:
    channel = world.come()
    world.answer_all()
    fresh = World()
    fresh.members, fresh.legs = world.members, dict(world.legs)
    fresh.switch_up()
    assert len(fresh.legs) == 2
    fresh.mixer_up("run2", calls_kept=False)
    assert fresh.legs == {}
    assert {d.ident for d in fresh.dials} == {ident(world, channel), "1001/hd"}


def test_orphans_found_at_the_start_are_hung_up(world: World) -> None:
    world.come()
    world.answer_all()
    fresh = World()
    fresh.legs = dict(world.legs)
    fresh.switch_up()
    assert fresh.legs == {}


def test_who_joined_when_is_remembered_over_a_restart_of_control(world: World) -> None:
    channels = [world.come() for _ in range(3)]
    fresh = World()
    fresh.at = world.at + 60
    fresh.members = {c: world.members[c] for c in (channels[2], channels[1], channels[0])}
    fresh.bridge.memories = {  # of the same moment: their order counts
        ident(world, c): Memory(joined_at=world.at, kind="terminal", room="1001") for c in channels[:2]
    }
    fresh.switch_up()
    found = [(p.channel, p.joined_at, p.kind) for p in fresh.bridge.participants("1001")]
    assert found == [
        (channels[0], world.at, "terminal"),
        (channels[1], world.at, "terminal"),
        (channels[2], fresh.at, "terminal"),
    ]


def test_what_a_terminal_is_is_read_back_after_a_restart_of_control(world: World) -> None:
    channel = world.come()
    world.members[channel] = replace(world.members[channel], device="Polycom\u202e HDX")
    fresh = World(members=world.members)
    fresh.switch_up()
    assert [p.device for p in fresh.bridge.participants()] == ["Polycom HDX"]


def test_nothing_is_kept_of_a_call_that_was_lost_at_the_door(world: World) -> None:
    world.enter()
    world.wait(120)
    assert world.bridge.conferences == {}
    assert world.bridge._where == {}


def test_a_lock_ends_with_the_last_one_also_while_control_is_away() -> None:
    fresh = World()
    for number in ("1001", "1002"):
        fresh.act("lock", number=number, on=True)
    fresh.bridge.memories = {"0000000a": Memory(joined_at=fresh.at, kind="terminal", room="1001")}
    fresh.switch_up()
    assert [fresh.bridge.describe_room(n)["locked"] for n in ("1001", "1002")] == [False, True]
    assert [e for e in fresh.log if isinstance(e, do.StoreLock)][2:] == [do.StoreLock(room="1001", on=False)]


def test_a_room_that_control_does_not_know_is_taken_as_it_is() -> None:
    fresh = World()
    fresh.members["PJSIP/a-00000001"] = events.Member(
        participant="0000000a", channel="PJSIP/a-00000001", room="77", name="", number="2001", muted=True, talking=False
    )
    fresh.switch_up()
    assert [(p.room, p.name, p.muted) for p in fresh.bridge.participants()] == [("77", "2001", True)]
    assert fresh.bridge.describe_room("77")["open"] is False


def test_notices_tell_of_losses_and_returns(world: World) -> None:
    world.come()
    world.switch_down()
    world.members.clear()
    world.switch_up()
    world.mixer_down()
    world.mixer_up("run2", calls_kept=False)
    told = [e for e in world.log if isinstance(e, do.Notice)]
    assert told[0].data["reason"] in told[0].text
    assert told[1].data == {"lost": 1, "before": 1}
    assert [(e.code, e.level) for e in told] == [
        ("asterisk_away", "warning"),
        ("asterisk_back", "warning"),
        ("mixer_away", "warning"),
        ("mixer_restarted", "warning"),
    ]

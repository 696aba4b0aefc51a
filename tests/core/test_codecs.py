"""What follows from a terminal's codec: its class from what was negotiated, its leg from what really comes."""

from __future__ import annotations

from mcu.core import effects as do
from tests.core.world import HD, World


def _legs(world: World) -> list[tuple[str, str]]:
    return sorted((leg.ident, leg.codec) for leg in world.legs.values() if leg.kind == "leg")


def test_each_codec_has_its_class_and_its_leg(world: World) -> None:
    channels = [world.come(video=video) for video in (f"h264 {HD}", "h263p CIF=1", "h263 CIF=2", "h261 QCIF=3")]
    world.answer_all()
    keys = ["v-1001-hd", "v-1001-h263pcif", "v-1001-h263cif15", "v-1001-h261qcif7"]
    assert [world.members[channel].subscribed for channel in channels] == keys
    assert [codec for _, codec in _legs(world)] == ["h264", "h263p", "h263", "h261"]
    assert [one.codec for one in world.views["1001"].classes] == ["h264", "h263p", "h263", "h261"]


def test_who_sends_another_codec_than_agreed_gets_another_leg_and_keeps_its_picture(world: World) -> None:
    channel = world.come()
    world.show(channel, HD)
    world.answer_all()
    before = _legs(world)
    world.show(channel, "CIF=1", "h263")
    world.answer_all()
    assert _legs(world) == [(before[0][0], "h263")]
    assert world.members[channel].subscribed == "v-1001-hd"
    asked = len(world.log)
    world.show(channel, "CIF=1", "h263")
    world.wait(1)
    assert not [effect for effect in world.log[asked:] if isinstance(effect, do.DialLeg)]


def test_another_codec_by_negotiation_changes_both(world: World) -> None:
    channel = world.come()
    world.show(channel, HD)
    world.answer_all()
    world.negotiate(channel, "h261", "QCIF=1")
    world.answer_all()
    assert world.members[channel].subscribed == "v-1001-h261qcif15"
    assert [codec for _, codec in _legs(world)] == ["h261"]
    world.negotiate(channel, "h264", HD)
    world.answer_all()
    assert world.members[channel].subscribed == "v-1001-hd"
    assert [codec for _, codec in _legs(world)] == ["h264"]


def test_a_leg_that_is_answered_too_late_is_not_the_one(world: World) -> None:
    """Its successor, of the right codec, is being dialled; and that one's fate is its own."""
    channel = world.come()
    late = next(dial for dial in world.dials if dial.kind == "leg")
    world.show(channel, "CIF=1", "h263")
    right = next(dial for dial in world.dials if dial.codec == "h263")
    world.answer(late)
    assert _legs(world) == []
    world.answer(right)
    assert [codec for _, codec in _legs(world)] == ["h263"]


def test_a_leg_that_fails_too_late_does_not_spoil_its_successor(world: World) -> None:
    channel = world.come()
    late = next(dial for dial in world.dials if dial.kind == "leg")
    world.show(channel, "CIF=1", "h263")
    world.refuse(late)
    world.wait(1)
    assert len([dial for dial in world.dials if dial.codec == "h263"]) == 1
    world.answer_all()
    assert [codec for _, codec in _legs(world)] == ["h263"]


def test_control_finds_legs_of_the_right_codec_and_others(world: World) -> None:
    """After its own restart: a leg that fits what comes stays, another is dialled anew."""
    first, second = world.come(), world.come(video="h263 CIF=1")
    world.show(first, "CIF=1", "h263")
    world.show(second, "CIF=1", "h263")
    world.answer_all()
    world.switch_down()
    legs = set(world.legs)
    world.negotiate(second, "h261", "CIF=1")  # unheard
    world.show(second, "CIF=1", "h261")
    world.switch_up()
    world.answer_all()
    world.wait(1)
    assert [codec for _, codec in _legs(world)] == ["h263", "h261"]
    assert len(legs & set(world.legs)) >= 2, "the leg and the view that fitted were dialled anew"
    assert world.members[first].subscribed == "v-1001-hd"
    assert world.members[second].subscribed == "v-1001-h261cif"


def test_no_video_left_ends_leg_and_picture(world: World) -> None:
    channel = world.come()
    world.answer_all()
    world.negotiate(channel, "vp8", "")
    world.answer_all()
    assert _legs(world) == []
    assert world.members[channel].subscribed == ""

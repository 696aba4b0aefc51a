"""Who has H.239 gets the presentation as a picture of its own, on a line that is kept like those to the mixer."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from mcu.core import effects as do
from mcu.core.lines import LAST_RETRY
from mcu.core.picture.slides import FPS
from tests.core.world import CIF, HD, Dial, World, ident


def asked(world: World) -> list[Dial]:
    return [dial for dial in world.dials if dial.kind == "slides"]


def lines(world: World) -> dict[str, str]:
    """Participant to picture, of those that stand."""
    return {leg.ident: leg.key for leg in world.legs.values() if leg.kind == "slides"}


def channel_of(world: World, participant: str) -> str:
    return next(leg.channel for leg in world.legs.values() if (leg.kind, leg.ident) == ("slides", participant))


def receiver(world: World, **content: object) -> str:
    channel = world.come()
    world.content(channel, **content)  # type: ignore[arg-type]  # as content takes them
    return channel


def test_the_presentation_alone_goes_to_who_takes_it_and_ends_with_it(world: World) -> None:
    owner, other = receiver(world), receiver(world)
    world.come()
    assert not asked(world)
    assert set(world.views) == {"1001"}
    slides = world.present(owner)
    assert [(dial.ident, dial.key) for dial in asked(world)] == [(ident(world, other), "v-1001s-hd15")]
    (dialled,) = [effect for effect in world.log if isinstance(effect, do.DialSlides)]
    assert (dialled.tag, dialled.codec) == (other[-8:] * 2, "h264")
    put = world.views["1001s"]
    assert [(tile.participant, tile.w, tile.h, tile.name) for tile in put.scene.tiles] == [
        (ident(world, slides), 1.0, 1.0, "")
    ]
    assert [(c.name, c.width, c.fps, c.kbps) for c in put.classes] == [("hd15", 1280, FPS, 1500)]
    assert put.scene.fps == FPS
    world.answer_all()
    assert lines(world) == {ident(world, other): "v-1001s-hd15"}
    assert ("view", "1001s/hd15") in {(leg.kind, leg.ident) for leg in world.legs.values()}
    assert world.told[ident(world, other)]["slides"] is True
    assert world.told[ident(world, owner)]["slides"] is False

    world.leave(slides)
    assert not lines(world)
    assert "1001s" not in world.views
    assert {leg.ident for leg in world.legs.values() if leg.kind == "view"} == {"1001/hd"}
    assert world.told[ident(world, other)]["slides"] is False


def test_who_has_it_beside_sees_the_people_in_the_main_picture_and_all_others_both(world: World) -> None:
    owner, other, third = receiver(world), receiver(world), world.come()
    slides = world.present(owner)
    assert set(world.views) == {"1001", "1001s"}, "nobody sees the people alone yet"
    assert world.members[other].subscribed == "v-1001-hd"
    world.answer_all()
    assert world.members[other].subscribed == "v-1001p-hd"
    assert {world.members[channel].subscribed for channel in (owner, third)} == {"v-1001-hd"}
    people = [ident(world, channel) for channel in (owner, other, third)]
    assert [tile.participant for tile in world.views["1001p"].scene.tiles] == people
    assert [tile.participant for tile in world.views["1001"].scene.tiles] == [ident(world, slides), *people]
    world.answer_all()
    assert ("view", "1001p/hd") in {(leg.kind, leg.ident) for leg in world.legs.values()}

    world.drop_leg(channel_of(world, ident(world, other)))
    assert world.members[other].subscribed == "v-1001-hd", "as long as it has nothing beside"
    assert "1001p" not in world.views
    world.wait(1)
    assert world.members[other].subscribed == "v-1001p-hd"
    world.limit(other, 400_000)
    assert world.members[other].subscribed == "v-1001p-cif"
    assert [c.name for c in world.views["1001p"].classes] == ["cif"]
    world.leave(slides)
    assert world.members[other].subscribed == "v-1001-cif"
    assert set(world.views) == {"1001"}


def test_each_gets_the_class_that_its_channel_takes_and_another_without_a_new_call(world: World) -> None:
    owner, big, small = world.come(), receiver(world), receiver(world, fmtp=CIF)
    world.present(owner)
    world.answer_all()
    assert lines(world) == {ident(world, big): "v-1001s-hd15", ident(world, small): "v-1001s-cif15"}
    assert [c.name for c in world.views["1001s"].classes] == ["hd15", "cif15"]
    before = channel_of(world, ident(world, big))
    world.content(big, bit_rate=700_000)
    assert lines(world)[ident(world, big)] == "v-1001s-hd5"
    assert channel_of(world, ident(world, big)) == before
    assert [c.name for c in world.views["1001s"].classes] == ["hd5", "cif15"], "what nobody takes is not encoded"


def test_another_codec_is_another_call(world: World) -> None:
    other = receiver(world)
    world.present(world.come())
    world.answer_all()
    before = channel_of(world, ident(world, other))
    world.content(other, codec="h263", fmtp="CIF=1;QCIF=1")
    assert before not in world.legs
    assert [effect.codec for effect in world.log if isinstance(effect, do.DialSlides)] == ["h264", "h263"]
    world.answer_all()
    assert lines(world) == {ident(world, other): "v-1001s-h263cif15"}
    assert [(c.codec, c.width) for c in world.views["1001s"].classes] == [("h263", 352)]


def test_who_joins_while_it_runs_gets_it_as_soon_as_its_gateway_tells(world: World) -> None:
    world.present(world.come())
    late = world.come()
    assert not asked(world)
    world.content(late)
    world.answer_all()
    assert lines(world) == {ident(world, late): "v-1001s-hd15"}
    world.leave(late)
    assert not lines(world)
    assert "1001s" not in world.views


def test_who_is_about_to_present_gets_none_and_then_the_former_presenter_does(world: World) -> None:
    one, other = receiver(world), receiver(world)
    first = world.present(one)
    world.answer_all()
    assert set(lines(world)) == {ident(world, other)}
    world.content(other, codec="")  # it has the token
    assert not lines(world)
    world.content(one, codec="")
    world.present(other)
    assert first not in world.members
    world.content(one)  # it has given the token back
    world.answer_all()
    assert set(lines(world)) == {ident(world, one)}


def test_who_opened_a_channel_for_slides_gets_none(world: World) -> None:
    one, other = world.come(), receiver(world)
    world.present(one)
    world.answer_all()
    _, idle = world.enter(presents=world.call_id(other))
    world.join(idle)
    assert not lines(world)
    world.leave(idle)
    world.answer_all()
    assert set(lines(world)) == {ident(world, other)}


def test_a_line_that_breaks_is_dialled_again_and_slower_each_time(world: World) -> None:
    other = receiver(world)
    world.present(world.come())
    world.answer_all()
    world.drop_leg(channel_of(world, ident(world, other)))
    dialled_at = []
    for _ in range(40):
        for dial in asked(world):
            dialled_at.append(world.at)
            if len(dialled_at) < 4:
                world.refuse(dial)
        world.tick(0.1)
    pauses = [after - before for before, after in itertools.pairwise(dialled_at[:4])]
    assert len(pauses) == 3
    assert pauses == sorted(pauses)
    world.answer_all()
    assert set(lines(world)) == {ident(world, other)}


@pytest.mark.parametrize("cause", [21, 58, 88])
def test_who_refuses_is_left_in_peace_until_somebody_else_presents(world: World, cause: int) -> None:
    owner, other = world.come(), receiver(world)
    slides = world.present(owner)
    world.refuse(asked(world)[0], cause)
    world.wait(60)
    assert not asked(world)
    assert not lines(world)
    assert "1001s" not in world.views
    world.leave(slides)
    world.present(owner)
    world.answer_all()
    assert set(lines(world)) == {ident(world, other)}
    world.drop_leg(channel_of(world, ident(world, other)), cause)
    world.wait(60)
    assert not lines(world)


def test_a_terminal_that_never_answers_is_given_up(world: World) -> None:
    other = receiver(world)
    world.present(world.come())
    tries = 0
    for _ in range(200):
        for dial in asked(world):
            world.refuse(dial, 18)
            tries += 1
        for dial in list(world.dials):
            world.answer(dial)
        world.tick(LAST_RETRY / 10)
    assert 3 <= tries <= 6
    assert "1001s" not in world.views
    world.content(other, codec="")
    world.content(other)
    assert asked(world), "it has other capabilities now"


def test_without_a_mixer_nobody_is_dialled_and_lines_that_stand_stay(world: World) -> None:
    other = receiver(world)
    slides = world.present(world.come())
    world.answer_all()
    before = channel_of(world, ident(world, other))
    world.mixer_down()
    late = receiver(world)
    assert not asked(world)
    world.mixer_up("run2", calls_kept=False)
    world.answer_all()
    assert set(lines(world)) == {ident(world, other), ident(world, late)}
    assert channel_of(world, ident(world, other)) == before
    assert world.views["1001s"].scene.tiles[0].participant == ident(world, slides)
    assert sum(1 for leg in world.legs.values() if (leg.kind, leg.ident) == ("view", "1001s/hd15")) == 1


def test_slides_that_end_while_the_mixer_is_away_leave_no_view_behind(world: World) -> None:
    receiver(world)
    slides = world.present(world.come())
    world.answer_all()
    world.mixer_down()
    world.leave(slides)
    world.mixer_up("run1", calls_kept=True)
    assert set(world.views) == {"1001"}


def test_control_restarted_takes_over_what_stands(world: World) -> None:
    other = receiver(world)
    world.present(world.come())
    world.answer_all()
    world.answer_all()
    before = dict(world.legs)
    again = World()
    again.members, again.legs, again.views = world.members, world.legs, world.views
    again.switch_up()
    again.mixer_up("run1", calls_kept=True)
    assert again.legs == before, "before the gateway has told anything"
    assert not again.dials
    again.content(other)
    assert again.legs == before
    assert set(again.views) == {"1001", "1001s", "1001p"}
    again.leave(other)
    assert set(again.views) == {"1001"}


def test_control_restarted_ends_lines_of_who_left_or_what_is_over(world: World) -> None:
    other = receiver(world)
    slides = world.present(world.come())
    world.answer_all()
    world.switch_down()
    world.leave(slides)
    world.switch_up()
    assert not lines(world)
    assert set(world.views) == {"1001"}
    assert ident(world, other) in world.told


def test_a_line_that_does_not_get_another_picture_is_dialled_anew(world: World) -> None:
    other = receiver(world)
    world.present(world.come())
    world.answer_all()
    before = channel_of(world, ident(world, other))
    world.content(other, bit_rate=700_000)
    (effect,) = [e for e in world.log if isinstance(e, do.Subscribe) and e.channel == before]
    world.happen(do.EffectFailed(at=world.at, effect=effect))
    assert before not in world.legs
    world.wait(1)
    assert lines(world) == {ident(world, other): "v-1001s-hd5"}


def test_what_is_told_in_an_odd_way_is_no_content_channel(world: World) -> None:
    other = world.come()
    world.present(world.come())
    odd: list[object] = ["h264", {"codec": "h264"}, {"codec": 1, "fmtp": HD, "bit_rate": 0}, {"codec": "vp8"}, [], None]
    for content in odd:
        world.gateway_tells(other, tag="0123456789abcdef", content=content)
        assert not asked(world)
    for tag in (None, 7, "a,b", ""):
        world.gateway_tells(other, tag=tag, content={"codec": "h264", "fmtp": HD, "bit_rate": 0})
        assert not asked(world)


def test_a_leg_of_somebody_who_is_not_there_is_ended(world: World) -> None:
    other = receiver(world)
    world.present(world.come())
    world.answer_all()
    channel = channel_of(world, ident(world, other))
    world.switch_down()
    world.legs["PJSIP/h323-000000ff"] = replace(world.legs[channel], channel="PJSIP/h323-000000ff", ident="deadbeef")
    world.switch_up()
    assert "PJSIP/h323-000000ff" not in world.legs
    assert channel in world.legs

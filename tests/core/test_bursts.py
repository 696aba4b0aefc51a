"""What Asterisk tells of many microphones at a time is settled once, and comes to the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.conference import Conference
from tests.core.world import HD, World

PEOPLE = 6
WORDS = st.lists(st.tuples(st.integers(0, PEOPLE - 1), st.booleans()), max_size=PEOPLE, unique_by=lambda told: told[0])
ORDERS = st.lists(
    st.sampled_from(
        [
            ("floor", {"participant": 1}),
            ("lecture", {"participant": 2, "mute": True}),
            ("mute_all", {"on": True}),
            ("free_talk", {"open": True}),
            ("undo", {}),
        ]
    ),
    max_size=3,
)


def meeting(orders: list[tuple[str, dict[str, Any]]]) -> World:
    """Six people of whom it was ordered so, in a room whose switch has not yet told of it."""
    world = World()
    world.switch_up()
    world.mixer_up("run1", calls_kept=False)
    for n in range(PEOPLE):
        _, channel = world.enter(video=f"h264 {HD}" if n % 2 else "")
        world.join(channel)
        world.answer_all()
    ids = [p.id for p in world.bridge.participants("1001")]
    for name, given_ in orders:
        arguments = {key: ids[value] if key == "participant" else value for key, value in given_.items()}
        if name == "undo" and not world.bridge.conferences["1001"].done.top:
            continue
        world.log += world.bridge.handle(
            commands.Act(at=world.at, number="1001", name=name, arguments=arguments)
        )  # and the switch takes its time
    world.log.clear()
    return world


def told(world: World, words: list[tuple[int, bool]]) -> list[events.Muted]:
    people = world.bridge.participants("1001")
    return [
        events.Muted(at=world.at, participant=people[n].id, channel=people[n].channel, room="1001", on=on)
        for n, on in words
    ]


def outcome(world: World, effects: list[do.Effect]) -> tuple[Any, ...]:
    """What everybody is left with: the state, what the bus was told of each, the last picture, instructions."""
    conference = world.bridge.conferences["1001"]
    changed = {e.data["id"]: e.data for e in effects if isinstance(e, do.Tell) and e.event == "participant.changed"}
    scenes = {e.view: e for e in effects if isinstance(e, do.PutView)}
    others = [e for e in effects if not isinstance(e, do.Tell | do.PutView)]
    return _state(conference), changed, scenes, others, world.bridge.due()


def _state(conference: Conference) -> Any:
    people = [(p.describe(), p.ordered, p.orders) for p in conference.present.values()]
    return people, conference.direction


@settings(max_examples=60, deadline=None)
@given(orders=ORDERS, words=WORDS)
def test_together_they_come_to_what_they_come_to_one_by_one(
    orders: list[tuple[str, dict[str, Any]]], words: list[tuple[int, bool]]
) -> None:
    single, together = meeting(orders), meeting(orders)
    one_by_one = [effect for event in told(single, words) for effect in single.bridge.handle(event)]
    at_once = together.bridge.handle_burst(told(together, words))
    assert outcome(together, at_once) == outcome(single, one_by_one)


def test_a_burst_is_settled_once() -> None:
    world = meeting([("mute_all", {"on": True})])
    effects = world.bridge.handle_burst(told(world, [(n, True) for n in range(PEOPLE)]))
    changed = [e.data["id"] for e in effects if isinstance(e, do.Tell) and e.event == "participant.changed"]
    assert sorted(changed) == sorted(p.id for p in world.bridge.participants("1001")), "each is told, once"
    assert len([e for e in effects if isinstance(e, do.PutView)]) == 1
    assert all(p.muted and p.ordered is None for p in world.bridge.participants("1001"))


def test_strangers_in_a_burst_are_passed_over() -> None:
    world = meeting([])
    stranger = events.Muted(at=world.at, participant="deadbeef", channel="PJSIP/x-0000dead", room="1001", on=True)
    effects = world.bridge.handle_burst([stranger, *told(world, [(0, True)])])
    assert [p.muted for p in world.bridge.participants("1001")] == [True] + [False] * (PEOPLE - 1)
    assert "deadbeef" not in str(effects)
